using System.CommandLine;
using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Audit;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Web.Cli;

/// <summary>`audit verify [--checkpoint FILE]` and `audit checkpoint --out FILE`: is the trail what was recorded?</summary>
internal static class AuditVerb
{
    public static Command Create(CommandConsole console) => new("audit", "Checks the audit trail.") { Verify(console), Checkpoint(console) };

    private static Command Verify(CommandConsole console)
    {
        var file = new Option<FileInfo>("--checkpoint")
        {
            Description = "A file made by 'audit checkpoint': finds a tail that was cut off, and a chain that was made anew.",
        };
        var command = new Command("verify",
            "Reads the chain of audit events from its beginning. Exits with 1 and the first event at fault where there is one.")
        {
            file,
        };
        command.SetAction((arguments, ct) => console.RunAsync(async (services, token) =>
        {
            var checkpoint = arguments.GetValue(file) is { } path ? await ReadAsync(path, token) : null;
            var found = await VerifyAsync(services, checkpoint, console, token);
            if (found.IsIntact)
                await console.Out.WriteLineAsync($"intact {found.HeadSequence} {Convert.ToHexStringLower(found.HeadHash)}");
            return found.IsIntact ? 0 : RegistryCommand.Found;
        }, ct, prepare: false));
        return command;
    }

    private static Command Checkpoint(CommandConsole console)
    {
        var file = new Option<FileInfo>("--out")
        {
            Description = "A file that does not exist yet. Keep it where those who can write to the database cannot.",
            Required = true,
        };
        var command = new Command("checkpoint", "Verifies the chain and writes its head to a file.") { file };
        command.SetAction((arguments, ct) => console.RunAsync(async (services, token) =>
        {
            var found = await VerifyAsync(services, null, console, token);
            if (!found.IsIntact)
                return RegistryCommand.Found;
            var now = services.GetRequiredService<TimeProvider>().GetUtcNow().ToUnixTimeMilliseconds();
            await WriteAsync(arguments.GetValue(file)!, new AuditCheckpoint(found.HeadSequence, found.HeadHash, now), token);
            return 0;
        }, ct, prepare: false));
        return command;
    }

    private static async Task<AuditVerification> VerifyAsync(
        IServiceProvider services, AuditCheckpoint? checkpoint, CommandConsole console, CancellationToken ct)
    {
        if ((await services.GetRequiredService<RegistryDbContext>().Database.GetPendingMigrationsAsync(ct)).Any())
            throw new ConflictException("Schema", "", "The schema is not that of this version: start the server, or run 'migrate', first.");
        var found = await services.GetRequiredService<AuditVerifier>().VerifyAsync(checkpoint, ct);
        if (found.Fault is { } fault)
            await console.Out.WriteLineAsync($"fault {fault.Sequence} {fault.Message}");
        if (found.OpenEvents > 0)
            await console.Error.WriteLineAsync($"{found.OpenEvents} events are not sealed yet; a running server does so within seconds.");
        return found;
    }

    private static async Task<AuditCheckpoint> ReadAsync(FileInfo file, CancellationToken ct)
    {
        const int more = 10_000;
        try
        {
            return file.Length < more
                ? AuditCheckpoint.Parse(await File.ReadAllTextAsync(file.FullName, ct))
                : throw new InvalidArgumentException("checkpoint", "This is not a checkpoint file made by 'audit checkpoint'.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidArgumentException("checkpoint", e.Message);
        }
    }

    private static async Task WriteAsync(FileInfo file, AuditCheckpoint checkpoint, CancellationToken ct)
    {
        try
        {
            // Never over an older one: that is what the next verification needs.
            await using var stream = new FileStream(file.FullName, FileMode.CreateNew, FileAccess.Write);
            await using var writer = new StreamWriter(stream);
            await writer.WriteLineAsync(checkpoint.ToJson().AsMemory(), ct);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidArgumentException("out", e.Message);
        }
    }
}
