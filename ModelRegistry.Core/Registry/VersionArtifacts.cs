using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Artifacts;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;

namespace ModelRegistry.Core.Registry;

/// <summary>
/// Files of versions: `versions/{version uuid}/…`. They were pinned at registration and are read only; who may read the
/// model may read them.
/// </summary>
public sealed class VersionArtifacts(RegistryDbContext db, CurrentUserHolder caller) : IArtifactOwner
{
    private const string Folder = "versions";

    /// <summary>Where clients read a version's files.</summary>
    public static string LocationOf(Guid versionUuid) => $"{ArtifactLocations.Scheme}{Folder}/{versionUuid:D}";

    public async Task<ArtifactPlace?> FindAsync(ArtifactPath location, ArtifactAccess access, CancellationToken ct)
    {
        var segments = location.Value.Split('/', 3);
        if (segments.Length < 2 || segments[0] != Folder || !Guid.TryParseExact(segments[1], "D", out var uuid))
            return null;
        return await AllowAsync(db.ModelVersions.Where(v => v.VersionUuid == uuid), segments.ElementAtOrDefault(2) ?? "", access,
            () => ArtifactLocations.NotFound(location), ct);
    }

    /// <summary>The top of a version's files.</summary>
    /// <exception cref="NotFoundException">There is no such version, or the user may not know.</exception>
    public Task<ArtifactPlace> GetAsync(string modelName, int number, CancellationToken ct) => AllowAsync(
        from model in db.RegisteredModels
        where model.Name == modelName && model.DeletedMs == null
        join version in db.ModelVersions on model.Id equals version.ModelId
        where version.Number == number
        select version, "", ArtifactAccess.Read,
        () => new NotFoundException("Model Version", $"{modelName}/{number}",
            FormattableString.Invariant($"Model Version (name={modelName}, version={number}) not found")), ct);

    private async Task<ArtifactPlace> AllowAsync(IQueryable<ModelVersion> versions, string path, ArtifactAccess access,
        Func<NotFoundException> missing, CancellationToken ct)
    {
        var found = await (
            from version in versions
            where version.DeletedMs == null
            join model in db.RegisteredModels on version.ModelId equals model.Id
            where model.DeletedMs == null
            select new { version.VersionUuid, Model = model }).AsNoTracking().FirstOrDefaultAsync(ct) ?? throw missing();
        caller.User.Require(Permission.Read, found.Model.AsSecurable(), missing);
        if (access != ArtifactAccess.Read)
        {
            throw new ConflictException("artifact", path,
                "The files of a registered version cannot be changed. Log them to a run and register a new version.");
        }

        return new ArtifactPlace(ArtifactRoots.OfVersion(found.VersionUuid), path, caller.User.Id)
        {
            RootUri = LocationOf(found.VersionUuid),
        };
    }
}
