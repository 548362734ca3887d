using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Core.Artifacts.Uploads;

/// <summary>Forgets uploads whose time is over: what nobody ended, and what is only kept to answer again. Their parts are
/// content that nothing refers to from then on.</summary>
public sealed class UploadExpiry(RegistryDbContext db, TimeProvider time)
{
    private const int BatchSize = 100;
    /// <summary>For a join that began in time.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromHours(6);

    public async Task<int> RunAsync(CancellationToken ct)
    {
        var cutoff = (time.GetUtcNow() - Patience).ToUnixTimeMilliseconds();
        var removed = 0;
        while (true)
        {
            var ids = await db.ArtifactUploads.Where(u => u.ExpiresMs < cutoff).OrderBy(u => u.ExpiresMs)
                .Take(BatchSize).Select(u => u.Id).ToListAsync(ct);
            if (ids.Count == 0)
                return removed;
            await using var transaction = await db.BeginWriteAsync(ct);
            // Held first: a part that comes in at this moment is either among those below, or refused.
            await db.ArtifactUploads.Where(u => ids.Contains(u.Id))
                .ExecuteUpdateAsync(set => set.SetProperty(u => u.State, UploadState.Aborted), ct);
            await db.ArtifactUploadParts.Where(p => ids.Contains(p.UploadId)).ExecuteDeleteAsync(ct);
            removed += await db.ArtifactUploads.Where(u => ids.Contains(u.Id)).ExecuteDeleteAsync(ct);
            await transaction.CommitAsync(ct);
        }
    }
}
