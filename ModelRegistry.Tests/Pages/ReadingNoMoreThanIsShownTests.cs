using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;
using ModelRegistry.Tests.Api;
using ModelRegistry.Tests.Registry;
using ModelRegistry.Tests.Support;
using ModelRegistry.Tests.Tracking;

namespace ModelRegistry.Tests.Pages;

/// <summary>
/// No page, list or search asks the database more often, or reads more, because there is more: each is asked for twice,
/// with a little data and with more of everything, and its statements and rows are counted.
/// </summary>
public sealed partial class ReadingNoMoreThanIsShownTests
{
    private const int Few = 8;
    private const int Many = 53;

    /// <summary>So many of what no page has more than a hundred of.</summary>
    private const int Some = 24;

    /// <summary>What the registry remembers for some seconds is asked for again now and then.</summary>
    private const int Remembered = 6;

    /// <summary>What a request reads besides what it shows: who asks, their rights, the frame of the page, sums.</summary>
    private const int Besides = 40;

    /// <param name="Address">With {things} of the <see cref="Shelf"/>; after a POST the body.</param>
    /// <param name="Shown">At most so many items.</param>
    /// <param name="RowsEach">So many rows are read of each item that is shown: itself, and what is told of it.</param>
    private sealed record Reading(string Address, int Shown, int RowsEach)
    {
        public int MostRows => Besides + (Math.Min(Shown, Many) + 1) * RowsEach;

        /// <summary>Growth beyond this is for what is not shown.</summary>
        public int MostMore => (Math.Min(Shown + 1, Many) - Math.Min(Shown + 1, Few)) * RowsEach;
    }

