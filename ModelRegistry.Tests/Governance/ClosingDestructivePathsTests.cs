using System.Globalization;
using System.Net;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;
using ModelRegistry.Tests.Api;
using ModelRegistry.Tests.Registry;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Governance;

/// <summary>Every way to destroy something, tried with a hold or lock on the thing itself, on what it belongs to, and on a part of it.</summary>
public sealed class ClosingDestructivePathsTests(RegistryApps apps) : IClassFixture<RegistryApps>
{
    /// <summary>A route, and the kinds of hold or lock that close it. A new way to destroy something gets a line here.</summary>
    private static readonly (string Route, Func<HttpClient, Things, Task<HttpStatusCode>> Call, string[] ClosedBy)[] Routes =
    [
        ("delete a version", async (c, t) => (await c.MlflowDeleteAsync("model-versions/delete", new { name = t.Model, version = "1" })).Status,
            ["model-version", "registered-model"]),
        ("delete a model", async (c, t) => (await c.MlflowDeleteAsync("registered-models/delete", new { name = t.Model })).Status,
            ["model-version", "registered-model"]),
        ("rename a model", async (c, t) => (await c.MlflowPostAsync("registered-models/rename", new { name = t.Model, new_name = Any.Name() })).Status,
            ["model-version", "registered-model"]),
        ("delete a run", async (c, t) => (await c.MlflowPostAsync("runs/delete", new { run_id = t.Run })).Status, ["run", "experiment"]),
        ("delete an experiment", async (c, t) => (await c.MlflowPostAsync("experiments/delete", new { experiment_id = t.Experiment })).Status,
            ["run", "experiment", "logged-model"]),
        ("rename an experiment", async (c, t) =>
            (await c.MlflowPostAsync("experiments/update", new { experiment_id = t.Experiment, new_name = Any.Name() })).Status,
            ["run", "experiment", "logged-model"]),
        ("delete a logged model", async (c, t) => (await c.MlflowDeleteAsync($"logged-models/{t.LoggedModel}", new { })).Status,
            ["run", "experiment", "logged-model"]),
        ("delete a run's file", (c, t) => DeleteFileAsync(c, t.RunFile), ["run", "experiment"]),
        ("delete a run's folder", (c, t) => DeleteFileAsync(c, t.RunFile[..t.RunFile.LastIndexOf('/')]), ["run", "experiment"]),
        ("overwrite a run's file", (c, t) => PutFileAsync(c, t.RunFile, "altered"), ["run", "experiment"]),
        ("overwrite a run's file in parts", (c, t) => PutFileInPartsAsync(c, t.RunFile, "altered in parts"), ["run", "experiment"]),
        ("delete a logged model's file", (c, t) => DeleteFileAsync(c, t.LoggedModelFile), ["run", "experiment", "logged-model"]),
        ("overwrite a logged model's file", (c, t) => PutFileAsync(c, t.LoggedModelFile, "altered"), ["run", "experiment", "logged-model"]),
        ("overwrite an experiment's own file", (c, t) => PutFileAsync(c, $"{t.Experiment}/notes/a.txt", "altered"), ["experiment"]),
    ];

    public static TheoryData<DatabaseProvider, string> Holds
    {
        get
        {
            var data = new TheoryData<DatabaseProvider, string>();
            foreach (var provider in Databases.Configured)
            {
                foreach (var kind in new[] { "experiment", "run", "logged-model", "registered-model", "model-version" })
                    data.Add(provider, kind);
            }

            return data;
        }
    }

    [SkippableTheory, MemberData(nameof(Holds))]
    [Trait("Case", "L01"), Trait("Case", "L02")]
    public async Task A_hold_closes_every_way_until_it_is_released(DatabaseProvider provider, string kind)
    {
        var app = await apps.On(provider);
        var client = app.AdminClient;
        var officer = await app.ClientAsync(RegistryRole.GovernanceOfficer);
        var things = await Things.MakeAsync(client);
        var hold = await HoldAsync(officer, kind, things);
        // Two matters: releasing one changes nothing.
        var other = await HoldAsync(officer, kind, things);
        (await officer.V1PostAsync($"legal-holds/{other}/release", new { reason = "settled" })).Should(HttpStatusCode.OK);

        await ShouldBeClosedAsync(client, kind, things);
        (await officer.V1PostAsync($"legal-holds/{hold}/release", new { reason = "settled" })).Should(HttpStatusCode.OK);
        await ShouldBeOpenAsync(client, things);
    }

