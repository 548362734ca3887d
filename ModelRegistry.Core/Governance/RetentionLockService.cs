using System.Globalization;
using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Audit;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Holds;
using ModelRegistry.Core.Identity;

namespace ModelRegistry.Core.Governance;

/// <param name="PublicId">A model's name, `name/3`, a run's or logged model's id, an experiment's id.</param>
/// <param name="Until">The last day on which it is kept, in UTC.</param>
public sealed record NewLock(HoldTarget Target, string PublicId, RetentionLockMode Mode, DateOnly Until, string Reason);

public sealed record LockQuery : KeepingQuery
{
    /// <summary>Null for those in force and those that ended.</summary>
    public bool? IsEnded { get; init; }
    public RetentionLockMode? Mode { get; init; }
}

public sealed record LockRow(RetentionLock Lock, string CreatedBy, string? EndedBy, string? BypassBy);

/// <summary>
/// Places and extends retention locks, and lists them. A lock only ever becomes stronger, whatever becomes of policies and
/// jobs. A governance lock ends or becomes shorter where one person with the right to bypass asks and another one agrees; a
/// compliance lock never does.
/// </summary>
public sealed class RetentionLockService(
    RegistryDbContext db, CurrentUserHolder caller, AuditTrail audit, TimeProvider time, HeldThingDirectory things, PeopleDirectory people,
    HoldLedger ledger)
{
    public async Task<LockRow> PlaceAsync(NewLock request, CancellationToken ct)
    {
        caller.User.Require(InstanceRight.ManageHolds);
        if (!Enum.IsDefined(request.Mode))
            throw new InvalidArgumentException("mode", "mode must be one of: governance, compliance.");
        var day = RequireDay("until", request.Until);
        RequireReason(request.Reason);
        db.ChangeTracker.Clear();
        await using var write = await db.BeginHoldingAsync(ct);
        // Looked up in here: what was purged a moment ago is not there any more.
        var found = await things.GetAsync(request.Target, request.PublicId, ct);
        var placed = new RetentionLock
        {
            LockUuid = Guid.NewGuid(),
            Mode = request.Mode,
            UntilDay = day,
            Reason = request.Reason.Trim(),
            Target = request.Target,
            TargetId = found.Id,
            ParentId = found.ParentId,
            TargetName = found.Name,
            CreatedMs = Now(),
            CreatedBy = caller.User.Id,
        };
        db.Add(placed);
        Record("placed", placed, before: null, new { On = HoldGuard.Noun(placed.Target), placed.TargetName, placed.Mode, placed.Until }, placed.Reason);
        return await SaveAsync(placed, write, ct);
    }

    /// <summary>A later day, or compliance instead of governance. What waited for a second person to make it weaker is off.</summary>
    /// <exception cref="ConflictException">It would become weaker, or it has ended.</exception>
    public async Task<LockRow> ExtendAsync(string id, DateOnly? until, RetentionLockMode? mode, string reason, CancellationToken ct)
    {
        caller.User.Require(InstanceRight.ManageHolds);
        if (until is null && mode is null)
            throw new InvalidArgumentException("until", "Give a later day, or a stronger mode.");
        if (mode is { } wanted && !Enum.IsDefined(wanted))
            throw new InvalidArgumentException("mode", "mode must be one of: governance, compliance.");
        RequireReason(reason);
        db.ChangeTracker.Clear();
        await using var write = await db.BeginHoldingAsync(ct);
        var found = await InForceAsync(id, ct);
        if (until < found.Until)
            throw Weaker(found, $"until {Shown(until.Value)} is before {Shown(found.Until)}");
        if (mode < found.Mode)
            throw Weaker(found, "its mode is compliance");
        var day = until is { } later ? RequireDay("until", later) : found.UntilDay;
        if (day == found.UntilDay && (mode ?? found.Mode) == found.Mode)
            return await RowAsync(found, ct);
        var before = new { found.Mode, found.Until };
        (found.UntilDay, found.Mode) = (day, mode ?? found.Mode);
        ForgetBypass(found);
        Record("extended", found, before, new { found.Mode, found.Until }, reason.Trim());
        return await SaveAsync(found, write, ct);
    }

    /// <summary>Asks that a governance lock ends, or becomes shorter. Nothing happens before another person agrees.</summary>
    /// <param name="bypass">Has to be said, so that nobody does it by accident.</param>
    /// <param name="until">The new last day; null where the lock shall come off.</param>
    public async Task<LockRow> RequestBypassAsync(string id, bool bypass, DateOnly? until, string? reason, CancellationToken ct)
    {
        caller.User.Require(InstanceRight.BypassRetention);
        if (!bypass)
            throw new InvalidArgumentException("bypass", "Say that this lock is to be bypassed: bypass = true.");
        RequireReason(reason);
        db.ChangeTracker.Clear();
        await using var write = await db.BeginHoldingAsync(ct);
        var found = await InForceAsync(id, ct);
        if (found.Mode == RetentionLockMode.Compliance)
            throw Weaker(found, "its mode is compliance");
        if (until >= found.Until)
            throw new InvalidArgumentException("until", $"The lock lasts until {Shown(found.Until)}: extend it where it shall last longer.");
        if (found.BypassUuid is not null)
            throw new ConflictException(RetentionLock.Noun, id, "Somebody has asked for that already: agree to it or refuse it first.");
        (found.BypassUuid, found.BypassBy, found.BypassMs) = (Guid.NewGuid(), caller.User.Id, Now());
        (found.BypassDay, found.BypassReason) = (until is { } day ? RequireDay("until", day) : null, reason!.Trim());
        Record("bypass-requested", found, new { found.Until }, new { Until = until, Request = found.BypassUuid }, found.BypassReason);
        return await SaveAsync(found, write, ct);
    }

    /// <summary>The second person agrees, to the request that they saw.</summary>
    public async Task<LockRow> ApproveBypassAsync(string id, string request, CancellationToken ct)
    {
        caller.User.Require(InstanceRight.Govern);
        db.ChangeTracker.Clear();
        await using var write = await db.BeginHoldingAsync(ct);
        var found = await AskedAsync(id, request, ct);
        if (found.BypassBy == caller.User.Id)
            throw new ForbiddenException("Permission denied: whoever asked to bypass a lock cannot agree to it. Ask somebody else.");
        var before = new { found.Mode, found.Until };
        var reason = found.BypassReason!;
        var asker = found.BypassBy;
        if (found.BypassDay is { } day)
            found.UntilDay = day;
        else
            (found.EndedMs, found.EndedBy, found.EndReason) = (Now(), caller.User.Id, NameRules.Truncate($"Bypassed: {reason}", RetentionLock.MaxReasonLength));
        ForgetBypass(found);
        Record("bypassed", found, before, new
        {
            found.TargetName,
            Until = found.EndedMs is null ? found.Until : (DateOnly?)null,
            RequestedBy = asker,
            ApprovedBy = caller.User.Id,
        }, reason);
        return await SaveAsync(found, write, ct);
    }

    /// <summary>Refuses a request, or takes one's own back: the lock stays as it is.</summary>
    public async Task<LockRow> RejectBypassAsync(string id, string request, string? reason, CancellationToken ct)
    {
        if (!caller.User.May(InstanceRight.BypassRetention))
            caller.User.Require(InstanceRight.Govern);
        RequireReason(reason);
        db.ChangeTracker.Clear();
        await using var write = await db.BeginHoldingAsync(ct);
        var found = await AskedAsync(id, request, ct);
        Record("bypass-rejected", found, new { RequestedBy = found.BypassBy }, after: null, reason!.Trim());
        ForgetBypass(found);
        return await SaveAsync(found, write, ct);
    }

    public async Task<LockRow> GetAsync(string id, CancellationToken ct)
    {
        RequireReading();
        return await RowAsync(await FindAsync(db.RetentionLocks.AsNoTracking(), id, ct), ct);
    }

    /// <summary>Newest first.</summary>
    public async Task<Page<LockRow>> ListAsync(LockQuery query, CancellationToken ct)
    {
        RequireReading();
        var locks = db.RetentionLocks.AsNoTracking();
        if (query.IsEnded is { } ended)
            locks = locks.Where(l => l.EndedMs != null == ended);
        if (query.Mode is { } mode)
            locks = locks.Where(l => l.Mode == mode);
        var page = await locks.PageAsync(query, $"{query.IsEnded}|{query.Mode}", ct);
        return new Page<LockRow>(await RowsAsync(page.Items, ct), page.NextPageToken);
    }

    // Whoever may do something with locks, and auditors.
    private void RequireReading()
    {
        if (!caller.User.May(InstanceRight.ManageHolds) && !caller.User.May(InstanceRight.BypassRetention))
            caller.User.Require(InstanceRight.ViewAudit);
    }

    private async Task<RetentionLock> InForceAsync(string id, CancellationToken ct)
    {
        var found = await FindAsync(db.RetentionLocks, id, ct);
        return found.EndedMs is null ? found
            : throw new ConflictException(RetentionLock.Noun, id, $"The retention lock {found.LockUuid} has ended. Place a new one.");
    }

    private async Task<RetentionLock> AskedAsync(string id, string request, CancellationToken ct)
    {
        var found = await InForceAsync(id, ct);
        return found.BypassUuid is { } asked && Guid.TryParseExact(request, "D", out var uuid) && asked == uuid ? found
            : throw new ConflictException(RetentionLock.Noun, id, "This request to bypass the lock is not open any more. Look at the lock again.");
    }

    private static async Task<RetentionLock> FindAsync(IQueryable<RetentionLock> locks, string id, CancellationToken ct) =>
        (Guid.TryParseExact(id, "D", out var uuid) ? await locks.FirstOrDefaultAsync(l => l.LockUuid == uuid, ct) : null)
        ?? throw new NotFoundException(RetentionLock.Noun, NameRules.Truncate(id, 41));

    private async Task<LockRow> SaveAsync(RetentionLock changed, WriteTransaction write, CancellationToken ct)
    {
        await db.SaveChangesAsync(ct);
        if (changed.EndedMs is null)
            await ledger.PlacedAsync(changed, ct);
        await write.CommitAsync(ct);
        if (changed.EndedMs is not null)
            await ledger.ReleasedAsync(changed, ct);
        return await RowAsync(changed, ct);
    }

    private async Task<LockRow> RowAsync(RetentionLock one, CancellationToken ct) => (await RowsAsync([one], ct))[0];

    private async Task<IReadOnlyList<LockRow>> RowsAsync(IReadOnlyList<RetentionLock> locks, CancellationToken ct)
    {
        await people.LoadAsync(locks.SelectMany(l => new[] { l.CreatedBy, l.EndedBy ?? 0, l.BypassBy ?? 0 }), ct);
        return [.. locks.Select(l => new LockRow(l, people.NameOf(l.CreatedBy), l.EndedBy is { } by ? people.NameOf(by) : null,
            l.BypassBy is { } asker ? people.NameOf(asker) : null))];
    }

    private static void ForgetBypass(RetentionLock one) =>
        (one.BypassUuid, one.BypassBy, one.BypassMs, one.BypassDay, one.BypassReason) = (null, null, null, null, null);

    private int RequireDay(string field, DateOnly until)
    {
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        if (until < today)
            throw new InvalidArgumentException(field, $"{field} must be today ({Shown(today)} UTC) or later: a lock keeps to the end of that day.");
        if (until.DayNumber - today.DayNumber > RetentionLock.MaxDays)
            throw new InvalidArgumentException(field, $"{field} may be {RetentionLock.MaxDays} days ahead at most. Is {Shown(until)} meant?");
        return UtcDay.Of(until);
    }

    private static void RequireReason(string? reason)
    {
        if (string.IsNullOrWhiteSpace(reason))
            throw new InvalidArgumentException("reason", "Give a reason: it is kept with the lock.");
        NameRules.RequireMaxLength("reason", reason, RetentionLock.MaxReasonLength);
    }

    private static ConflictException Weaker(RetentionLock found, string why) => new(RetentionLock.Noun, found.LockUuid.ToString("D"),
        $"The {(found.Mode == RetentionLockMode.Compliance ? "compliance" : "governance")} lock {found.LockUuid} can only be extended: {why}."
        + (found.Mode == RetentionLockMode.Governance ? " Whoever has the right to bypass locks can ask for it with a reason." : ""));

    private static string Shown(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private void Record(string change, RetentionLock one, object? before, object? after, string? reason) =>
        audit.Record(db, new AuditEntry($"{RetentionLock.Noun}.{change}", RetentionLock.Noun, one.LockUuid.ToString("D"))
        {
            Before = before,
            After = after,
            Reason = reason,
            Scope = one.Scope,
        });

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
