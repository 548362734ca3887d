using System.Globalization;
using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Core.Identity;

public enum AccessReasonKind
{
    Role,
    Ownership,
    /// <summary>A grant to the user.</summary>
    Grant,
    /// <summary>A grant to a team that the user is in.</summary>
    Team,
}

/// <param name="Name">The role, or the team.</param>
/// <param name="Pattern">Where the grant is on a pattern.</param>
public sealed record AccessReason(AccessReasonKind Kind, Permission Permissions, string? Name, long? GrantId, string? Pattern);

/// <param name="IsDisabled">A disabled user may do nothing, whatever the reasons say.</param>
public sealed record EffectiveAccess(long UserId, string Email, bool IsDisabled, Permission Permissions, IReadOnlyList<AccessReason> Reasons);

/// <summary>
/// Says what a user may do with an object in the browser, and why. A token may do less: see its scopes. It adds up with
/// <see cref="CurrentUser.On"/> itself, one reason at a time, so that it cannot say anything else than what holds.
/// </summary>
public sealed class EffectiveAccessService(RegistryDbContext db, CurrentUserHolder caller)
{
    public async Task<EffectiveAccess> ExplainAsync(
        long userId, Securable on, Func<NotFoundException> notFound, CancellationToken ct)
    {
        // Of oneself one may know it; of others those who manage the object or oversee everything.
        if (userId == caller.User.Id)
            caller.User.Require(Permission.Read, on, notFound);
        else if (!caller.User.ReadsEverything)
            caller.User.Require(Permission.Manage, on, notFound);

        return await ExplainAsync([userId], on, ct) is [var found]
            ? found
            : throw new NotFoundException("user", userId.ToString(CultureInfo.InvariantCulture));
    }

    // The users that there are, in the order of the ids.
    private async Task<IReadOnlyList<EffectiveAccess>> ExplainAsync(IReadOnlyList<long> userIds, Securable on, CancellationToken ct)
    {
        var users = await db.Users.AsNoTracking().Where(u => userIds.Contains(u.Id)).Select(u => new { u.Id, u.Email, u.IsDisabled })
            .ToDictionaryAsync(u => u.Id, ct);
        var roles = (await db.UserRoles.AsNoTracking().Where(r => userIds.Contains(r.UserId)).Select(r => new { r.UserId, r.RoleId }).ToListAsync(ct))
            .ToLookup(r => r.UserId, r => (RegistryRole)r.RoleId);
        var all = db.Grants.AsNoTracking().Where(g => g.Kind == on.Kind && (g.ObjectId == on.Id || g.ObjectId == null));
        var own = await all.Where(g => g.UserId != null && userIds.Contains(g.UserId.Value))
            .Select(g => new { UserId = g.UserId!.Value, Grant = g, Team = (string?)null }).ToListAsync(ct);
        var ofTeams = await all.Join(db.TeamMembers.Where(m => userIds.Contains(m.UserId)), g => g.TeamId, m => (long?)m.TeamId, (g, m) => new { Grant = g, m.UserId })
            .Select(g => new { g.UserId, g.Grant, Team = db.Teams.Where(t => t.Id == g.Grant.TeamId).Select(t => t.Name).FirstOrDefault() })
            .ToListAsync(ct);
        var grants = own.Concat(ofTeams).OrderBy(g => g.Grant.Id).ToLookup(g => g.UserId, g => (g.Grant, g.Team));
        return [.. userIds.Where(users.ContainsKey).Select(id => Explain(id, users[id].Email ?? "", users[id].IsDisabled, roles[id], grants[id], on))];
    }

    private static EffectiveAccess Explain(long userId, string email, bool isDisabled, IEnumerable<RegistryRole> roles,
        IEnumerable<(Grant Grant, string? Team)> grants, Securable on)
    {
        var reasons = new List<AccessReason>();
        foreach (var role in roles.Order())
            Add(Only(roles: role), AccessReasonKind.Role, role.ToString());
        Add(Only(id: userId), AccessReasonKind.Ownership, null);
        foreach (var (g, team) in grants)
        {
            Add(Only(grant: new GrantRule(g.Kind, g.ObjectId, g.Pattern, g.Permissions)),
                g.TeamId is null ? AccessReasonKind.Grant : AccessReasonKind.Team, team, g.Id, g.Pattern);
        }

        var all = isDisabled ? Permission.None : reasons.Aggregate(Permission.None, (sum, r) => sum | r.Permissions);
        return new EffectiveAccess(userId, email, isDisabled, all, reasons);

        void Add(CurrentUser part, AccessReasonKind kind, string? name, long? grantId = null, string? pattern = null)
        {
            var permissions = part.On(on);
            if (permissions != Permission.None)
                reasons.Add(new AccessReason(kind, permissions, name, grantId, pattern));
        }
    }

    /// <summary>Everybody who may do anything with the object, by e-mail address; for those who manage or oversee it.</summary>
    public async Task<Page<EffectiveAccess>> ListAsync(
        Securable on, int maxResults, string? pageToken, Func<NotFoundException> notFound, CancellationToken ct)
    {
        if (!caller.User.ReadsEverything)
            caller.User.Require(Permission.Manage, on, notFound);
        var query = FormattableString.Invariant($"access|{on.Kind}|{on.Id}");
        var users = db.Users.AsNoTracking();
        if (PageToken.TryDecode<string>(pageToken, query, out var after))
            users = users.Where(u => u.NormalizedEmail!.CompareTo(after) > 0);
        // Only whom a role, ownership or a grant (on the object, or on a pattern: looked at one by one) may let in.
        var seesOpen = on.IsPrivate ? RegistryRole.GovernanceOfficer | RegistryRole.Auditor | RegistryRole.Admin : (RegistryRole)~0;
        var roles = Enum.GetValues<RegistryRole>().Where(r => r != RegistryRole.None && seesOpen.HasFlag(r)).Select(r => (long)r).ToList();
        var grants = db.Grants.Where(g => g.Kind == on.Kind && (g.ObjectId == on.Id || g.ObjectId == null));
        var found = await users.Where(u => u.Id == on.OwnerId
                || db.UserRoles.Any(r => r.UserId == u.Id && roles.Contains(r.RoleId))
                || grants.Any(g => g.UserId == u.Id || db.TeamMembers.Any(m => m.UserId == u.Id && m.TeamId == g.TeamId)))
            .OrderBy(u => u.NormalizedEmail).Take(maxResults + 1).Select(u => new { u.Id, u.NormalizedEmail }).ToListAsync(ct);
        var rows = await ExplainAsync([.. found.Take(maxResults).Select(u => u.Id)], on, ct);
        return new Page<EffectiveAccess>([.. rows.Where(r => r.Reasons.Count > 0)],
            found.Count > maxResults ? PageToken.Encode(found[maxResults - 1].NormalizedEmail!, query) : null);
    }

    private static CurrentUser Only(long id = 0, RegistryRole roles = RegistryRole.None, GrantRule? grant = null) =>
        new() { Id = id, Name = "", Roles = roles, Grants = grant is null ? [] : [grant] };
}
