using System.Net;
using ModelRegistry.Core.Data;
using ModelRegistry.Tests.Api;
using ModelRegistry.Tests.Registry;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Governance;

/// <summary>An older database beside the artifacts and the ledger of today.</summary>
public sealed class RestoringABackupTests
{
    [Fact]
    [Trait("Case", "L21")]
    public async Task Holds_come_back_by_themselves_and_what_was_purged_goes_again_when_somebody_says_so()
    {
        await using var app = await RetentionApp.StartAsync(DatabaseProvider.Sqlite);
        var (kept, gone) = (await app.ModelAsync(3, "kept"), await app.ModelAsync(2, "gone"));
        var extended = (await app.Author.V1PostAsync("retention-locks", new { kind = "model-version", @object = $"{kept}/3", mode = "governance", until = Day(app, 100), reason = "r" }))
            .Should(HttpStatusCode.Created)["id"].GetString();
        var backup = Path.Combine(app.App.Folder, "backup.db");
        await app.App.ExecuteAsync($"VACUUM INTO '{backup}'");

        var held = await HoldAsync(app, "model-version", $"{kept}/1");
        var released = await HoldAsync(app, "model-version", $"{kept}/2");
        (await app.Author.V1PostAsync($"legal-holds/{released}/release", new { reason = "settled" })).Should(HttpStatusCode.OK);
        var until = Day(app, 1000);
        (await app.Author.V1PostAsync("retention-locks", new { kind = "model-version", @object = $"{kept}/3", mode = "compliance", until, reason = "the law" })).Should(HttpStatusCode.Created);
        (await app.Author.V1PostAsync($"retention-locks/{extended}/extend", new { until, reason = "longer" })).Should(HttpStatusCode.OK);
        await HoldAsync(app, "registered-model", await app.ModelAsync(0, "later"));
        (await app.Admin.MlflowDeleteAsync("model-versions/delete", new { name = gone, version = "1" })).Ok();
        (await app.Admin.MlflowDeleteAsync("model-versions/delete", new { name = gone, version = "2" })).Ok();
        await app.PassAsync(31);
        (await app.App.PurgeTrashAsync()).Purged.ShouldBe(2);
        // A server that died in the middle of a line.
        await File.AppendAllTextAsync(LedgerFile(app), """{"Kind":"hold","Id":"7""");

        await using var restored = await RetentionApp.StartAsync(DatabaseProvider.Sqlite, app.Time, new()
        {
            ["ConnectionStrings:Registry"] = $"Data Source={backup}",
            ["Storage:Artifacts"] = $"disk://path={Path.Combine(app.App.Folder, "artifacts")}",
        });
        restored.App.LogText.ShouldContain("3 holds and locks were placed again, 1 are on what is not there, 0 were released and stand, 1 lines cannot be read");
        (await restored.Admin.MlflowDeleteAsync("model-versions/delete", new { name = kept, version = "1" }))
            .ShouldBeRefused(HttpStatusCode.Conflict, "RESOURCE_CONFLICT").Message!.ShouldContain(held);
        var hold = (await restored.Author.V1AllAsync("legal-holds")).ShouldHaveSingleItem();
        hold.GetProperty("matter").GetString().ShouldBe("2026-017");
        (await restored.Author.V1AllAsync($"audit-events?kind=legal-hold&object={held}")).Select(e => e.GetProperty("action").GetString()).ShouldBe(["legal-hold.placed-again"]);
        (await restored.Admin.MlflowDeleteAsync("model-versions/delete", new { name = kept, version = "2" })).Ok();

        (await restored.Author.V1AllAsync("retention-locks")).Select(l => $"{l.GetProperty("mode")} {l.GetProperty("until")}").Order()
            .ShouldBe([$"compliance {until}", $"governance {until}"]);

        // They are there again, so nothing is purged before somebody has looked; and saying that the clock is right is no look.
        (await restored.LivingAsync(gone)).ShouldBe([1, 2]);
        (await restored.App.PurgeTrashAsync()).PausedBecause!.ShouldContain("forgotten 2 purges");
        (await restored.Author.V1PostAsync("retention-runs/resume", new { reason = "it is right" })).Should(HttpStatusCode.NoContent);
        (await restored.App.PurgeTrashAsync()).ShouldSatisfyAllConditions(r => r.Purged.ShouldBe(0), r => r.PausedBecause!.ShouldContain("ledger apply"));
        // Somebody has come to need one of them: what keeps things keeps it.
        await HoldAsync(restored, "model-version", $"{gone}/2");

        (await restored.App.CheckLedgerAsync()).ShouldBe((Forgotten: 2, Revived: 2));
        (await restored.App.ApplyLedgerAsync()).ShouldHaveSingleItem().ShouldContain($"{gone}/2");
        (await restored.LivingAsync(gone)).ShouldBe([2]);
        (await restored.Author.V1AllAsync("trash")).Select(t => t.GetProperty("object").GetString()).ShouldBe([$"{gone}/1", $"{kept}/2"], ignoreOrder: true);
        (await restored.Author.V1AllAsync($"certificates?object={gone}%2F1")).ShouldHaveSingleItem();
        (await restored.App.CheckLedgerAsync()).ShouldBe((0, 0));
        await restored.PassAsync(31);
        (await restored.App.PurgeTrashAsync()).ShouldSatisfyAllConditions(r => r.PausedBecause.ShouldBeNull(), r => r.Purged.ShouldBe(2));
        (await restored.Author.V1AllAsync($"certificates?object={gone}%2F1")).Count.ShouldBe(2);
    }

