using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;
using ModelRegistry.Tests.Api;
using ModelRegistry.Tests.Registry;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Security;

/// <summary>
/// Somebody with full rights on things of their own, and none on another team's: by no door, list or number do they learn
/// what that team has, or that it is there.
/// </summary>
public sealed class HidingOthersTests(RegistryApps apps) : IClassFixture<RegistryApps>
{
    /// <summary>In every text that the other team wrote.</summary>
    private const string Canary = "canary-7f3a";

    /// <summary>What reads one thing, by every door that it has; what is in braces is the thing's.</summary>
    private static readonly string[] Doors =
    [
        "mlflow/experiments/get?experiment_id={experiment}", "mlflow/experiments/get-by-name?experiment_name={experimentName}",
        "mlflow/runs/get?run_id={run}", "mlflow/metrics/get-history?run_id={run}&metric_key=m",
        "mlflow/metrics/get-history-bulk?run_id={run}&metric_key=m", "mlflow/metrics/get-history-bulk-interval?run_ids={run}&metric_key=m&max_results=10",
        "mlflow/artifacts/list?run_id={run}", "mlflow/logged-models/{logged}", "mlflow/logged-models/{logged}/artifacts/directories",
        "mlflow/registered-models/get?name={model}", "mlflow/registered-models/alias?name={model}&alias=champion",
        "mlflow/registered-models/get-latest-versions?name={model}", "mlflow/model-versions/get?name={model}&version=1",
        "mlflow/model-versions/get-download-uri?name={model}&version=1",
        "mlflow/experiments/permissions/get?experiment_id={experiment}&username=nobody@example.org",
        "mlflow/registered-models/permissions/get?name={model}&username=nobody@example.org",
        "mlflow-artifacts/artifacts/{experiment}/{run}/artifacts/m/weights.bin", "mlflow-artifacts/artifacts?path={experiment}/{run}/artifacts",
        "mlflow-artifacts/presigned/{experiment}/{run}/artifacts/m/weights.bin",
        "/get-artifact?run_uuid={run}&path=m/weights.bin", "/model-versions/get-artifact?name={model}&version=1&path=weights.bin",
        "/api/v1/access?kind=experiment&object={experiment}", "/api/v1/access?kind=registered-model&object={model}",
        "/api/v1/grants?kind=experiment&object={experiment}", "/api/v1/grants?kind=registered-model&object={model}",
        "/api/v1/history?model={model}", "/api/v1/approvals?model={model}", "/api/v1/audit-events?model={model}",
        "/api/v1/audit-events?experiment={experiment}", "/api/v1/audit-events?object={model}", "/api/v1/audit-events/export?object={run}",
    ];

    private static readonly string[] Pages =
    [
        "/experiments/{experiment}", "/experiments/{experiment}?view=deleted", "/runs/{run}", "/runs/{run}?tab=artifacts", "/models/{model}",
        "/models/{model}/versions/1", "/models/{model}/versions/1/files?path=weights.bin", "/models/{model}/versions/1/diff/1", "/compare?runs={run}",
        "/compare?handler=Parallel&runs={run}", "/compare?versions={model}/1&with=1", "/ui-api/curves?runs={run}&key=m", "/search?q={model}", "/models?q={model}",
        "/governance/history?model={model}", "/governance/access?kind=model&object={model}", "/governance/approvals?model={model}",
        "/governance/trash", "/",
    ];

