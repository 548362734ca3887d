using System.CommandLine;

namespace ModelRegistry.Web.Cli;

/// <summary>
/// The verbs of the executable. They work on the database and the store themselves, whether the server runs or not; what
/// a script reads goes to standard output, everything else to standard error.
/// </summary>
internal static class RegistryCommand
{
    /// <summary>The verb found what it looks for: a difference, a fault, a migration to do.</summary>
    public const int Found = 1;
    public const int WrongInput = 2;

    private static readonly string[] Helps = ["-h", "-?", "/h", "/?", "--help", "help", "--version"];

    /// <summary>Anything else starts the server: `--Key=value` are settings.</summary>
    public static bool IsVerb(string[] args) => args.Length > 0 && (!args[0].StartsWith('-') || Helps.Contains(args[0]));

    public static async Task<int> RunAsync(string[] args, CommandConsole console)
    {
        var result = Create(console).Parse(args is ["help", ..] ? [.. args[1..], "--help"] : args);
        if (result.Errors.Count > 0)
        {
            foreach (var error in result.Errors)
                await console.Error.WriteLineAsync(error.Message);
            await console.Error.WriteLineAsync("Try --help.");
            return WrongInput;
        }

        return await result.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = console.Out, Error = console.Error });
    }

    private static RootCommand Create(CommandConsole console) =>
        new("ModelRegistry: a registry of machine-learning models. Without a verb it serves; `--Key=value` sets a setting.")
        {
            AdminVerb.Create(console),
            TokenVerb.Create(console),
            MigrateVerb.Create(console),
            VerifyVerb.Create(console),
            AuditVerb.Create(console),
            LedgerVerb.Create(console),
        };
}
