using System.Diagnostics;
using ModelRegistry.Web.Cli;

namespace ModelRegistry.Tests.Support;

/// <summary>What a run of the executable gave.</summary>
public sealed record CliResult(int ExitCode, string Out, string Error);

/// <summary>Runs the verbs of the executable.</summary>
public static class CommandLine
{
    public static Task<CliResult> RunAsync(RegistryApp app, string? input, params string[] args) =>
        RunAsync(app.Folder, Settings(app), input, args);

    /// <summary>In this process: a process of its own takes seconds.</summary>
    /// <param name="folder">Where relative paths of the settings begin.</param>
    /// <param name="settings">As environment variables, `__` for `:`.</param>
    public static async Task<CliResult> RunAsync(
        string folder, Dictionary<string, string> settings, string? input, params string[] args)
    {
        using var reader = new StringReader(input ?? "");
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        var code = await RegistryCommand.RunAsync(args, new CommandConsole(reader, output, error,
            [$"--contentRoot={folder}", .. settings.Select(s => $"--{s.Key.Replace("__", ":")}={s.Value}")]));
        return new CliResult(code, output.ToString(), error.ToString());
    }

    public static Task<CliResult> RunProcessAsync(RegistryApp app, string? input, params string[] args) =>
        RunProcessAsync(app.Folder, Settings(app), input, args);

    /// <summary>As a user does: another process, settings by environment variables.</summary>
    public static async Task<CliResult> RunProcessAsync(
        string folder, Dictionary<string, string> settings, string? input, params string[] args)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "ModelRegistry.Web.dll"), .. args])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (key, value) in settings)
            start.Environment[key] = value;
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        if (input is not null)
            await process.StandardInput.WriteLineAsync(input);
        process.StandardInput.Close();
        using var timeout = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        try
        {
            await process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        return new CliResult(process.ExitCode, await output, await error);
    }

    private static Dictionary<string, string> Settings(RegistryApp app) => new()
    {
        ["Database__Provider"] = app.Provider.ToString(),
        ["ConnectionStrings__Registry"] = app.ConnectionString,
        ["Storage__Artifacts"] = $"disk://path={Path.Combine(app.Folder, "artifacts")}",
    };
}
