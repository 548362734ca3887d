using System.Globalization;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Audit;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Holds;
using ModelRegistry.Core.Identity;

namespace ModelRegistry.Core.Governance;

/// <summary>What the ledger says of a hold: enough to place it again.</summary>
/// <param name="Key">What is held, by what it keeps for ever: rows get their numbers again after a restore.</param>
public sealed record LedgerHold(
    HoldTarget Target, string Key, string TargetName, string Matter, string Reason, long OwnerId, long CreatedMs, long CreatedBy);

/// <param name="PlacedAgain">Holds that the database had forgotten.</param>
/// <param name="WithoutTarget">Forgotten holds on what the database does not have either.</param>
/// <param name="StillActive">Holds that were released, which the database has forgotten: they stay.</param>
/// <param name="Unreadable">Lines of the ledger that cannot be understood.</param>
public sealed record HoldLedgerReport(
    IReadOnlyList<LegalHold> PlacedAgain, IReadOnlyList<string> WithoutTarget, IReadOnlyList<LegalHold> StillActive, int Unreadable)
{
    public bool IsSound => PlacedAgain.Count + WithoutTarget.Count + StillActive.Count + Unreadable == 0;
}

/// <summary>Writes holds down where they outlive the database, and places those again that it has forgotten. Nothing here
/// ever takes a hold away.</summary>
public sealed class HoldLedger(RegistryDbContext db, Ledger ledger, AuditTrail audit)
{
    /// <summary>Before the hold is committed: one that was answered is in the ledger.</summary>
    internal async Task PlacedAsync(LegalHold hold, CancellationToken ct) =>
        await ledger.AppendAsync([await PlacedEntryAsync(hold, ct)], ct);

    /// <summary>After the release is committed: a hold that still stands must not be in the ledger as released.</summary>
    internal Task ReleasedAsync(LegalHold hold, CancellationToken ct) => ledger.AppendAsync([ReleasedEntry(hold)], ct);

    /// <summary>Compares the two, and writes into the ledger what it lacks.</summary>
    /// <param name="placeAgain">Places the holds that the database has forgotten; otherwise they are only listed.</param>
    public async Task<HoldLedgerReport> CompareAsync(bool placeAgain, CancellationToken ct)
    {
        var unreadable = 0;
        var placed = new Dictionary<Guid, LedgerHold>();
        var released = new HashSet<Guid>();
        await foreach (var entry in ledger.ReadAsync(() => unreadable++, ct))
        {
            if (entry.Kind == Ledger.Release)
                released.Add(entry.Id);
            else if (entry.Kind == Ledger.Hold && Read(entry) is { } hold)
                placed[entry.Id] = hold;
            else if (entry.Kind == Ledger.Hold)
                unreadable++;
        }

        var known = await db.LegalHolds.AsNoTracking().OrderBy(h => h.Id).ToListAsync(ct);
        await CatchUpAsync(known, placed, released, ct);
        var ids = known.Select(h => h.HoldUuid).ToHashSet();
        var (again, lost) = (new List<LegalHold>(), new List<string>());
        foreach (var (id, hold) in placed.Where(p => !ids.Contains(p.Key) && !released.Contains(p.Key)))
        {
            if (await FindAsync(hold, ct) is not var (target, parent))
                lost.Add($"{id} on the {HoldGuard.Noun(hold.Target)} {hold.TargetName}");
            else
                again.Add(await RestoreAsync(id, hold, target, parent, placeAgain, ct));
        }

        return new HoldLedgerReport(again, lost, [.. known.Where(h => h.ReleasedMs is null && released.Contains(h.HoldUuid))], unreadable);
    }

