using ModelRegistry.Core.Artifacts;
using ModelRegistry.Core.Common;

namespace ModelRegistry.Core.Registry;

/// <summary>What a source leads to, after it was checked that the caller may read it.</summary>
/// <param name="StorageLocation">Where clients read the files, unless they are pinned.</param>
internal sealed record ResolvedSource(string StorageLocation)
{
    public string RunId { get; init; } = "";
    public string LoggedModelId { get; init; } = "";
    /// <summary>The tree that holds the files; null where they are not kept here.</summary>
    public string? FilesKey { get; init; }
    public ArtifactPath? FilesPath { get; init; }
}

/// <summary>Finds out what the source of a new version is: its files, its run and its logged model.</summary>
public sealed class SourceResolver(RegistryWork work, IVersionOrigins origins, ArtifactLocations locations)
{
    internal async Task<ResolvedSource> ResolveAsync(VersionSource source, NewModelVersion request, CancellationToken ct)
    {
        await RequireRunAsync(request.RunId, ct);
        var modelId = source.LoggedModelId ?? request.LoggedModelId;
        var origin = modelId.Length == 0 ? null : await origins.FindLoggedModelAsync(modelId, ct) ?? throw LoggedModelNotFound(modelId);
        if (source.LoggedModelId is not null && request.LoggedModelId.Length > 0 && request.LoggedModelId != modelId)
            _ = await origins.FindLoggedModelAsync(request.LoggedModelId, ct) ?? throw LoggedModelNotFound(request.LoggedModelId);
        var found = await FindFilesAsync(source, origin, ct);
        return found with
        {
            RunId = request.RunId.Length > 0 ? request.RunId : origin?.RunId ?? "",
            LoggedModelId = request.LoggedModelId.Length > 0 ? request.LoggedModelId : modelId,
        };
    }

    private async Task<ResolvedSource> FindFilesAsync(VersionSource source, VersionOrigin? origin, CancellationToken ct)
    {
        if (source.Scheme == "models")
        {
            if (source.LoggedModelId is not null)
                return await AtAsync(origin!.ArtifactUri, ct);
            return source.Version is { } version
                ? await OfVersionAsync(version.Name, version.Number, ct)
                : throw new InvalidArgumentException("source",
                    $"Invalid model version source: '{source.Text}'. A models:/ source is models:/<name>/<version> or models:/<model id>.");
        }

        // A run that is not ours stays a name: clients resolve it where it is known.
        if (source.Run is { } run && await origins.FindRunAsync(run.RunId, ct) is { } runOrigin)
            return await AtAsync(run.Path.Length == 0 ? runOrigin.ArtifactUri : $"{runOrigin.ArtifactUri}/{run.Path}", ct);
        return await AtAsync(source.Text, ct);
    }

    private async Task<ResolvedSource> OfVersionAsync(string name, int number, CancellationToken ct)
    {
        var version = await work.GetVersionAsync(name, number, ct);
        return new ResolvedSource(version.StorageLocation) { FilesKey = version.Digest is null ? null : version.FilesKey };
    }

    // A place that nobody knows is kept as it was given, like one in a store of the client's own.
    private async Task<ResolvedSource> AtAsync(string uri, CancellationToken ct)
    {
        var source = VersionSource.Parse(uri, ofPrompt: true);
        if (source.Location is not { } location || !ArtifactPath.TryParse(location, out var path, out _)
            || await locations.FindAsync(path, ArtifactAccess.Read, ct) is not { } place)
        {
            return new ResolvedSource(uri);
        }

        return new ResolvedSource(uri) { FilesKey = place.RootKey, FilesPath = ArtifactPath.ParseDirectory(place.Path) };
    }

    // An id that has not the form of ours is another tracking server's, and nothing that we could know.
    private async Task RequireRunAsync(string runId, CancellationToken ct)
    {
        NameRules.RequireMaxLength("run_id", runId, ModelVersion.MaxRunIdLength);
        if (runId.Length == 32 && runId.All(char.IsAsciiHexDigitLower) && await origins.FindRunAsync(runId, ct) is null)
            throw new NotFoundException("run", runId, $"Run with id={runId} not found");
    }

    private static NotFoundException LoggedModelNotFound(string modelId) =>
        new("logged model", modelId, $"Logged model with ID '{modelId}' not found.");
}
