using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;
using ModelRegistry.Core.Data;
using ModelRegistry.Tests.Api;
using ModelRegistry.Tests.Registry;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Governance;

/// <summary>
/// Everything at random for a long time, with jobs that are cut off between any two steps: what is under a hold keeps its row
/// and its bytes, and a run does what its report said.
/// </summary>
public sealed class NeverLosingWhatIsHeldTests
{
    /// <summary>Another number of steps, another beginning, and how often a real server is killed (seldom enough asked for to be off).</summary>
    private const string StepsVariable = "MODELREGISTRY_TEST_STEPS";
    private const string SeedVariable = "MODELREGISTRY_TEST_SEED";
    private const string KillsVariable = "MODELREGISTRY_TEST_KILLS";

    private static readonly int Steps = Number(StepsVariable, 1000);
    private static readonly int Seed = Number(SeedVariable, 20261124);

    [Fact]
    [Trait("Case", "L01"), Trait("Case", "L07")]
    public async Task A_thousand_random_steps_lose_nothing_that_is_held()
    {
        await using var app = await RetentionApp.StartAsync(DatabaseProvider.Sqlite, inMemory: true);
        var world = new World(app, Seed);
        await world.BeginAsync();
        for (var i = 0; i < Steps; i++)
        {
            var step = await world.StepAsync();
            (await world.ProblemsAsync(download: i % 100 == 99 || i == Steps - 1)).ShouldBeEmpty($"after step {i}, {step}; seed {Seed}");
        }

        world.Deleted.ShouldBeGreaterThan(20);
        world.Purged.ShouldBeGreaterThan(5);
        world.Refused.ShouldBeGreaterThan(5);
        world.CutOff.ShouldBeGreaterThan(5);
        world.Compared.ShouldBeGreaterThan(3);
    }

    /// <summary>The same with a process that is killed while a run deletes, for evidence: each kill takes seconds.</summary>
    [SkippableFact]
    [Trait("Case", "L01")]
    public async Task A_run_of_a_server_that_is_killed_goes_on_and_takes_nothing_that_is_held()
    {
        var kills = Number(KillsVariable, 0);
        Skip.If(kills == 0, $"Set {KillsVariable} to a number of kills.");
        var folder = Directory.CreateTempSubdirectory("mreg-kills-").FullName;
        using (var server = await ServerProcess.CreateAsync(folder, []))
        {
            var people = new List<HttpClient>();
            foreach (var email in new[] { "b@example.org", "c@example.org" })
            {
                (await CommandLine.RunAsync(folder, [], "a long enough password", "admin", "create", "--email", email, "--password-stdin")).ExitCode.ShouldBe(0);
                var token = (await CommandLine.RunAsync(folder, [], null, "token", "create", "--email", email, "--name", "t", "--scopes", "all")).Out.Trim();
                people.Add(new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = server.Address });
                people[^1].DefaultRequestHeaders.Authorization = new("Bearer", token);
            }

            var random = new Random(Seed);
            var interrupted = 0;
            for (var i = 0; i < kills; i++)
                interrupted += await KilledRunAsync(server, folder, people[0], people[1], random) ? 1 : 0;
            interrupted.ShouldBeGreaterThan(kills / 4, "most kills came before or after the run");
        }

        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Whether the kill came between two of its items.</summary>
    private static async Task<bool> KilledRunAsync(ServerProcess server, string folder, HttpClient author, HttpClient approver, Random random)
    {
        const int Versions = 30;
        var (experiment, run) = await author.RunAsync();
        var name = await author.ModelAsync();
        var held = new HashSet<int>();
        for (var number = 1; number <= Versions; number++)
        {
            await author.UploadAsync($"{experiment}/{run}/artifacts/{number}/weights.bin", $"{name} {number}");
            await author.VersionAsync(name, $"runs:/{run}/{number}");
            if (random.Next(3) > 0)
                continue;
            held.Add(number);
            (await author.V1PostAsync("legal-holds", new { kind = "model-version", @object = $"{name}/{number}", matter = "m", reason = "r" })).Should(HttpStatusCode.Created);
        }

        await ExecuteAsync(folder, "UPDATE model_versions SET created_ms = created_ms - 40 * 86400000");
        var policy = (await author.V1PostAsync("retention-policies", new { name, subject = "model-versions", model = name, deleteAfterDays = 30, waitDays = 0 }))
            .Should(HttpStatusCode.Created)["id"].GetInt64();
        var preview = (await author.V1PostAsync($"retention-policies/{policy}/preview", null)).Should(HttpStatusCode.Created);
        await WaitAsync(author, preview["id"].GetInt64(), "report");
        (await author.V1PostAsync($"retention-policies/{policy}/enable", null)).Should(HttpStatusCode.OK);
        var id = (await author.V1PostAsync("retention-runs", new { policyId = policy })).Should(HttpStatusCode.Created)["id"].GetInt64();
        var digest = await WaitAsync(author, id, "waiting-for-approval");
        (await approver.V1PostAsync($"retention-runs/{id}/approve", new { digest, acknowledge = true })).Should(HttpStatusCode.OK);
        await Task.Delay(random.Next(20, 250));
        await server.KillAsync();
        await ExecuteAsync(folder, "UPDATE leases SET expires_ms = 0");
        await server.StartAsync();
        var before = (await author.V1GetAsync($"retention-runs/{id}")).Should(HttpStatusCode.OK);
        var wasInterrupted = before["run"].GetProperty("state").GetString() == "running";
        // Any work that is asked for wakes the jobs.
        (await author.V1PostAsync($"retention-policies/{policy}/preview", null)).Should(HttpStatusCode.Created);
        await WaitAsync(author, id, "done");

        for (var number = 1; number <= Versions; number++)
        {
            var isThere = (await author.GetVersionAsync(name, number.ToString(CultureInfo.InvariantCulture))).Status == HttpStatusCode.OK;
            isThere.ShouldBe(held.Contains(number), $"{name}/{number}");
            if (isThere)
                (await author.DownloadAsync((await author.MlflowGetAsync($"model-versions/get-download-uri?name={name}&version={number}"))["artifact_uri"].GetString()!, "weights.bin")).ShouldBe($"{name} {number}");
        }

        return wasInterrupted;
    }