    [SkippableTheory, OnEachDatabase]
    [Trait("Case", "F03")]
    public async Task Every_door_answers_as_if_it_were_not_there(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var (theirs, other) = (await Things.MakeAsync(app), await Other.MakeAsync(app));
        using var browser = await app.SignedInAsync(RegistryRole.None);
        var differences = new List<string>();
        foreach (var door in Doors)
        {
            // The way that MLflow's pages take is another address of the same.
            string[] addresses = door[0] == '/' ? [door] : [$"/api/2.0/{door}", $"/ajax-api/2.0/{door}"];
            foreach (var address in addresses)
            {
                var (hidden, absent) = (await ReadAsync(other.Client, theirs.In(address)), await ReadAsync(other.Client, Things.Missing.In(address)));
                if (theirs.Without(hidden) != Things.Missing.Without(absent))
                    differences.Add($"{address}: {hidden} and {absent}");
                if (hidden.Contains(Canary, StringComparison.Ordinal))
                    differences.Add($"{address} tells {hidden}");
                var (head, absentHead) = (await HeadAsync(other.Client, theirs.In(address)), await HeadAsync(other.Client, Things.Missing.In(address)));
                if (head != absentHead)
                    differences.Add($"HEAD {address}: {head} and {absentHead}");
            }
        }

        foreach (var page in Pages)
        {
            var (hidden, absent) = (await ReadAsync(browser, theirs.In(page)), await ReadAsync(browser, Things.Missing.In(page)));
            if (hidden[..3] != absent[..3])
                differences.Add($"{page}: {hidden[..3]} and {absent[..3]}");
            if (hidden.Contains(Canary, StringComparison.Ordinal))
                differences.Add($"{page} tells what it is");
        }

        differences.ShouldBeEmpty();
        // The doors are those of the ones who may.
        (await ReadAsync(theirs.Owner, theirs.In("/api/2.0/" + Doors[2]))).ShouldContain(Canary);
        (await ReadAsync(theirs.Owner, theirs.In("/get-artifact?run_uuid={run}&path=m/weights.bin"))).ShouldContain(Canary);
    }

    [SkippableTheory, OnEachDatabase]
    [Trait("Case", "F04")]
    public async Task A_part_is_not_reached_through_another_whole(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var (theirs, other) = (await Things.MakeAsync(app), await Other.MakeAsync(app));
        var client = other.Client;
        foreach (var answer in new[]
        {
            await client.SendJsonAsync(HttpMethod.Get, $"/api/2.0/mlflow-artifacts/artifacts/{other.Experiment}/{theirs.Run}/artifacts/m/weights.bin", null),
            await client.SendJsonAsync(HttpMethod.Get, $"/api/2.0/mlflow-artifacts/artifacts?path={other.Experiment}/{theirs.Run}/artifacts", null),
            await client.SendJsonAsync(HttpMethod.Delete, $"/api/2.0/mlflow-artifacts/artifacts/{other.Experiment}/{theirs.Run}/artifacts/m/weights.bin", null),
            await client.SendJsonAsync(HttpMethod.Get, $"/api/2.0/mlflow-artifacts/artifacts/{other.Experiment}/models/{theirs.LoggedModel}/artifacts/x", null),
            await client.CreateVersionAsync(other.Model, $"runs:/{theirs.Run}/m", run_id: theirs.Run),
            await client.CreateVersionAsync(other.Model, $"models:/{theirs.Model}/1"),
            await client.CreateVersionAsync(other.Model, $"mlflow-artifacts:/{theirs.Experiment}/{theirs.Run}/artifacts/m"),
            await client.MlflowPostAsync("runs/log-inputs", new { run_id = other.Run, models = new[] { new { model_id = theirs.LoggedModel } } }),
            await client.MlflowPostAsync("runs/outputs", new { run_id = other.Run, models = new[] { new { model_id = theirs.LoggedModel, step = 1 } } }),
            await client.MlflowPostAsync("logged-models", new { experiment_id = other.Experiment, source_run_id = theirs.Run }),
        })
        {
            answer.Text.ShouldNotContain(Canary);
            // What is under their own experiment is empty, and nothing of it is deleted.
            if (answer.Text != "{}")
                answer.Status.ShouldBeOneOf([HttpStatusCode.NotFound, HttpStatusCode.BadRequest, HttpStatusCode.Forbidden], answer.Text);
        }

        (await client.MlflowDeleteAsync("model-versions/delete", new { name = other.Model, version = "1" })).Status.ShouldBe(HttpStatusCode.NotFound, "the only version 1 is of the other model");
        (await client.MlflowDeleteAsync("registered-models/alias", new { name = other.Model, alias = "champion" })).Status.ShouldNotBe(HttpStatusCode.OK);
        (await theirs.Owner.GetByAliasAsync(theirs.Model, "champion")).Ok();
        (await ReadAsync(theirs.Owner, theirs.In("/get-artifact?run_uuid={run}&path=m/weights.bin"))).ShouldContain(Canary);
    }

