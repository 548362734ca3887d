using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Artifacts.Storage;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Holds;

namespace ModelRegistry.Core.Artifacts;

/// <summary>A file as it is kept: what its path is at this moment.</summary>
public sealed record ArtifactContent(BlobKey Key, long SizeBytes, long CreatedMs, string Path)
{
    public string Name => Path[(Path.LastIndexOf('/') + 1)..];

    /// <summary>The tree that it was found in; null for what belongs to none.</summary>
    public string? RootKey { get; init; }
}

/// <summary>What the sender says about the bytes beforehand.</summary>
public sealed record UploadAnnouncement(long? SizeBytes = null, BlobKey? Sha256 = null)
{
    public static readonly UploadAnnouncement None = new();
}

/// <summary>
/// Files of trees. Bytes first, rows after: an upload is streamed to the staging area while its SHA-256 is taken, made
/// durable in the store, and only then written down, in one transaction. While bytes flow no connection of the database
/// is held. See docs/storage.md for the order of things and why nothing is lost or seen half.
/// </summary>
public sealed class ArtifactService(RegistryDbContext db, ArtifactBlobs blobs, ArtifactStaging staging, TimeProvider time)
{
    /// <summary>Takes a file in, over one that is there.</summary>
    /// <exception cref="StorageFullException">There is no room; nothing is left behind.</exception>
    public async Task<ArtifactContent> UploadAsync(
        ArtifactPlace place, Stream body, UploadAnnouncement announced, CancellationToken ct)
    {
        var path = ArtifactPath.Parse(place.Path);
        using var staged = await staging.ReceiveAsync(body, announced.SizeBytes, ct);
        if (announced.Sha256 is { } expected && expected != staged.Key)
        {
            throw new InvalidArgumentException("Content-Digest",
                $"The content of '{path.Name}' has the SHA-256 {staged.Key}, not {expected} as announced.");
        }

        return (await KeepAsync(place, staged, also: null, ct))!;
    }

    /// <summary>Makes staged content the file of a place.</summary>
    /// <param name="also">Done in the same transaction, before anything else of it; false gives all of it up.</param>
    /// <returns>Null where it was given up.</returns>
    internal async Task<ArtifactContent?> KeepAsync(
        ArtifactPlace place, StagedFile staged, Func<CancellationToken, Task<bool>>? also, CancellationToken ct)
    {
        var path = ArtifactPath.Parse(place.Path);
        await blobs.PutAsync(staged, ct);
        // Mostly the path is new, and nothing is lost by writing it: only who replaces content waits for holds.
        var (isDone, content) = await KeepAsync(place, path, staged, also, replaces: false, ct);
        return isDone ? content : (await KeepAsync(place, path, staged, also, replaces: true, ct)).Content;
    }

    // Not done where it would replace other content and was not to.
    private async Task<(bool IsDone, ArtifactContent? Content)> KeepAsync(ArtifactPlace place, ArtifactPath path, StagedFile staged,
        Func<CancellationToken, Task<bool>>? also, bool replaces, CancellationToken ct)
    {
        await using var transaction = replaces ? await db.BeginDestructiveAsync(ct) : await db.BeginWriteAsync(ct);
        if (also is not null && !await also(ct))
            return (true, null);
        var root = await ArtifactRoots.LockAsync(db, place.RootKey, ct) ?? await ArtifactRoots.AddAsync(db, place.RootKey, ct);
        await RefuseClashAsync(root, path, ct);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var blob = await blobs.HoldAsync(db, staged.Key, staged.SizeBytes, now, ct);
        // The same content again is a client's retry.
        if (await db.ArtifactFiles.AnyAsync(f => f.RootId == root && f.Path == path.Value && f.BlobId != blob, ct))
        {
            if (!replaces)
                return (false, null);
            await (place.RequireNotHeld?.Invoke(db, ct) ?? Task.CompletedTask);
        }

        await SetFileAsync(new ArtifactFile
        {
            RootId = root,
            Path = path.Value,
            BlobId = blob,
            SizeBytes = staged.SizeBytes,
            CreatedMs = now,
            CreatedBy = place.ActorId,
        }, ct);
        await transaction.CommitAsync(ct);
        return (true, new ArtifactContent(staged.Key, staged.SizeBytes, now, path.Value));
    }

