using System.CommandLine;
using ModelRegistry.Core.Artifacts;

namespace ModelRegistry.Web.Cli;

/// <summary>`verify [--fast]`: every file that was acknowledged is there, and is what it was.</summary>
internal static class VerifyVerb
{
    public static Command Create(CommandConsole console)
    {
        var fast = new Option<bool>("--fast")
        {
            Description = "Looks for presence and size only, and reads no content.",
        };
        var command = new Command("verify",
            "Compares all artifacts with their SHA-256. Lists what is missing or altered and exits with 1 where there is something.")
        {
            fast,
        };
        command.SetAction((arguments, ct) => console.RunAsync(async (services, token) =>
        {
            var report = await services.GetRequiredService<ArtifactVerification>().RunAsync(
                arguments.GetValue(fast), finding => console.Out.WriteLine($"{finding.Sha256} {finding.Message}"), token);
            await console.Error.WriteLineAsync(FormattableString.Invariant(
                $"{report.Files} files, {report.Blobs} blobs, {report.Bytes} bytes: {report.Findings} findings."));
            return report.Findings == 0 ? 0 : RegistryCommand.Found;
        }, ct, prepare: false));
        return command;
    }
}
