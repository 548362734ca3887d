using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;

namespace ModelRegistry.Core.Promotion;

/// <summary>Who people are for policies, and sets of them in words.</summary>
public sealed class People(RegistryDbContext db, AccessReader access)
{
    /// <summary>The caller as they come: a token may be less than its user.</summary>
    public async Task<Person> OfAsync(CurrentUser user, CancellationToken ct) => new(user, await TeamsAsync(user.Id, ct));

    /// <summary>Null for a user who is gone or disabled: they count for nothing.</summary>
    public async Task<Person?> FindAsync(long userId, CancellationToken ct) =>
        await access.FindByUserAsync(userId, ct) is { } found ? await OfAsync(found.User, ct) : null;

    /// <summary>What names every user and team of the policies; those that are gone are called so.</summary>
    public async Task<Func<SubjectSet, string>> WordsAsync(IEnumerable<PromotionPolicy> policies, CancellationToken ct)
    {
        var sets = policies.Select(p => PromotionRules.Parse(p.Rules)).SelectMany(Sets).ToList();
        var (users, teams) = (sets.SelectMany(s => s.Users).Distinct().ToList(), sets.SelectMany(s => s.Teams).Distinct().ToList());
        var userNames = users.Count == 0 ? [] : await db.Users.AsNoTracking().Where(u => users.Contains(u.Id))
            .ToDictionaryAsync(u => u.Id, u => u.DisplayName.Length > 0 ? u.DisplayName : u.UserName ?? "", ct);
        var teamNames = teams.Count == 0 ? [] : await db.Teams.AsNoTracking().Where(t => teams.Contains(t.Id))
            .ToDictionaryAsync(t => t.Id, t => t.Name, ct);
        return set =>
        {
            List<string> parts =
            [
                .. set.Teams.Select(t => teamNames.TryGetValue(t, out var name) ? $"the team {name}" : "a team that is gone"),
                .. Enum.GetValues<RegistryRole>().Where(r => r != RegistryRole.None && set.Roles.HasFlag(r)).Select(RoleWords),
                .. set.Users.Select(u => userNames.GetValueOrDefault(u, "a user who is gone")),
            ];
            return parts.Count < 2 ? string.Concat(parts) : string.Join(", ", parts[..^1]) + " and " + parts[^1];
        };
    }

    private async Task<IReadOnlySet<long>> TeamsAsync(long userId, CancellationToken ct) =>
        (await db.TeamMembers.AsNoTracking().Where(m => m.UserId == userId).Select(m => m.TeamId).ToListAsync(ct)).ToHashSet();

    private static IEnumerable<SubjectSet> Sets(PromotionRules rules) =>
        new[] { rules.Movers, rules.Approvals?.From }.OfType<SubjectSet>();

    private static string RoleWords(RegistryRole role) => role switch
    {
        RegistryRole.GovernanceOfficer => "governance officers",
        _ => role.ToString().ToLowerInvariant() + "s",
    };
}
