using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Core.Tracking;

/// <summary>
/// Metric names and their numbers. A name keeps its number for ever, so what is in memory is always right. Singleton,
/// thread-safe.
/// </summary>
public sealed class MetricKeyCatalog(IServiceScopeFactory scopes)
{
    /// <summary>Some clients put a number into each key; memory must not grow with them.</summary>
    private const int MaxEntries = 200_000;

    private readonly ConcurrentDictionary<string, long> _ids = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<long, string> _names = new();

    public bool TryGetId(ReadOnlySpan<char> name, out long id) =>
        _ids.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out id);

    public string? TryGetName(long id) => _names.GetValueOrDefault(id);

    /// <summary>Null where no metric was ever logged under the name.</summary>
    public async ValueTask<long?> FindAsync(string name, CancellationToken ct)
    {
        if (_ids.TryGetValue(name, out var id))
            return id;
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<RegistryDbContext>();
        return await FindAsync(db, name, ct);
    }

    public async ValueTask<long> GetOrAddAsync(string name, CancellationToken ct)
    {
        if (_ids.TryGetValue(name, out var id))
            return id;
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<RegistryDbContext>();
        if (await FindAsync(db, name, ct) is { } found)
            return found;
        var key = new MetricKey { Name = name };
        db.Add(key);
        try
        {
            await db.SaveChangesAsync(ct);
            Remember(name, key.Id);
            return key.Id;
        }
        catch (DbUpdateException e) when (db.IsUniqueViolation(e))
        {
            // Another request was first.
            db.ChangeTracker.Clear();
            return (await FindAsync(db, name, ct))!.Value;
        }
    }

    /// <summary>Brings the names of these numbers into memory, where <see cref="TryGetName"/> finds them.</summary>
    public async ValueTask<Dictionary<long, string>> NamesAsync(IReadOnlyCollection<long> ids, CancellationToken ct)
    {
        var names = new Dictionary<long, string>(ids.Count);
        List<long>? missing = null;
        foreach (var id in ids)
        {
            if (_names.TryGetValue(id, out var name))
                names[id] = name;
            else
                (missing ??= []).Add(id);
        }

        if (missing is null)
            return names;
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<RegistryDbContext>();
        foreach (var key in await db.MetricKeys.AsNoTracking().Where(k => missing.Contains(k.Id)).ToListAsync(ct))
        {
            names[key.Id] = key.Name;
            Remember(key.Name, key.Id);
        }

        return names;
    }

    private async Task<long?> FindAsync(RegistryDbContext db, string name, CancellationToken ct)
    {
        var id = await db.MetricKeys.Where(k => k.Name == name).Select(k => (long?)k.Id).FirstOrDefaultAsync(ct);
        if (id is { } found)
            Remember(name, found);
        return id;
    }

    private void Remember(string name, long id)
    {
        if (_ids.Count >= MaxEntries)
        {
            _ids.Clear();
            _names.Clear();
        }

        _ids[name] = id;
        _names[id] = name;
    }
}
