using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Artifacts.Storage;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Core.Artifacts;

public sealed record ManifestEntry(string Path, long SizeBytes, BlobKey Key);

/// <summary>The files of a tree with their digests: what a version holds, line by line.</summary>
public sealed class ArtifactManifest(RegistryDbContext db)
{
    /// <summary>At most <paramref name="limit"/> files, ordered by path.</summary>
    /// <param name="place">The top of a tree that the caller may read.</param>
    public async Task<IReadOnlyList<ManifestEntry>> ReadAsync(ArtifactPlace place, int limit, CancellationToken ct)
    {
        var found = await (
            from root in db.ArtifactRoots
            where root.Key == place.RootKey
            join file in db.ArtifactFiles on root.Id equals file.RootId
            join blob in db.ArtifactBlobs on file.BlobId equals blob.Id
            orderby file.Path
            select new { file.Path, file.SizeBytes, blob.Sha256 }).AsNoTracking().Take(limit).ToListAsync(ct);
        return [.. found.Select(f => new ManifestEntry(f.Path, f.SizeBytes, BlobKey.Of(f.Sha256)))];
    }
}
