using ModelRegistry.Core.Common;
using ModelRegistry.Core.Identity;
using ModelRegistry.Core.Promotion;

namespace ModelRegistry.Web.Api;

internal enum RoleName
{
    Viewer,
    Member,
    GovernanceOfficer,
    Auditor,
    Admin,
}

/// <summary>Who a policy names. Any of them counts.</summary>
/// <param name="Users">E-mail addresses.</param>
/// <param name="Teams">Names.</param>
internal sealed record SubjectsBody(
    IReadOnlyList<string>? Users = null, IReadOnlyList<string>? Teams = null, IReadOnlyList<RoleName>? Roles = null);

/// <summary>Names of people and teams, which clients write, and their ids, which policies hold.</summary>
internal static class SubjectWords
{
    private const int MaxNames = 100;

    public static async Task<SubjectSet> ToSetAsync(this SubjectsBody body, string field, UserDirectory directory, CancellationToken ct)
    {
        if ((body.Users?.Count ?? 0) > MaxNames || (body.Teams?.Count ?? 0) > MaxNames)
            throw new InvalidArgumentException(field, $"{field} may name {MaxNames} users and {MaxNames} teams at most; use teams.");
        var (users, teams) = (new List<long>(), new List<long>());
        foreach (var email in body.Users ?? [])
            users.Add(await directory.FindIdAsync(email, ct) ?? throw Unknown(field + ".users", "user", email));
        foreach (var name in body.Teams ?? [])
        {
            try
            {
                teams.Add(await directory.GetTeamIdAsync(name, ct));
            }
            catch (NotFoundException)
            {
                throw Unknown(field + ".teams", "team", name);
            }
        }

        return new SubjectSet
        {
            Users = [.. users.Distinct()],
            Teams = [.. teams.Distinct()],
            Roles = (body.Roles ?? []).Aggregate(RegistryRole.None, (all, r) => all | Enum.Parse<RegistryRole>(r.ToString())),
        };
    }

    public static SubjectsBody ToBody(this SubjectSet set, IReadOnlyDictionary<long, string> users, IReadOnlyDictionary<long, string> teams) => new(
        [.. set.Users.Select(u => users.GetValueOrDefault(u, $"user {u}"))], [.. set.Teams.Select(t => teams.GetValueOrDefault(t, $"team {t}"))],
        [.. Enum.GetValues<RoleName>().Where(r => set.Roles.HasFlag(Enum.Parse<RegistryRole>(r.ToString())))]);

    private static InvalidArgumentException Unknown(string field, string noun, string name) =>
        new(field, $"There is no {noun} '{name}'.");
}