    /// <summary>Null where there is no file at the place; a directory is none.</summary>
    public async Task<ArtifactContent?> FindAsync(ArtifactPlace place, CancellationToken ct)
    {
        var found = await (
            from root in db.ArtifactRoots
            where root.Key == place.RootKey
            join file in db.ArtifactFiles on root.Id equals file.RootId
            where file.Path == place.Path
            join blob in db.ArtifactBlobs on file.BlobId equals blob.Id
            select new { blob.Sha256, blob.SizeBytes, file.CreatedMs }).AsNoTracking().SingleOrDefaultAsync(ct);
        return found is null ? null : new ArtifactContent(BlobKey.Of(found.Sha256), found.SizeBytes, found.CreatedMs, place.Path) { RootKey = place.RootKey };
    }

    /// <summary>Bytes of a file, as a stream that reads from the store.</summary>
    /// <exception cref="UnavailableException">The store cannot be asked, or has lost or damaged the bytes.</exception>
    public Task<Stream> OpenReadAsync(ArtifactContent content, long offset, long length, CancellationToken ct) =>
        blobs.OpenReadAsync(content, offset, length, ct);

    /// <summary>Deletes a file, or a directory with all below it. Nothing there is no error; returns how many files went.
    /// Versions that hold the same content keep it.</summary>
    public async Task<int> DeleteAsync(ArtifactPlace place, CancellationToken ct)
    {
        var path = ArtifactPath.Parse(place.Path).Value;
        await using var transaction = await db.BeginDestructiveAsync(ct);
        if (await ArtifactRoots.LockAsync(db, place.RootKey, ct) is not { } root)
            return 0;
        var deleted = await db.ArtifactFiles.Where(f => f.RootId == root).WhereAt(path).ExecuteDeleteAsync(ct);
        if (deleted > 0)
            await (place.RequireNotHeld?.Invoke(db, ct) ?? Task.CompletedTask);
        if (deleted > 0 && place.RecordDeletion is { } record)
        {
            record(db, deleted);
            await db.SaveChangesAsync(ct);
        }

        await transaction.CommitAsync(ct);
        return deleted;
    }

    /// <summary>
    /// Files and directories directly in the directory at the place, ordered by path. Directories are read off the paths
    /// below them; a big one is skipped over in the index, not read.
    /// </summary>
    /// <param name="limit">At least as many entries come before a page ends, where there are as many.</param>
    public async Task<Page<ArtifactEntry>> ListAsync(ArtifactPlace place, int limit, string? pageToken, CancellationToken ct)
    {
        var root = await db.ArtifactRoots.Where(r => r.Key == place.RootKey).Select(r => (long?)r.Id).SingleOrDefaultAsync(ct);
        return root is { } id
            ? await ArtifactListing.ReadAsync(db, id, place, limit, pageToken, ct)
            : Page<ArtifactEntry>.Empty;
    }

    private async Task RefuseClashAsync(long root, ArtifactPath path, CancellationToken ct)
    {
        var above = path.Ancestors().ToList();
        var tree = db.ArtifactFiles.AsNoTracking().Where(f => f.RootId == root);
        var clash = await tree.Where(f => above.Contains(f.Path)).Concat(tree.WhereBelow(path.Value))
            .Select(f => f.Path).OrderBy(p => p).FirstOrDefaultAsync(ct);
        if (clash is null)
            return;
        throw new ConflictException("artifact", path.Value, clash.Length < path.Value.Length
            ? $"'{path.Value}' cannot be a file: '{clash}' is a file, not a directory."
            : $"'{path.Value}' cannot be a file: it is a directory.");
    }

    private async Task SetFileAsync(ArtifactFile file, CancellationToken ct)
    {
        var updated = await db.ArtifactFiles.Where(f => f.RootId == file.RootId && f.Path == file.Path)
            .ExecuteUpdateAsync(set => set
                .SetProperty(f => f.BlobId, file.BlobId)
                .SetProperty(f => f.SizeBytes, file.SizeBytes)
                .SetProperty(f => f.CreatedMs, file.CreatedMs)
                .SetProperty(f => f.CreatedBy, file.CreatedBy), ct);
        if (updated > 0)
            return;
        db.Add(file);
        await db.SaveChangesAsync(ct);
        db.Entry(file).State = EntityState.Detached;
    }
}
