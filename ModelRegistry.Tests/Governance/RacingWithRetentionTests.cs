using System.Globalization;
using System.Net;
using ModelRegistry.Core.Data;
using ModelRegistry.Tests.Api;
using ModelRegistry.Tests.Registry;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Governance;

/// <summary>Retention carries out and purges while people hold, name, copy and read the same things: one of the two wins, whole.</summary>
public sealed class RacingWithRetentionTests(RacingWithRetentionTests.Registries registries) : IClassFixture<RacingWithRetentionTests.Registries>
{
    private const int Versions = 16;

    [SkippableTheory, OnEachDatabase]
    [Trait("Case", "L20")]
    public async Task A_hold_that_was_answered_wins_over_the_purge_and_a_purge_that_was_first_is_whole(DatabaseProvider provider)
    {
        var app = await registries.On(provider);
        var name = await app.ModelAsync(Versions);
        foreach (var number in Numbers())
            (await app.Admin.MlflowDeleteAsync("model-versions/delete", new { name, version = number })).Ok();
        await app.PassAsync(31);

        // From the other end, so that they meet in the middle.
        var purge = Task.Run(() => app.App.PurgeTrashAsync());
        var holds = new Dictionary<string, HttpStatusCode>();
        foreach (var number in Numbers().Reverse())
            holds[number] = (await HoldAsync(app, $"{name}/{number}")).Status;
        await purge;

        var trash = (await app.Author.V1AllAsync("trash", 100)).Where(t => t.GetProperty("object").GetString()!.StartsWith(name, StringComparison.Ordinal))
            .ToDictionary(t => t.GetProperty("object").GetString()!, t => t.GetProperty("id").GetString());
        foreach (var (number, answer) in holds)
        {
            var isCertified = (await app.Author.V1AllAsync($"certificates?object={name}%2F{number}")).Count == 1;
            (answer, trash.ContainsKey($"{name}/{number}"), isCertified).ShouldBe(
                answer == HttpStatusCode.Created ? (HttpStatusCode.Created, true, false) : (HttpStatusCode.NotFound, false, true), number);
        }

        // What is held comes back with its bytes.
        app.Time.Shift += TimeSpan.FromHours(3);
        await app.App.RemoveBlobsAsync();
        foreach (var (_, id) in trash)
            (await app.Admin.V1PostAsync($"trash/{id}/restore", null)).Should(HttpStatusCode.OK);
        foreach (var (number, _) in holds.Where(h => h.Value == HttpStatusCode.Created))
            (await app.ReadAsync(name, int.Parse(number, CultureInfo.InvariantCulture))).ShouldBe($"{name} {number}");
    }

    [SkippableTheory, OnEachDatabase]
    [Trait("Case", "L20")]
    public async Task An_alias_a_copy_a_hold_or_a_download_during_a_run_is_whole_or_refused(DatabaseProvider provider)
    {
        var app = await registries.On(provider);
        var name = await app.ModelAsync(Versions);
        var copies = await app.Admin.ModelAsync("copies");
        await app.PassAsync(40);
        var run = await app.RequestAsync(await app.EnabledPolicyAsync(new { name = "all", subject = "model-versions", model = name, deleteAfterDays = 30, waitDays = 0 }));
        await app.ApproveAsync(run);

        var retention = Task.Run(() => app.App.RunRetentionAsync());
        var downloads = Task.Run(async () =>
        {
            var read = new List<(int Number, string? Text)>();
            foreach (var number in Enumerable.Range(1, Versions).Reverse())
                read.Add((number, await app.ReadAsync(name, number)));
            return read;
        });
        var protectedOnes = new List<(string Number, bool Done)>();
        foreach (var number in Numbers().Reverse())
        {
            protectedOnes.Add((number, (int.Parse(number, CultureInfo.InvariantCulture) % 3) switch
            {
                0 => (await app.Admin.SetAliasAsync(name, $"a{number}", number)).Status == HttpStatusCode.OK,
                1 => (await app.Admin.CreateVersionAsync(copies, $"models:/{name}/{number}")).Status == HttpStatusCode.OK,
                _ => (await HoldAsync(app, $"{name}/{number}")).Status == HttpStatusCode.Created && await IsLivingAsync(app, name, number),
            }));
        }

        await retention;
        (await app.RunAsync(run.GetProperty("id").GetInt64())).GetProperty("state").GetString().ShouldBe("done");
        var living = (await app.LivingAsync(name)).ToHashSet();
        foreach (var (number, _) in protectedOnes.Where(p => p.Done && int.Parse(p.Number, CultureInfo.InvariantCulture) % 3 != 1))
            living.ShouldContain(int.Parse(number, CultureInfo.InvariantCulture));
        // A copy has what it was made from, whichever came first.
        foreach (var copy in await app.LivingAsync(copies))
            (await app.ReadAsync(copies, copy)).ShouldNotBeNull().ShouldStartWith(name);
        (await downloads).ShouldAllBe(d => d.Text == null || d.Text == $"{name} {d.Number}");
    }

    private static IEnumerable<string> Numbers() => Enumerable.Range(1, Versions).Select(n => n.ToString(CultureInfo.InvariantCulture));

    private static async Task<bool> IsLivingAsync(RetentionApp app, string name, string number) =>
        (await app.Admin.GetVersionAsync(name, number)).Status == HttpStatusCode.OK;

    private static Task<V1Answer> HoldAsync(RetentionApp app, string item) =>
        app.Author.V1PostAsync("legal-holds", new { kind = "model-version", @object = item, matter = "m", reason = "r" });

    /// <summary>One for each database: the clock goes forward for both tests.</summary>
    public sealed class Registries : IAsyncLifetime
    {
        private readonly Dictionary<DatabaseProvider, RetentionApp> _apps = [];

        internal async Task<RetentionApp> On(DatabaseProvider provider)
        {
            // The tests of a class run one after another.
            if (!_apps.TryGetValue(provider, out var app))
                _apps[provider] = app = await RetentionApp.StartAsync(provider);
            return app;
        }

        public Task InitializeAsync() => Task.CompletedTask;

        public async Task DisposeAsync()
        {
            foreach (var app in _apps.Values)
                await app.DisposeAsync();
        }
    }
}