    [SkippableTheory, MemberData(nameof(Holds))]
    public async Task A_lock_closes_the_same_ways_until_two_people_take_it_off(DatabaseProvider provider, string kind)
    {
        var app = await apps.On(provider);
        var client = app.AdminClient;
        var officer = await app.ClientAsync(RegistryRole.GovernanceOfficer);
        var asker = await app.ClientAsync(RegistryRole.GovernanceOfficer | RegistryRole.RetentionBypass);
        var things = await Things.MakeAsync(client);
        var placed = (await officer.V1PostAsync("retention-locks", new
        {
            kind,
            @object = things.IdOf(kind),
            mode = "governance",
            until = DateTime.UtcNow.AddDays(400).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            reason = "ten years by law",
        })).Should(HttpStatusCode.Created)["id"].GetString()!;

        await ShouldBeClosedAsync(client, kind, things);
        var request = (await asker.V1PostAsync($"retention-locks/{placed}/bypass", new { bypass = true, reason = "placed on the wrong one" }))
            .Should(HttpStatusCode.OK)["bypass"].GetProperty("request").GetString();
        await ShouldBeClosedAsync(client, kind, things);
        (await officer.V1PostAsync($"retention-locks/{placed}/bypass/approve", new { request })).Should(HttpStatusCode.OK);
        await ShouldBeOpenAsync(client, things);
    }

    private static async Task ShouldBeClosedAsync(HttpClient client, string kind, Things things)
    {
        var passed = new List<string>();
        foreach (var (route, call, closedBy) in Routes.Where(r => r.ClosedBy.Contains(kind)))
        {
            if (await call(client, things) is var status && status != HttpStatusCode.Conflict)
                passed.Add($"{route}: {status}");
        }

        passed.ShouldBeEmpty();
        await things.ShouldBeWholeAsync(client);
        // The same bytes once more are a client's retry, and new files add to what is there.
        (await PutFileAsync(client, things.RunFile, "weights")).ShouldBe(HttpStatusCode.OK);
        (await PutFileAsync(client, things.RunFile + ".2", "more")).ShouldBe(HttpStatusCode.OK);
    }

    private static async Task ShouldBeOpenAsync(HttpClient client, Things things)
    {
        foreach (var (route, call, _) in Routes.Where(r => r.Route.StartsWith("overwrite", StringComparison.Ordinal)))
            (await call(client, things)).ShouldBe(HttpStatusCode.OK, route);
        (await DeleteFileAsync(client, things.RunFile)).ShouldBe(HttpStatusCode.OK);
        (await client.MlflowDeleteAsync($"logged-models/{things.LoggedModel}", new { })).Ok();
        (await client.MlflowPostAsync("runs/delete", new { run_id = things.Run })).Ok();
        (await client.MlflowPostAsync("experiments/delete", new { experiment_id = things.Experiment })).Ok();
        (await client.MlflowDeleteAsync("registered-models/delete", new { name = things.Model })).Ok();
    }

    [Fact]
    [Trait("Case", "L01")]
    public async Task The_buttons_of_the_pages_are_closed_too()
    {
        var app = await apps.On(DatabaseProvider.Sqlite);
        var things = await Things.MakeAsync(app.AdminClient);
        var officer = await app.ClientAsync(RegistryRole.GovernanceOfficer);
        await HoldAsync(officer, "run", things);
        await HoldAsync(officer, "model-version", things);
        using var browser = await app.SignedInAsync(RegistryRole.Admin | RegistryRole.Member);

        using (await browser.SubmitAsync($"/models/{things.Model}", "Delete", ("confirmName", things.Model)))
        using (await browser.SubmitAsync($"/models/{things.Model}/versions/1", "Delete", ("confirmName", things.Model + "/1")))
        using (await browser.SubmitAsync($"/runs/{things.Run}", "Delete"))
        using (await browser.SubmitAsync($"/experiments/{things.Experiment}", "Delete"))
        using (await browser.SubmitAsync($"/experiments/{things.Experiment}", "DeleteRuns", ("runs", things.Run)))
        {
            await things.ShouldBeWholeAsync(app.AdminClient);
        }
    }