    private static readonly Reading[] Readings =
    [
        // The pages.
        new("/", 8, 9),
        new("/search?q=thing", 60, 5),
        new("/datasets", 50, 3),
        new("/datasets/uses?name=set-0&digest=d0", 50, 4),
        new("/datasets/uses?name=set-0&digest=d0&tab=runs", 50, 2),
        new("/experiments", 50, 3),
        new("/experiments?view=deleted", 50, 3),
        new("/experiments/{experiment}", 50, 8),
        new("/experiments/{experiment}?tab=about", 0, 0),
        new("/runs/{run}", 100, 3),
        new("/runs/{run}?tab=metrics", 3, 3),
        new("/runs/{run}?tab=data", 50, 3),
        new("/runs/{run}?tab=models", 50, 3),
        new("/runs/{run}?tab=files", 100, 1),
        new("/compare?runs={runs}", 20, 8),
        new("/models", 50, 9),
        new("/models/{model}", 50, 3),
        new("/models/{model}?tab=activity", 200, 3),
        new("/models/{model}/stages", 4, 1),
        new("/models/{model}/versions/1", 50, 3),
        new("/models/{model}/versions/1?tab=activity", 50, 3),
        new("/models/{gated}/versions/1", 50, 3),
        new("/models/{model}/versions/1/files", 100, 3),
        new("/models/{model}/versions/2/diff/1", 10, 3),
        new("/notices", 50, 1),
        new("/audit", 100, 2),
        new("/admin/users", 100, 2),
        new("/admin/teams", 100, 2),
        new("/admin/teams?team={team}", 100, 3),
        new("/governance/approvals", 100, 3),
        new("/governance/approvals/{approval}", 100, 3),
        new("/governance/history", 100, 5),
        new("/governance/inventory", 100, 5),
        new("/governance/promotion", 100, 2),
        new("/governance/access", 0, 0),
        new("/governance/access?kind=model&object={model}", 50, 4),
        new("/governance/erasure", 100, 2),
        new("/governance/erasure/{case}", 100, 2),
        new("/governance/holds", 100, 2),
        new("/governance/locks", 100, 2),
        new("/governance/policies", 100, 3),
        new("/governance/policies?view=runs", 100, 3),
        new("/governance/policies/{policy}", 20, 3),
        new("/governance/runs/{retention}?view=keep", 100, 2),
        new("/governance/trash", 50, 2),
        new("/governance/trash?view=archived", 50, 2),
        new("/governance/trash?view=certificates", 50, 2),
        new("/governance/review", 100, 2),
        new("/account/tokens", 100, 1),
        new("/account/profile", 0, 0),

        // The registry's own lists.
        new("/api/v1/access?kind=registered-model&object={model}", 1, 3),
        new("/api/v1/approvals/?maxResults=16", 16, 3),
        new("/api/v1/approvals/{approval}/comments", 100, 1),
        new("/api/v1/audit-events/?maxResults=16", 16, 2),
        new("/api/v1/certificates/?maxResults=16", 16, 1),
        new("/api/v1/erasure-cases/?maxResults=16", 16, 2),
        new("/api/v1/governance-review/", 100, 2),
        new("/api/v1/grants/?maxResults=16", 16, 3),
        new("/api/v1/grants/?kind=registered-model&object={model}&maxResults=16", 16, 3),
        new("/api/v1/datasets/?maxResults=16", 16, 2),
        new("/api/v1/datasets/runs?name=set-0&digest=d0&maxResults=16", 16, 2),
        new("/api/v1/datasets/versions?name=set-0&digest=d0&maxResults=16", 16, 4),
        new("/api/v1/history?maxResults=16", 16, 5),
        new("/api/v1/legal-holds/?maxResults=16", 16, 2),
        new("/api/v1/models/{model}/stages", 4, 1),
        new("/api/v1/notices/?maxResults=16", 16, 1),
        new("/api/v1/promotion-policies/?maxResults=16", 16, 2),
        new("/api/v1/retention-locks/?maxResults=16", 16, 2),
        new("/api/v1/retention-policies/?maxResults=16", 16, 3),
        new("/api/v1/retention-runs/?previews=true&maxResults=16", 16, 3),
        new("/api/v1/retention-runs/{retention}/items?maxResults=16", 16, 1),
        new("/api/v1/teams/?maxResults=16", 16, 2),
        new("/api/v1/teams/{team}/members", 100, 1),
        new("/api/v1/trash/?maxResults=16", 16, 2),
        new("/api/v1/webhooks/?maxResults=16", 16, 1),
        new("/api/v1/webhooks/{webhook}/deliveries?maxResults=16", 16, 1),

        // MLflow's searches.
        new("""/api/2.0/mlflow/runs/search {"experiment_ids":["{experiment}"],"max_results":16}""", 16, 14),
        new("""/api/2.0/mlflow/runs/search {"experiment_ids":[{experiments}],"max_results":16,"filter":"metrics.loss < 2 and params.depth = '3'","order_by":["metrics.loss DESC"]}""", 60, 3),
        new("/api/2.0/mlflow/experiments/search?max_results=16", 16, 3),
        new("/api/2.0/mlflow/registered-models/search?max_results=16", 16, 8),
        new("/api/2.0/mlflow/model-versions/search?max_results=16", 16, 4),
        new("/api/2.0/mlflow/model-versions/search?max_results=16&filter=name%3D'{model}'", 16, 4),
        new("""/api/2.0/mlflow/logged-models/search {"experiment_ids":["{experiment}"],"max_results":16}""", 16, 4),
        new("/api/2.0/mlflow/metrics/get-history?run_id={run}&metric_key=loss&max_results=16", 16, 1),
        new("/api/2.0/mlflow/artifacts/list?run_id={run}", 100, 1),
        new("/api/2.0/mlflow/webhooks?max_results=16", 16, 1),
    ];

    /// <summary>Pages that show no data, or send on to one of the others.</summary>
    private static readonly string[] Others =
    [
        "/account/password", "/account/signin", "/account/signout", "/activity", "/error/{status:int}", "/gallery", "/setup", "/theme",
    ];

    /// <summary>What stands in the address space beside pages and the API: charts of some runs, files, the state of the server.</summary>
    private static readonly Regex NoPages = NoPage();

    [SkippableTheory, OnEachDatabase]
    public async Task More_data_is_neither_more_statements_nor_more_rows_than_are_shown(DatabaseProvider provider)
    {
        CountedQueries.Watch();
        await using var app = await RegistryApp.StartAsync(provider, new RegistryAppOptions
        {
            Settings = { ["Webhooks:AllowedSchemes"] = "http", ["Webhooks:AllowPrivateAddresses"] = "true" },
        });
        var shelf = await Shelf.MakeAsync(app);
        var few = await CountAsync(shelf, Few);
        var many = await CountAsync(shelf, Many);

        var wrong = new List<string>();
        foreach (var reading in Readings)
        {
            var (before, after) = (few[reading], many[reading]);
            if (after.Statements.Count > before.Statements.Count + Remembered)
                wrong.Add($"{reading.Address}: {before.Statements.Count} statements became {after.Statements.Count}, e.g. {Repeated(after)}");
            if (after.Rows - before.Rows > reading.MostMore + Remembered || after.Rows > reading.MostRows)
                wrong.Add($"{reading.Address}: {before.Rows} rows became {after.Rows}; at most {reading.MostMore} more, and {reading.MostRows}");
        }

        wrong.ShouldBeEmpty();
    }

