using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using ModelRegistry.Core.Artifacts.Storage;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Core.Artifacts;

/// <summary>
/// The promise that joins rows and bytes: a row of <see cref="ArtifactBlob"/> that is not being removed has its bytes in
/// the store, whole. The other half of the protocol is <see cref="BlobRemoval"/>.
/// </summary>
public sealed class ArtifactBlobs(IArtifactStore store, RegistryDbContext reader, TimeProvider time, ILogger<ArtifactBlobs> logger)
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(20);

    /// <summary>Makes staged content durable in the store. No transaction may be open: this may take long.</summary>
    public async Task PutAsync(StagedFile staged, CancellationToken ct)
    {
        // Bytes that we put while equal ones are being deleted would be deleted with them.
        var sha256 = staged.Key.ToBytes();
        var start = time.GetTimestamp();
        while (await reader.ArtifactBlobs.AnyAsync(b => b.Sha256 == sha256 && b.RemovedMs != null, ct))
        {
            if (time.GetElapsedTime(start) > LongestWait)
                throw BeingRemoved();
            await Task.Delay(TimeSpan.FromMilliseconds(100), time, ct);
        }

        await store.PutAsync(staged, ct);
    }

    /// <summary>
    /// In the transaction that will refer to it: makes the blob's row, or keeps the one there is from being removed, and
    /// returns its id. From here until the transaction ends no removal can begin, and none is under way.
    /// </summary>
    /// <exception cref="UnavailableException">A removal got in between; the caller may send the bytes again.</exception>
    public async Task<long> HoldAsync(RegistryDbContext db, BlobKey key, long sizeBytes, long now, CancellationToken ct)
    {
        var sha256 = key.ToBytes();
        if (await TouchAsync(db, sha256, now, ct) is { } id)
            return id;
        var blob = new ArtifactBlob { Sha256 = sha256, SizeBytes = sizeBytes, CreatedMs = now, TouchedMs = now };
        db.Add(blob);
        try
        {
            await db.SaveChangesAsync(ct);
        }
        catch (DbUpdateException e) when (db.IsUniqueViolation(e))
        {
            return await TouchAsync(db, sha256, now, ct) ?? throw BeingRemoved();
        }
        finally
        {
            db.Entry(blob).State = EntityState.Detached;
        }

        // There was no row before ours, so a removal that began after our put may have ended before this line, and
        // taken the bytes with it. None can be under way now, so what is there stays.
        return (await store.FindAsync(key, ct))?.SizeBytes == sizeBytes ? blob.Id : throw BeingRemoved();
    }

    public async Task<Stream> OpenReadAsync(ArtifactContent content, long offset, long length, CancellationToken ct)
    {
        try
        {
            if (await store.OpenReadAsync(content.Key, offset, length, ct) is { } stream)
                return stream;
        }
        catch (UnavailableException e) when (e.InnerException is EndOfStreamException)
        {
            // Shorter than its row says: said below, as of bytes that are gone.
        }

        var found = await store.FindAsync(content.Key, ct);
        logger.BlobDamaged(content.Key.Hex, content.SizeBytes, found?.SizeBytes);
        throw new UnavailableException($"The stored content of '{content.Name}' is damaged. An administrator must restore it.");
    }

    private static async Task<long?> TouchAsync(RegistryDbContext db, byte[] sha256, long now, CancellationToken ct)
    {
        var live = db.ArtifactBlobs.Where(b => b.Sha256 == sha256 && b.RemovedMs == null);
        return await live.ExecuteUpdateAsync(set => set.SetProperty(b => b.TouchedMs, now), ct) == 0
            ? null
            : await live.Select(b => b.Id).SingleAsync(ct);
    }

    private static UnavailableException BeingRemoved() =>
        new("Equal content is being removed from the store at this moment. Please send the file again.");
}
