using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Holds;

namespace ModelRegistry.Core.Tracking;

public sealed record LoggedModelLink(string ModelUuid, string Name, LoggedModelStatus Status, long CreatedMs, RunModelRole Role);

/// <summary>What a run's page shows beside the run itself. The caller has checked that the run may be read.</summary>
public sealed class RunOverview(RegistryDbContext db)
{
    public Task<Protection> ProtectionAsync(Run run, CancellationToken ct) =>
        db.ProtectionOfAsync(HeldThing.Run(run.Id, run.ExperimentId, run.RunUuid), ct);

    /// <summary>The metrics that are curves: more than one point was logged.</summary>
    public async Task<IReadOnlySet<string>> CurveKeysAsync(long runId, CancellationToken ct)
    {
        var keys = await db.LatestMetrics.AsNoTracking()
            .Where(m => m.RunId == runId && db.MetricPoints.Where(p => p.RunId == runId && p.KeyId == m.KeyId)
                .OrderBy(p => p.Step).Take(2).Count() > 1)
            .Join(db.MetricKeys, m => m.KeyId, k => k.Id, (_, k) => k.Name).ToListAsync(ct);
        return keys.ToHashSet();
    }

    public async Task<IReadOnlyList<LoggedModelLink>> ModelsAsync(RunRecord run, CancellationToken ct)
    {
        var ids = run.Models.Select(m => m.ModelUuid).ToList();
        if (ids.Count == 0)
            return [];
        var found = await db.LoggedModels.AsNoTracking().Where(m => ids.Contains(m.ModelUuid) && m.DeletedMs == null)
            .Select(m => new { m.ModelUuid, m.Name, m.Status, m.CreatedMs }).ToDictionaryAsync(m => m.ModelUuid, ct);
        return
        [
            .. run.Models.Where(m => found.ContainsKey(m.ModelUuid)).Select(m => new LoggedModelLink(
                m.ModelUuid, found[m.ModelUuid].Name, found[m.ModelUuid].Status, found[m.ModelUuid].CreatedMs, m.Role)),
        ];
    }
}
