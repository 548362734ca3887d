using System.Globalization;
using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Audit;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Core.Identity;

/// <summary>To whom: exactly one of the two.</summary>
public readonly record struct GrantSubject(long? UserId, long? TeamId)
{
    public static GrantSubject User(long id) => new(id, null);

    public static GrantSubject Team(long id) => new(null, id);
}

/// <param name="Subject">E-mail address of the user, or name of the team.</param>
public sealed record GrantRow(long Id, SecurableKind Kind, long? ObjectId, string? Pattern, long? UserId, long? TeamId,
    string Subject, Permission Permissions, long CreatedMs, long CreatedBy);

/// <summary>
/// Grants on objects, by those who manage the object, and on name patterns, by admins. Each subject has one grant on an
/// object or pattern; setting it again replaces it. Nobody lets others approve who may not approve.
/// </summary>
public sealed class GrantService(
    RegistryDbContext db, CurrentUserHolder caller, AuditTrail audit, AccessCache cache, TimeProvider time)
{
    public const string Noun = "grant";

    /// <summary>Sets what the subject is granted on an object.</summary>
    /// <param name="mustBeNew">A grant that is there already is a mistake.</param>
    public async Task<GrantRow> SetAsync(
        Securable on, GrantSubject to, Permission permissions, bool mustBeNew, Func<NotFoundException> notFound, CancellationToken ct)
    {
        RequireMayGrant(on, permissions, notFound);
        return await SetAsync(on.Kind, on.Id, null, to, permissions, mustBeNew, on.Display, ct);
    }

    /// <summary>Sets what the subject is granted on all objects whose name matches.</summary>
    public async Task<GrantRow> SetOnPatternAsync(
        SecurableKind kind, string pattern, GrantSubject to, Permission permissions, bool mustBeNew, CancellationToken ct)
    {
        caller.User.Require(InstanceRight.Administer);
        NamePattern.Require("pattern", pattern);
        return await SetAsync(kind, null, pattern, to, permissions, mustBeNew, $"'{pattern}'", ct);
    }

    /// <summary>The grant of a subject on an object itself; null where there is none.</summary>
    public async Task<GrantRow?> FindAsync(Securable on, GrantSubject to, Func<NotFoundException> notFound, CancellationToken ct)
    {
        RequireMaySee(on, to, notFound);
        return await Rows(Of(on.Kind, on.Id, null, to)).FirstOrDefaultAsync(ct);
    }

    /// <summary>False where there was none.</summary>
    public async Task<bool> RemoveAsync(Securable on, GrantSubject to, Func<NotFoundException> notFound, CancellationToken ct)
    {
        RequireMayGrant(on, Permission.Read, notFound);
        await using var write = await db.BeginWriteAsync(ct);
        var grant = await Of(on.Kind, on.Id, null, to).FirstOrDefaultAsync(ct);
        if (grant is null)
            return false;
        await RemoveAsync(grant, write, ct);
        return true;
    }

    /// <summary>All grants of a user, in any form, for admins and the user.</summary>
    public async Task<IReadOnlyList<GrantRow>> OfUserAsync(long userId, CancellationToken ct)
    {
        if (caller.User.Id != userId)
            caller.User.Require(InstanceRight.Administer);
        return await Rows(db.Grants.Where(g => g.UserId == userId).OrderBy(g => g.Id)).ToListAsync(ct);
    }

    /// <summary>The grants on one object (not those on patterns), for those who manage or oversee it.</summary>
    public async Task<Page<GrantRow>> ListAsync(
        Securable on, int maxResults, string? pageToken, Func<NotFoundException> notFound, CancellationToken ct)
    {
        if (!caller.User.ReadsEverything)
            caller.User.Require(Permission.Manage, on, notFound);
        return await ListAsync(db.Grants.Where(g => g.Kind == on.Kind && g.ObjectId == on.Id),
            string.Create(CultureInfo.InvariantCulture, $"{on.Kind} {on.Id}"), maxResults, pageToken, ct);
    }

    /// <summary>All grants, for those who oversee everything.</summary>
    public async Task<Page<GrantRow>> ListAsync(int maxResults, string? pageToken, CancellationToken ct)
    {
        if (!caller.User.ReadsEverything)
            caller.User.Require(InstanceRight.Administer);
        return await ListAsync(db.Grants, "all", maxResults, pageToken, ct);
    }

    /// <summary>What a grant is on: who may see or change it is decided by that.</summary>
    public async Task<GrantRow> GetAsync(long id, Func<SecurableKind, long, Task<Securable?>> find, CancellationToken ct)
    {
        var grant = await Rows(db.Grants.Where(g => g.Id == id)).FirstOrDefaultAsync(ct) ?? throw NotFound(id);
        var mine = grant.UserId == caller.User.Id;
        if (mine || caller.User.ReadsEverything)
            return grant;
        var on = grant.ObjectId is { } objectId ? await find(grant.Kind, objectId) : null;
        return on is { } securable && caller.User.May(Permission.Manage, securable) ? grant : throw NotFound(id);
    }

    /// <summary>Changes what an existing grant gives.</summary>
    public async Task<GrantRow> ChangeAsync(
        long id, Permission permissions, Func<SecurableKind, long, Task<Securable?>> find, CancellationToken ct)
    {
        var grant = await GetAsync(id, find, ct);
        var to = new GrantSubject(grant.UserId, grant.TeamId);
        if (grant.Pattern is not null)
            return await SetOnPatternAsync(grant.Kind, grant.Pattern, to, permissions, mustBeNew: false, ct);
        if (await find(grant.Kind, grant.ObjectId!.Value) is not { } on)
            throw NotFound(id);
        return await SetAsync(on, to, permissions, mustBeNew: false, () => NotFound(id), ct);
    }

    public async Task DeleteAsync(long id, Func<SecurableKind, long, Task<Securable?>> find, CancellationToken ct)
    {
        await GetAsync(id, find, ct);
        await using var write = await db.BeginWriteAsync(ct);
        var grant = await db.Grants.FirstOrDefaultAsync(g => g.Id == id, ct) ?? throw NotFound(id);
        var on = grant.ObjectId is { } objectId ? await find(grant.Kind, objectId) : null;
        if (on is { } securable)
            RequireMayGrant(securable, Permission.Read, () => NotFound(id));
        else
            caller.User.Require(InstanceRight.Administer);
        await RemoveAsync(grant, write, ct);
    }

    internal static NotFoundException NotFound(long id) => new(Noun, id.ToString(CultureInfo.InvariantCulture));

    internal static AuditEntry Entry(string action, Grant grant) =>
        new(action, Noun, grant.Id.ToString(CultureInfo.InvariantCulture))
        {
            Scope = grant.ObjectId is { } id ? AuditEntry.ScopeOf(grant.Kind, id) : null,
        };

    internal static object Audited(Grant grant) =>
        new { grant.Kind, grant.ObjectId, grant.Pattern, grant.UserId, grant.TeamId, grant.Permissions };

    private async Task<GrantRow> SetAsync(SecurableKind kind, long? objectId, string? pattern, GrantSubject to,
        Permission permissions, bool mustBeNew, string display, CancellationToken ct)
    {
        if (permissions == Permission.None || (permissions & ~Permission.All) != 0)
            throw new InvalidArgumentException("permissions", "Give at least one of: read, edit, manage, promote, approve.");
        if (kind == SecurableKind.Experiment)
            permissions &= ~(Permission.Promote | Permission.Approve);
        permissions |= Permission.Read;
        await using var write = await db.BeginWriteAsync(ct);
        // Holds one row until the commit: the same grant is not made twice by two at the same time.
        await ChangeStamp.BumpAsync(db, ChangeStamp.Access, ct);
        await RequireSubjectAsync(to, ct);
        var grant = await Of(kind, objectId, pattern, to).FirstOrDefaultAsync(ct);
        if (grant is not null && mustBeNew)
        {
            throw new AlreadyExistsException(Noun, grant.Id.ToString(CultureInfo.InvariantCulture),
                $"There is a grant on {display} for this user or team already (id {grant.Id}); change that one.");
        }

        if (grant?.Permissions != permissions)
        {
            var before = grant is null ? null : Audited(grant);
            grant ??= db.Add(new Grant
            {
                Kind = kind,
                ObjectId = objectId,
                Pattern = pattern,
                UserId = to.UserId,
                TeamId = to.TeamId,
                CreatedMs = time.GetUtcNow().ToUnixTimeMilliseconds(),
                CreatedBy = caller.User.Id,
            }).Entity;
            grant.Permissions = permissions;
            // First the row, which has its id from the database.
            await db.SaveChangesAsync(ct);
            audit.Record(db, Entry(before is null ? "grant.created" : "grant.changed", grant) with
            {
                Before = before,
                After = Audited(grant),
            });
            await db.SaveChangesAsync(ct);
            await cache.CommitAsync(db, write, ct);
        }

        return await Rows(db.Grants.Where(g => g.Id == grant.Id)).SingleAsync(ct);
    }

    private async Task RemoveAsync(Grant grant, WriteTransaction write, CancellationToken ct)
    {
        audit.Record(db, Entry("grant.deleted", grant) with { Before = Audited(grant) });
        db.Remove(grant);
        await db.SaveChangesAsync(ct);
        await cache.CommitAsync(db, write, ct);
    }

    private async Task RequireSubjectAsync(GrantSubject to, CancellationToken ct)
    {
        if (to.UserId is { } userId && !await db.Users.AnyAsync(u => u.Id == userId, ct))
            throw new NotFoundException("user", userId.ToString(CultureInfo.InvariantCulture));
        if (to.TeamId is { } teamId && !await db.Teams.AnyAsync(t => t.Id == teamId, ct))
            throw TeamService.NotFound(teamId);
    }

    private void RequireMayGrant(in Securable on, Permission permissions, Func<NotFoundException> notFound)
    {
        caller.User.Require(Permission.Manage, on, notFound);
        // Whoever has a token for runs or models must not be able to give access away with it.
        caller.User.RequireScope(TokenScope.Admin);
        if ((permissions & Permission.Approve) != 0 && !caller.User.May(Permission.Approve, on))
        {
            throw new ForbiddenException(
                $"Permission denied: '{caller.User.Name}' may not approve on {on.Display}, and so not let others approve.");
        }
    }

    private void RequireMaySee(in Securable on, GrantSubject to, Func<NotFoundException> notFound)
    {
        if (to.UserId == caller.User.Id)
            caller.User.Require(Permission.Read, on, notFound);
        else if (!caller.User.ReadsEverything)
            caller.User.Require(Permission.Manage, on, notFound);
    }

    private async Task<Page<GrantRow>> ListAsync(
        IQueryable<Grant> grants, string query, int maxResults, string? pageToken, CancellationToken ct)
    {
        var after = PageToken.TryDecode<long>(pageToken, query, out var last) ? last : 0;
        var rows = await Rows(grants.Where(g => g.Id > after).OrderBy(g => g.Id).Take(maxResults + 1)).ToListAsync(ct);
        return rows.Count <= maxResults
            ? new Page<GrantRow>(rows, null)
            : new Page<GrantRow>(rows[..maxResults], PageToken.Encode(rows[maxResults - 1].Id, query));
    }

    private IQueryable<Grant> Of(SecurableKind kind, long? objectId, string? pattern, GrantSubject to) =>
        db.Grants.Where(g => g.Kind == kind && g.ObjectId == objectId && g.Pattern == pattern
            && g.UserId == to.UserId && g.TeamId == to.TeamId);

    private IQueryable<GrantRow> Rows(IQueryable<Grant> grants) => grants.AsNoTracking().Select(g => new GrantRow(
        g.Id, g.Kind, g.ObjectId, g.Pattern, g.UserId, g.TeamId,
        g.UserId != null
            ? db.Users.Where(u => u.Id == g.UserId).Select(u => u.Email).FirstOrDefault() ?? ""
            : db.Teams.Where(t => t.Id == g.TeamId).Select(t => t.Name).FirstOrDefault() ?? "",
        g.Permissions, g.CreatedMs, g.CreatedBy));
}
