using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Audit;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Holds;
using ModelRegistry.Core.Identity;
using ModelRegistry.Core.Webhooks;

namespace ModelRegistry.Core.Governance;

/// <param name="PublicId">The public id: a model's name, `name/3`, a run's or logged model's id, an experiment's id.</param>
/// <param name="OwnerId">Who answers for it; null for the one who places it.</param>
public sealed record NewHold(HoldTarget Target, string PublicId, string Matter, string Reason, long? OwnerId = null);

public sealed record HoldQuery : KeepingQuery
{
    /// <summary>Null for both.</summary>
    public bool? IsReleased { get; init; }
    public string? Matter { get; init; }
}

public sealed record HoldRow(LegalHold Hold, string Owner, string CreatedBy, string? ReleasedBy);

/// <summary>Places and releases legal holds, and lists them. Holds add up: releasing one leaves the others.</summary>
public sealed class HoldService(
    RegistryDbContext db, CurrentUserHolder caller, AuditTrail audit, EventOutbox outbox, TimeProvider time, HeldThingDirectory things, PeopleDirectory people,
    HoldLedger ledger)
{
    public async Task<HoldRow> PlaceAsync(NewHold request, CancellationToken ct)
    {
        caller.User.Require(InstanceRight.ManageHolds);
        RequireText("matter", request.Matter, LegalHold.MaxMatterLength);
        RequireText("reason", request.Reason, LegalHold.MaxReasonLength);
        db.ChangeTracker.Clear();
        await using var write = await db.BeginHoldingAsync(ct);
        // Looked up in here: what was purged a moment ago is not there any more.
        var found = await things.GetAsync(request.Target, request.PublicId, ct);
        var hold = new LegalHold
        {
            HoldUuid = Guid.NewGuid(),
            Matter = request.Matter.Trim(),
            Reason = request.Reason.Trim(),
            OwnerId = request.OwnerId ?? caller.User.Id,
            Target = request.Target,
            TargetId = found.Id,
            ParentId = found.ParentId,
            TargetName = found.Name,
            CreatedMs = Now(),
            CreatedBy = caller.User.Id,
        };
        db.Add(hold);
        Record("placed", hold, after: new { hold.Matter, hold.OwnerId, On = HoldGuard.Noun(hold.Target), hold.TargetName }, hold.Reason);
        await outbox.AddAsync(db, RegistryEvent.Hold(WebhookEvents.HoldSet, hold.HoldUuid, HoldGuard.Noun(hold.Target), hold.TargetName), ct);
        await db.SaveChangesAsync(ct);
        await ledger.PlacedAsync(hold, ct);
        await write.CommitAsync(ct);
        return (await RowsAsync([hold], ct))[0];
    }

    public async Task<HoldRow> GetAsync(string id, CancellationToken ct)
    {
        RequireReading();
        return (await RowsAsync([await FindAsync(db.LegalHolds.AsNoTracking(), id, ct)], ct))[0];
    }

    /// <summary>Newest first.</summary>
    public async Task<Page<HoldRow>> ListAsync(HoldQuery query, CancellationToken ct)
    {
        RequireReading();
        var holds = db.LegalHolds.AsNoTracking();
        if (query.IsReleased is { } released)
            holds = holds.Where(h => h.ReleasedMs != null == released);
        if (query.Matter is { } matter)
            holds = holds.Where(h => h.Matter == matter);
        var page = await holds.PageAsync(query, $"{query.IsReleased}|{query.Matter}", ct);
        return new Page<HoldRow>(await RowsAsync(page.Items, ct), page.NextPageToken);
    }

    /// <summary>The hold stays as a record, with the reason.</summary>
    public async Task<HoldRow> ReleaseAsync(string id, string reason, CancellationToken ct)
    {
        caller.User.Require(InstanceRight.ManageHolds);
        RequireText("reason", reason, LegalHold.MaxReasonLength);
        db.ChangeTracker.Clear();
        await using var write = await db.BeginHoldingAsync(ct);
        var hold = await FindAsync(db.LegalHolds, id, ct);
        if (hold.ReleasedMs is not null)
            throw new ConflictException(LegalHold.Noun, id, $"The legal hold {hold.HoldUuid} is released already.");
        hold.ReleasedMs = Now();
        hold.ReleasedBy = caller.User.Id;
        hold.ReleaseReason = reason.Trim();
        Record("released", hold, after: new { hold.Matter, On = HoldGuard.Noun(hold.Target), hold.TargetName }, hold.ReleaseReason);
        await outbox.AddAsync(db, RegistryEvent.Hold(WebhookEvents.HoldReleased, hold.HoldUuid, HoldGuard.Noun(hold.Target), hold.TargetName), ct);
        await db.SaveChangesAsync(ct);
        await write.CommitAsync(ct);
        await ledger.ReleasedAsync(hold, ct);
        return (await RowsAsync([hold], ct))[0];
    }

    // A hold may name a matter that not everybody is to know of.
    private void RequireReading()
    {
        if (!caller.User.May(InstanceRight.ManageHolds))
            caller.User.Require(InstanceRight.ViewAudit);
    }

    private static async Task<LegalHold> FindAsync(IQueryable<LegalHold> holds, string id, CancellationToken ct) =>
        (Guid.TryParseExact(id, "D", out var uuid) ? await holds.FirstOrDefaultAsync(h => h.HoldUuid == uuid, ct) : null)
        ?? throw new NotFoundException(LegalHold.Noun, NameRules.Truncate(id, 41));

    private async Task<IReadOnlyList<HoldRow>> RowsAsync(IReadOnlyList<LegalHold> holds, CancellationToken ct)
    {
        await people.LoadAsync(holds.SelectMany(h => new[] { h.OwnerId, h.CreatedBy, h.ReleasedBy ?? 0 }), ct);
        return [.. holds.Select(h => new HoldRow(h, people.NameOf(h.OwnerId), people.NameOf(h.CreatedBy),
            h.ReleasedBy is { } by ? people.NameOf(by) : null))];
    }

    private void Record(string change, LegalHold hold, object after, string reason) =>
        audit.Record(db, new AuditEntry($"{LegalHold.Noun}.{change}", LegalHold.Noun, hold.HoldUuid.ToString("D"))
        {
            After = after,
            Reason = reason,
            Scope = hold.Scope,
        });

    private static void RequireText(string field, string text, int max)
    {
        if (string.IsNullOrWhiteSpace(text))
            throw new InvalidArgumentException(field, $"Give a {field}: it is kept with the hold.");
        NameRules.RequireMaxLength(field, text, max);
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
