using System.Collections.Concurrent;

namespace ModelRegistry.Core.Tracking;

/// <summary>A run's number and experiment never change: once known they are served from memory. Singleton, thread-safe.</summary>
public sealed class RunDirectory(RunReader reader)
{
    private const int MaxEntries = 100_000;

    private readonly ConcurrentDictionary<string, (long Id, long ExperimentId)> _runs = new(StringComparer.Ordinal);

    public ValueTask<(long Id, long ExperimentId)?> FindAsync(string runUuid, CancellationToken ct) =>
        _runs.TryGetValue(runUuid, out var run)
            ? ValueTask.FromResult<(long, long)?>(run)
            : new ValueTask<(long, long)?>(ReadAsync(runUuid, ct));

    public void Add(string runUuid, long id, long experimentId)
    {
        if (_runs.Count >= MaxEntries)
            _runs.Clear();
        _runs[runUuid] = (id, experimentId);
    }

    /// <summary>It is gone for good.</summary>
    public void Forget(string runUuid) => _runs.TryRemove(runUuid, out _);

    private async Task<(long, long)?> ReadAsync(string runUuid, CancellationToken ct)
    {
        if (await reader.FindAsync(runUuid, ct) is not { } head)
            return null;
        Add(runUuid, head.Id, head.ExperimentId);
        return (head.Id, head.ExperimentId);
    }
}
