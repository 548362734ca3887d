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
            : new ValueTask<ExperimentInfo?>(ReadAsync(id, ct));

    /// <summary>Call after the commit of a change.</summary>
    public void Forget(long id) => _entries.TryRemove(id, out _);

    private async Task<ExperimentInfo?> ReadAsync(long id, CancellationToken ct)
    {
        var readAt = time.GetTimestamp();
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<RegistryDbContext>();
        var found = await db.Experiments.AsNoTracking().Where(e => e.Id == id)
            .Select(e => new { e.Name, e.OwnerId, e.IsPrivate, e.Lifecycle, e.ArtifactLocation }).FirstOrDefaultAsync(ct);
        if (found is null)
            return null;
        var info = new ExperimentInfo(new Securable(SecurableKind.Experiment, id, found.Name, found.OwnerId, found.IsPrivate),
            found.Lifecycle, found.ArtifactLocation);
        if (_entries.Count >= MaxEntries)
            _entries.Clear();
        _entries[id] = (info, readAt);
        return info;
    }
}
