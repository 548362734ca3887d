using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using ModelRegistry.Core.Artifacts.Storage;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Core.Artifacts;

public sealed record BlobRemovalReport(int Blobs, long Bytes, int Orphans, int Staged, bool Finished);

/// <summary>
/// Removes content that no file refers to. For each blob: mark its row in one transaction that checks the references
/// again, delete the bytes, delete the row. A stop or crash between two of these loses nothing: the next run goes on
/// with the marked rows. See docs/storage.md for why an upload of equal content at the same time is safe.
/// </summary>
public sealed class BlobRemoval(
    RegistryDbContext db, IArtifactStore store, ArtifactStaging staging, StorageOptions options, TimeProvider time, ILogger<BlobRemoval> logger)
{
    private const int BatchSize = 100;
    private static readonly TimeSpan LeftoverAge = TimeSpan.FromDays(1);

    /// <summary>Removes at most <paramref name="limit"/> blobs; the rest waits for the next run.</summary>
    public async Task<BlobRemovalReport> RunAsync(int limit, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var staged = staging.Sweep(now - LeftoverAge, ct);
        var (blobs, bytes) = await RemoveMarkedAsync(ct);
        var finished = false;
        while (blobs < limit && !finished)
        {
            finished = await MarkAsync(Math.Min(BatchSize, limit - blobs), now - options.BlobGracePeriod, ct) == 0;
            var (removed, size) = await RemoveMarkedAsync(ct);
            blobs += removed;
            bytes += size;
        }

        if (blobs + staged > 0)
            logger.BlobsRemoved(blobs, bytes, 0, staged);
        return new BlobRemovalReport(blobs, bytes, 0, staged, finished);
    }

    /// <summary>
    /// Removes objects of the store that no row knows: an upload ended between its bytes and its row. Reads the whole
    /// list of the store, so it runs seldom.
    /// </summary>
    public async Task<BlobRemovalReport> RemoveOrphansAsync(CancellationToken ct)
    {
        var cutoff = time.GetUtcNow() - LeftoverAge;
        var found = new List<StoredBlob>();
        await foreach (var blob in store.ListAsync(ct))
        {
            if (blob.ModifiedAt < cutoff)
                found.Add(blob);
            if (found.Count == BatchSize)
            {
                await MarkOrphansAsync(found, ct);
                found.Clear();
            }
        }

        await MarkOrphansAsync(found, ct);
        var (blobs, bytes) = await RemoveMarkedAsync(ct);
        if (blobs > 0)
            logger.BlobsRemoved(0, bytes, blobs, 0);
        return new BlobRemovalReport(0, bytes, blobs, 0, Finished: true);
    }

    /// <summary>Removes those of the blobs that nothing refers to, however young they are. One by one: several such calls
    /// may have blobs in common.</summary>
    public async Task RemoveNowAsync(IEnumerable<long> blobs, CancellationToken ct)
    {
        foreach (var id in blobs)
        {
            var now = time.GetUtcNow().ToUnixTimeMilliseconds();
            await using (var transaction = await db.BeginWriteAsync(ct))
            {
                await Unreferenced(long.MaxValue).Where(b => b.Id == id).ExecuteUpdateAsync(set => set.SetProperty(b => b.RemovedMs, now), ct);
                await transaction.CommitAsync(ct);
            }

            if (await db.ArtifactBlobs.AsNoTracking().SingleOrDefaultAsync(b => b.Id == id && b.RemovedMs != null, ct) is { } blob)
                await RemoveAsync(blob, ct);
        }
    }

    private async Task<int> MarkAsync(int count, DateTimeOffset cutoff, CancellationToken ct)
    {
        var before = cutoff.ToUnixTimeMilliseconds();
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var candidates = await Unreferenced(before).OrderBy(b => b.TouchedMs).Take(count).Select(b => b.Id).ToListAsync(ct);
        if (candidates.Count == 0)
            return 0;
        await using var transaction = await db.BeginWriteAsync(ct);
        // The whole condition again: what was referenced or uploaded since it was read above stays.
        await Unreferenced(before).Where(b => candidates.Contains(b.Id))
            .ExecuteUpdateAsync(set => set.SetProperty(b => b.RemovedMs, now), ct);
        await transaction.CommitAsync(ct);
        return candidates.Count;
    }

    private IQueryable<ArtifactBlob> Unreferenced(long before) => db.ArtifactBlobs.Where(b =>
        b.RemovedMs == null && b.TouchedMs < before && !db.ArtifactFiles.Any(f => f.BlobId == b.Id)
        && !db.ArtifactUploadParts.Any(p => p.BlobId == b.Id));

    private async Task MarkOrphansAsync(List<StoredBlob> found, CancellationToken ct)
    {
        var digests = found.Select(b => b.Key.ToBytes()).ToList();
        var known = (await db.ArtifactBlobs.Where(b => digests.Contains(b.Sha256)).Select(b => b.Sha256).ToListAsync(ct))
            .Select(s => BlobKey.Of(s)).ToHashSet();
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var orphan in found.Where(b => !known.Contains(b.Key)))
        {
            var row = new ArtifactBlob
            {
                Sha256 = orphan.Key.ToBytes(),
                SizeBytes = orphan.SizeBytes,
                CreatedMs = now,
                TouchedMs = now,
                RemovedMs = now,
            };
            db.Add(row);
            try
            {
                await db.SaveChangesAsync(ct);
            }
            catch (DbUpdateException e) when (db.IsUniqueViolation(e))
            {
                // Uploaded a moment ago: not an orphan.
            }
            finally
            {
                db.Entry(row).State = EntityState.Detached;
            }
        }
    }

    private async Task<(int Blobs, long Bytes)> RemoveMarkedAsync(CancellationToken ct)
    {
        var count = 0;
        long bytes = 0;
        while (true)
        {
            var marked = await db.ArtifactBlobs.AsNoTracking().Where(b => b.RemovedMs != null)
                .OrderBy(b => b.Id).Take(BatchSize).ToListAsync(ct);
            if (marked.Count == 0)
                return (count, bytes);
            foreach (var blob in marked)
            {
                if (!await RemoveAsync(blob, ct))
                    continue;
                count++;
                bytes += blob.SizeBytes;
            }
        }
    }

    // The row goes first: where a file refers to it after all, the database refuses and the content is kept. It is locked
    // until the bytes are gone too: a second removal (another node's) waits and then finds nothing to do, and nobody can
    // begin to refer to it.
    private async Task<bool> RemoveAsync(ArtifactBlob blob, CancellationToken ct)
    {
        try
        {
            await using var transaction = await db.BeginWriteAsync(ct);
            if (await db.ArtifactBlobs.Where(b => b.Id == blob.Id && b.RemovedMs != null).ExecuteDeleteAsync(ct) == 0)
                return false;
            await store.DeleteAsync(BlobKey.Of(blob.Sha256), ct);
            await transaction.CommitAsync(ct);
            return true;
        }
        catch (DbException) when (!ct.IsCancellationRequested)
        {
            await db.ArtifactBlobs.Where(b => b.Id == blob.Id)
                .ExecuteUpdateAsync(set => set.SetProperty(b => b.RemovedMs, (long?)null), ct);
            return false;
        }
    }
}