    [SkippableTheory, OnEachDatabase]
    [Trait("Case", "F05")]
    public async Task Searches_pages_and_counts_are_of_what_may_be_read(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var theirs = await Things.MakeAsync(app);
        var other = await Other.MakeAsync(app);
        await Things.MakeAsync(app);
        var client = other.Client;

        // Of one row each page is full: whatever lay behind it would make a token.
        foreach (var (path, body) in new (string, object)[]
        {
            ("experiments/search", new { max_results = 1 }),
            ("experiments/search", new { max_results = 1, order_by = new[] { "last_update_time DESC" } }),
            ("runs/search", new { max_results = 1, experiment_ids = new[] { theirs.Experiment, other.Experiment } }),
            ("logged-models/search", new { max_results = 1, experiment_ids = new[] { theirs.Experiment, other.Experiment } }),
            ("registered-models/search", new { max_results = 1 }),
        })
        {
            var answer = (await client.MlflowPostAsync(path, body)).Ok();
            answer.Json.EnumerateObject().Single().Value.GetArrayLength().ShouldBe(1, $"{path}: {answer.Text}");
            answer.Text.ShouldNotContain(Canary);
        }

        foreach (var answer in new[]
        {
            await client.MlflowPostAsync("runs/search", new { experiment_ids = new[] { theirs.Experiment } }),
            await client.MlflowPostAsync("runs/search", new { experiment_ids = new[] { theirs.Experiment, other.Experiment }, filter = $"tags.t = '{Canary}'" }),
            await client.MlflowPostAsync("logged-models/search", new { experiment_ids = new[] { theirs.Experiment } }),
            await client.MlflowPostAsync("experiments/search", new { max_results = 10, filter = $"tags.t LIKE '%{Canary}%'" }),
            await client.MlflowPostAsync("experiments/search-datasets", new { experiment_ids = new[] { theirs.Experiment } }),
            await client.MlflowGetAsync($"registered-models/search?filter={Uri.EscapeDataString($"tags.t = '{Canary}'")}"),
            await client.MlflowGetAsync($"model-versions/search?filter={Uri.EscapeDataString($"run_id = '{theirs.Run}'")}"),
            await client.MlflowGetAsync($"model-versions/search?filter={Uri.EscapeDataString($"name = '{theirs.Model}'")}"),
        })
        {
            answer.Ok().Text.Replace(" ", "").ShouldBeOneOf("{}", """{"dataset_summaries":[]}""");
        }

        foreach (var list in new[] { "audit-events?text=" + Canary, "audit-events?action=run.deleted", "trash", "approvals", "history?everything=true" })
        {
            var answer = (await client.V1GetAsync(list + (list.Contains('?') ? "&" : "?") + "maxResults=1000")).Should(HttpStatusCode.OK);
            answer.Text.ShouldNotContain(Canary);
            answer.Text.ShouldNotContain(theirs.Model);
            answer.Text.ShouldNotContain(theirs.Run);
            answer["nextPageToken"].GetString().ShouldBeNull(list);
        }
    }

    [SkippableTheory, OnEachDatabase]
    [Trait("Case", "F06")]
    public async Task A_page_token_that_was_altered_or_is_somebody_elses_shows_nothing_more(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        await Things.MakeAsync(app);
        var other = await Other.MakeAsync(app);
        await Things.MakeAsync(app);
        var lists = new (string Name, Func<HttpClient, string?, Task<(HttpStatusCode Status, string Text, string? Next)>> Read)[]
        {
            ("experiments", (c, t) => MlflowAsync(c.MlflowPostAsync("experiments/search", new { max_results = 1, page_token = t }))),
            ("models", (c, t) => MlflowAsync(c.MlflowGetAsync("registered-models/search?max_results=1" + Token("page_token", t)))),
            ("versions", (c, t) => MlflowAsync(c.MlflowGetAsync("model-versions/search?max_results=1" + Token("page_token", t)))),
            ("audit", (c, t) => V1Async(c.V1GetAsync("audit-events?maxResults=1" + Token("pageToken", t)))),
            ("teams", (c, t) => V1Async(c.V1GetAsync("teams?maxResults=1" + Token("pageToken", t)))),
            ("history", (c, t) => V1Async(c.V1GetAsync("history?at=2200-01-01&everything=true&maxResults=1" + Token("pageToken", t)))),
            ("policies", (c, t) => V1Async(c.V1GetAsync("promotion-policies?maxResults=1" + Token("pageToken", t)))),
        };
        foreach (var (name, read) in lists)
        {
            if ((await read(app.AdminClient, null)).Next is not { } token)
                continue;
            // Of the same question it is a place to go on from, and every row is asked about again.
            (await read(other.Client, token)).ShouldSatisfyAllConditions(
                a => a.Status.ShouldBeOneOf(HttpStatusCode.OK, HttpStatusCode.BadRequest), a => a.Text.ShouldNotContain(Canary));
            foreach (var forged in Altered(token))
            {
                var answer = await read(other.Client, forged);
                answer.Status.ShouldBe(HttpStatusCode.BadRequest, $"{name} {forged}: {answer.Text}");
            }

            foreach (var elsewhere in Elsewhere(token))
            {
                (await read(other.Client, elsewhere)).ShouldSatisfyAllConditions(
                    a => a.Status.ShouldBeOneOf(HttpStatusCode.OK, HttpStatusCode.BadRequest), a => a.Text.ShouldNotContain(Canary));
            }

            foreach (var (_, another) in lists.Where(l => l.Name != name))
                (await another(other.Client, token)).Status.ShouldBe(HttpStatusCode.BadRequest, $"a token of {name}");
        }
    }

