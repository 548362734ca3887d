using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Artifacts.Storage;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Core.Artifacts;

/// <summary>Something that is not as it must be: one line for people.</summary>
public sealed record ArtifactFinding(string Sha256, string Message);

public sealed record ArtifactVerificationReport(long Files, long Blobs, long Bytes, long Findings);

/// <summary>
/// Compares the database with the store: each file has its blob, each blob its bytes, with the right size and SHA-256.
/// Reads only; may run beside a working server, whose changes it does not mistake for damage.
/// </summary>
public sealed class ArtifactVerification(RegistryDbContext db, IArtifactStore store)
{
    private const int BatchSize = 500;

    /// <param name="fast">Presence and size only; without it all bytes are read and hashed.</param>
    public async Task<ArtifactVerificationReport> RunAsync(bool fast, Action<ArtifactFinding> report, CancellationToken ct)
    {
        long blobs = 0, bytes = 0, findings = 0;
        long last = 0;
        while (true)
        {
            var batch = await db.ArtifactBlobs.AsNoTracking().Where(b => b.Id > last).OrderBy(b => b.Id).Take(BatchSize).ToListAsync(ct);
            if (batch.Count == 0)
                break;
            last = batch[^1].Id;
            foreach (var blob in batch.Where(b => b.RemovedMs is null))
            {
                blobs++;
                bytes += blob.SizeBytes;
                if (await CheckAsync(blob, fast, ct) is { } message && await IsStillKeptAsync(blob.Id, ct))
                {
                    findings++;
                    report(new ArtifactFinding(Convert.ToHexStringLower(blob.Sha256), message + await UsesAsync(blob.Id, ct)));
                }
            }
        }

        findings += await CheckFilesAsync(report, ct);
        return new ArtifactVerificationReport(await db.ArtifactFiles.LongCountAsync(ct), blobs, bytes, findings);
    }

    /// <summary>What is wrong with one blob; null where nothing is, or it is being removed.</summary>
    public async Task<string?> CheckAsync(long id, CancellationToken ct)
    {
        var blob = await db.ArtifactBlobs.AsNoTracking().FirstOrDefaultAsync(b => b.Id == id && b.RemovedMs == null, ct);
        return blob is not null && await CheckAsync(blob, fast: false, ct) is { } message && await IsStillKeptAsync(id, ct)
            ? message + await UsesAsync(id, ct)
            : null;
    }

    private async Task<string?> CheckAsync(ArtifactBlob blob, bool fast, CancellationToken ct)
    {
        var key = BlobKey.Of(blob.Sha256);
        if (await store.FindAsync(key, ct) is not { } stored)
            return "is missing in the store";
        if (stored.SizeBytes != blob.SizeBytes)
            return FormattableString.Invariant($"has {stored.SizeBytes} bytes instead of {blob.SizeBytes}");
        if (fast)
            return null;
        await using var stream = await store.OpenReadAsync(key, 0, blob.SizeBytes, ct);
        if (stream is null)
            return "is missing in the store";
        var found = await SHA256.HashDataAsync(stream, ct);
        return found.AsSpan().SequenceEqual(blob.Sha256) ? null : $"is altered: its SHA-256 is {Convert.ToHexStringLower(found)}";
    }

    // A removal may have taken the blob between our reading its row and our looking for its bytes.
    private Task<bool> IsStillKeptAsync(long id, CancellationToken ct) =>
        db.ArtifactBlobs.AnyAsync(b => b.Id == id && b.RemovedMs == null, ct);

    private async Task<string> UsesAsync(long blob, CancellationToken ct)
    {
        const int shown = 3;
        var uses = await (
            from file in db.ArtifactFiles
            where file.BlobId == blob
            join root in db.ArtifactRoots on file.RootId equals root.Id
            orderby root.Key, file.Path
            select root.Key + ": " + file.Path).Take(shown + 1).ToListAsync(ct);
        return uses.Count == 0
            ? "; nothing uses it"
            : "; used by " + string.Join(", ", uses.Take(shown)) + (uses.Count > shown ? ", and others" : "");
    }

    // The database forbids both; a restored or repaired one may have them all the same.
    private async Task<long> CheckFilesAsync(Action<ArtifactFinding> report, CancellationToken ct)
    {
        long findings = 0;
        var broken =
            from file in db.ArtifactFiles
            join blob in db.ArtifactBlobs on file.BlobId equals blob.Id into found
            from blob in found.DefaultIfEmpty()
            where blob == null || blob.RemovedMs != null || blob.SizeBytes != file.SizeBytes
            join root in db.ArtifactRoots on file.RootId equals root.Id
            select new { root.Key, file.Path, Sha256 = blob == null ? null : blob.Sha256 };
        await foreach (var file in broken.AsNoTracking().AsAsyncEnumerable().WithCancellation(ct))
        {
            findings++;
            report(new ArtifactFinding(file.Sha256 is null ? "" : Convert.ToHexStringLower(file.Sha256),
                $"{file.Key}: {file.Path} has no content that agrees with it"));
        }

        return findings;
    }
}
