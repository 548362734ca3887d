using System.Net;
using System.Text.Json;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;
using ModelRegistry.Tests.Registry;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Api;

public sealed class GrantingAccessTests(RegistryApps apps) : IClassFixture<RegistryApps>
{
    [SkippableTheory, OnEachDatabase]
    public async Task A_team_is_made_changed_filled_and_deleted(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var admin = app.AdminClient;
        var user = await app.UserAsync(RegistryRole.Viewer);
        var name = Any.Name("team");

        var made = (await admin.V1PostAsync("teams", new { name, description = "Those who score" })).Should(HttpStatusCode.Created);
        var path = $"teams/{made["id"]}";
        made.Location!.ToString().ShouldBe("/api/v1/" + path);
        (await admin.V1PutAsync($"{path}/members/{user.Email}")).Should(HttpStatusCode.NoContent);
        (await admin.V1PutAsync($"{path}/members/{user.Email}")).Should(HttpStatusCode.NoContent);
        (await admin.V1PutAsync($"{path}/members/nobody@example.org")).ShouldBeRefused(HttpStatusCode.NotFound);
        (await admin.V1GetAsync(path))["members"].GetInt32().ShouldBe(1);
        (await user.Client.V1GetAsync(path + "/members"))["items"].EnumerateArray().ShouldHaveSingleItem()
            .GetProperty("user").GetString().ShouldBe(user.Email);
        (await admin.V1PatchAsync(path, new { name = name + "-2" }))["name"].GetString().ShouldBe(name + "-2");
        (await admin.V1DeleteAsync($"{path}/members/{user.Email}")).Should(HttpStatusCode.NoContent);
        (await user.Client.V1GetAsync(path + "/members")).ShouldBeRefused(HttpStatusCode.Forbidden);
        (await user.Client.V1GetAsync(path)).Should(HttpStatusCode.OK);
        (await admin.V1DeleteAsync(path)).Should(HttpStatusCode.NoContent);
        (await admin.V1GetAsync(path)).ShouldBeRefused(HttpStatusCode.NotFound);
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Teams_are_paged_by_name(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var prefix = Any.Name("paged");
        foreach (var letter in "cabed")
            (await app.AdminClient.V1PostAsync("teams", new { name = $"{prefix}-{letter}" })).Should(HttpStatusCode.Created);

        (await app.AdminClient.V1AllAsync("teams")).Select(t => t.GetProperty("name").GetString()!)
            .Where(n => n.StartsWith(prefix, StringComparison.Ordinal)).Select(n => n[^1]).ShouldBe("abcde");
    }

    [SkippableTheory, OnEachDatabase]
    public async Task A_grant_opens_an_object_at_once_and_its_removal_closes_it(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var owner = await app.UserAsync(RegistryRole.Member);
        var other = await app.UserAsync(RegistryRole.None);
        var id = await owner.Client.NewExperimentAsync();
        await ShouldSeeAsync(other, id, false);

        var grant = (await owner.Client.V1PostAsync("grants",
            new { kind = "experiment", @object = id, user = other.Email, permissions = new[] { "edit" } })).Should(HttpStatusCode.Created);
        grant["permissions"].ToString().ShouldBe("""["read","edit"]""");
        grant["user"].GetString().ShouldBe(other.Email);
        await ShouldSeeAsync(other, id, true);
        (await other.Client.MlflowPostAsync("experiments/set-experiment-tag", new { experiment_id = id, key = "a", value = "b" })).Ok();

        (await owner.Client.V1PatchAsync($"grants/{grant["id"]}", new { permissions = new[] { "read" } })).Should(HttpStatusCode.OK);
        (await other.Client.MlflowPostAsync("experiments/set-experiment-tag", new { experiment_id = id, key = "a", value = "c" }))
            .ShouldBeRefused(HttpStatusCode.Forbidden, "PERMISSION_DENIED");
        (await other.Client.V1GetAsync($"grants/{grant["id"]}")).Should(HttpStatusCode.OK);
        (await owner.Client.V1DeleteAsync($"grants/{grant["id"]}")).Should(HttpStatusCode.NoContent);
        await ShouldSeeAsync(other, id, false);
        (await owner.Client.V1DeleteAsync($"grants/{grant["id"]}")).ShouldBeRefused(HttpStatusCode.NotFound);
    }

    [SkippableTheory, OnEachDatabase]
    public async Task A_grant_to_a_team_is_its_members(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var admin = app.AdminClient;
        var user = await app.UserAsync(RegistryRole.None);
        var id = await admin.NewExperimentAsync();
        var name = Any.Name("team");
        var team = (await admin.V1PostAsync("teams", new { name })).Should(HttpStatusCode.Created);
        (await admin.V1PostAsync("grants", new { kind = "experiment", @object = id, team = name, permissions = new[] { "read" } }))
            .Should(HttpStatusCode.Created)["team"].GetString().ShouldBe(name);
        await ShouldSeeAsync(user, id, false);

        (await admin.V1PutAsync($"teams/{team["id"]}/members/{user.Email}")).Should(HttpStatusCode.NoContent);
        await ShouldSeeAsync(user, id, true);
        (await admin.V1DeleteAsync($"teams/{team["id"]}/members/{user.Email}")).Should(HttpStatusCode.NoContent);
        await ShouldSeeAsync(user, id, false);

        (await admin.V1PutAsync($"teams/{team["id"]}/members/{user.Email}")).Should(HttpStatusCode.NoContent);
        (await admin.V1DeleteAsync($"teams/{team["id"]}")).Should(HttpStatusCode.NoContent);
        await ShouldSeeAsync(user, id, false);
    }

    [SkippableTheory, OnEachDatabase]
    public async Task A_pattern_is_granted_by_admins_only(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var user = await app.UserAsync(RegistryRole.None);
        var member = await app.UserAsync(RegistryRole.Member);
        var prefix = Any.Name("fraud");
        var id = (await member.Client.MlflowPostAsync("experiments/create", new { name = prefix + "-1" })).Ok()["experiment_id"].GetString()!;
        var body = new { kind = "experiment", pattern = prefix + "-*", user = user.Email, permissions = new[] { "read" } };

        (await member.Client.V1PostAsync("grants", body)).ShouldBeRefused(HttpStatusCode.Forbidden);
        var grant = (await app.AdminClient.V1PostAsync("grants", body)).Should(HttpStatusCode.Created);
        grant["pattern"].GetString().ShouldBe(prefix + "-*");
        await ShouldSeeAsync(user, id, true);
        (await member.Client.V1DeleteAsync($"grants/{grant["id"]}")).ShouldBeRefused(HttpStatusCode.NotFound);
        (await app.AdminClient.V1DeleteAsync($"grants/{grant["id"]}")).Should(HttpStatusCode.NoContent);
        await ShouldSeeAsync(user, id, false);
    }

    [SkippableTheory, OnEachDatabase]
    [Trait("Case", "F10"), Trait("Case", "F11")]
    public async Task Only_who_manages_an_object_grants_on_it(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var owner = await app.UserAsync(RegistryRole.Member);
        var member = await app.UserAsync(RegistryRole.Member);
        var stranger = await app.UserAsync(RegistryRole.None);
        var id = await owner.Client.NewExperimentAsync();
        object Body(string user, params string[] permissions) => new { kind = "experiment", @object = id, user, permissions };

        // A member may edit every open experiment, and manages none.
        (await member.Client.V1PostAsync("grants", Body(member.Email, "manage"))).ShouldBeRefused(HttpStatusCode.Forbidden);
        (await stranger.Client.V1PostAsync("grants", Body(stranger.Email, "read"))).ShouldBeRefused(HttpStatusCode.NotFound);
        // Nor does a token for runs, whosever it is.
        var weak = app.ClientWithToken(await TokenAsync(app, owner, TokenScope.Write | TokenScope.Read));
        (await weak.V1PostAsync("grants", Body(member.Email, "read"))).ShouldBeRefused(HttpStatusCode.Forbidden);
        // Nobody gives away the right to approve who does not have it.
        (await owner.Client.V1PostAsync("grants", Body(member.Email, "approve"))).ShouldBeRefused(HttpStatusCode.Forbidden);
        (await app.AdminClient.V1GetAsync($"grants?kind=experiment&object={id}"))["items"].GetArrayLength().ShouldBe(0);

        (await owner.Client.V1PostAsync("grants", Body(member.Email, "manage"))).Should(HttpStatusCode.Created);
        (await member.Client.V1PostAsync("grants", Body(stranger.Email, "read"))).Should(HttpStatusCode.Created);
        (await owner.Client.V1PostAsync("grants", Body(member.Email, "read"))).ShouldBeRefused(HttpStatusCode.Conflict);
        (await member.Client.V1GetAsync($"grants?kind=experiment&object={id}"))["items"].GetArrayLength().ShouldBe(2);
        (await stranger.Client.V1GetAsync($"grants?kind=experiment&object={id}")).ShouldBeRefused(HttpStatusCode.Forbidden);
        (await member.Client.V1GetAsync("grants")).ShouldBeRefused(HttpStatusCode.Forbidden);
        (await app.AdminClient.V1GetAsync("grants")).Should(HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_same_grant_made_many_times_at_once_is_one()
    {
        var app = await apps.On(DatabaseProvider.Sqlite);
        var user = await app.UserAsync(RegistryRole.None);
        var id = await app.AdminClient.NewExperimentAsync();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => app.AdminClient.V1PostAsync("grants",
            new { kind = "experiment", @object = id, user = user.Email, permissions = new[] { "read" } })));

        (await app.AdminClient.V1GetAsync($"grants?kind=experiment&object={id}"))["items"].GetArrayLength().ShouldBe(1);
    }

    public static TheoryData<object, string> Mistakes => new()
    {
        { new { kind = "experiment", @object = "0", user = "a@b", permissions = Array.Empty<string>() }, "permissions" },
        { new { kind = "experiment", @object = "0", user = "a@b", permissions = new[] { "fly" } }, "permissions[0]" },
        { new { kind = "run", @object = "0", user = "a@b", permissions = new[] { "read" } }, "kind" },
        { new { kind = 1, @object = "0", user = "a@b", permissions = new[] { "read" } }, "kind" },
        { new { kind = "experiment", user = "a@b", permissions = new[] { "read" } }, "object" },
        { new { kind = "experiment", @object = "0", pattern = "x*", user = "a@b", permissions = new[] { "read" } }, "object" },
        { new { kind = "experiment", @object = "0", permissions = new[] { "read" } }, "user" },
        { new { kind = "experiment", @object = "0", user = "a@b", team = "t", permissions = new[] { "read" } }, "user" },
        { new { kind = "experiment", @object = "0", user = "a@b" }, "permissions" },
        { new { @object = "0", user = "a@b", permissions = new[] { "read" } }, "kind" },
        { new { kind = "experiment", @object = "0", user = "a@b", permissions = new[] { "read" }, createdBy = 1 }, "createdBy" },
    };

    [Theory, MemberData(nameof(Mistakes))]
    public async Task A_mistake_is_refused_and_named(object body, string field)
    {
        var app = await apps.On(DatabaseProvider.Sqlite);
        var user = await app.UserAsync(RegistryRole.None);
        var text = JsonSerializer.Serialize(body).Replace("a@b", user.Email);

        (await app.AdminClient.V1PostAsync("grants", text)).ShouldBeRefused(HttpStatusCode.BadRequest, field);
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Effective_access_names_every_reason(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var admin = app.AdminClient;
        var owner = await app.UserAsync(RegistryRole.Member);
        var user = await app.UserAsync(RegistryRole.Viewer);
        var id = await owner.Client.NewExperimentAsync();
        var name = Any.Name("team");
        var team = (await admin.V1PostAsync("teams", new { name })).Should(HttpStatusCode.Created);
        (await admin.V1PutAsync($"teams/{team["id"]}/members/{user.Email}")).Should(HttpStatusCode.NoContent);
        var grant = (await admin.V1PostAsync("grants", new { kind = "experiment", @object = id, team = name, permissions = new[] { "edit" } }))["id"];

        var found = (await owner.Client.V1GetAsync($"access?user={user.Email}&kind=experiment&object={id}")).Should(HttpStatusCode.OK);
        found["permissions"].ToString().ShouldBe("""["read","edit"]""");
        found["reasons"].EnumerateArray().Select(r => $"{r.GetProperty("kind")} {r.GetProperty("role")}{r.GetProperty("team")} {r.GetProperty("grantId")}")
            .ShouldBe([$"role Viewer ", $"team {name} {grant}"]);

        var mine = (await owner.Client.V1GetAsync($"access?kind=experiment&object={id}")).Should(HttpStatusCode.OK);
        mine["reasons"].EnumerateArray().Select(r => r.GetProperty("kind").GetString()).ShouldBe(["role", "ownership"]);
        mine["permissions"].ToString().ShouldBe("""["read","edit","manage","promote"]""");

        // Of others one learns nothing, not even whether they exist.
        (await user.Client.V1GetAsync($"access?user={owner.Email}&kind=experiment&object={id}")).ShouldBeRefused(HttpStatusCode.Forbidden);
        (await user.Client.V1GetAsync($"access?user=nobody@example.org&kind=experiment&object={id}")).ShouldBeRefused(HttpStatusCode.Forbidden);
        (await owner.Client.V1GetAsync($"access?user=nobody@example.org&kind=experiment&object={id}")).ShouldBeRefused(HttpStatusCode.NotFound);
        (await admin.V1GetAsync($"access?kind=experiment&object=999999999")).ShouldBeRefused(HttpStatusCode.NotFound);
        (await admin.V1GetAsync($"access?kind=run&object=1")).ShouldBeRefused(HttpStatusCode.BadRequest, "kind");
        (await admin.V1GetAsync($"access?kind=experiment")).ShouldBeRefused(HttpStatusCode.BadRequest, "object");
    }

    private static async Task ShouldSeeAsync(TestUser user, string experimentId, bool sees)
    {
        var answer = await user.Client.MlflowGetAsync($"experiments/get?experiment_id={experimentId}");
        if (sees)
            answer.Ok();
        else
            answer.ShouldBeRefused(HttpStatusCode.NotFound, "RESOURCE_DOES_NOT_EXIST");
    }

    private static Task<string> TokenAsync(RegistryApp app, TestUser user, TokenScope scopes) => app.TokenAsync(user.Id, scopes);

    [SkippableTheory, OnEachDatabase]
    [Trait("Case", "F12")]
    public async Task A_name_that_is_given_again_inherits_no_grants(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var (first, second) = (await app.UserAsync(RegistryRole.Member), await app.UserAsync(RegistryRole.Member));
        var user = await app.UserAsync(RegistryRole.None);
        var (taken, other) = (await first.Client.ModelAsync(), await second.Client.ModelAsync());
        var grant = (await first.Client.V1PostAsync("grants", new { kind = "registered-model", @object = taken, user = user.Email, permissions = new[] { "manage" } }))
            .Should(HttpStatusCode.Created);
        (await user.Client.GetModelAsync(taken)).Ok();
        (await first.Client.MlflowDeleteAsync("registered-models/delete", new { name = taken })).Ok();

        // Renamed to it, and made anew: neither is what was granted.
        (await second.Client.MlflowPostAsync("registered-models/rename", new { name = other, new_name = taken })).Ok();
        (await user.Client.GetModelAsync(taken)).ShouldBeRefused(HttpStatusCode.NotFound, "RESOURCE_DOES_NOT_EXIST");
        (await first.Client.MlflowDeleteAsync("registered-models/delete", new { name = taken })).ShouldBeRefused(HttpStatusCode.Forbidden, "PERMISSION_DENIED");
        (await second.Client.MlflowDeleteAsync("registered-models/delete", new { name = taken })).Ok();
        (await second.Client.MlflowPostAsync("registered-models/create", new { name = taken })).Ok();
        (await user.Client.GetModelAsync(taken)).ShouldBeRefused(HttpStatusCode.NotFound, "RESOURCE_DOES_NOT_EXIST");
        (await second.Client.V1GetAsync($"grants?kind=registered-model&object={taken}"))["items"].GetArrayLength().ShouldBe(0);
        (await second.Client.V1DeleteAsync($"grants/{grant["id"]}")).ShouldBeRefused(HttpStatusCode.NotFound);
    }
}