    [Fact]
    public async Task Each_page_and_list_is_in_the_table()
    {
        await using var app = await RegistryApp.StartAsync();
        var paths = Readings.Select(r => r.Address.Split(' ', '?')[0]).ToHashSet();
        var pages = app.Routes.Where(r => r.Method == "GET" && !NoPages.IsMatch(r.Pattern)).Select(r => r.Pattern).Distinct();
        // Those that end in a parameter are one thing, not a list.
        var lists = app.Routes.Where(r => r.Method == "GET" && r.Pattern.StartsWith("/api/v1/", StringComparison.Ordinal) && !OneThing().IsMatch(r.Pattern))
            .Select(r => r.Pattern).Distinct();
        pages.Except(Others).Concat(lists).Where(pattern => !paths.Any(path => Matches(pattern, path)))
            .ShouldBeEmpty("count what these read: put them into the table, or among those that show no data");
    }

    private static bool Matches(string pattern, string path) => Regex.IsMatch(path, $"^{Parameter().Replace(pattern, "[^/]+")}$");

    private static string Repeated(CountedAnswer answer) => answer.Statements.GroupBy(s => s).MaxBy(s => s.Count())!.Key;

    private static async Task<Dictionary<Reading, CountedAnswer>> CountAsync(Shelf shelf, int size)
    {
        await shelf.GrowAsync(size);
        var counted = new Dictionary<Reading, CountedAnswer>();
        foreach (var reading in Readings)
        {
            var sent = Parameter().Replace(reading.Address, p => p.Value.Contains('"') ? p.Value : shelf.Things[p.Value[1..^1]]);
            var (address, body) = sent.Split(' ', 2) is [var head, var json] ? (head, json) : (sent, null);
            using var request = new HttpRequestMessage(body is null ? HttpMethod.Get : HttpMethod.Post, address);
            if (body is not null)
                request.Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
            var client = address.StartsWith("/api/", StringComparison.Ordinal) ? shelf.Reader.Client : shelf.Browser;
            var answer = await client.CountAsync(request);
            answer.Status.ShouldBe(HttpStatusCode.OK, $"{address}: {answer.Text}");
            counted[reading] = answer;
        }

        return counted;
    }

    [GeneratedRegex("[{][^{}]+[}]")]
    private static partial Regex Parameter();

    [GeneratedRegex("[}]$|/(export|verify|report|preview)$")]
    private static partial Regex OneThing();

    [GeneratedRegex("^/(api|ajax-api|v1|graphql|get-artifact|model-versions|health|version|docs|openapi|ui-api|lib|css|js|_content|Identity)(/|$)|[*]|[.][a-z0-9]+$")]
    private static partial Regex NoPage();

    /// <summary>Everything that can be listed, and more of it when asked.</summary>
    private sealed class Shelf
    {
        private const string Password = "pale blue harbour light";

        private readonly RegistryApp _app;
        private readonly TestUser _officer;
        private readonly ConcurrentBag<string> _experiments = [];
        private readonly ConcurrentBag<string> _runs = [];
        private int _size;

        private Shelf(RegistryApp app, TestUser reader, TestUser officer, HttpClient browser) =>
            (_app, Reader, _officer, Browser) = (app, reader, officer, browser);

        public TestUser Reader { get; }
        public HttpClient Browser { get; }
        public ConcurrentDictionary<string, string> Things { get; } = new();

        public static async Task<Shelf> MakeAsync(RegistryApp app)
        {
            var reader = await app.UserAsync(RegistryRole.Admin | RegistryRole.GovernanceOfficer | RegistryRole.Auditor, password: Password);
            var browser = app.BrowserClient();
            await browser.SignInAsync(reader.Email, Password);
            var shelf = new Shelf(app, reader, await app.UserAsync(RegistryRole.Admin | RegistryRole.GovernanceOfficer), browser);
            await shelf.BeginAsync();
            return shelf;
        }

