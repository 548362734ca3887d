using ModelRegistry.Core.Artifacts;
using ModelRegistry.Core.Registry;
using ModelRegistry.Core.Tracking;

namespace ModelRegistry.Web.Pages.Components;

/// <summary>Where the files of a run or a version are; null where they are not kept here.</summary>
public sealed class FilePlaces(ArtifactLocations locations)
{
    public Task<ArtifactPlace?> OfRunAsync(RunRecord run, CancellationToken ct) => FindAsync(run.ArtifactUri, ct);

    public async Task<ArtifactPlace?> OfVersionAsync(ModelVersion version, CancellationToken ct) => version.Digest is null
        ? null
        : await FindAsync($"{ArtifactLocations.Scheme}versions/{version.VersionUuid:D}", ct);

    private async Task<ArtifactPlace?> FindAsync(string uri, CancellationToken ct) =>
        uri.StartsWith(ArtifactLocations.Scheme, StringComparison.Ordinal)
        && ArtifactPath.TryParse(uri[ArtifactLocations.Scheme.Length..].TrimStart('/'), out var path, out _)
            ? await locations.FindAsync(path, ArtifactAccess.Read, ct)
            : null;
}
