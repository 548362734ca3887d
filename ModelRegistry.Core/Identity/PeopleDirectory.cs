using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Core.Identity;

/// <summary>The names of people and teams, for those who see what they did. A person's is asked for once in a request.</summary>
public sealed class PeopleDirectory(RegistryDbContext db)
{
    private readonly Dictionary<long, string> _names = new() { [0] = "The registry" };

    public async Task LoadAsync(IEnumerable<long> ids, CancellationToken ct)
    {
        var missing = ids.Where(id => !_names.ContainsKey(id)).Distinct().ToList();
        if (missing.Count == 0)
            return;
        var found = await db.Users.AsNoTracking().Where(u => missing.Contains(u.Id))
            .Select(u => new { u.Id, u.DisplayName, u.UserName }).ToListAsync(ct);
        foreach (var user in found)
            _names[user.Id] = user.DisplayName.Length > 0 ? user.DisplayName : user.UserName ?? "";
        // Erased: what they did stays.
        foreach (var id in missing)
            _names.TryAdd(id, $"User {id}");
    }

    /// <summary>Of those that <see cref="LoadAsync"/> was called with.</summary>
    public string NameOf(long id) => _names.GetValueOrDefault(id, $"User {id}");

    /// <summary>E-mail addresses by the ids of users, for answers that are read by programs.</summary>
    public async Task<IReadOnlyDictionary<long, string>> AddressesAsync(IEnumerable<long> ids, CancellationToken ct)
    {
        var wanted = ids.Distinct().ToList();
        return wanted.Count == 0 ? new Dictionary<long, string>()
            : await db.Users.AsNoTracking().Where(u => wanted.Contains(u.Id)).ToDictionaryAsync(u => u.Id, u => u.Email ?? "", ct);
    }

    /// <summary>Those that are gone are missing.</summary>
    public async Task<IReadOnlyDictionary<long, string>> TeamsAsync(IEnumerable<long> ids, CancellationToken ct)
    {
        var wanted = ids.Distinct().ToList();
        return wanted.Count == 0 ? new Dictionary<long, string>()
            : await db.Teams.AsNoTracking().Where(t => wanted.Contains(t.Id)).ToDictionaryAsync(t => t.Id, t => t.Name, ct);
    }
}
