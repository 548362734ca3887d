using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Artifacts;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Core.Retention;

public sealed record ScrubReport(int Blobs, long Bytes, IReadOnlyList<string> Findings);

/// <summary>
/// Reads stored content again, a slice at a time, and compares it with its digest. What differs is marked: no rule ever
/// removes it, and the report says who uses it. One that is right again loses its mark.
/// </summary>
public sealed class StoredContentScrub(RegistryDbContext db, ArtifactVerification verification, TimeProvider time)
{
    /// <summary>Goes on where the last slice ended; after the last blob it begins anew.</summary>
    public async Task<ScrubReport> RunAsync(long maxBytes, int maxBlobs, CancellationToken ct)
    {
        var from = await db.RetentionClocks.Select(c => c.ScrubbedBlobId).SingleAsync(ct);
        var blobs = await db.ArtifactBlobs.AsNoTracking().Where(b => b.Id > from && b.RemovedMs == null).OrderBy(b => b.Id).Take(maxBlobs).ToListAsync(ct);
        long bytes = 0;
        var read = 0;
        var findings = new List<string>();
        foreach (var blob in blobs)
        {
            if (read > 0 && bytes + blob.SizeBytes > maxBytes)
                break;
            var problem = await verification.CheckAsync(blob.Id, ct);
            bytes += blob.SizeBytes;
            read++;
            from = blob.Id;
            if (problem is not null)
                findings.Add($"{Convert.ToHexStringLower(blob.Sha256)} {problem}");
            if (problem is not null == (blob.DamagedMs is not null))
                continue;
            long? mark = problem is null ? null : time.GetUtcNow().ToUnixTimeMilliseconds();
            await db.ArtifactBlobs.Where(b => b.Id == blob.Id).ExecuteUpdateAsync(set => set.SetProperty(b => b.DamagedMs, mark), ct);
        }

        var next = read == blobs.Count && blobs.Count < maxBlobs ? 0 : from;
        await db.RetentionClocks.ExecuteUpdateAsync(set => set.SetProperty(c => c.ScrubbedBlobId, next), ct);
        return new ScrubReport(read, bytes, findings);
    }
}
