using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Audit;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Holds;

namespace ModelRegistry.Core.Retention;

/// <summary>Writes down that locks ended whose day is over. Called after the clock was looked at; where it never runs, nothing
/// is ever unlocked.</summary>
public sealed class LockExpiry(RegistryDbContext db, AuditTrail audit, TimeProvider time)
{
    private const int AtOnce = 500;

    public async Task<int> RunAsync(CancellationToken ct)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var over = db.RetentionLocks.Where(l => l.EndedMs == null && l.UntilDay < UtcDay.Of(now));
        // Looked at each minute: mostly there is none.
        if (!await over.AnyAsync(ct))
            return 0;
        db.ChangeTracker.Clear();
        await using var write = await db.BeginHoldingAsync(ct);
        var locks = await over.OrderBy(l => l.UntilDay).ThenBy(l => l.Id).Take(AtOnce).ToListAsync(ct);
        foreach (var one in locks)
        {
            (one.EndedMs, one.EndedBy, one.EndReason) = (now, 0, "Its day is over.");
            audit.Record(db, new AuditEntry($"{RetentionLock.Noun}.expired", RetentionLock.Noun, one.LockUuid.ToString("D"))
            {
                After = new { On = HoldGuard.Noun(one.Target), one.TargetName, one.Mode, one.Until },
                Scope = one.Scope,
            });
        }

        await db.SaveChangesAsync(ct);
        await write.CommitAsync(ct);
        db.ChangeTracker.Clear();
        return locks.Count;
    }
}
