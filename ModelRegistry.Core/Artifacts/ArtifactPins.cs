using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Artifacts.Storage;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Core.Artifacts;

/// <summary>What a version holds: its digest is that of <see cref="ArtifactPins.DigestOf"/>.</summary>
public sealed record PinnedFiles(string Digest, int FileCount, long SizeBytes);

/// <summary>Trees of versions: made once from another tree, by reference, and never changed.</summary>
public static class ArtifactPins
{
    /// <summary>
    /// Copies the rows (not the bytes) of the files at <paramref name="sourcePath"/> of a tree into the version's own
    /// tree, in the caller's transaction (<see cref="RegistryDbContext.BeginWriteAsync"/>). What happens to the source
    /// afterwards changes nothing for the version. A directory's files keep their paths below it; a single file keeps
    /// its name. No file there gives a count of 0, and no tree: the caller decides what that means.
    /// </summary>
    /// <param name="sourceRootKey">See <see cref="ArtifactRoots"/>; the caller has checked that the user may read it.</param>
    public static async Task<PinnedFiles> PinAsync(
        RegistryDbContext db, Guid versionUuid, string sourceRootKey, ArtifactPath? sourcePath, CancellationToken ct)
    {
        if (db.Database.CurrentTransaction is null)
            throw new InvalidOperationException("Files are pinned in the transaction that makes the version.");
        // Held, so that nobody changes the source meanwhile: its rows keep the blobs from being removed until ours do.
        if (await ArtifactRoots.LockAsync(db, sourceRootKey, ct) is not { } source
            || !await db.ArtifactFiles.Where(f => f.RootId == source).WhereAt(sourcePath?.Value ?? "").AnyAsync(ct))
        {
            return new PinnedFiles(DigestOf([]), 0, 0);
        }

        var target = await ArtifactRoots.AddAsync(db, ArtifactRoots.OfVersion(versionUuid), ct);
        await CopyAsync(db, source, target, sourcePath, ct);
        var files = await (
            from file in db.ArtifactFiles
            where file.RootId == target
            join blob in db.ArtifactBlobs on file.BlobId equals blob.Id
            select new { file.Path, blob.Sha256, blob.SizeBytes }).AsNoTracking().ToListAsync(ct);
        return new PinnedFiles(
            DigestOf(files.Select(f => (f.Path, BlobKey.Of(f.Sha256)))), files.Count, files.Sum(f => f.SizeBytes));
    }

    /// <summary>
    /// Lower-case hex SHA-256 over one line for each file, `{path}\0{its SHA-256 in lower-case hex}\n` in UTF-8, the
    /// lines sorted by the bytes of the path.
    /// </summary>
    public static string DigestOf(IEnumerable<(string Path, BlobKey Key)> files)
    {
        var lines = files.Select(f => (Path: Encoding.UTF8.GetBytes(f.Path), f.Key)).ToList();
        lines.Sort((a, b) => a.Path.AsSpan().SequenceCompareTo(b.Path));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (path, key) in lines)
        {
            hash.AppendData(path);
            hash.AppendData(Encoding.ASCII.GetBytes($"\0{key.Hex}\n"));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    // One statement, whatever the number of files: the one place here where the mapper has no words for it.
    private static Task<int> CopyAsync(RegistryDbContext db, long source, long target, ArtifactPath? path, CancellationToken ct)
    {
        if (path is not { Value: var value })
        {
            return db.Database.ExecuteSqlAsync($"""
                INSERT INTO artifact_files (root_id, path, blob_id, size_bytes, created_ms, created_by)
                SELECT {target}, path, blob_id, size_bytes, created_ms, created_by FROM artifact_files WHERE root_id = {source}
                """, ct);
        }

        var (low, high) = ArtifactFileQueries.Below(value);
        var below = Characters(db, low) + 1;
        var name = Characters(db, value) - Characters(db, path.Value.Name) + 1;
        return db.Database.ExecuteSqlAsync($"""
            INSERT INTO artifact_files (root_id, path, blob_id, size_bytes, created_ms, created_by)
            SELECT {target}, SUBSTRING(path, CASE WHEN path = {value} THEN {name} ELSE {below} END, {ArtifactFile.MaxPathLength}),
                blob_id, size_bytes, created_ms, created_by
            FROM artifact_files WHERE root_id = {source} AND (path = {value} OR (path > {low} AND path < {high}))
            """, ct);
    }

    // SQL Server counts in UTF-16, the others in code points.
    private static int Characters(RegistryDbContext db, string text) =>
        db.Database.IsSqlServer() ? text.Length : text.EnumerateRunes().Count();
}
