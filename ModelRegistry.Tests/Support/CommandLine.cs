using System.Diagnostics;

namespace ModelRegistry.Tests.Support;

/// <summary>What a run of the executable gave.</summary>
public sealed record CliResult(int ExitCode, string Out, string Error);

/// <summary>Runs the executable as a user does: another process, settings by environment variables.</summary>
public static class CommandLine
{
    public static Task<CliResult> RunAsync(RegistryApp app, string? input, params string[] args) => RunAsync(app.Folder, new()
    {
        ["Database__Provider"] = app.Provider.ToString(),
        ["ConnectionStrings__Registry"] = app.ConnectionString,
        ["Storage__Artifacts"] = $"disk://path={Path.Combine(app.Folder, "artifacts")}",
    }, input, args);

    /// <param name="folder">Where relative paths of the settings begin.</param>
    public static async Task<CliResult> RunAsync(
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
}
