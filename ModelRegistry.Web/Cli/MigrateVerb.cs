using System.CommandLine;
using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Web.Cli;

/// <summary>`migrate [--check]`: for those who change the schema before they start the new version.</summary>
internal static class MigrateVerb
{
    public static Command Create(CommandConsole console)
    {
        var check = new Option<bool>("--check")
        {
            Description = "Changes nothing; lists what is to be done and exits with 1 where there is something.",
        };
        var command = new Command("migrate", "Creates the schema or brings it up to date.") { check };
        command.SetAction((arguments, ct) =>
        {
            var onlyCheck = arguments.GetValue(check);
            return console.RunAsync(async (services, token) =>
            {
                if (!onlyCheck)
                {
                    await console.Error.WriteLineAsync("The schema is up to date.");
                    return 0;
                }

                var database = services.GetRequiredService<RegistryDbContext>().Database;
                var pending = (await database.GetPendingMigrationsAsync(token)).ToList();
                foreach (var migration in pending)
                    await console.Out.WriteLineAsync(migration);
                return pending.Count == 0 ? 0 : RegistryCommand.Found;
            }, ct, prepare: !onlyCheck);
        });
        return command;
    }
}
