using System.Globalization;
using System.Net;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;
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
    private const int Steps = 1000;

    [Fact]
    public async Task A_thousand_random_steps_lose_nothing_that_is_held()
    {
        await using var app = await RetentionApp.StartAsync(DatabaseProvider.Sqlite);
        var world = new World(app, seed: 20261124);
        await world.BeginAsync();
        for (var i = 0; i < Steps; i++)
        {
            var step = await world.StepAsync();
            (await world.ProblemsAsync()).ShouldBeEmpty($"after step {i}, {step}");
        }

        world.Deleted.ShouldBeGreaterThan(20);
        world.Purged.ShouldBeGreaterThan(5);
        world.Refused.ShouldBeGreaterThan(5);
        world.CutOff.ShouldBeGreaterThan(5);
    }

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
        public State State { get; set; }
        public List<string> Holds { get; } = [];
    }

    private sealed class World(RetentionApp app, int seed)
    {
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
            switch (_random.Next(100))
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

        /// <summary>What is not as it must be.</summary>
        public async Task<List<string>> ProblemsAsync()
        {
            var problems = new List<string>();
            foreach (var item in _items.Where(IsHeld))
            {
                if (item.State == State.Living && await app.ReadAsync(item.Model, item.Number) != item.Text)
                    problems.Add($"{item.Name} is held and cannot be read");
                if (item.State == State.InTrash && await app.App.CountAsync($"SELECT COUNT(*) FROM model_versions v JOIN registered_models m ON m.id = v.model_id "
                    + "JOIN artifact_roots r ON r.key = 'version/' || lower(v.version_uuid) JOIN artifact_files f ON f.root_id = r.id JOIN artifact_blobs b "
                    + $"ON b.id = f.blob_id AND b.removed_ms IS NULL WHERE m.name = '{item.Model}' AND v.number = {item.Number}") != 1)
                {
                    problems.Add($"{item.Name} is held in the trash and has lost something");
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
                var asker = await app.App.ClientAsync(RegistryRole.RetentionBypass);
                var request = (await asker.V1PostAsync($"{from[0]}/bypass", new { bypass = true, reason = "r" })).Should(HttpStatusCode.OK)["bypass"]
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
            var run = await app.RequestAsync(_policy);
            if (run.GetProperty("state").GetString() != "waiting-for-approval")
                return;
            var id = run.GetProperty("id").GetInt64();
            var promised = (await app.Author.V1AllAsync($"retention-runs/{id}/items?action=delete", 100))
                .Select(i => i.GetProperty("item").GetString()!).ToHashSet();
            await app.ApproveAsync(run);
            await CutOffAsync(app.App.RunRetentionAsync);
            while (await StateAsync(id) is "approved" or "running")
                await app.App.RunRetentionAsync();
            (await StateAsync(id)).ShouldBe("done");
            foreach (var item in _items.Where(i => i.State == State.Living))
            {
                var isThere = (await app.Admin.GetVersionAsync(item.Model, item.Number.ToString(CultureInfo.InvariantCulture))).Status == HttpStatusCode.OK;
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

        private async Task<string?> StateAsync(long id) => (await app.RunAsync(id)).GetProperty("state").GetString();

        private T Any<T>(IEnumerable<T> from)
        {
            var all = from.ToList();
            return all[_random.Next(all.Count)];
        }
    }
}
