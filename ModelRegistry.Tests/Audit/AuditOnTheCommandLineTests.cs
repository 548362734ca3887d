using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;
using ModelRegistry.Tests.Registry;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Audit;

public sealed class AuditOnTheCommandLineTests
{
    [SkippableTheory, OnEachDatabase]
    public async Task A_checkpoint_is_met_until_somebody_alters_the_trail(DatabaseProvider provider)
    {
        await using var app = await RegistryApp.StartAsync(provider);
        for (var i = 0; i < 3; i++)
            await app.UserAsync(RegistryRole.Viewer);
        await SealedAsync(app);
        var file = Path.Combine(app.Folder, "checkpoint.json");

        (await CommandLine.RunAsync(app, null, "audit", "checkpoint", "--out", file)).ShouldBe(new CliResult(0, "", ""));
        var sound = await CommandLine.RunAsync(app, null, "audit", "verify", "--checkpoint", file);
        await app.ExecuteAsync("UPDATE audit_events SET action = 'user.deleted' WHERE sequence = 2");
        var altered = await CommandLine.RunAsync(app, null, "audit", "verify");
        var refused = await CommandLine.RunAsync(app, null, "audit", "checkpoint", "--out", file + "2");

        sound.ExitCode.ShouldBe(0, sound.Out + sound.Error);
        sound.Out.ShouldMatch("^intact [0-9]+ [0-9a-f]{64}\n$");
        altered.ExitCode.ShouldBe(1);
        altered.Out.ShouldStartWith("fault 2 event 2 (id ");
        refused.ExitCode.ShouldBe(1);
        File.Exists(file + "2").ShouldBeFalse("a head of a chain with a fault is not signed off");
    }

    [Fact]
    [Trait("Case", "L14")]
    public async Task A_tail_that_was_cut_off_is_found_with_the_checkpoint()
    {
        await using var app = await RegistryApp.StartAsync();
        await SealedAsync(app);
        var file = Path.Combine(app.Folder, "checkpoint.json");
        (await CommandLine.RunAsync(app, null, "audit", "checkpoint", "--out", file)).ExitCode.ShouldBe(0);
        await app.ExecuteAsync("DELETE FROM audit_origins; DELETE FROM audit_events WHERE sequence > 1; "
            + "DELETE FROM audit_seals; INSERT INTO audit_seals (at_ms, first_sequence, last_sequence, head_hash) "
            + "SELECT at_ms, 1, 1, hash FROM audit_events WHERE sequence = 1");

        (await CommandLine.RunAsync(app, null, "audit", "verify")).ExitCode.ShouldBe(0);
        var found = await CommandLine.RunAsync(app, null, "audit", "verify", "--checkpoint", file);

        found.ExitCode.ShouldBe(1);
        found.Out.ShouldStartWith("fault 2 the chain ends at event 1");
    }

    [Fact]
    public async Task Files_that_are_not_right_are_named()
    {
        await using var app = await RegistryApp.StartAsync();
        var file = Path.Combine(app.Folder, "not-one.json");
        await File.WriteAllTextAsync(file, "{}");

        var missing = await CommandLine.RunAsync(app, null, "audit", "verify", "--checkpoint", file + "2");
        var wrong = await CommandLine.RunAsync(app, null, "audit", "verify", "--checkpoint", file);
        var taken = await CommandLine.RunAsync(app, null, "audit", "checkpoint", "--out", file);

        missing.ExitCode.ShouldBe(2, missing.Error);
        wrong.Error.ShouldContain("not a checkpoint file");
        taken.ExitCode.ShouldBe(2, taken.Error);
        (await File.ReadAllTextAsync(file)).ShouldBe("{}", "a checkpoint is never written over another file");
    }

    /// <summary>The server seals within seconds.</summary>
    private static async Task SealedAsync(RegistryApp app)
    {
        for (var i = 0; i < 100; i++)
        {
            if (await app.CountAsync("SELECT COUNT(*) FROM audit_events WHERE sequence IS NULL") == 0)
                return;
            await Task.Delay(100);
        }

        throw new ShouldAssertException("The events were not sealed.");
    }
}
