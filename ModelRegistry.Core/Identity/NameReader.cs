using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Core.Identity;

/// <summary>E-mail addresses of users and names of teams, by their ids, for answers that are read by programs.</summary>
public sealed class NameReader(RegistryDbContext db)
{
    public async Task<IReadOnlyDictionary<long, string>> UsersAsync(IEnumerable<long> ids, CancellationToken ct)
    {
        var wanted = ids.Distinct().ToList();
        return wanted.Count == 0 ? new Dictionary<long, string>() : await db.Users.AsNoTracking().Where(u => wanted.Contains(u.Id)).ToDictionaryAsync(u => u.Id, u => u.Email ?? "", ct);
    }

    public async Task<IReadOnlyDictionary<long, string>> TeamsAsync(IEnumerable<long> ids, CancellationToken ct)
    {
        var wanted = ids.Distinct().ToList();
        return wanted.Count == 0 ? new Dictionary<long, string>() : await db.Teams.AsNoTracking().Where(t => wanted.Contains(t.Id)).ToDictionaryAsync(t => t.Id, t => t.Name, ct);
    }
}
