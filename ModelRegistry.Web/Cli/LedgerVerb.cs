using System.CommandLine;
using ModelRegistry.Core.Governance;
using ModelRegistry.Core.Retention;

namespace ModelRegistry.Web.Cli;

/// <summary>`ledger check` and `ledger apply`: what an older backup of the database has forgotten.</summary>
internal static class LedgerVerb
{
    public static Command Create(CommandConsole console) =>
        new("ledger", "Compares the database with the ledger of holds, purges and policies, which outlives it.") { Check(console), Apply(console) };

    private static Command Check(CommandConsole console)
    {
        var command = new Command("check", "Lists what the database has forgotten, and exits with 1 where there is something. Changes nothing in it.");
        command.SetAction((_, ct) => console.RunAsync(async (services, token) =>
        {
            var holds = await services.GetRequiredService<HoldLedger>().CompareAsync(placeAgain: false, token);
            await SayAsync(console, "forgotten", holds);
            var policies = await services.GetRequiredService<PolicyLedger>().CompareAsync(bringBack: false, token);
            await SayAsync(console, "forgotten", policies);
            var purges = await services.GetRequiredService<PurgeLedger>().CompareAsync(token);
            foreach (var certificate in purges.Forgotten)
                await console.Out.WriteLineAsync($"{(purges.Revived.Contains(certificate) ? "revived" : "forgotten")} purge of {Words(certificate)}");
            return holds.IsSound && policies.IsSound && purges.IsSound ? 0 : RegistryCommand.Found;
        }, ct, prepare: false));
        return command;
    }

    private static Command Apply(CommandConsole console)
    {
        var command = new Command("apply", "Places forgotten holds again, brings policies back as they last were, puts what was purged and is there again into the trash, and "
            + "brings certificates back. Exits with 1 where something could not be put into the trash.");
        command.SetAction((_, ct) => console.RunAsync(async (services, token) =>
        {
            await SayAsync(console, "placed again", await services.GetRequiredService<HoldLedger>().CompareAsync(placeAgain: true, token));
            await SayAsync(console, "brought back", await services.GetRequiredService<PolicyLedger>().CompareAsync(bringBack: true, token));
            var ledger = services.GetRequiredService<PurgeLedger>();
            var purges = await ledger.CompareAsync(token);
            var kept = await ledger.ApplyAsync(purges, token);
            foreach (var line in kept)
                await console.Out.WriteLineAsync($"kept {line}");
            await console.Error.WriteLineAsync(FormattableString.Invariant(
                $"{purges.Forgotten.Count} certificates are back; {purges.Revived.Count - kept.Count} of those things were put into the trash."));
            return kept.Count == 0 ? 0 : RegistryCommand.Found;
        }, ct, prepare: false));
        return command;
    }

    private static async Task SayAsync(CommandConsole console, string done, HoldLedgerReport report)
    {
        foreach (var one in report.PlacedAgain)
            await console.Out.WriteLineAsync($"{done} {one}");
        foreach (var one in report.WithoutTarget)
            await console.Out.WriteLineAsync($"without what it is on: {one}");
        foreach (var one in report.StillActive)
            await console.Out.WriteLineAsync($"released before, stands again: {one}");
        if (report.Unreadable > 0)
            await console.Out.WriteLineAsync(FormattableString.Invariant($"unreadable lines: {report.Unreadable}"));
    }

    // Lines that cannot be read were counted with the holds.
    private static async Task SayAsync(CommandConsole console, string done, PolicyLedgerReport report)
    {
        foreach (var one in report.BroughtBack)
            await console.Out.WriteLineAsync($"{done} {one}");
        foreach (var one in report.StillThere)
            await console.Out.WriteLineAsync($"deleted before, stands again: {one}");
    }

    private static string Words(PurgeCertificate certificate) => $"{certificate.Kind} {certificate.Name}, certificate {certificate.CertificateUuid}";
}