    [SkippableTheory, OnEachDatabase]
    [Trait("Case", "L01")]
    public async Task Nor_does_it_go_with_the_user_who_owns_it(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var owner = await app.UserAsync(RegistryRole.Member);
        var things = await Things.MakeAsync(owner.Client);
        var officer = await app.ClientAsync(RegistryRole.GovernanceOfficer);
        foreach (var kind in new[] { "run", "model-version" })
            await HoldAsync(officer, kind, things);

        (await app.AdminClient.MlflowDeleteAsync("users/delete", new { username = owner.Email })).Ok();
        await app.RemoveBlobsAsync();
        await things.ShouldBeWholeAsync(app.AdminClient);
        (await app.AdminClient.MlflowDeleteAsync("registered-models/delete", new { name = things.Model })).ShouldBeRefused(HttpStatusCode.Conflict, "RESOURCE_CONFLICT");
    }

    [SkippableTheory, OnEachDatabase]
    [Trait("Case", "L03")]
    public async Task Only_officers_place_and_release_holds_with_a_reason_and_each_act_is_kept(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var owner = await app.ClientAsync(RegistryRole.Member);
        var name = await owner.ModelAsync();
        var auditor = await app.ClientAsync(RegistryRole.Auditor);
        var officer = await app.ClientAsync(RegistryRole.GovernanceOfficer);
        object body = new { kind = "registered-model", @object = name, matter = "2026-017", reason = "lawsuit" };

        (await owner.V1PostAsync("legal-holds", body)).ShouldBeRefused(HttpStatusCode.Forbidden);
        (await auditor.V1PostAsync("legal-holds", body)).ShouldBeRefused(HttpStatusCode.Forbidden);
        (await officer.V1PostAsync("legal-holds", new { kind = "registered-model", @object = name, matter = "2026-017", reason = " " }))
            .ShouldBeRefused(HttpStatusCode.BadRequest, "reason");
        (await officer.V1PostAsync("legal-holds", new { kind = "run", @object = "nope", matter = "m", reason = "r" })).ShouldBeRefused(HttpStatusCode.NotFound);
        var placed = (await officer.V1PostAsync("legal-holds", body)).Should(HttpStatusCode.Created);
        var id = placed["id"].GetString()!;
        placed.Location!.ToString().ShouldBe($"/api/v1/legal-holds/{id}");

        (await owner.MlflowDeleteAsync("registered-models/delete", new { name })).ShouldBeRefused(HttpStatusCode.Conflict, "RESOURCE_CONFLICT")
            .Message!.ShouldContain(id);
        (await owner.V1PostAsync($"legal-holds/{id}/release", new { reason = "x" })).ShouldBeRefused(HttpStatusCode.Forbidden);
        (await app.AdminClient.V1PostAsync($"legal-holds/{id}/release", new { reason = "" })).ShouldBeRefused(HttpStatusCode.BadRequest, "reason");
        (await owner.V1GetAsync("legal-holds")).ShouldBeRefused(HttpStatusCode.Forbidden);
        (await auditor.V1AllAsync($"legal-holds?state=active&object={name}")).ShouldHaveSingleItem().GetProperty("matter").GetString().ShouldBe("2026-017");
        (await officer.V1PostAsync($"legal-holds/{id}/release", new { reason = "settled" })).Should(HttpStatusCode.OK)["releaseReason"].GetString().ShouldBe("settled");
        (await officer.V1PostAsync($"legal-holds/{id}/release", new { reason = "again" })).ShouldBeRefused(HttpStatusCode.Conflict);
        (await app.CountAsync($"SELECT COUNT(*) FROM audit_events WHERE object_kind = 'legal-hold' AND object_id = '{id}' AND reason IN ('lawsuit', 'settled')")).ShouldBe(2);
    }

