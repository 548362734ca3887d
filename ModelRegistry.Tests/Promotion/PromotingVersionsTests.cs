using System.Globalization;
using System.Net;
using System.Text.Json;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;
using ModelRegistry.Tests.Api;
using ModelRegistry.Tests.Registry;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Promotion;

public sealed class PromotingVersionsTests(RegistryApps apps) : IClassFixture<RegistryApps>
{
    [SkippableTheory, OnEachDatabase]
    [Trait("Case", "F14")]
    public async Task Only_the_movers_of_a_policy_touch_what_it_covers_by_any_door(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var (officer, member, manager) = (await app.UserAsync(RegistryRole.GovernanceOfficer), await app.UserAsync(RegistryRole.Member), await app.UserAsync(RegistryRole.Member));
        var team = await TeamAsync(app, manager);
        var name = await member.Client.ModelAsync("guarded");
        var version = await member.Client.VersionAsync(name);
        await PolicyAsync(officer, new { name = Any.Name("p"), models = name, stage = "production", movers = new { teams = new[] { team } } });
        await PolicyAsync(officer, new { name = Any.Name("p"), models = "guarded-*", alias = "champ*", movers = new { users = new[] { manager.Email } } });

        var refused = (await member.Client.TransitionAsync(name, version, "Production")).ShouldBeRefused(HttpStatusCode.Forbidden, "PERMISSION_DENIED");
        refused.Message!.ShouldContain($"Only the team {team} may move Production.");
        // Not even admins: who wants to must change the policy, which is recorded.
        (await app.AdminClient.TransitionAsync(name, version, "Production")).ShouldBeRefused(HttpStatusCode.Forbidden, "PERMISSION_DENIED");
        (await member.Client.SetAliasAsync(name, "champion", version)).ShouldBeRefused(HttpStatusCode.Forbidden, "PERMISSION_DENIED");
        (await member.Client.SetAliasAsync(name, "other", version)).Ok();
        (await member.Client.TransitionAsync(name, version, "Staging")).Ok();

        (await manager.Client.TransitionAsync(name, version, "Production")).Ok();
        (await manager.Client.SetAliasAsync(name, "champion", version)).Ok();
        // Nor is it taken away, moved off, or deleted over their heads: the owner may delete anything else.
        (await member.Client.TransitionAsync(name, version, "Archived")).ShouldBeRefused(HttpStatusCode.Forbidden, "PERMISSION_DENIED");
        (await member.Client.MlflowDeleteAsync("registered-models/alias", new { name, alias = "champion" })).ShouldBeRefused(HttpStatusCode.Forbidden, "PERMISSION_DENIED");
        (await member.Client.MlflowDeleteAsync("model-versions/delete", new { name, version })).ShouldBeRefused(HttpStatusCode.Forbidden, "PERMISSION_DENIED");
        (await member.Client.MlflowDeleteAsync("registered-models/delete", new { name })).ShouldBeRefused(HttpStatusCode.Forbidden, "PERMISSION_DENIED");
        (await member.Client.MlflowPostAsync("registered-models/rename", new { name, new_name = Any.Name("free") })).ShouldBeRefused(HttpStatusCode.Forbidden, "PERMISSION_DENIED");
        var second = await member.Client.VersionAsync(name);
        (await member.Client.TransitionAsync(name, second, "Staging", archive: true)).Ok();
        (await member.Client.TransitionAsync(name, second, "Production", archive: true)).ShouldBeRefused(HttpStatusCode.Forbidden, "PERMISSION_DENIED");
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Each_check_is_judged_and_explained(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var officer = await app.UserAsync(RegistryRole.GovernanceOfficer);
        var member = await app.UserAsync(RegistryRole.Member);
        var name = await member.Client.ModelAsync("checked");
        var weak = await ModelOfRunAsync(member.Client, name, 0.80, "d1", commit: null);
        var good = await ModelOfRunAsync(member.Client, name, 0.90, "d1", commit: "abc123");
        var better = await ModelOfRunAsync(member.Client, name, 0.92, "d1", commit: "abc124");
        var elsewhere = await ModelOfRunAsync(member.Client, name, 0.99, "d2", commit: "abc125");
        var id = await PolicyAsync(officer, new
        {
            name = Any.Name("gate"),
            models = name,
            stage = "production",
            enabled = false,
            requires = new[] { "description", "git-commit", "dataset", "environment", "files" },
            tags = new[] { new { key = "validated", values = new[] { "yes" } } },
            metrics = new[] { new { metric = "auc", min = 0.85, betterThanHolder = "higher", margin = 0.01 } },
        });

        // Off, it is only tried.
        (await member.Client.TransitionAsync(name, good, "Production")).Ok();
        (await TryAsync(member, id, name, weak)).ShouldBe([("git-commit", false), ("dataset", true), ("environment", true), ("files", true),
            ("description", false), ("tag", false), ("metric", false), ("metric", false)], ignoreOrder: true);
        (await TryAsync(member, id, name, elsewhere)).Count(c => c is ("metric", false)).ShouldBe(1, "it was measured on other data");
        var all = (await member.Client.V1PostAsync($"promotion-policies/{id}/evaluate", null)).Should(HttpStatusCode.OK);
        all["items"].EnumerateArray().Select(t => t.GetProperty("version").GetInt32()).ShouldBe([2, 4], "the holder and the newest");

        await SwitchOnAsync(officer, id);
        var refused = (await member.Client.TransitionAsync(name, better, "Production")).ShouldBeRefused(HttpStatusCode.Forbidden, "PERMISSION_DENIED");
        refused.Message!.ShouldContain("The version has a description. It has none.");
        refused.Message!.ShouldNotContain("auc");
        (await member.Client.MlflowPatchAsync("model-versions/update", new { name, version = better, description = "Trained on March" })).Ok();
        (await member.Client.MlflowPostAsync("model-versions/set-tag", new { name, version = better, key = "validated", value = "yes" })).Ok();
        var move = (await member.Client.V1PostAsync("promotion-policies/evaluate", new { model = name, version = int.Parse(better, CultureInfo.InvariantCulture), stage = "production" })).Should(HttpStatusCode.OK);
        move["allowed"].GetBoolean().ShouldBeTrue(move.Text);
        move["checks"].EnumerateArray().Select(c => c.GetProperty("found").GetString()).ShouldContain(f => f!.StartsWith("0.92 against 0.9 of version 2"));
        (await member.Client.TransitionAsync(name, better, "Production", archive: true)).Ok();
    }

    [SkippableTheory, OnEachDatabase]
    [Trait("Case", "L09")]
    public async Task Who_asks_never_approves_and_the_last_approval_makes_the_move(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var (officer, asker, stranger) = (await app.UserAsync(RegistryRole.GovernanceOfficer), await app.UserAsync(RegistryRole.Member), await app.UserAsync(RegistryRole.Member));
        var (first, second) = (await app.UserAsync(RegistryRole.Member), await app.UserAsync(RegistryRole.Member));
        var team = await TeamAsync(app, first, second, asker);
        var name = await asker.Client.ModelAsync("approved");
        var old = await asker.Client.VersionAsync(name);
        (await asker.Client.TransitionAsync(name, old, "Production")).Ok();
        var version = await asker.Client.VersionAsync(name);
        await PolicyAsync(officer, new { name = Any.Name("p"), models = name, stage = "production", approvals = new { count = 2, from = new { teams = new[] { team } } } });

        (await asker.Client.TransitionAsync(name, version, "Production")).ShouldBeRefused(HttpStatusCode.Forbidden, "PERMISSION_DENIED")
            .Message!.ShouldContain("2 approvals from the team");
        var body = new { model = name, version = int.Parse(version, CultureInfo.InvariantCulture), stage = "production", archiveExisting = true, reason = "Better on March" };
        var asked = (await asker.Client.V1PostAsync("approvals", body)).Should(HttpStatusCode.Created);
        var path = $"approvals/{asked["id"]}";
        asked.Location!.ToString().ShouldBe("/api/v1/" + path);
        (await asker.Client.V1PostAsync("approvals", body)).ShouldBeRefused(HttpStatusCode.Conflict);
        (await asker.Client.V1PostAsync(path + "/approve", new { })).ShouldBeRefused(HttpStatusCode.Forbidden);
        (await stranger.Client.V1PostAsync(path + "/approve", new { })).ShouldBeRefused(HttpStatusCode.Forbidden);
        (await first.Client.V1PostAsync(path + "/approve", new { digest = "another" })).ShouldBeRefused(HttpStatusCode.Conflict);
        (await first.Client.V1PostAsync(path + "/comments", new { comment = "Which data?" })).Should(HttpStatusCode.Created);
        (await first.Client.V1PostAsync(path + "/approve", new { comment = "Looks right", digest = asked["digest"].GetString() }))
            .Should(HttpStatusCode.OK)["state"].GetString().ShouldBe("open");
        // Two tokens of one person are one person.
        using var again = app.ClientWithToken(await app.TokenAsync(first.Id, TokenScope.All));
        (await again.V1PostAsync(path + "/approve", new { })).ShouldBeRefused(HttpStatusCode.Conflict);
        (await asker.Client.GetVersionAsync(name, version)).Ok()["model_version"].GetProperty("current_stage").GetString().ShouldBe("None");

        var done = (await second.Client.V1PostAsync(path + "/approve", null)).Should(HttpStatusCode.OK);
        done["state"].GetString().ShouldBe("done");
        done["entries"].EnumerateArray().Select(e => e.GetProperty("kind").GetString()).ShouldBe(["comment", "approve", "approve"]);
        (await asker.Client.GetVersionAsync(name, version)).Ok()["model_version"].GetProperty("current_stage").GetString().ShouldBe("Production");
        (await asker.Client.GetVersionAsync(name, old)).Ok()["model_version"].GetProperty("current_stage").GetString().ShouldBe("Archived");
        (await second.Client.V1PostAsync(path + "/approve", new { })).ShouldBeRefused(HttpStatusCode.Conflict);
        (await app.AdminClient.V1AllAsync($"audit-events?kind=approval&object={asked["id"]}")).Select(e => e.GetProperty("action").GetString())
            .ShouldBe(["approval.approved", "approval.approved", "approval.commented", "approval.requested"]);
    }

    [SkippableTheory, OnEachDatabase]
    [Trait("Case", "F04"), Trait("Case", "L09")]
    public async Task A_request_is_rejected_withdrawn_and_bound_to_its_files(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var (officer, asker) = (await app.UserAsync(RegistryRole.GovernanceOfficer), await app.UserAsync(RegistryRole.Member));
        var name = await asker.Client.ModelAsync("bound");
        var version = await asker.Client.VersionAsync(name);
        await PolicyAsync(officer, new { name = Any.Name("p"), models = name, alias = "live", approvals = new { count = 1 } });
        var body = new { model = name, version = int.Parse(version, CultureInfo.InvariantCulture), alias = "live" };

        var rejected = await AskAsync();
        (await officer.Client.V1PostAsync(rejected + "/reject", new { comment = " " })).ShouldBeRefused(HttpStatusCode.BadRequest, "comment");
        (await officer.Client.V1PostAsync(rejected + "/reject", new { comment = "Not yet" })).Should(HttpStatusCode.OK)["state"].GetString().ShouldBe("rejected");
        (await officer.Client.V1PostAsync(rejected + "/approve", new { })).ShouldBeRefused(HttpStatusCode.Conflict);

        var withdrawn = await AskAsync();
        (await officer.Client.V1PostAsync(withdrawn + "/withdraw", null)).Should(HttpStatusCode.OK);
        var mine = await AskAsync();
        (await asker.Client.V1PostAsync(mine + "/withdraw", null)).Should(HttpStatusCode.OK)["state"].GetString().ShouldBe("withdrawn");

        var stale = await AskAsync();
        await app.ExecuteAsync($"UPDATE model_versions SET storage_location = 's3://other' WHERE model_id IN (SELECT id FROM registered_models WHERE name = '{name}')");
        (await officer.Client.V1PostAsync(stale + "/approve", new { })).ShouldBeRefused(HttpStatusCode.Conflict);

        await app.MakePrivateAsync(name);
        using var other = await app.ClientAsync(RegistryRole.Member);
        (await other.V1GetAsync(stale)).ShouldBeRefused(HttpStatusCode.NotFound);
        (await other.V1PostAsync(stale + "/approve", new { })).ShouldBeRefused(HttpStatusCode.NotFound);
        (await other.V1AllAsync($"approvals?model={name}")).ShouldBeEmpty();
        (await asker.Client.V1AllAsync($"approvals?model={name}")).Count.ShouldBe(4);

        async Task<string> AskAsync() => "approvals/" + (await asker.Client.V1PostAsync("approvals", body)).Should(HttpStatusCode.Created)["id"];
    }

    public static TheoryData<object, string> Mistakes => new()
    {
        { new { name = "p", models = "*", stage = "production" }, "rules" },
        { new { name = "", models = "*", stage = "production", requires = new[] { "files" } }, "name" },
        { new { name = "p", models = "", stage = "production", requires = new[] { "files" } }, "models" },
        { new { name = "p", models = "*", requires = new[] { "files" } }, "stage" },
        { new { name = "p", models = "*", stage = "production", alias = "a", requires = new[] { "files" } }, "stage" },
        { new { name = "p", models = "*", stage = "ship/ping", requires = new[] { "files" } }, "stage" },
        { new { name = "p", models = "*", stage = "production", requires = new[] { "luck" } }, "requires[0]" },
        { new { name = "p", models = "*", stage = "production", metrics = new[] { new { metric = "auc" } } }, "metrics[0]" },
        { new { name = "p", models = "*", stage = "production", metrics = new[] { new { metric = "auc", min = 2, max = 1 } } }, "metrics[0].min" },
        { new { name = "p", models = "*", stage = "production", tags = new[] { new { key = "" } } }, "tags[0].key" },
        { new { name = "p", models = "*", stage = "production", approvals = new { count = 0 } }, "approvals.count" },
        { new { name = "p", models = "*", stage = "production", movers = new { teams = new[] { "no such team" } } }, "movers.teams" },
        { new { name = "p", models = "*", stage = "production", movers = new { } }, "movers" },
        { new { name = "p", models = "*", stage = "production", requires = new[] { "files" }, owner = 1 }, "owner" },
    };

    [Theory, MemberData(nameof(Mistakes))]
    public async Task A_mistake_in_a_policy_is_refused_and_named(object body, string field)
    {
        var app = await apps.On(DatabaseProvider.Sqlite);
        (await app.AdminClient.V1PostAsync("promotion-policies", body)).ShouldBeRefused(HttpStatusCode.BadRequest, field);
    }

    [Fact]
    public async Task Policies_are_written_by_officers_and_read_by_all()
    {
        var app = await apps.On(DatabaseProvider.Sqlite);
        using var member = await app.ClientAsync(RegistryRole.Member);
        var body = new { name = Any.Name("p"), models = Any.Name("none"), stage = "staging", requires = new[] { "files" } };

        (await member.V1PostAsync("promotion-policies", body)).ShouldBeRefused(HttpStatusCode.Forbidden);
        var made = (await app.AdminClient.V1PostAsync("promotion-policies", body)).Should(HttpStatusCode.Created);
        (await app.AdminClient.V1PostAsync("promotion-policies", body)).ShouldBeRefused(HttpStatusCode.Conflict, "name");
        (await member.V1GetAsync($"promotion-policies/{made["id"]}"))["requires"].ToString().ShouldBe("""["files"]""");
        (await member.V1DeleteAsync($"promotion-policies/{made["id"]}")).ShouldBeRefused(HttpStatusCode.Forbidden);
        (await app.AdminClient.V1DeleteAsync($"promotion-policies/{made["id"]}")).Should(HttpStatusCode.NoContent);
        (await member.V1GetAsync($"promotion-policies/{made["id"]}")).ShouldBeRefused(HttpStatusCode.NotFound);
    }

    internal static async Task<string> PolicyAsync(TestUser officer, object body) =>
        (await officer.Client.V1PostAsync("promotion-policies", body)).Should(HttpStatusCode.Created)["id"].ToString();

    internal static async Task<string> TeamAsync(RegistryApp app, params TestUser[] members)
    {
        var name = Any.Name("team");
        var team = (await app.AdminClient.V1PostAsync("teams", new { name })).Should(HttpStatusCode.Created);
        foreach (var member in members)
            (await app.AdminClient.V1PutAsync($"teams/{team["id"]}/members/{member.Email}")).Should(HttpStatusCode.NoContent);
        return name;
    }

    private static async Task SwitchOnAsync(TestUser officer, string id)
    {
        var policy = JsonSerializer.Deserialize<Dictionary<string, object?>>((await officer.Client.V1GetAsync($"promotion-policies/{id}")).Text)!;
        foreach (var key in new[] { "id", "revision", "createdAt", "updatedAt" })
            policy.Remove(key);
        policy["enabled"] = true;
        (await officer.Client.V1SendAsync(HttpMethod.Put, $"promotion-policies/{id}", policy)).Should(HttpStatusCode.OK)["revision"].GetInt32().ShouldBe(2);
    }

    private static async Task<List<(string?, bool)>> TryAsync(TestUser user, string id, string model, string version) =>
        [.. (await user.Client.V1PostAsync($"promotion-policies/{id}/evaluate", new { model, version = int.Parse(version, CultureInfo.InvariantCulture) })).Should(HttpStatusCode.OK)["items"][0]
            .GetProperty("checks").EnumerateArray().Select(c => (c.GetProperty("check").GetString(), c.GetProperty("met").GetBoolean()))];

    /// <summary>A version with files, made by a run that measured `auc` on a data set.</summary>
    private static async Task<string> ModelOfRunAsync(HttpClient client, string name, double auc, string digest, string? commit)
    {
        var (experiment, run) = await client.RunAsync();
        (await client.MlflowPostAsync("runs/log-metric", new { run_id = run, key = "auc", value = auc, timestamp = 1, step = 0 })).Ok();
        (await client.MlflowPostAsync("runs/log-inputs", new
        {
            run_id = run,
            datasets = new[] { new { dataset = new { name = "march", digest, source_type = "local", source = "{}" } } },
        })).Ok();
        if (commit is not null)
            (await client.MlflowPostAsync("runs/set-tag", new { run_id = run, key = "mlflow.source.git.commit", value = commit })).Ok();
        await client.UploadAsync($"{experiment}/{run}/artifacts/model/requirements.txt", "numpy");
        return (await client.CreateVersionAsync(name, $"mlflow-artifacts:/{experiment}/{run}/artifacts/model", run_id: run)).Ok()["model_version"]
            .GetProperty("version").GetString()!;
    }
}
