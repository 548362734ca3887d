using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Audit;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Core.Promotion;

/// <summary>Closes requests whose time is over, or whose version is deleted. Approvals count for nothing from that moment
/// on, whether it has run or not: this only says so.</summary>
public sealed class ApprovalExpiry(RegistryDbContext db, AuditTrail audit, ApprovalNotices notices, TimeProvider time)
{
    private const int BatchSize = 200;

    public async Task<int> RunAsync(CancellationToken ct)
    {
        var closed = 0;
        while (true)
        {
            ct.ThrowIfCancellationRequested();
            db.ChangeTracker.Clear();
            var now = time.GetUtcNow().ToUnixTimeMilliseconds();
            await using var write = await db.BeginWriteAsync(ct);
            var over = await db.ApprovalRequests.Where(r => (r.State == ApprovalState.Open || r.State == ApprovalState.Approved)
                    && (r.ExpiresMs <= now || !db.ModelVersions.Any(v => v.Id == r.VersionId && v.DeletedMs == null)))
                .OrderBy(r => r.Id).Take(BatchSize).ToListAsync(ct);
            var ids = over.Select(r => r.ModelId).Distinct().ToList();
            var names = await db.RegisteredModels.Where(m => ids.Contains(m.Id)).ToDictionaryAsync(m => m.Id, m => m.Name, ct);
            foreach (var request in over)
            {
                (request.State, request.ClosedMs) = (ApprovalState.Expired, now);
                audit.Record(db, ApprovalService.Entry("expired", request));
                await notices.DecidedAsync(request, names.GetValueOrDefault(request.ModelId, ""), actorId: null, ct);
            }

            await db.SaveChangesAsync(ct);
            await write.CommitAsync(ct);
            closed += over.Count;
            if (over.Count < BatchSize)
                return closed;
        }
    }
}
