using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Core.Identity;

/// <summary>The names of people, for those who see what they did. Each is asked for once in a request.</summary>
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
}
