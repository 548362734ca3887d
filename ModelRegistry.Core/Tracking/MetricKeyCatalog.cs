using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Core.Tracking;

/// <summary>
/// Metric names and their numbers. A name keeps its number for ever, so what is in memory is always right. Singleton,
/// thread-safe.
/// </summary>
public sealed class MetricKeyCatalog(IServiceScopeFactory scopes) : IDisposable
{
    /// <summary>Some clients put a number into each key; memory must not grow with them.</summary>
    private const int MaxEntries = 200_000;

    private readonly ConcurrentDictionary<string, long> _ids = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<long, string> _names = new();
    private readonly SemaphoreSlim _adding = new(1, 1);

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

    /// <summary>Numbers the names that are new, all in one transaction; afterwards <see cref="TryGetId"/> finds each.</summary>
    public async ValueTask AddAsync(IReadOnlyCollection<string> names, CancellationToken ct)
    {
        if (names.All(_ids.ContainsKey))
            return;
        // The first batches of a training come from many workers at once, with the same new keys.
        await _adding.WaitAsync(ct);
        try
        {
            var missing = names.Where(n => !_ids.ContainsKey(n)).Distinct().ToList();
            if (missing.Count == 0)
                return;
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<RegistryDbContext>();
            while (!await TryAddAsync(db, missing, ct))
                db.ChangeTracker.Clear();
        }
        finally
        {
            _adding.Release();
        }
    }

    // False where another node numbered one of them at the same time.
    private async Task<bool> TryAddAsync(RegistryDbContext db, List<string> names, CancellationToken ct)
    {
        foreach (var key in await db.MetricKeys.AsNoTracking().Where(k => names.Contains(k.Name)).ToListAsync(ct))
            Remember(key.Name, key.Id);
        var added = names.Where(n => !_ids.ContainsKey(n)).Select(n => new MetricKey { Name = n }).ToList();
        db.AddRange(added);
        try
        {
            await db.SaveChangesAsync(ct);
        }
        catch (DbUpdateException e) when (db.IsUniqueViolation(e))
        {
            return false;
        }

        foreach (var key in added)
            Remember(key.Name, key.Id);
        return true;
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

    public void Dispose() => _adding.Dispose();

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