    [Fact]
    public async Task An_officer_places_and_releases_a_hold_on_the_page()
    {
        var app = await apps.On(DatabaseProvider.Sqlite);
        var name = await app.AdminClient.ModelAsync();
        using var browser = await app.SignedInAsync(RegistryRole.GovernanceOfficer);
        using var placed = await browser.SubmitAsync("/governance/holds", "Place", ("Input.Kind", "RegisteredModel"), ("Input.PublicId", name),
            ("Input.Matter", "2026-018"), ("Input.Reason", "audit"));
        placed.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        (await browser.GetPageAsync("/governance/holds")).ShouldContain(name);
        using var member = await app.SignedInAsync(RegistryRole.Member);
        (await member.GetAsync("/governance/holds")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    private static async Task<string> HoldAsync(HttpClient officer, string kind, Things things)
    {
        return (await officer.V1PostAsync("legal-holds", new { kind, @object = things.IdOf(kind), matter = Any.Name("matter"), reason = "kept for the court" }))
            .Should(HttpStatusCode.Created)["id"].GetString()!;
    }

    private static async Task<HttpStatusCode> DeleteFileAsync(HttpClient client, string location)
    {
        using var response = await client.DeleteAsync($"/api/2.0/mlflow-artifacts/artifacts/{location}");
        return response.StatusCode;
    }

    private static async Task<HttpStatusCode> PutFileAsync(HttpClient client, string location, string text)
    {
        using var content = new StringContent(text, null, "application/octet-stream");
        using var response = await client.PutAsync($"/api/2.0/mlflow-artifacts/artifacts/{location}", content);
        return response.StatusCode;
    }

    private static async Task<HttpStatusCode> PutFileInPartsAsync(HttpClient client, string location, string text)
    {
        var slash = location.LastIndexOf('/');
        var (directory, path) = (location[..slash], location[(slash + 1)..]);
        var upload = (await CallAsync("create", new { path, num_parts = 1 })).Ok();
        var url = new Uri(upload["credentials"][0].GetProperty("url").GetString()!);
        using var content = new StringContent(text);
        using (var part = await client.PutAsync(url.PathAndQuery, content))
            part.StatusCode.ShouldBe(HttpStatusCode.OK);
        return (await CallAsync("complete", new { path, upload_id = upload["upload_id"].GetString(), parts = new[] { new { part_number = 1, etag = "" } } })).Status;

        Task<ApiAnswer> CallAsync(string call, object body) =>
            client.SendJsonAsync(HttpMethod.Post, $"/api/2.0/mlflow-artifacts/mpu/{call}/{directory}", body);
    }

    /// <summary>One of everything: a run in an experiment, a logged model that it made, and a version of a model made from it.</summary>
    private sealed record Things(string Experiment, string Run, string LoggedModel, string Model)
    {
        public string IdOf(string kind) => kind switch
        {
            "experiment" => Experiment,
            "run" => Run,
            "logged-model" => LoggedModel,
            "registered-model" => Model,
            _ => Model + "/1",
        };

        public string RunFile => $"{Experiment}/{Run}/artifacts/model/weights.bin";
        public string LoggedModelFile => $"{Experiment}/models/{LoggedModel}/artifacts/weights.bin";

        public static async Task<Things> MakeAsync(HttpClient client)
        {
            var (experiment, run) = await client.RunAsync();
            var logged = (await client.MlflowPostAsync("logged-models", new { experiment_id = experiment, source_run_id = run }))
                .Ok()["model"].GetProperty("info").GetProperty("model_id").GetString()!;
            var things = new Things(experiment, run, logged, await client.ModelAsync());
            await client.UploadAsync(things.RunFile, "weights");
            await client.UploadAsync(things.LoggedModelFile, "weights");
            await client.UploadAsync($"{experiment}/notes/a.txt", "notes");
            (await client.CreateVersionAsync(things.Model, $"runs:/{run}/model", run_id: run)).Ok();
            return things;
        }

        public async Task ShouldBeWholeAsync(HttpClient client)
        {
            (await client.GetVersionAsync(Model, "1")).Ok();
            (await client.MlflowGetAsync($"runs/get?run_id={Run}")).Ok()["run"].GetProperty("info").GetProperty("lifecycle_stage").GetString().ShouldBe("active");
            (await client.MlflowGetAsync($"experiments/get?experiment_id={Experiment}")).Ok()["experiment"].GetProperty("lifecycle_stage").GetString().ShouldBe("active");
            (await client.MlflowGetAsync($"logged-models/{LoggedModel}")).Ok();
            (await client.DownloadAsync("mlflow-artifacts:/" + RunFile[..RunFile.LastIndexOf('/')], "weights.bin")).ShouldBe("weights");
            (await client.DownloadAsync("mlflow-artifacts:/" + LoggedModelFile[..LoggedModelFile.LastIndexOf('/')], "weights.bin")).ShouldBe("weights");
        }
    }
}