    // What was placed before there was a ledger, or released by a server that died before it wrote that down.
    private async Task CatchUpAsync(
        List<LegalHold> known, Dictionary<Guid, LedgerHold> placed, HashSet<Guid> released, CancellationToken ct)
    {
        var missing = new List<LedgerEntry>();
        foreach (var hold in known)
        {
            if (!placed.ContainsKey(hold.HoldUuid))
                missing.Add(await PlacedEntryAsync(hold, ct));
            if (hold.ReleasedMs is not null && !released.Contains(hold.HoldUuid))
                missing.Add(ReleasedEntry(hold));
        }

        await ledger.AppendAsync(missing, ct);
    }

    private async Task<LegalHold> RestoreAsync(Guid id, LedgerHold from, long target, long? parent, bool place, CancellationToken ct)
    {
        var hold = new LegalHold
        {
            HoldUuid = id,
            Matter = from.Matter,
            Reason = from.Reason,
            // Whoever is not in the database either may be somebody else there tomorrow.
            OwnerId = await db.Users.AnyAsync(u => u.Id == from.OwnerId, ct) ? from.OwnerId : 0,
            CreatedBy = await db.Users.AnyAsync(u => u.Id == from.CreatedBy, ct) ? from.CreatedBy : 0,
            CreatedMs = from.CreatedMs,
            Target = from.Target,
            TargetId = target,
            ParentId = parent,
            TargetName = from.TargetName,
        };
        if (!place)
            return hold;
        db.ChangeTracker.Clear();
        await using var write = await db.BeginHoldingAsync(ct);
        db.Add(hold);
        audit.Record(db, new AuditEntry($"{HoldService.Noun}.placed-again", HoldService.Noun, id.ToString("D"))
        {
            After = new { hold.Matter, hold.OwnerId, On = HoldGuard.Noun(hold.Target), hold.TargetName },
            Reason = hold.Reason,
            Scope = HeldThingDirectory.ScopeOf(hold),
        });
        try
        {
            await db.SaveChangesAsync(ct);
        }
        catch (DbUpdateException e) when (db.IsUniqueViolation(e))
        {
            // Another server of the same moment has placed it.
            return hold;
        }

        await write.CommitAsync(ct);
        return hold;
    }

    private async Task<LedgerEntry> PlacedEntryAsync(LegalHold hold, CancellationToken ct) => LedgerEntry.Of(Ledger.Hold, hold.HoldUuid,
        new LedgerHold(hold.Target, await KeyAsync(hold, ct), hold.TargetName, hold.Matter, hold.Reason, hold.OwnerId, hold.CreatedMs, hold.CreatedBy));

    private static LedgerEntry ReleasedEntry(LegalHold hold) => LedgerEntry.Of(Ledger.Release, hold.HoldUuid, new { hold.ReleasedMs, hold.ReleasedBy });

    // Empty where it is gone: then nothing is found by it later either.
    private async Task<string> KeyAsync(LegalHold hold, CancellationToken ct)
    {
        var id = hold.TargetId;
        return hold.Target switch
        {
            HoldTarget.Experiment => Dated(id, await db.Experiments.Where(e => e.Id == id).Select(e => (long?)e.CreatedMs).FirstOrDefaultAsync(ct)),
            HoldTarget.RegisteredModel => Dated(id, await db.RegisteredModels.Where(m => m.Id == id).Select(m => (long?)m.CreatedMs).FirstOrDefaultAsync(ct)),
            HoldTarget.ModelVersion => (await db.ModelVersions.Where(v => v.Id == id).Select(v => (Guid?)v.VersionUuid).FirstOrDefaultAsync(ct))?.ToString("D") ?? "",
            _ => hold.TargetName,
        };
    }

    private async Task<(long Id, long? Parent)?> FindAsync(LedgerHold hold, CancellationToken ct)
    {
        var key = hold.Key;
        switch (hold.Target)
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

    private static LedgerHold? Read(LedgerEntry entry)
    {
        try
        {
            return entry.Read<LedgerHold>() is { Key: not null, TargetName: not null, Matter: not null, Reason: not null } hold ? hold : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
