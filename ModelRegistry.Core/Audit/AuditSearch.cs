using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;

namespace ModelRegistry.Core.Audit;

/// <summary>Which events; null is any.</summary>
public sealed record AuditQuery
{
    public long? ActorId { get; init; }
    public string? ObjectKind { get; init; }
    public string? ObjectId { get; init; }
    /// <summary>The verb, e.g. `stage-changed`, whatever the noun.</summary>
    public string? Change { get; init; }
    public long? FromMs { get; init; }
    public long? ToMs { get; init; }
    public int MaxResults { get; init; } = 50;
    public string? PageToken { get; init; }
}

/// <param name="ActorName">As it is now; the event itself holds the id.</param>
/// <param name="Address">Null where it was erased, or the registry itself acted.</param>
public sealed record AuditRow(AuditEvent Event, string ActorName, string? Address);

/// <summary>Reads the audit log, newest first, for those who may.</summary>
public sealed class AuditSearch(RegistryDbContext db, CurrentUserHolder caller, PeopleDirectory people)
{
    public async Task<Page<AuditRow>> FindAsync(AuditQuery query, CancellationToken ct)
    {
        caller.User.Require(InstanceRight.ViewAudit);
        var text = $"{query.ActorId}|{query.ObjectKind}|{query.ObjectId}|{query.Change}|{query.FromMs}|{query.ToMs}";
        var events = db.AuditEvents.AsNoTracking();
        if (query.ActorId is { } actor)
            events = events.Where(e => e.ActorId == actor);
        if (query.ObjectKind is { } kind)
            events = events.Where(e => e.ObjectKind == kind);
        if (query.ObjectId is { } id)
            events = events.Where(e => e.ObjectId == id);
        if (query.Change is { } change)
            events = events.Where(e => e.Action.EndsWith("." + change));
        if (query.FromMs is { } from)
            events = events.Where(e => e.AtMs >= from);
        if (query.ToMs is { } to)
            events = events.Where(e => e.AtMs < to);
        if (PageToken.TryDecode<long>(query.PageToken, text, out var last))
            events = events.Where(e => e.Id < last);

        var found = await events.OrderByDescending(e => e.Id).Take(query.MaxResults + 1).Include(e => e.Origin).ToListAsync(ct);
        var rows = found.Take(query.MaxResults).ToList();
        await people.LoadAsync(rows.Select(e => e.ActorId), ct);
        return new Page<AuditRow>(
            [.. rows.Select(e => new AuditRow(e, people.NameOf(e.ActorId), e.Origin?.Address))],
            found.Count > rows.Count ? PageToken.Encode(rows[^1].Id, text) : null);
    }
}
