namespace ModelRegistry.Core.Registry;

/// <summary>A run or logged model that a version is made from.</summary>
/// <param name="ArtifactUri">Where its files are.</param>
/// <param name="RunId">The run itself, or the run that made the logged model; empty where none did.</param>
public sealed record VersionOrigin(string ArtifactUri, string RunId);

/// <summary>
/// What the registry must know of the things that versions are made from. It holds their ids only; whoever knows the
/// things themselves implements this. Answers are for the current user: what may not be read is not there.
/// </summary>
public interface IVersionOrigins
{
    Task<VersionOrigin?> FindRunAsync(string runId, CancellationToken ct);

    Task<VersionOrigin?> FindLoggedModelAsync(string modelId, CancellationToken ct);
}