        public async Task GrowAsync(int size)
        {
            // The first alone: later ones find it there.
            if (_size == 0)
                await AddAsync(_size++);
            await Parallel.ForEachAsync(Enumerable.Range(_size, size - _size), new ParallelOptions { MaxDegreeOfParallelism = 4 },
                async (i, _) => await AddAsync(i));
            _size = size;
            Things["experiments"] = string.Join(',', _experiments.Select(e => $"\"{e}\""));
            Things["runs"] = string.Join(',', _runs.Take(20));
            Things["case"] = await PostAsync("erasure-cases", new
            {
                reference = "of all",
                reason = "r",
                items = Enumerable.Range(1, size).Select(i => new { kind = "model-version", @object = $"{Things["model"]}/{i}" }),
            });
            (await _officer.Client.V1PostAsync($"retention-policies/{Things["policy"]}/preview", null)).Should(HttpStatusCode.Created);
            await _app.RunRetentionAsync();
            Things["retention"] = (await _officer.Client.V1GetAsync($"retention-policies/{Things["policy"]}/preview"))
                .Should(HttpStatusCode.OK)["run"].GetProperty("id").ToString();
        }

        private async Task BeginAsync()
        {
            var client = _officer.Client;
            Things["experiment"] = await client.CreateExperimentAsync("thing");
            Things["run"] = await client.CreateRunAsync(Things["experiment"], "thing");
            Things["model"] = await client.ModelAsync("thing");
            foreach (var key in new[] { "a", "b", "c" })
                (await client.MlflowPostAsync("registered-models/set-tag", new { name = Things["model"], key, value = "v" })).Ok();
            Things["gated"] = await client.ModelAsync("gated");
            Things["team"] = await PostAsync("teams", new { name = Any.Name("team") });
            Things["webhook"] = await PostAsync("webhooks", new { name = "listens", url = "http://127.0.0.1:9/x", events = new[] { "registered_model.created" } });
            // Rules that are on are asked one by one, so the others are off: pages show them, moves do not ask them.
            await PostAsync("promotion-policies", new { name = "gate", models = Things["gated"], stage = "production", approvals = new { count = 1 } });
            Things["policy"] = await PostAsync("retention-policies", new { name = "keep", subject = "model-versions", model = Things["model"], retainDays = 1 });
        }

        private async Task AddAsync(int i)
        {
            await AddRunsAsync(i);
            var name = await AddModelAsync(i);
            await AddVersionsAsync(i);
            if (i >= Some)
                return;
            await AddPeopleAsync(i);
            await AddRulesAsync(i, name);
        }

        private async Task AddRunsAsync(int i)
        {
            var client = _officer.Client;
            var tags = new[] { new { key = "team", value = "t" }, new { key = "note", value = "n" } };
            _experiments.Add((await client.MlflowPostAsync("experiments/create", new { name = $"thing-{i}", tags })).Ok()["experiment_id"].GetString()!);
            var run = (await client.MlflowPostAsync("runs/create", new
            {
                experiment_id = Things["experiment"],
                run_name = $"thing-{i}",
                start_time = 1_700_000_000_000 + i,
                tags = new[] { new { key = "mlflow.parentRunId", value = Things["run"] }, tags[0] },
            })).Ok()["run"].GetProperty("info").GetProperty("run_id").GetString()!;
            _runs.Add(run);
            (await client.MlflowPostAsync("runs/log-batch", new
            {
                run_id = run,
                metrics = new[] { new { key = "loss", value = 1.0 / (i + 1), timestamp = 1, step = 0 }, new { key = "accuracy", value = 0.5, timestamp = 1, step = 0 } },
                @params = new[] { new { key = "depth", value = "3" }, new { key = "rate", value = "0.1" } },
            })).Ok();
            (await client.MlflowPostAsync("runs/log-batch", new { run_id = Things["run"], metrics = new[] { new { key = "loss", value = 1.0 / (i + 1), timestamp = i, step = i } } })).Ok();
            // The run of all has a data set of each, and each run has the first.
            foreach (var (user, set) in new[] { (Things["run"], i), (run, 0) })
            {
                (await client.MlflowPostAsync("runs/log-inputs", new
                {
                    run_id = user,
                    datasets = new[] { new { dataset = new { name = $"set-{set}", digest = $"d{set}", source_type = "local", source = "{}" } } },
                })).Ok();
            }

            (await client.MlflowPostAsync("logged-models", new { experiment_id = Things["experiment"], source_run_id = Things["run"], name = $"thing-{i}" })).Ok();
            await client.UploadAsync($"{Things["experiment"]}/{Things["run"]}/artifacts/m/{i:000}.txt", "text");
            var deleted = await client.CreateRunAsync(Things["experiment"]);
            (await client.MlflowPostAsync("runs/delete", new { run_id = deleted })).Ok();
        }

