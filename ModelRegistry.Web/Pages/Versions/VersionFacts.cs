using ModelRegistry.Core.Artifacts;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Lineage;
using ModelRegistry.Core.Registry;
using ModelRegistry.Core.Tracking;
using ModelRegistry.Web.Pages.Components;

namespace ModelRegistry.Web.Pages.Versions;

/// <summary>Everything that made a version, as far as the reader may see it.</summary>
/// <param name="Run">Null where there is none, or the reader may not see it.</param>
/// <param name="Model">What its files say; null where they are not kept here or hold no MLmodel.</param>
/// <param name="Files">The first of its files.</param>
public sealed record VersionFacts(RunRecord? Run, ModelFile? Model, IReadOnlyList<ManifestEntry> Files)
{
    public string? Commit => Run?.Tag(WellKnownTags.GitCommit);
    public bool IsDirty => string.Equals(Run?.Tag(WellKnownTags.GitDirty), "true", StringComparison.OrdinalIgnoreCase);
}

/// <summary>Brings together what different parts of the registry know of a version.</summary>
public sealed class VersionFactsReader(
    RunService runs, FilePlaces places, ArtifactManifest manifest, ModelFileReader modelFiles)
{
    public const int MaxFiles = 500;

    public async Task<VersionFacts> ReadAsync(ModelVersion version, CancellationToken ct)
    {
        var run = await RunAsync(version.RunUuid, ct);
        return await places.OfVersionAsync(version, ct) is { } place
            ? new VersionFacts(run, await modelFiles.ReadAsync(place, ct), await manifest.ReadAsync(place, MaxFiles, ct))
            : new VersionFacts(run, null, []);
    }

    private async Task<RunRecord?> RunAsync(string runUuid, CancellationToken ct)
    {
        if (runUuid.Length == 0)
            return null;
        try
        {
            return await runs.GetAsync(runUuid, ct);
        }
        catch (NotFoundException)
        {
            // Of another server, gone, or not for this reader: the version stands without it.
            return null;
        }
    }
}
