using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;

namespace ModelRegistry.Core.Tracking;

/// <summary>What every request on a run needs to know of its experiment.</summary>
public sealed record ExperimentInfo(Securable Securable, Lifecycle Lifecycle, string ArtifactLocation)
{
    public long Id => Securable.Id;
}

/// <summary>
/// The experiments that were asked for lately, in memory. Changes made by this process are seen at once; those of other
/// nodes within <see cref="MaxAge"/>. What must be exact (is the run deleted?) is checked in the writing transaction.
/// Singleton, thread-safe.
/// </summary>
public sealed class ExperimentCatalog(IServiceScopeFactory scopes, TimeProvider time)
{
    public static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(2);
    private const int MaxEntries = 10_000;

    private readonly ConcurrentDictionary<long, (ExperimentInfo Info, long ReadAt)> _entries = new();

    public ValueTask<ExperimentInfo?> FindAsync(long id, CancellationToken ct) =>
        _entries.TryGetValue(id, out var entry) && time.GetElapsedTime(entry.ReadAt) < MaxAge
            ? ValueTask.FromResult<ExperimentInfo?>(entry.Info)
            : new ValueTask<ExperimentInfo?>(ReadOneAsync(id, ct));

    /// <summary>Those of them that there are, in their order; what is not in memory is read at once.</summary>
    public async ValueTask<IReadOnlyList<ExperimentInfo>> FindAsync(IReadOnlyCollection<long> ids, CancellationToken ct)
    {
        var found = new Dictionary<long, ExperimentInfo>(ids.Count);
        foreach (var id in ids)
        {
            if (_entries.TryGetValue(id, out var entry) && time.GetElapsedTime(entry.ReadAt) < MaxAge)
                found[id] = entry.Info;
        }

        var missing = ids.Where(id => !found.ContainsKey(id)).Distinct().ToArray();
        if (missing.Length > 0)
        {
            foreach (var info in await ReadAsync(missing, ct))
                found[info.Id] = info;
        }

        return [.. ids.Where(found.ContainsKey).Select(id => found[id])];
    }

    /// <summary>Those of them that this user may read, in their order.</summary>
    public async ValueTask<IReadOnlyList<ExperimentInfo>> ReadableAsync(IReadOnlyCollection<long> ids, CurrentUser user, CancellationToken ct) =>
        [.. (await FindAsync(ids, ct)).Where(e => user.May(Permission.Read, e.Securable))];

    /// <summary>Call after the commit of a change.</summary>
    public void Forget(long id) => _entries.TryRemove(id, out _);

    private async Task<ExperimentInfo?> ReadOneAsync(long id, CancellationToken ct) => await ReadAsync([id], ct) is [var found] ? found : null;

    private async Task<List<ExperimentInfo>> ReadAsync(long[] ids, CancellationToken ct)
    {
        var readAt = time.GetTimestamp();
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<RegistryDbContext>();
        var found = await db.Experiments.AsNoTracking().Where(e => EF.Parameter(ids).Contains(e.Id))
            .Select(e => new { e.Id, e.Name, e.OwnerId, e.IsPrivate, e.Lifecycle, e.ArtifactLocation }).ToListAsync(ct);
        var infos = found.ConvertAll(e => new ExperimentInfo(
            new Securable(SecurableKind.Experiment, e.Id, e.Name, e.OwnerId, e.IsPrivate), e.Lifecycle, e.ArtifactLocation));
        if (_entries.Count + infos.Count > MaxEntries)
            _entries.Clear();
        foreach (var info in infos)
            _entries[info.Id] = (info, readAt);
        return infos;
    }
}