    [SkippableTheory, OnEachDatabase]
    [Trait("Case", "F18")]
    public async Task Who_counts_through_the_numbers_finds_what_is_theirs(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var theirs = await Things.MakeAsync(app);
        var other = await Other.MakeAsync(app);
        (await app.AdminClient.V1PostAsync("grants", new { kind = "registered-model", @object = theirs.Model, user = other.Email2, permissions = new[] { "read" } }))
            .Should(HttpStatusCode.Created);
        (await theirs.Owner.MlflowDeleteAsync("model-versions/delete", new { name = theirs.Model, version = "1" })).Ok();
        var last = long.Parse(other.Experiment, CultureInfo.InvariantCulture) + 2;
        for (var i = 0L; i <= Math.Min(last, 60); i++)
        {
            var id = i.ToString(CultureInfo.InvariantCulture);
            (await other.Client.MlflowGetAsync($"experiments/get?experiment_id={id}")).Status
                .ShouldBe(id == other.Experiment ? HttpStatusCode.OK : HttpStatusCode.NotFound, id);
            foreach (var noun in new[] { "grants", "approvals", "retention-policies", "retention-runs", "webhooks", "teams", "certificates", "legal-holds" })
            {
                var answer = await other.Client.V1GetAsync($"{noun}/{id}");
                answer.Text.ShouldNotContain(Canary);
                answer.Text.ShouldNotContain(theirs.Model);
                if (answer.Status == HttpStatusCode.OK && noun == "grants")
                    answer["user"].GetString().ShouldBe(other.Email);
                else if (noun != "teams")
                    answer.Status.ShouldBeOneOf(HttpStatusCode.NotFound, HttpStatusCode.Forbidden);
            }

            foreach (var kind in new[] { "experiment", "registered-model", "run-files" })
                (await other.Client.V1PostAsync($"trash/{kind}.{id}/restore", null)).ShouldBeRefused(HttpStatusCode.NotFound);
        }
    }

    private static IEnumerable<string> Altered(string token)
    {
        yield return token[..^2];
        yield return token + "AA";
        yield return "A" + token;
        yield return "%00";
        yield return Base64Url.EncodeToString("null"u8);
        yield return Base64Url.EncodeToString("{}"u8);
        yield return With(token, "null");
        yield return With(token, "[[]]");
        // The same place in another question.
        var other = JsonNode.Parse(Base64Url.DecodeFromChars(token))!.AsObject();
        other["Q"] = other["Q"]!.GetValue<uint>() ^ 1;
        yield return Base64Url.EncodeToString(Encoding.UTF8.GetBytes(other.ToJsonString()));
    }

    /// <summary>Another place in the same question: nobody can be kept from asking for that.</summary>
    private static IEnumerable<string> Elsewhere(string token) =>
        new[] { "{}", "true", "0", "-1", "1e999", "9223372036854775807", "\"\"", "\"zzz\"", "[0]", "[null,null,null,null]", "[9,9,9]" }.Select(k => With(token, k));

