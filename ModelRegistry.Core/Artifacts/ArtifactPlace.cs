using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Holds;

namespace ModelRegistry.Core.Artifacts;

/// <summary>What is to be done with the files of a place.</summary>
public enum ArtifactAccess
{
    Read,
    Write,
    Delete,
}

/// <summary>
/// A path in a tree of files that the current user may use as asked for. Made by an <see cref="IArtifactOwner"/> only,
/// after it has checked that.
/// </summary>
/// <param name="RootKey">See <see cref="ArtifactRoot.Key"/>.</param>
/// <param name="Path">The file or directory in the tree; empty for the tree itself.</param>
/// <param name="ActorId">Who asks: uploads are kept under this name.</param>
public sealed record ArtifactPlace(string RootKey, string Path, long ActorId)
{
    /// <summary>Where clients find the tree, e.g. `mlflow-artifacts:/1/…/artifacts`.</summary>
    public string RootUri { get; init; } = "";

    /// <summary>Refuses where a legal hold keeps the files as they are; asked in the transaction that takes one away or puts
    /// other content in its place, which began with <see cref="HoldGuard.BeginDestructiveAsync"/>.</summary>
    public Func<RegistryDbContext, CancellationToken, Task>? RequireNotHeld { get; init; }

    /// <summary>Records in the audit trail that this many files were deleted here, in the transaction of the deletion.</summary>
    public Action<RegistryDbContext, int>? RecordDeletion { get; init; }

    /// <summary>Another path of the same tree, under the same permission.</summary>
    public ArtifactPlace At(ArtifactPath? path) => this with { Path = path?.Value ?? "" };
}

/// <summary>
/// A feature that has files: it knows which tree stands behind a location, and who may read or change it. Artifacts
/// know neither runs nor models; the features implement this beside their own services.
/// </summary>
public interface IArtifactOwner
{
    /// <summary>The place behind a location that clients use (`1/{run id}/artifacts/model`); null where the location
    /// belongs to another feature, or to nothing.</summary>
    /// <exception cref="NotFoundException">The user may not know that it exists.</exception>
    /// <exception cref="ForbiddenException">The user may read it, but not do this.</exception>
    Task<ArtifactPlace?> FindAsync(ArtifactPath location, ArtifactAccess access, CancellationToken ct);
}

/// <summary>All locations that clients use, whatever feature they belong to. What no feature knows does not exist.</summary>
public sealed class ArtifactLocations(IEnumerable<IArtifactOwner> owners)
{
    /// <summary>Clients write `mlflow-artifacts:/{location}`.</summary>
    public const string Scheme = "mlflow-artifacts:/";

    public async Task<ArtifactPlace> GetAsync(ArtifactPath location, ArtifactAccess access, CancellationToken ct) =>
        await FindAsync(location, access, ct) ?? throw NotFound(location);

    public async Task<ArtifactPlace?> FindAsync(ArtifactPath location, ArtifactAccess access, CancellationToken ct)
    {
        foreach (var owner in owners)
        {
            if (await owner.FindAsync(location, access, ct) is { } place)
                return place;
        }

        return null;
    }

    /// <summary>The one answer for what is missing and for what may not be known to exist.</summary>
    public static NotFoundException NotFound(ArtifactPath location) =>
        new("artifact", location.Value, $"No such artifact: '{location.Value}'");
}
