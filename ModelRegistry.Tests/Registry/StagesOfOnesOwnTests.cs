using System.Globalization;
using System.Net;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;
using ModelRegistry.Tests.Api;
using ModelRegistry.Tests.Promotion;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Registry;

public sealed class StagesOfOnesOwnTests(RegistryApps apps) : IClassFixture<RegistryApps>
{
    [SkippableTheory, OnEachDatabase]
    public async Task MLflows_clients_see_the_stage_that_each_maps_to(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        using var client = await app.ClientAsync(RegistryRole.Member);
        var name = await client.ModelAsync("staged");
        (await client.V1GetAsync($"models/{name}/stages"))["builtIn"].GetBoolean().ShouldBeTrue();
        for (var i = 0; i < 4; i++)
            await client.VersionAsync(name);

        // What is in use is told, and can be called otherwise.
        (await PutAsync(client, name, "Draft>none Shadow>staging Canary>production Live>production Retired>archived"))
            .ShouldBeRefused(HttpStatusCode.Conflict)["detail"].GetString()!.ShouldContain("The stage 'Experiment' is in use by versions 1, 2, 3, 4");
        var list = (await PutAsync(client, name, "Draft>none<experiment Shadow>staging Canary>production Live>production Retired>archived")).Should(HttpStatusCode.OK);
        list["builtIn"].GetBoolean().ShouldBeFalse();
        list["items"].EnumerateArray().Select(s => $"{s.GetProperty("name")} {s.GetProperty("mapsTo")} {s.GetProperty("isDefault")} {s.GetProperty("versions")}")
            .ShouldBe(["Draft none True 4", "Shadow staging True 0", "Canary production True 0", "Live production False 0", "Retired archived True 0"]);

        (await MoveAsync(client, name, 1, "live")).Should(HttpStatusCode.OK)["stage"].GetString().ShouldBe("Live");
        (await client.TransitionAsync(name, "2", "Production")).Ok()["model_version"].GetProperty("current_stage").GetString().ShouldBe("Production");
        // Who is in Production for a client stays where they are.
        (await client.TransitionAsync(name, "1", "Production")).Ok();
        (await StagesAsync(client, name)).ShouldBe("1 Live, 2 Canary, 3 Draft, 4 Draft");
        (await CurrentAsync(client, name)).ShouldBe("1 Production, 2 Production, 3 None, 4 None");
        (await client.MlflowPostAsync("registered-models/get-latest-versions", new { name, stages = new[] { "Production" } })).Ok()["model_versions"]
            .EnumerateArray().ShouldHaveSingleItem().GetProperty("version").GetString().ShouldBe("2");
        (await client.TransitionAsync(name, "3", "Canary")).ShouldBeRefused(HttpStatusCode.BadRequest, "INVALID_PARAMETER_VALUE")
            .Message!.ShouldContain("None, Staging, Production, Archived");
        (await MoveAsync(client, name, 3, "Nowhere")).ShouldBeRefused(HttpStatusCode.BadRequest, "stage")["detail"].GetString()!
            .ShouldContain("Draft, Shadow, Canary, Live, Retired");

        // By its own name a stage alone is cleared; to MLflow's clients all that is in Production is.
        (await MoveAsync(client, name, 3, "Canary", archive: true)).Should(HttpStatusCode.OK);
        (await StagesAsync(client, name)).ShouldBe("1 Live, 2 Retired, 3 Canary, 4 Draft");
        (await client.TransitionAsync(name, "4", "Production", archive: true)).Ok();
        (await StagesAsync(client, name)).ShouldBe("1 Retired, 2 Retired, 3 Retired, 4 Canary");
        (await MoveAsync(client, name, 4, "Retired", archive: true)).ShouldBeRefused(HttpStatusCode.BadRequest, "archiveExisting");

        // New versions begin in the first that maps to None.
        await client.VersionAsync(name);
        (await StagesAsync(client, name)).ShouldEndWith("5 Draft");
        (await client.V1DeleteAsync($"models/{name}/stages")).ShouldBeRefused(HttpStatusCode.Conflict);
        (await PutAsync(client, name, "Experiment>none<Draft Staging>staging<Shadow Production>production<Canary Live>production Archived>archived<Retired")).Should(HttpStatusCode.OK);
        (await client.V1DeleteAsync($"models/{name}/stages")).Should(HttpStatusCode.NoContent);
        (await StagesAsync(client, name)).ShouldBe("1 Archived, 2 Archived, 3 Archived, 4 Production, 5 Experiment");
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Filters_know_both_names(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        using var client = await app.ClientAsync(RegistryRole.Member);
        var name = await StagedAsync(client);
        foreach (var (number, stage) in new[] { (1, "Canary"), (2, "Live"), (3, "Shadow"), (4, "Retired") })
            (await MoveAsync(client, name, number, stage)).Should(HttpStatusCode.OK);

        foreach (var (filter, expected) in new[]
        {
            ("stage = 'Canary'", "1"), ("stage = 'Production'", "2 1"), ("stage = 'Production' AND stage != 'Live'", "1"), ("stage != 'Canary'", "5 4 3 2"),
            ("stage IN ('Live', 'Staging')", "3 2"), ("stage NOT IN ('Live', 'Staging')", "5 4 1"), ("stage LIKE 'Can%'", "1"), ("stage ILIKE 'PROD%'", "2 1"),
            ("current_stage = 'None'", "5"), ("stage = 'canary'", ""), ("NOT stage = 'Production'", "5 4 3"),
        })
        {
            var found = (await client.MlflowGetAsync($"model-versions/search?filter={Uri.EscapeDataString($"name = '{name}' AND {filter}")}&order_by=version_number%20DESC")).Ok();
            string.Join(' ', found.Json.TryGetProperty("model_versions", out var rows) ? rows.EnumerateArray().Select(v => v.GetProperty("version").GetString()) : [])
                .ShouldBe(expected, filter);
        }

        foreach (var (stage, isFound) in new[] { ("Canary", true), ("Production", true), ("Pilot", false) })
        {
            var found = (await client.MlflowGetAsync($"registered-models/search?filter={Uri.EscapeDataString($"name = '{name}' AND stage = '{stage}'")}")).Ok();
            found.Json.TryGetProperty("registered_models", out _).ShouldBe(isFound, stage);
        }
    }

    [SkippableTheory, OnEachDatabase]
    public async Task A_policy_for_Production_holds_whatever_a_stage_is_called_and_one_that_is_named_stays(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var (officer, owner, manager) = (await app.UserAsync(RegistryRole.GovernanceOfficer), await app.UserAsync(RegistryRole.Member), await app.UserAsync(RegistryRole.Member));
        var client = owner.Client;
        var name = await StagedAsync(client);
        await PromotingVersionsTests.PolicyAsync(officer, new { name = Any.Name("p"), models = name, stage = "production", requires = new[] { "description" } });
        await PromotingVersionsTests.PolicyAsync(officer, new { name = Any.Name("p"), models = name, stage = "shad*", movers = new { users = new[] { manager.Email } } });

        foreach (var stage in new[] { "Canary", "Live" })
            (await MoveAsync(client, name, 1, stage)).ShouldBeRefused(HttpStatusCode.Conflict)["checks"].GetArrayLength().ShouldBe(1);
        (await MoveAsync(client, name, 1, "Shadow")).ShouldBeRefused(HttpStatusCode.Conflict);
        (await client.TransitionAsync(name, "1", "Staging")).ShouldBeRefused(HttpStatusCode.Forbidden, "PERMISSION_DENIED");
        (await MoveAsync(manager.Client, name, 1, "Shadow")).Should(HttpStatusCode.OK);
        (await client.V1PostAsync("promotion-policies/evaluate", new { model = name, version = 2, stage = "Live" }))["allowed"].GetBoolean().ShouldBeFalse();
        // No new name and no new stage leads around either of them.
        (await PutAsync(client, name, "Draft>none Dark>staging<Shadow Canary>production Live>production Retired>archived")).ShouldBeRefused(HttpStatusCode.Forbidden);
        (await PutAsync(client, name, "Draft>none Shadow>staging Canary>production Direct>production<Live Retired>archived")).Should(HttpStatusCode.OK);
        (await MoveAsync(client, name, 2, "Direct")).ShouldBeRefused(HttpStatusCode.Conflict);
        (await PutAsync(app.AdminClient, name, "Draft>none Dark>staging<Shadow Canary>production Direct>production Retired>archived")).Should(HttpStatusCode.OK);
        (await StagesAsync(client, name)).ShouldStartWith("1 Dark, 2 Draft");
    }

    [SkippableTheory, OnEachDatabase]
    public async Task A_new_name_keeps_versions_requests_and_history(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var (officer, owner) = (await app.UserAsync(RegistryRole.GovernanceOfficer), await app.UserAsync(RegistryRole.Member));
        var client = owner.Client;
        var name = await StagedAsync(client);
        (await MoveAsync(client, name, 1, "Canary")).Should(HttpStatusCode.OK);
        await PromotingVersionsTests.PolicyAsync(officer, new { name = Any.Name("p"), models = name, stage = "production", approvals = new { count = 1 } });
        var request = (await client.V1PostAsync("approvals", new { model = name, version = 2, stage = "Live" })).Should(HttpStatusCode.Created);
        request["stage"].GetString().ShouldBe("Live");
        var before = await NowAsync();

        (await PutAsync(client, name, "Draft>none Shadow>staging Canary>production Retired>archived")).ShouldBeRefused(HttpStatusCode.Conflict)["detail"].GetString()!
            .ShouldContain($"The request {request["id"]} asks for a move into the stage 'Live'");
        var answer = (await PutAsync(client, name, "Draft>none Shadow>staging Pilot>production<Canary Full>production<Live Retired>archived")).Should(HttpStatusCode.OK);
        (await client.V1GetAsync($"approvals/{request["id"]}"))["stage"].GetString().ShouldBe("Full");
        (await officer.Client.V1PostAsync($"approvals/{request["id"]}/approve", null)).Should(HttpStatusCode.OK)["state"].GetString().ShouldBe("done");
        (await StagesAsync(client, name)).ShouldBe("1 Pilot, 2 Full, 3 Draft, 4 Draft, 5 Draft");

        (await AtAsync(before)).ShouldBe("1 Canary");
        (await AtAsync(await NowAsync())).ShouldBe($"2 Full by {officer.Email}, 1 Pilot");
        var changed = (await client.V1GetAsync($"audit-events?model={name}&action=registered-model.stages-changed")).Should(HttpStatusCode.OK)["items"].EnumerateArray().First();
        changed.GetProperty("after").GetProperty("stages").EnumerateArray().Select(s => $"{s.GetProperty("name")}:{s.GetProperty("maps_to")}")
            .ShouldContain("Pilot:Production");
        // Made from what somebody else has changed since.
        (await client.V1SendAsync(HttpMethod.Put, $"models/{name}/stages", new { items = Items("Draft>none Retired>archived"), revision = answer["revision"].GetInt32() - 1 }))
            .ShouldBeRefused(HttpStatusCode.Conflict);

        async Task<string> AtAsync(string at) => string.Join(", ", (await client.V1GetAsync($"history?at={at}&model={name}")).Should(HttpStatusCode.OK)["items"]
            .EnumerateArray().SelectMany(m => m.GetProperty("versions").EnumerateArray()).Select(v => $"{v.GetProperty("version")} {v.GetProperty("stage")}"
                + string.Concat(v.GetProperty("approvedBy").EnumerateArray().Select(p => $" by {p}"))));
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Nothing_moves_into_a_stage_that_goes_at_the_same_moment(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        using var client = await app.ClientAsync(RegistryRole.Member);
        var name = await StagedAsync(client);
        for (var round = 0; round < 4; round++)
        {
            var answers = await Task.WhenAll(
                MoveAsync(client, name, round + 1, "Shadow"),
                PutAsync(client, name, "Draft>none Canary>production Live>production Retired>archived"),
                MoveAsync(client, name, round + 1, "Live"));
            answers.ShouldAllBe(a => a.Status == HttpStatusCode.OK || a.Status == HttpStatusCode.Conflict || a.Status == HttpStatusCode.BadRequest);
            var stages = (await client.V1GetAsync($"models/{name}/stages"))["items"].EnumerateArray().ToDictionary(
                s => s.GetProperty("name").GetString()!, s => s.GetProperty("versions").GetInt32());
            stages.Values.Sum().ShouldBe(5, "each version is in a stage that is there");
            (await MoveAsync(client, name, round + 1, "Draft")).Should(HttpStatusCode.OK);
            (await PutAsync(client, name, "Draft>none Shadow>staging Canary>production Live>production Retired>archived")).Should(HttpStatusCode.OK);
        }
    }

    [Fact]
    public async Task Only_who_manages_the_model_changes_its_stages()
    {
        var app = await apps.On(DatabaseProvider.Sqlite);
        var (owner, other) = (await app.UserAsync(RegistryRole.Member), await app.UserAsync(RegistryRole.Viewer));
        var name = await StagedAsync(owner.Client);
        const string Other = "Draft>none Retired>archived";
        (await other.Client.V1GetAsync($"models/{name}/stages")).Should(HttpStatusCode.OK);
        (await PutAsync(other.Client, name, Other)).ShouldBeRefused(HttpStatusCode.Forbidden);
        (await other.Client.V1DeleteAsync($"models/{name}/stages")).ShouldBeRefused(HttpStatusCode.Forbidden);
        (await MoveAsync(other.Client, name, 1, "Live")).ShouldBeRefused(HttpStatusCode.Forbidden);
        using var readOnly = app.ClientWithToken(await app.TokenAsync(owner.Id, TokenScope.Read));
        (await PutAsync(readOnly, name, Other)).ShouldBeRefused(HttpStatusCode.Forbidden);
        await app.MakePrivateAsync(name);
        (await other.Client.V1GetAsync($"models/{name}/stages")).ShouldBeRefused(HttpStatusCode.NotFound);
        (await PutAsync(other.Client, name, Other)).ShouldBeRefused(HttpStatusCode.NotFound);
        (await PutAsync(owner.Client, Any.Name("none"), Other)).ShouldBeRefused(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("Draft>none", "items")]
    [InlineData("Retired>archived", "items")]
    [InlineData("Draft>none draft>staging Retired>archived", "items[1].name")]
    [InlineData("Draft>none Production>staging Retired>archived", "items[1].name")]
    [InlineData("None>none Retired>archived", "items[0].name")]
    [InlineData("Draft>none a/b>staging Retired>archived", "items[1].name")]
    [InlineData("Draft>none --->staging Retired>archived", "items[1].name")]
    [InlineData("Draft>none X>staging<Y Retired>archived", "items[1].was")]
    [InlineData("Draft>none A>staging<Staging B>staging<Staging Retired>archived", "items[2].was")]
    [InlineData("Draft>none<Experiment Production>production<Staging Retired>archived", "items[1].was")]
    [InlineData("Draft>shipped Retired>archived", "items[0].mapsTo")]
    public async Task A_list_that_makes_no_sense_is_refused(string list, string field)
    {
        var app = await apps.On(DatabaseProvider.Sqlite);
        var name = await app.AdminClient.ModelAsync("wrong");
        (await PutAsync(app.AdminClient, name, list)).ShouldBeRefused(HttpStatusCode.BadRequest, field);
        (await app.AdminClient.V1GetAsync($"models/{name}/stages"))["builtIn"].GetBoolean().ShouldBeTrue();
    }

    /// <summary>A model with five versions and stages of its own.</summary>
    internal static async Task<string> StagedAsync(HttpClient client)
    {
        var name = await client.ModelAsync("staged");
        (await PutAsync(client, name, "Draft>none<Experiment Shadow>staging Canary>production Live>production Retired>archived")).Should(HttpStatusCode.OK);
        for (var i = 0; i < 5; i++)
            await client.VersionAsync(name);
        return name;
    }

    internal static Task<V1Answer> PutAsync(HttpClient client, string name, string list) =>
        client.V1SendAsync(HttpMethod.Put, $"models/{name}/stages", new { items = Items(list) });

    internal static Task<V1Answer> MoveAsync(HttpClient client, string name, int version, string stage, bool archive = false) =>
        client.V1PostAsync($"models/{name}/versions/{version}/stage", new { stage, archiveExisting = archive });

    // "Pilot>production<Canary" is a stage Pilot that maps to production and was called Canary.
    private static object[] Items(string list) => [.. list.Split(' ').Select(text => text.Split('>', 2)).Select(parts => new
    {
        name = parts[0],
        mapsTo = parts[1].Split('<')[0],
        was = parts[1].Split('<').ElementAtOrDefault(1),
    })];

    private static async Task<string> StagesAsync(HttpClient client, string name)
    {
        var at = await NowAsync();
        var model = (await client.V1GetAsync($"history?at={at}&model={name}&everything=true")).Should(HttpStatusCode.OK)["items"].EnumerateArray().ShouldHaveSingleItem();
        return string.Join(", ", model.GetProperty("versions").EnumerateArray().OrderBy(v => v.GetProperty("version").GetInt32())
            .Select(v => $"{v.GetProperty("version")} {v.GetProperty("stage")}"));
    }

    private static async Task<string> CurrentAsync(HttpClient client, string name) => string.Join(", ",
        (await client.MlflowGetAsync($"model-versions/search?filter=name%3D'{name}'&order_by=version_number%20ASC")).Ok()["model_versions"].EnumerateArray()
            .Select(v => $"{v.GetProperty("version").GetString()} {v.GetProperty("current_stage").GetString()}"));

    // Moments are told apart by milliseconds.
    private static async Task<string> NowAsync()
    {
        await Task.Delay(3);
        var now = DateTimeOffset.UtcNow.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
        await Task.Delay(3);
        return now;
    }
}
