using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;

namespace ModelRegistry.Core.Audit;

/// <summary>Which events; null is any.</summary>
public sealed record AuditQuery
{
    /// <summary>Everything that happened to one model or experiment and what belongs to it, whatever its name was then.</summary>
    public AuditScope? Scope { get; init; }
    public long? ActorId { get; init; }
    public string? ObjectKind { get; init; }
    public string? ObjectId { get; init; }
    /// <summary>The verb, e.g. `stage-changed`, whatever the noun.</summary>
    public string? Change { get; init; }
    /// <summary>Noun and verb, e.g. `model-version.stage-changed`.</summary>
    public string? Action { get; init; }
    /// <summary>Stands in the object's id, the action, the reason, or what was before or after; minds case.</summary>
    public string? Text { get; init; }
    public long? FromMs { get; init; }
    public long? ToMs { get; init; }
    public int MaxResults { get; init; } = 50;
    public string? PageToken { get; init; }
}

/// <param name="ActorName">As it is now; the event itself holds the id.</param>
/// <param name="Address">Null where it was erased, where the registry itself acted, and for those who may not see it.</param>
public sealed record AuditRow(AuditEvent Event, string ActorName, string? Address);

/// <summary>
/// Reads the audit log, newest first. Auditors see everything; others what happened to models and experiments that they
/// may read, without the address that it came from.
/// </summary>
public sealed class AuditSearch(
    RegistryDbContext db, ReadConnections connections, CurrentUserHolder caller, PeopleDirectory people)
{
    private const int StreamPage = 500;

    public async Task<Page<AuditRow>> FindAsync(AuditQuery query, CancellationToken ct)
    {
        var text = string.Join('|', query.Scope, query.ActorId, query.ObjectKind, query.ObjectId, query.Change, query.Action,
            query.Text, query.FromMs, query.ToMs);
        var events = Filter(Visible(), query);
        if (PageToken.TryDecode<long>(query.PageToken, text, out var last))
            events = events.Where(e => e.Id < last);
        var auditor = caller.User.May(InstanceRight.ViewAudit);
        if (auditor)
            events = events.Include(e => e.Origin);

        var found = await events.OrderByDescending(e => e.Id).Take(query.MaxResults + 1).ToListAsync(ct);
        var rows = found.Take(query.MaxResults).ToList();
        await people.LoadAsync(rows.Select(e => e.ActorId), ct);
        return new Page<AuditRow>(
            [.. rows.Select(e => new AuditRow(e, people.NameOf(e.ActorId), e.Origin?.Address))],
            found.Count > rows.Count ? PageToken.Encode(rows[^1].Id, text) : null);
    }

    /// <summary>All of them, however many: a page at a time in memory.</summary>
    public async IAsyncEnumerable<AuditRow> StreamAsync(AuditQuery query, [EnumeratorCancellation] CancellationToken ct)
    {
        string? token = null;
        do
        {
            var page = await FindAsync(query with { MaxResults = StreamPage, PageToken = token }, ct);
            foreach (var row in page.Items)
                yield return row;
            token = page.NextPageToken;
        }
        while (token is not null);
    }

    // The object may be deleted, even gone; events of users, tokens and settings have none.
    private IQueryable<AuditEvent> Visible()
    {
        var user = caller.User;
        if (user.May(InstanceRight.ViewAudit))
            return db.AuditEvents.AsNoTracking();
        var values = new List<object>();
        var experiments = Readable(SecurableKind.Experiment, "experiments");
        var models = Readable(SecurableKind.RegisteredModel, "registered_models");
        // Made of column names of ours; what came from outside is among the values.
        var sql = $"SELECT a.* FROM audit_events a WHERE {experiments} OR {models}";
        return db.AuditEvents.FromSqlRaw(sql, [.. values]).AsNoTracking();

        string Readable(SecurableKind kind, string table)
        {
            var readable = Visibility.Sql(user, kind, "o", connections, value =>
            {
                values.Add(value);
                return $"{{{values.Count - 1}}}";
            });
            return $"(a.scope_kind = {(int)kind} AND EXISTS (SELECT 1 FROM {table} o WHERE o.id = a.scope_id AND {readable}))";
        }
    }

    private static IQueryable<AuditEvent> Filter(IQueryable<AuditEvent> events, AuditQuery query)
    {
        if (query.Scope is { } scope)
            events = events.Where(e => e.ScopeKind == scope.Kind && e.ScopeId == scope.Id);
        if (query.ActorId is { } actor)
            events = events.Where(e => e.ActorId == actor);
        if (query.ObjectKind is { } kind)
            events = events.Where(e => e.ObjectKind == kind);
        if (query.ObjectId is { } id)
            events = events.Where(e => e.ObjectId == id);
        if (query.Change is { } change)
            events = events.Where(e => e.Action.EndsWith("." + change));
        if (query.Action is { } action)
            events = events.Where(e => e.Action == action);
        if (query.FromMs is { } from)
            events = events.Where(e => e.AtMs >= from);
        if (query.ToMs is { } to)
            events = events.Where(e => e.AtMs < to);
        if (query.Text is { Length: > 0 } text)
        {
            events = events.Where(e => e.ObjectId.Contains(text) || e.Action.Contains(text) || e.Reason!.Contains(text)
                || e.Before!.Contains(text) || e.After!.Contains(text));
        }

        return events;
    }
}