    private static string With(string token, string key)
    {
        var content = JsonNode.Parse(Base64Url.DecodeFromChars(token))!.AsObject();
        content.Remove("K");
        return Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"{content.ToJsonString()[..^1]},\"K\":{key}}}"));
    }

    private static string Token(string name, string? token) => token is null ? "" : $"&{name}={Uri.EscapeDataString(token)}";

    private static async Task<(HttpStatusCode, string, string?)> MlflowAsync(Task<ApiAnswer> call)
    {
        var answer = await call;
        return (answer.Status, answer.Text, answer.Status == HttpStatusCode.OK && answer.Json.TryGetProperty("next_page_token", out var next) ? next.GetString() : null);
    }

    private static async Task<(HttpStatusCode, string, string?)> V1Async(Task<V1Answer> call)
    {
        var answer = await call;
        return (answer.Status, answer.Text, answer.Status == HttpStatusCode.OK ? answer["nextPageToken"].GetString() : null);
    }

    private static async Task<HttpStatusCode> HeadAsync(HttpClient client, string address)
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, address);
        using var answer = await client.SendAsync(request);
        return answer.StatusCode;
    }

    private static async Task<string> ReadAsync(HttpClient client, string address)
    {
        using var answer = await client.GetAsync(address);
        return $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}";
    }

    /// <summary>What the other team has, each with the canary in it.</summary>
    private sealed record Things(string Experiment, string ExperimentName, string Run, string LoggedModel, string Model, HttpClient Owner)
    {
        public static readonly Things Missing = new("999999999", "no-such-experiment", new string('0', 32), "m-" + new string('0', 32), "no-such-model", null!);

        public static async Task<Things> MakeAsync(RegistryApp app)
        {
            var owner = await app.ClientAsync(RegistryRole.Member);
            var name = Any.Name("theirs");
            var tags = new[] { new { key = "t", value = Canary } };
            var experiment = (await owner.MlflowPostAsync("experiments/create", new { name, tags })).Ok()["experiment_id"].GetString()!;
            var run = (await owner.MlflowPostAsync("runs/create", new { experiment_id = experiment, run_name = Canary, tags })).Ok()["run"]
                .GetProperty("info").GetProperty("run_id").GetString()!;
            (await owner.MlflowPostAsync("runs/log-metric", new { run_id = run, key = "m", value = 1.0, timestamp = 1, step = 0 })).Ok();
            await owner.UploadAsync($"{experiment}/{run}/artifacts/m/weights.bin", Canary);
            var logged = (await owner.MlflowPostAsync("logged-models", new { experiment_id = experiment, source_run_id = run, name = Canary }))
                .Ok()["model"].GetProperty("info").GetProperty("model_id").GetString()!;
            var model = Any.Name("hidden");
            (await owner.MlflowPostAsync("registered-models/create", new { name = model, description = Canary, tags })).Ok();
            (await owner.CreateVersionAsync(model, $"runs:/{run}/m", run_id: run, description: Canary)).Ok();
            (await owner.SetAliasAsync(model, "champion", "1")).Ok();
            return new Things(experiment, name, run, logged, model, owner);
        }

        public string In(string address) => address.Replace("{experiment}", Experiment).Replace("{experimentName}", ExperimentName)
            .Replace("{run}", Run).Replace("{logged}", LoggedModel).Replace("{model}", Model);

        /// <summary>An answer without what the question had in it.</summary>
        public string Without(string answer) => answer.Replace(ExperimentName, "?").Replace(LoggedModel, "?").Replace(Run, "?").Replace(Model, "?")
            .Replace(Experiment, "?");
    }

    /// <summary>Somebody without a role, who manages an experiment and a model that an admin made for them.</summary>
    private sealed record Other(string Experiment, string Run, string Model, string Email, string Email2, HttpClient Client)
    {
        public static async Task<Other> MakeAsync(RegistryApp app)
        {
            var user = await app.UserAsync(RegistryRole.None);
            var (experiment, run) = await app.AdminClient.RunAsync();
            (await app.AdminClient.MlflowPostAsync("logged-models", new { experiment_id = experiment })).Ok();
            var model = await app.AdminClient.ModelAsync("own");
            foreach (var (kind, name) in new[] { ("experiment", experiment), ("registered-model", model) })
            {
                (await app.AdminClient.V1PostAsync("grants", new { kind, @object = name, user = user.Email, permissions = new[] { "manage" } }))
                    .Should(HttpStatusCode.Created);
            }

            return new Other(experiment, run, model, user.Email, (await app.UserAsync(RegistryRole.None)).Email, user.Client);
        }
    }
}