        private async Task<string> AddModelAsync(int i)
        {
            var client = _officer.Client;
            var name = $"thing-{i}";
            (await client.MlflowPostAsync("registered-models/create", new { name, tags = new[] { new { key = "risk_tier", value = "high" } } })).Ok();
            await client.VersionAsync(name);
            (await client.SetAliasAsync(name, "champion", "1")).Ok();
            (await client.TransitionAsync(name, "1", "Production")).Ok();
            return name;
        }

        private async Task AddVersionsAsync(int i)
        {
            var client = _officer.Client;
            var version = (await client.MlflowPostAsync("model-versions/create", new
            {
                name = Things["model"],
                source = $"runs:/{Things["run"]}/m",
                run_id = Things["run"],
                tags = new[] { new { key = "t", value = "v" } },
                // Else it might be the same request, sent again.
                description = $"number {i}",
            })).Ok()["model_version"].GetProperty("version").GetString()!;
            // All of a model's aliases are shown with it: these do not grow.
            if (i < Few)
                (await client.SetAliasAsync(Things["model"], $"a{i}", version)).Ok();
            (await client.TransitionAsync(Things["model"], "1", i % 2 == 0 ? "Staging" : "Archived")).Ok();
            var asked = await PostAsync("approvals", new { model = Things["gated"], version = int.Parse(await client.VersionAsync(Things["gated"], $"s3://bucket/{i}"), CultureInfo.InvariantCulture), stage = "production" });
            Things.TryAdd("approval", asked);
            (await client.V1PostAsync($"approvals/{Things["approval"]}/comments", new { comment = $"number {i}" })).Should(HttpStatusCode.Created);
        }

        private async Task AddPeopleAsync(int i)
        {
            var user = await _app.UserAsync(RegistryRole.Viewer);
            user.Client.Dispose();
            await _app.TokenAsync(Reader.Id, TokenScope.All);
            (await _officer.Client.V1PutAsync($"teams/{Things["team"]}/members/{user.Email}")).Should(HttpStatusCode.NoContent);
            var name = Any.Name("team");
            await PostAsync("teams", new { name });
            await PostAsync("grants", new { kind = "registered-model", @object = Things["model"], user = user.Email, permissions = new[] { "edit" } });
            await PostAsync("grants", new { kind = "experiment", pattern = $"thing-{i}*", team = name, permissions = new[] { "edit" } });
            await PostAsync("webhooks", new { name = $"hook-{i}", url = "http://127.0.0.1:9/x", events = new[] { "registered_model.created" }, active = false });
        }

        private async Task AddRulesAsync(int i, string model)
        {
            var gone = await _officer.Client.CreateExperimentAsync();
            (await _officer.Client.MlflowPostAsync("experiments/delete", new { experiment_id = gone })).Ok();
            await PostAsync("promotion-policies", new { name = $"p-{i}", models = model, stage = "staging", approvals = new { count = 1 }, enabled = false });
            await PostAsync("retention-policies", new { name = $"r-{i}", subject = "model-versions", model, retainDays = 1 });
            await PostAsync("legal-holds", new { kind = "registered-model", @object = model, matter = "m", reason = "r" });
            await PostAsync("retention-locks", new { kind = "model-version", @object = $"{model}/1", mode = "governance", until = $"{DateTime.UtcNow.AddDays(30):yyyy-MM-dd}", reason = "r" });
            await PostAsync("erasure-cases", new { reference = $"c-{i}", reason = "r", items = new[] { new { kind = "registered-model", @object = model } } });
            await _app.ExecuteAsync("INSERT INTO purge_certificates (certificate_uuid, kind, name, object_uuid, bytes, files, created_ms, deleted_ms, purged_ms) "
                + $"VALUES ('{Guid.NewGuid()}', 'run', 'thing-{i}', '{Guid.NewGuid():N}', 0, 0, 1, 2, 3)");
        }

        private async Task<string> PostAsync(string path, object body) =>
            (await _officer.Client.V1PostAsync(path, body)).Should(HttpStatusCode.Created)["id"].ToString();
    }
}