    [Fact]
    [Trait("Case", "L21")]
    public async Task What_the_ledger_lacks_is_written_into_it_and_without_one_nothing_is_purged_or_held()
    {
        await using var app = await RetentionApp.StartAsync(DatabaseProvider.Sqlite);
        var name = await app.ModelAsync(2);
        await HoldAsync(app, "model-version", $"{name}/1");
        (await app.Admin.MlflowDeleteAsync("model-versions/delete", new { name, version = "2" })).Ok();
        await app.PassAsync(31);
        var file = LedgerFile(app);
        var before = await File.ReadAllTextAsync(file);
        File.Delete(file);
        (await app.App.CheckLedgerAsync()).ShouldBe((0, 0));
        (await File.ReadAllTextAsync(file)).ShouldBe(before);

        // A folder where the file must be: nothing can be written down.
        File.Delete(file);
        Directory.CreateDirectory(file);
        (await app.Author.V1PostAsync("legal-holds", new { kind = "registered-model", @object = name, matter = "m", reason = "r" })).Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await app.Author.V1AllAsync("legal-holds")).Count.ShouldBe(1);
        await Should.ThrowAsync<Core.Common.UnavailableException>(() => app.App.PurgeTrashAsync());
        (await app.Author.V1AllAsync("trash")).Count.ShouldBe(1);
        Directory.Delete(file);
        (await app.App.PurgeTrashAsync()).Purged.ShouldBe(1);
        (await app.App.CheckLedgerAsync()).ShouldBe((0, 0));
        (await File.ReadAllLinesAsync(file)).Length.ShouldBe(2);
    }

    private static string Day(RetentionApp app, int days) =>
        app.Time.GetUtcNow().AddDays(days).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

    private static string LedgerFile(RetentionApp app) => Path.Combine(app.App.Folder, "artifacts", "ledger", Environment.MachineName + ".jsonl");

    private static async Task<string> HoldAsync(RetentionApp app, string kind, string item) =>
        (await app.Author.V1PostAsync("legal-holds", new { kind, @object = item, matter = "2026-017", reason = "asked for by the court" }))
            .Should(HttpStatusCode.Created)["id"].GetString()!;
}
