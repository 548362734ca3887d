using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;

namespace ModelRegistry.Core.Promotion;

/// <summary>Who people are for policies, and sets of them in words.</summary>
public sealed class PersonReader(RegistryDbContext db, AccessReader access, PeopleDirectory names)
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
        await names.LoadAsync(sets.SelectMany(s => s.Users), ct);
        var teams = await names.TeamsAsync(sets.SelectMany(s => s.Teams), ct);
        return set =>
        {
            List<string> parts =
            [
                .. set.Teams.Select(t => teams.TryGetValue(t, out var name) ? $"the team {name}" : "a team that is gone"),
                .. Enum.GetValues<RegistryRole>().Where(r => r != RegistryRole.None && set.Roles.HasFlag(r)).Select(RoleWords),
                .. set.Users.Select(names.NameOf),
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
