using System.Globalization;
using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Holds;

namespace ModelRegistry.Core.Tracking;

/// <param name="Runs">At most <see cref="ExperimentOverview.MaxCount"/>: more is "many".</param>
public sealed record ExperimentActivity(int Runs, long? LastStartMs);

/// <summary>The names that the latest runs of an experiment logged under.</summary>
public sealed record ExperimentKeys(IReadOnlyList<string> Metrics, IReadOnlyList<string> Params, IReadOnlyList<string> Tags);

/// <summary>What lists show of experiments beside the experiments themselves. The caller has checked that they may be
/// read.</summary>
public sealed class ExperimentOverview(RegistryDbContext db)
{
    public const int MaxCount = 1000;
    private const int LatestRuns = 200;
    private const int MaxKeys = 500;

    public async Task<IReadOnlyDictionary<long, ExperimentActivity>> ActivityAsync(
        IReadOnlyCollection<long> experimentIds, CancellationToken ct) =>
        await db.Experiments.AsNoTracking().Where(e => experimentIds.Contains(e.Id))
            .Select(e => new
            {
                e.Id,
                // Stops at the limit: an experiment of a million runs costs no more than one of a thousand.
                Runs = db.Runs.Where(r => r.ExperimentId == e.Id && r.Lifecycle == Lifecycle.Active)
                    .OrderBy(r => r.StartMs).Take(MaxCount).Count(),
                Last = db.Runs.Where(r => r.ExperimentId == e.Id && r.Lifecycle == Lifecycle.Active).Max(r => (long?)r.StartMs),
            })
            .ToDictionaryAsync(e => e.Id, e => new ExperimentActivity(e.Runs, e.Last), ct);

    /// <summary>Of the experiment itself; what is in it may be kept besides.</summary>
    public Task<Protection> ProtectionAsync(long experimentId, CancellationToken ct) => db.ProtectionOfAsync(
        HeldThing.Experiment(experimentId, experimentId.ToString(CultureInfo.InvariantCulture)) with { WithParts = false }, ct);

    public async Task<ExperimentKeys> KeysAsync(long experimentId, CancellationToken ct)
    {
        var runs = db.Runs.Where(r => r.ExperimentId == experimentId && r.Lifecycle == Lifecycle.Active)
            .OrderByDescending(r => r.StartMs).ThenByDescending(r => r.RunUuid).Take(LatestRuns).Select(r => r.Id);
        var metrics = await db.LatestMetrics.AsNoTracking().Where(m => runs.Contains(m.RunId)).Select(m => m.KeyId).Distinct()
            .Join(db.MetricKeys, id => id, key => key.Id, (_, key) => key.Name).OrderBy(n => n).Take(MaxKeys).ToListAsync(ct);
        var parameters = await db.Params.AsNoTracking().Where(p => runs.Contains(p.RunId)).Select(p => p.Key).Distinct()
            .OrderBy(n => n).Take(MaxKeys).ToListAsync(ct);
        var tags = await db.RunTags.AsNoTracking().Where(t => runs.Contains(t.RunId)).Select(t => t.Key).Distinct()
            .OrderBy(n => n).Take(MaxKeys).ToListAsync(ct);
        return new ExperimentKeys(metrics, parameters, tags);
    }
}
