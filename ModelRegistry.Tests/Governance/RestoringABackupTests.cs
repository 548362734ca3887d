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

    [Fact]
    [Trait("Case", "L21")]
    public async Task Policies_come_back_as_they_last_were_and_what_they_had_begun_does_not()
    {
        await using var app = await RetentionApp.StartAsync(DatabaseProvider.Sqlite);
        var name = await app.ModelAsync(3, "kept");
        var disabled = await app.EnabledPolicyAsync(new { name = "disabled since", subject = "model-versions", model = name, deleteAfterDays = 1, waitDays = 0 });
        var edited = await app.EnabledPolicyAsync(new { name = "edited since", subject = "model-versions", stage = "Archived", retainDays = 10 });
        await app.PassAsync(5);
        await app.ApproveAsync(await app.RequestAsync(disabled));
        var deleted = await PromotionPolicyAsync(app, "deleted since");
        var backup = Path.Combine(app.App.Folder, "backup.db");
        await app.App.ExecuteAsync($"VACUUM INTO '{backup}'");

        (await app.Author.V1PostAsync($"retention-policies/{disabled}/disable", new { reason = "no" })).Should(HttpStatusCode.OK);
        (await app.Author.V1SendAsync(HttpMethod.Put, $"retention-policies/{edited}", new { name = "edited", subject = "model-versions", stage = "Archived", retainDays = 5000 })).Should(HttpStatusCode.OK);
        await app.PreviewAsync(edited);
        (await app.Author.V1PostAsync($"retention-policies/{edited}/enable", null)).Should(HttpStatusCode.OK);
        await app.EnabledPolicyAsync(new { name = "lost", subject = "model-versions", stage = "Archived", retainDays = 7 });
        (await app.Author.V1SendAsync(HttpMethod.Delete, $"promotion-policies/{deleted}", null)).Should(HttpStatusCode.NoContent);
        var newcomer = await app.App.UserAsync(Core.Identity.RegistryRole.Member);
        await PromotionPolicyAsync(app, "gate", newcomer.Email);
        await File.AppendAllTextAsync(LedgerFile(app), $"{{\"Kind\":\"retention-policy\",\"Id\":\"{Guid.NewGuid()}\",\"Content\":{{\"Name\":\"altered\"}}}}\n");

        await using var restored = await RetentionApp.StartAsync(DatabaseProvider.Sqlite, app.Time, new()
        {
            ["ConnectionStrings:Registry"] = $"Data Source={backup}",
            ["Storage:Artifacts"] = $"disk://path={Path.Combine(app.App.Folder, "artifacts")}",
        });
        restored.App.LogText.ShouldContain("4 policies are again as they last were, 1 were deleted and are there again");
        (await restored.Author.V1AllAsync("retention-policies")).Select(p => $"{p.GetProperty("name")} {p.GetProperty("version")} {p.GetProperty("enabled")}")
            .ShouldBe(["disabled since 1 False", "edited 2 True", "lost 1 True"]);
        // Its run had been approved: it would have taken all three.
        await restored.App.RunRetentionAsync();
        (await restored.LivingAsync(name)).ShouldBe([1, 2, 3]);
        (await restored.Author.V1AllAsync($"audit-events?kind=retention-policy&action=retention-policy.brought-back")).Count.ShouldBe(3);

        // Whoever got an account after the backup is nobody there, and nobody else becomes them.
        await restored.App.UserAsync(Core.Identity.RegistryRole.Member);
        var gate = (await restored.Author.V1AllAsync("promotion-policies")).Single(p => p.GetProperty("name").GetString() == "gate");
        gate.GetProperty("approvals").GetProperty("from").ToString().ShouldNotContain("@");
        (await restored.App.ComparePoliciesAsync(bringBack: true)).ShouldSatisfyAllConditions(
            r => r.BroughtBack.ShouldBeEmpty(), r => r.StillThere.ShouldBe(["promotion policy 'deleted since'"]), r => r.Unreadable.ShouldBe(1));

        // The clock went back, and still the later change is the one that counts.
        restored.Time.Shift -= TimeSpan.FromHours(3);
        (await restored.Author.V1PostAsync($"retention-policies/{edited}/disable", new { reason = "no" })).Should(HttpStatusCode.OK);
        (await restored.App.ComparePoliciesAsync(bringBack: true)).BroughtBack.ShouldBeEmpty();
        (await restored.Author.V1GetAsync($"retention-policies/{edited}"))["enabled"].GetBoolean().ShouldBeFalse();

        static async Task<long> PromotionPolicyAsync(RetentionApp app, string name, params string[] from) =>
            (await app.Author.V1PostAsync("promotion-policies", new { name, models = "*", stage = "production", approvals = new { count = 1, from = new { users = from } } }))
                .Should(HttpStatusCode.Created)["id"].GetInt64();
    }

    private static string Day(RetentionApp app, int days) =>
        app.Time.GetUtcNow().AddDays(days).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

    private static string LedgerFile(RetentionApp app) => Path.Combine(app.App.Folder, "artifacts", "ledger", Environment.MachineName + ".jsonl");

    private static async Task<string> HoldAsync(RetentionApp app, string kind, string item) =>
        (await app.Author.V1PostAsync("legal-holds", new { kind, @object = item, matter = "2026-017", reason = "asked for by the court" }))
            .Should(HttpStatusCode.Created)["id"].GetString()!;
}
