using System.Globalization;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Audit;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Holds;

namespace ModelRegistry.Core.Governance;

/// <summary>What the ledger says of a hold: enough to place it again.</summary>
/// <param name="Key">What is held, by what it keeps for ever: rows get their numbers again after a restore.</param>
public sealed record LedgerHold(
    HoldTarget Target, string Key, string TargetName, string Matter, string Reason, long OwnerId, long CreatedMs, long CreatedBy);

/// <summary>What the ledger says of a retention lock. The latest line of one counts.</summary>
public sealed record LedgerLock(HoldTarget Target, string Key, string TargetName, RetentionLockMode Mode, int UntilDay, string Reason,
    long CreatedMs, long CreatedBy, long AtMs);

/// <param name="PlacedAgain">Holds and locks that the database had forgotten, or knew as weaker.</param>
/// <param name="WithoutTarget">Forgotten ones on what the database does not have either.</param>
/// <param name="StillActive">Those that were released, which the database has forgotten: they stay.</param>
/// <param name="Unreadable">Lines of the ledger that cannot be understood.</param>
public sealed record HoldLedgerReport(
    IReadOnlyList<string> PlacedAgain, IReadOnlyList<string> WithoutTarget, IReadOnlyList<string> StillActive, int Unreadable)
{
    public bool IsSound => PlacedAgain.Count + WithoutTarget.Count + StillActive.Count + Unreadable == 0;
}

/// <summary>Writes holds and locks down where they outlive the database, and places those again that it has forgotten. Nothing
/// here ever takes one away.</summary>
public sealed class HoldLedger(RegistryDbContext db, Ledger ledger, AuditTrail audit, TimeProvider time)
{
    /// <summary>Before the hold is committed: one that was answered is in the ledger.</summary>
    internal async Task PlacedAsync(LegalHold hold, CancellationToken ct) => await ledger.AppendAsync([await EntryAsync(hold, ct)], ct);

    /// <summary>As it is now, before that is committed.</summary>
    internal async Task PlacedAsync(RetentionLock one, CancellationToken ct) => await ledger.AppendAsync([await EntryAsync(one, ct)], ct);

    /// <summary>After it is committed: what still stands must not be in the ledger as released.</summary>
    internal Task ReleasedAsync(LegalHold hold, CancellationToken ct) => ledger.AppendAsync([Released(hold.HoldUuid, hold.ReleasedMs)], ct);

    /// <summary>After it is committed.</summary>
    internal Task ReleasedAsync(RetentionLock one, CancellationToken ct) => ledger.AppendAsync([Released(one.LockUuid, one.EndedMs)], ct);

