using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Core.Tracking;

/// <summary>A point that was logged for a model.</summary>
public sealed record LoggedModelPoint(
    string Key, double Value, long TimestampMs, long Step, string DatasetName, string DatasetDigest, string RunUuid);

/// <summary>A logged model with its params and tags, and every point of its metrics.</summary>
public sealed record LoggedModelRecord(LoggedModel Model, IReadOnlyList<LoggedModelPoint> Metrics);

/// <summary>Reads logged models, whole. Knows no users: the services decide who sees what.</summary>
public sealed class LoggedModelReader(RegistryDbContext db, MetricKeyCatalog keys)
{
    private const int ChunkSize = 500;

    /// <summary>In the order of the ids.</summary>
    public async Task<List<LoggedModelRecord>> LoadAsync(IReadOnlyList<long> ids, CancellationToken ct)
    {
        var found = new Dictionary<long, LoggedModelRecord>(ids.Count);
        foreach (var chunk in ids.Chunk(ChunkSize))
        {
            var models = await db.LoggedModels.AsNoTracking().AsSplitQuery().Where(m => chunk.Contains(m.Id))
                .Include(m => m.Params.OrderBy(p => p.Key)).Include(m => m.Tags.OrderBy(t => t.Key)).ToListAsync(ct);
            var points = await db.LoggedModelMetrics.AsNoTracking().Where(m => chunk.Contains(m.LoggedModelId))
                .Join(db.Runs, m => m.RunId, r => r.Id, (m, r) => new { Metric = m, r.RunUuid })
                .OrderBy(p => p.Metric.Id).ToListAsync(ct);
            var names = await keys.NamesAsync(points.Select(p => p.Metric.KeyId).ToHashSet(), ct);
            var byModel = points.ToLookup(p => p.Metric.LoggedModelId, p => new LoggedModelPoint(names[p.Metric.KeyId],
                MetricValue.FromStored(p.Metric.Value, p.Metric.Kind), p.Metric.TimestampMs, p.Metric.Step,
                p.Metric.DatasetName, p.Metric.DatasetDigest, p.RunUuid));
            foreach (var model in models)
                found[model.Id] = new LoggedModelRecord(model, [.. byModel[model.Id]]);
        }

        return [.. ids.Where(found.ContainsKey).Select(id => found[id])];
    }
}