    private static async Task<string?> WaitAsync(HttpClient client, long run, string state)
    {
        for (var i = 0; i < 1200; i++)
        {
            var found = (await client.V1GetAsync($"retention-runs/{run}")).Should(HttpStatusCode.OK)["run"];
            if (found.GetProperty("state").GetString() == state)
                return found.GetProperty("digest").GetString();
            await Task.Delay(100);
        }

        throw new ShouldAssertException($"Run {run} did not come to {state}.");
    }

    private static async Task ExecuteAsync(string folder, string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(folder, "data", "registry.db")};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }

    private static int Number(string variable, int otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    private enum State
    {
        Living,
        InTrash,
        Purged,
    }

    private sealed class Item(string model, int number, string text)
    {
        public string Name { get; } = string.Create(CultureInfo.InvariantCulture, $"{model}/{number}");
        public string Model => model;
        public int Number => number;
        public string Text => text;
        public string Sha256 { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        public State State { get; set; }
        public List<string> Holds { get; } = [];
    }

    private sealed class World(RetentionApp app, int seed)
    {
        private const int MostLiving = 50;
        private const string Locks = "retention-locks";

        private readonly Random _random = new(seed);
        private readonly List<Item> _items = [];
        private readonly Dictionary<string, List<string>> _modelHolds = [];
        private string _experiment = "";
        private string _run = "";
        private long _policy;
        private int _made;

        public int Deleted { get; private set; }
        public int Purged { get; private set; }
        public int Refused { get; private set; }
        public int CutOff { get; private set; }
        /// <summary>Runs that were compared with a dry run before them.</summary>
        public int Compared { get; private set; }

        public async Task BeginAsync()
        {
            (_experiment, _run) = await app.Admin.RunAsync();
            foreach (var model in new[] { "one", "two" })
            {
                (await app.Admin.MlflowPostAsync("registered-models/create", new { name = model })).Ok();
                _modelHolds[model] = [];
                for (var i = 0; i < 3; i++)
                    await AddAsync(model);
            }

            _policy = await app.EnabledPolicyAsync(Policy());
        }

        public async Task<string> StepAsync()
        {
            // More of them make each report longer, and no step another one.
            switch (_random.Next(_items.Count(i => i.State == State.Living) < MostLiving ? 0 : 22, 100))
            {
                case < 22:
                    await AddAsync(_random.Next(2) == 0 ? "one" : "two");
                    return "add";
                case < 34:
                    await HoldAsync();
                    return "hold";
                case < 44:
                    await ReleaseAsync();
                    return "release";
                case < 54:
                    await DeleteAsync();
                    return "delete";
                case < 62:
                    await RestoreAsync();
                    return "restore";
                case < 66:
                    (await app.Author.V1SendAsync(HttpMethod.Put, $"retention-policies/{_policy}", Policy())).Should(HttpStatusCode.OK);
                    await app.PreviewAsync(_policy);
                    (await app.Author.V1PostAsync($"retention-policies/{_policy}/enable", null)).Should(HttpStatusCode.OK);
                    return "edit";
                case < 74:
                    await app.PassAsync(_random.Next(1, 15));
                    return "days";
                case < 82:
                    await CarryOutAsync();
                    return "run";
                case < 92:
                    await PurgeAsync();
                    return "purge";
                default:
                    await app.App.RemoveBlobsAsync();
                    return "blobs";
            }
        }

        /// <summary>What is not as it must be: in the tables and the store after each step, and over HTTP now and then.</summary>
        public async Task<List<string>> ProblemsAsync(bool download)
        {
            var rows = (await app.App.RowsAsync("SELECT m.name, v.number, v.deleted_ms IS NULL, b.sha256 FROM model_versions v "
                + "JOIN registered_models m ON m.id = v.model_id JOIN artifact_roots r ON r.key = 'version/' || lower(v.version_uuid) "
                + "JOIN artifact_files f ON f.root_id = r.id JOIN artifact_blobs b ON b.id = f.blob_id AND b.removed_ms IS NULL"))
                .ToDictionary(r => string.Create(CultureInfo.InvariantCulture, $"{r[0]}/{r[1]}"), r => (IsLiving: (long)r[2] == 1, Sha256: Convert.ToHexStringLower((byte[])r[3])));
            var problems = new List<string>();
            foreach (var item in _items.Where(IsHeld))
            {
                var blob = Path.Combine(app.App.Folder, "artifacts", "blobs", item.Sha256[..2], item.Sha256[2..4], item.Sha256);
                if (!rows.TryGetValue(item.Name, out var row) || row != (item.State == State.Living, item.Sha256) || new FileInfo(blob) is not { Exists: true } file
                    || file.Length != item.Text.Length)
                {
                    problems.Add($"{item.Name} is held and has lost something: {item.State}");
                }
                else if (download && item.State == State.Living && await app.ReadAsync(item.Model, item.Number) != item.Text)
                {
                    problems.Add($"{item.Name} is held and cannot be read");
                }
            }

            return problems;
        }

        private bool IsHeld(Item item) => item.State != State.Purged && (item.Holds.Count > 0 || _modelHolds[item.Model].Count > 0);

        private object Policy() => new
        {
            name = "p",
            subject = "model-versions",
            model = _random.Next(2) == 0 ? "one" : "*",
            matchesEverything = true,
            keepLast = _random.Next(1, 5),
            deleteAfterDays = _random.Next(1, 20),
            waitDays = 0,
        };

        private async Task AddAsync(string model)
        {
            var text = $"content {++_made}";
            await app.Admin.UploadAsync($"{_experiment}/{_run}/artifacts/{_made}/weights.bin", text);
            var number = int.Parse(await app.Admin.VersionAsync(model, $"runs:/{_run}/{_made}"), CultureInfo.InvariantCulture);
            _items.Add(new Item(model, number, text));
        }

        private async Task HoldAsync()
        {
            var item = Any(_items.Where(i => i.State != State.Purged));
            var onModel = _random.Next(5) == 0;
            var (kind, on) = (onModel ? "registered-model" : "model-version", onModel ? item.Model : item.Name);
            var (way, body) = _random.Next(3) > 0 ? ("legal-holds", (object)new { kind, @object = on, matter = "m", reason = "r" })
                : (Locks, new
                {
                    kind,
                    @object = on,
                    mode = "governance",
                    until = app.Time.GetUtcNow().AddDays(9_000).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
                    reason = "r",
                });
            var id = (await app.Author.V1PostAsync(way, body)).Should(HttpStatusCode.Created)["id"].GetString()!;
            (onModel ? _modelHolds[item.Model] : item.Holds).Add($"{way}/{id}");
        }

        private async Task ReleaseAsync()
        {
            var holds = _items.Select(i => i.Holds).Concat(_modelHolds.Values).Where(h => h.Count > 0).ToList();
            if (holds.Count == 0)
                return;
            var from = Any(holds);
            if (from[0].StartsWith(Locks, StringComparison.Ordinal))
            {
                var request = (await app.Bypasser.V1PostAsync($"{from[0]}/bypass", new { bypass = true, reason = "r" })).Should(HttpStatusCode.OK)["bypass"]
                    .GetProperty("request").GetString();
                (await app.Approver.V1PostAsync($"{from[0]}/bypass/approve", new { request })).Should(HttpStatusCode.OK);
            }
            else
            {
                (await app.Author.V1PostAsync($"{from[0]}/release", new { reason = "r" })).Should(HttpStatusCode.OK);
            }

            from.RemoveAt(0);
        }

        private async Task DeleteAsync()
        {
            var living = _items.Where(i => i.State == State.Living).ToList();
            if (living.Count == 0)
                return;
            var item = Any(living);
            var answer = await app.Admin.MlflowDeleteAsync("model-versions/delete",
                new { name = item.Model, version = item.Number.ToString(CultureInfo.InvariantCulture) });
            answer.Status.ShouldBe(IsHeld(item) ? HttpStatusCode.Conflict : HttpStatusCode.OK);
            if (answer.Status == HttpStatusCode.OK)
                item.State = State.InTrash;
            else
                Refused++;
        }

        private async Task RestoreAsync()
        {
            var trash = await app.Author.V1AllAsync("trash", 100);
            if (trash.Count == 0)
                return;
            var one = Any(trash);
            (await app.Admin.V1PostAsync($"trash/{one.GetProperty("id").GetString()}/restore", null)).Should(HttpStatusCode.OK);
            _items.Single(i => i.Name == one.GetProperty("object").GetString()).State = State.Living;
        }

        private async Task CarryOutAsync()
        {
            var dry = await LinesAsync((await app.PreviewAsync(_policy)).GetProperty("run").GetProperty("id").GetInt64());
            var run = await app.RequestAsync(_policy);
            if (run.GetProperty("state").GetString() != "waiting-for-approval")
            {
                dry.ShouldAllBe(line => line.Contains(" keep ", StringComparison.Ordinal));
                return;
            }

            var id = run.GetProperty("id").GetInt64();
            var lines = await LinesAsync(id);
            lines.ShouldBe(dry);
            Compared++;
            var promised = lines.Where(l => l.Contains(" delete ", StringComparison.Ordinal)).Select(l => l.Split(' ')[0]).ToHashSet();
            await app.ApproveAsync(run);
            await CutOffAsync(app.App.RunRetentionAsync);
            while (await StateAsync(id) is "approved" or "running")
                await app.App.RunRetentionAsync();
            (await StateAsync(id)).ShouldBe("done");
            var living = new Dictionary<string, HashSet<int>>();
            foreach (var model in _modelHolds.Keys)
                living[model] = [.. await app.LivingAsync(model)];
            foreach (var item in _items.Where(i => i.State == State.Living))
            {
                var isThere = living[item.Model].Contains(item.Number);
                isThere.ShouldBe(!promised.Contains(item.Name), item.Name);
                if (isThere)
                    continue;
                IsHeld(item).ShouldBeFalse(item.Name);
                item.State = State.InTrash;
                Deleted++;
            }
        }

        private async Task PurgeAsync()
        {
            if (_random.Next(2) == 0)
                await app.PassAsync(20);
            await CutOffAsync(app.App.PurgeTrashAsync);
            if (_random.Next(2) == 0)
                await app.App.PurgeTrashAsync();
            var there = (await app.Author.V1AllAsync("trash", 100)).Select(t => t.GetProperty("object").GetString()).ToHashSet();
            foreach (var item in _items.Where(i => i.State == State.InTrash && !there.Contains(i.Name)))
            {
                IsHeld(item).ShouldBeFalse(item.Name);
                item.State = State.Purged;
                Purged++;
                (await app.Author.V1AllAsync($"certificates?object={Uri.EscapeDataString(item.Name)}")).ShouldHaveSingleItem();
            }
        }

        // As a process that is killed: what was committed stays, the rest is gone.
        private async Task CutOffAsync<T>(Func<CancellationToken, Task<T>> job)
        {
            using var cut = new CancellationTokenSource();
            if (_random.Next(3) > 0)
                cut.CancelAfter(TimeSpan.FromMilliseconds(_random.Next(0, 60)));
            try
            {
                await job(cut.Token);
            }
            catch (OperationCanceledException)
            {
                CutOff++;
            }

            // The lease of the one that is gone ends in time.
            await app.App.ExecuteAsync("UPDATE leases SET expires_ms = 0 WHERE name LIKE 'retention-run-%'");
        }

        private async Task<List<string>> LinesAsync(long run) => [.. (await app.Author.V1AllAsync($"retention-runs/{run}/items", 1000))
            .Select(i => $"{i.GetProperty("item")} {i.GetProperty("action")} {i.GetProperty("rule")}").Order(StringComparer.Ordinal)];

        private async Task<string?> StateAsync(long id) => (await app.RunAsync(id)).GetProperty("state").GetString();

        private T Any<T>(IEnumerable<T> from)
        {
            var all = from.ToList();
            return all[_random.Next(all.Count)];
        }
    }
}