    /// <summary>Compares the two, and writes into the ledger what it lacks.</summary>
    /// <param name="placeAgain">Places what the database has forgotten; otherwise that is only listed.</param>
    public async Task<HoldLedgerReport> CompareAsync(bool placeAgain, CancellationToken ct)
    {
        var written = await ReadAsync(ct);
        var holds = await db.LegalHolds.AsNoTracking().OrderBy(h => h.Id).ToDictionaryAsync(h => h.HoldUuid, ct);
        var locks = await db.RetentionLocks.AsNoTracking().OrderBy(l => l.Id).ToDictionaryAsync(l => l.LockUuid, ct);
        await CatchUpAsync(holds, locks, written, ct);
        var (again, lost) = (new List<string>(), new List<string>());
        foreach (var (id, hold) in written.Holds.Where(h => !holds.ContainsKey(h.Key) && !written.Released.Contains(h.Key)))
        {
            if (await FindAsync(hold.Target, hold.Key, ct) is not { } on)
                lost.Add(Words("hold", id, hold.Target, hold.TargetName));
            else
                await AgainAsync(new LegalHold { HoldUuid = id, Matter = hold.Matter, Reason = hold.Reason, TargetName = hold.TargetName, CreatedMs = hold.CreatedMs }, hold, on);
        }

        foreach (var (id, one) in written.Locks.Where(l => !written.Released.Contains(l.Key)))
        {
            if (locks.TryGetValue(id, out var known))
            {
                if (known.EndedMs is null && (known.UntilDay < one.UntilDay || known.Mode < one.Mode))
                    await StrongerAsync(known, one);
            }
            else if (await FindAsync(one.Target, one.Key, ct) is { } on)
            {
                await LockAgainAsync(id, one, on);
            }
            else
            {
                lost.Add(Words("lock", id, one.Target, one.TargetName));
            }
        }

        return new HoldLedgerReport(again, lost,
        [
            .. holds.Values.Where(h => h.ReleasedMs is null && written.Released.Contains(h.HoldUuid)).Select(h => Words("hold", h.HoldUuid, h.Target, h.TargetName)),
            .. locks.Values.Where(l => l.EndedMs is null && written.Released.Contains(l.LockUuid)).Select(l => Words("lock", l.LockUuid, l.Target, l.TargetName)),
        ], written.Unreadable);

        async Task AgainAsync(LegalHold hold, LedgerHold from, (long Id, long? Parent) on)
        {
            (hold.Target, hold.TargetId, hold.ParentId) = (from.Target, on.Id, on.Parent);
            (hold.OwnerId, hold.CreatedBy) = (await UserAsync(from.OwnerId, ct), await UserAsync(from.CreatedBy, ct));
            again.Add(Words("hold", hold.HoldUuid, hold.Target, hold.TargetName));
            if (placeAgain)
                await PlaceAsync(hold, LegalHold.Noun, hold.HoldUuid, new { hold.Matter, On = HoldGuard.Noun(hold.Target), hold.TargetName }, hold.Reason, ct);
        }

        async Task LockAgainAsync(Guid id, LedgerLock from, (long Id, long? Parent) on)
        {
            again.Add(Words("lock", id, from.Target, from.TargetName));
            if (!placeAgain)
                return;
            var one = new RetentionLock
            {
                LockUuid = id,
                Mode = from.Mode,
                UntilDay = from.UntilDay,
                Reason = from.Reason,
                Target = from.Target,
                TargetId = on.Id,
                ParentId = on.Parent,
                TargetName = from.TargetName,
                CreatedMs = from.CreatedMs,
                CreatedBy = await UserAsync(from.CreatedBy, ct),
            };
            await PlaceAsync(one, RetentionLock.Noun, id, new { On = HoldGuard.Noun(one.Target), one.TargetName, one.Mode, one.Until }, one.Reason, ct);
        }

        async Task StrongerAsync(RetentionLock known, LedgerLock written)
        {
            again.Add(Words("lock", known.LockUuid, known.Target, known.TargetName));
            if (!placeAgain)
                return;
            known.UntilDay = Math.Max(known.UntilDay, written.UntilDay);
            known.Mode = (RetentionLockMode)Math.Max((short)known.Mode, (short)written.Mode);
            await PlaceAsync(known, RetentionLock.Noun, known.LockUuid, new { known.TargetName, known.Mode, known.Until }, known.Reason, ct);
        }
    }

    private sealed record Written(Dictionary<Guid, LedgerHold> Holds, Dictionary<Guid, LedgerLock> Locks, HashSet<Guid> Released, int Unreadable);

    private async Task<Written> ReadAsync(CancellationToken ct)
    {
        var unreadable = 0;
        var (holds, locks, released) = (new Dictionary<Guid, LedgerHold>(), new Dictionary<Guid, LedgerLock>(), new HashSet<Guid>());
        await foreach (var entry in ledger.ReadAsync(() => unreadable++, ct))
        {
            switch (entry.Kind)
            {
                case Ledger.Release:
                    released.Add(entry.Id);
                    break;
                case Ledger.Hold when Read<LedgerHold>(entry) is { Key: not null, TargetName: not null, Matter: not null, Reason: not null } hold:
                    holds[entry.Id] = hold;
                    break;
                case Ledger.Lock when Read<LedgerLock>(entry) is { Key: not null, TargetName: not null, Reason: not null } one:
                    if (!locks.TryGetValue(entry.Id, out var before) || before.AtMs <= one.AtMs)
                        locks[entry.Id] = one;
                    break;
                case Ledger.Hold or Ledger.Lock:
                    unreadable++;
                    break;
            }
        }

        return new Written(holds, locks, released, unreadable);
    }

    // What was placed before there was a ledger, ended by its day, or released by a server that died before it wrote that down.
    private async Task CatchUpAsync(
        Dictionary<Guid, LegalHold> holds, Dictionary<Guid, RetentionLock> locks, Written written, CancellationToken ct)
    {
        var missing = new List<LedgerEntry>();
        foreach (var hold in holds.Values.Where(h => !written.Holds.ContainsKey(h.HoldUuid)))
            missing.Add(await EntryAsync(hold, ct));
        foreach (var one in locks.Values.Where(l => !written.Locks.ContainsKey(l.LockUuid)))
            missing.Add(await EntryAsync(one, ct));
        missing.AddRange(holds.Values.Where(h => h.ReleasedMs is not null && !written.Released.Contains(h.HoldUuid)).Select(h => Released(h.HoldUuid, h.ReleasedMs)));
        missing.AddRange(locks.Values.Where(l => l.EndedMs is not null && !written.Released.Contains(l.LockUuid)).Select(l => Released(l.LockUuid, l.EndedMs)));
        await ledger.AppendAsync(missing, ct);
    }

    private async Task PlaceAsync(Keeping keeping, string noun, Guid id, object after, string reason, CancellationToken ct)
    {
        db.ChangeTracker.Clear();
        await using var write = await db.BeginHoldingAsync(ct);
        // A new one has no number yet: it is added, the other one changed.
        db.Update(keeping);
        audit.Record(db, new AuditEntry($"{noun}.placed-again", noun, id.ToString("D"))
        {
            After = after,
            Reason = reason,
            Scope = keeping.Scope,
        });
        try
        {
            await db.SaveChangesAsync(ct);
        }
        catch (DbUpdateException e) when (db.IsUniqueViolation(e))
        {
            // Another server of the same moment has placed it.
            return;
        }

        await write.CommitAsync(ct);
    }

    // Whoever is not in the database either may be somebody else there tomorrow.
    private async Task<long> UserAsync(long id, CancellationToken ct) => await db.Users.AnyAsync(u => u.Id == id, ct) ? id : 0;

    private async Task<LedgerEntry> EntryAsync(LegalHold hold, CancellationToken ct) => LedgerEntry.Of(Ledger.Hold, hold.HoldUuid,
        new LedgerHold(hold.Target, await KeyAsync(hold, ct), hold.TargetName, hold.Matter, hold.Reason, hold.OwnerId, hold.CreatedMs, hold.CreatedBy));

    private async Task<LedgerEntry> EntryAsync(RetentionLock one, CancellationToken ct) => LedgerEntry.Of(Ledger.Lock, one.LockUuid,
        new LedgerLock(one.Target, await KeyAsync(one, ct), one.TargetName, one.Mode, one.UntilDay, one.Reason, one.CreatedMs, one.CreatedBy,
            time.GetUtcNow().ToUnixTimeMilliseconds()));

    private static LedgerEntry Released(Guid id, long? atMs) => LedgerEntry.Of(Ledger.Release, id, new { AtMs = atMs });

    // Empty where it is gone: then nothing is found by it later either.
    private async Task<string> KeyAsync(Keeping keeping, CancellationToken ct)
    {
        var id = keeping.TargetId;
        return keeping.Target switch
        {
            HoldTarget.Experiment => Dated(id, await db.Experiments.Where(e => e.Id == id).Select(e => (long?)e.CreatedMs).FirstOrDefaultAsync(ct)),
            HoldTarget.RegisteredModel => Dated(id, await db.RegisteredModels.Where(m => m.Id == id).Select(m => (long?)m.CreatedMs).FirstOrDefaultAsync(ct)),
            HoldTarget.ModelVersion => (await db.ModelVersions.Where(v => v.Id == id).Select(v => (Guid?)v.VersionUuid).FirstOrDefaultAsync(ct))?.ToString("D") ?? "",
            _ => keeping.TargetName,
        };
    }

    private async Task<(long Id, long? Parent)?> FindAsync(HoldTarget target, string key, CancellationToken ct)
    {
        switch (target)
        {
            case HoldTarget.Experiment when Dated(key) is var (id, ms):
                return await db.Experiments.AnyAsync(e => e.Id == id && e.CreatedMs == ms, ct) ? (id, null) : null;
            case HoldTarget.RegisteredModel when Dated(key) is var (id, ms):
                return await db.RegisteredModels.AnyAsync(m => m.Id == id && m.CreatedMs == ms, ct) ? (id, null) : null;
            case HoldTarget.ModelVersion when Guid.TryParseExact(key, "D", out var uuid):
                var version = await db.ModelVersions.Where(v => v.VersionUuid == uuid).Select(v => new { v.Id, v.ModelId }).FirstOrDefaultAsync(ct);
                return version is null ? null : (version.Id, version.ModelId);
            case HoldTarget.Run:
                var run = await db.Runs.Where(r => r.RunUuid == key).Select(r => new { r.Id, r.ExperimentId }).FirstOrDefaultAsync(ct);
                return run is null ? null : (run.Id, run.ExperimentId);
            case HoldTarget.LoggedModel:
                var logged = await db.LoggedModels.Where(m => m.ModelUuid == key).Select(m => new { m.Id, m.ExperimentId }).FirstOrDefaultAsync(ct);
                return logged is null ? null : (logged.Id, logged.ExperimentId);
            default:
                return null;
        }
    }

    private static string Dated(long id, long? createdMs) =>
        createdMs is { } ms ? string.Create(CultureInfo.InvariantCulture, $"{id}@{ms}") : "";

    private static (long Id, long CreatedMs)? Dated(string key) => key.Split('@') is [var id, var at]
        && long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var ms) ? (number, ms) : null;

    private static string Words(string what, Guid id, HoldTarget target, string name) => $"{what} {id} on the {HoldGuard.Noun(target)} {name}";

    private static T? Read<T>(LedgerEntry entry) where T : class
    {
        try
        {
            return entry.Read<T>();
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
