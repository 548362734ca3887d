using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;
using ModelRegistry.Core.Registry;
using ModelRegistry.Core.Tracking;

namespace ModelRegistry.Core.Promotion;

/// <param name="Dataset">Name and digest; null where the metric was logged without one.</param>
public sealed record Measurement(string Metric, double Value, DatasetRef? Dataset);

public sealed record DatasetRef(string Name, string Digest);

/// <summary>What is known of a version, for policies to judge.</summary>
public sealed record VersionEvidence(ModelVersion Version)
{
    /// <summary>The caller may see the run: only then are its figures told.</summary>
    public bool IsRunReadable { get; init; } = true;
    public bool HasRun { get; init; }
    public string? GitCommit { get; init; }
    public bool IsDirty { get; init; }
    public IReadOnlyList<DatasetRef> Datasets { get; init; } = [];
    public IReadOnlyList<Measurement> Measurements { get; init; } = [];
    public IReadOnlyList<string> EnvironmentFiles { get; init; } = [];
}

/// <summary>Collects the evidence of many versions in a handful of statements.</summary>
public sealed class EvidenceReader(RegistryDbContext db, CurrentUserHolder caller)
{
    private static readonly string[] EnvironmentNames = ["conda.yaml", "python_env.yaml", "requirements.txt"];

    /// <param name="versions">With their tags.</param>
    /// <param name="metrics">The names of the metrics that are asked for.</param>
    public async Task<IReadOnlyDictionary<long, VersionEvidence>> ReadAsync(
        IReadOnlyList<ModelVersion> versions, IReadOnlyCollection<string> metrics, CancellationToken ct)
    {
        var modelUuids = versions.Select(v => v.LoggedModelUuid).Where(u => u.Length > 0).Distinct().ToList();
        var logged = modelUuids.Count == 0 ? [] : await db.LoggedModels.AsNoTracking().Where(m => modelUuids.Contains(m.ModelUuid))
            .Select(m => new { m.Id, m.ModelUuid, m.SourceRunUuid, m.ExperimentId }).ToDictionaryAsync(m => m.ModelUuid, ct);
        var runUuids = versions.Select(v => v.RunUuid).Concat(logged.Values.Select(m => m.SourceRunUuid))
            .Where(u => u.Length > 0).Distinct().ToList();
        var runs = runUuids.Count == 0 ? [] : await db.Runs.AsNoTracking().Where(r => runUuids.Contains(r.RunUuid))
            .Select(r => new { r.Id, r.RunUuid, r.ExperimentId }).ToDictionaryAsync(r => r.RunUuid, ct);
        var readable = await ReadableAsync(runs.Values.Select(r => r.ExperimentId).Concat(logged.Values.Select(m => m.ExperimentId)), ct);

        var runIds = runs.Values.Select(r => r.Id).ToList();
        var tags = await TagsAsync(runIds, ct);
        var datasets = await DatasetsAsync(runIds, ct);
        var (ofRuns, ofModels) = await MetricsAsync(runIds, [.. logged.Values.Select(m => m.Id)], metrics, ct);
        var files = await EnvironmentFilesAsync(versions, ct);

        return versions.ToDictionary(v => v.Id, v =>
        {
            var model = logged.GetValueOrDefault(v.LoggedModelUuid);
            var run = runs.GetValueOrDefault(v.RunUuid.Length > 0 ? v.RunUuid : model?.SourceRunUuid ?? "");
            var used = run is null ? [] : datasets[run.Id].ToList();
            var measured = model is null ? [] : ofModels[model.Id].ToList();
            // Clients before MLflow 3 log metrics for the run alone: then they were measured on what the run used.
            foreach (var (metric, value) in run is null ? [] : ofRuns[run.Id].Where(m => measured.TrueForAll(o => o.Metric != m.Metric)))
                measured.AddRange(used.Count == 0 ? [new Measurement(metric, value, null)] : used.Select(d => new Measurement(metric, value, d)));
            var runTags = run is null ? [] : tags[run.Id].ToList();
            return new VersionEvidence(v)
            {
                HasRun = run is not null,
                IsRunReadable = (run is null || readable.Contains(run.ExperimentId)) && (model is null || readable.Contains(model.ExperimentId)),
                GitCommit = runTags.Find(t => t.Key == WellKnownTags.GitCommit)?.Value,
                IsDirty = runTags.Exists(t => t.Key == WellKnownTags.GitDirty && t.Value.Equals("true", StringComparison.OrdinalIgnoreCase)),
                Datasets = used,
                Measurements = measured,
                EnvironmentFiles = [.. files[v.FilesKey]],
            };
        });
    }

    private async Task<HashSet<long>> ReadableAsync(IEnumerable<long> experimentIds, CancellationToken ct)
    {
        var ids = experimentIds.Distinct().ToList();
        var experiments = ids.Count == 0 ? [] : await db.Experiments.AsNoTracking().Where(e => ids.Contains(e.Id)).ToListAsync(ct);
        return [.. experiments.Where(e => caller.User.May(Permission.Read, e.AsSecurable())).Select(e => e.Id)];
    }

    private async Task<ILookup<long, RunTag>> TagsAsync(List<long> runIds, CancellationToken ct) =>
        (await db.RunTags.AsNoTracking().Where(t => runIds.Contains(t.RunId)
            && (t.Key == WellKnownTags.GitCommit || t.Key == WellKnownTags.GitDirty)).ToListAsync(ct)).ToLookup(t => t.RunId);

    private async Task<ILookup<long, DatasetRef>> DatasetsAsync(List<long> runIds, CancellationToken ct) =>
        (await db.DatasetInputs.AsNoTracking().Where(i => runIds.Contains(i.RunId))
            .Join(db.Datasets, i => i.DatasetId, d => d.Id, (i, d) => new { i.RunId, d.Name, d.Digest })
            .OrderBy(d => d.Name).ToListAsync(ct)).ToLookup(d => d.RunId, d => new DatasetRef(d.Name, d.Digest));

    private async Task<(ILookup<long, (string Metric, double Value)> Runs, ILookup<long, Measurement> Models)> MetricsAsync(
        List<long> runIds, List<long> loggedIds, IReadOnlyCollection<string> names, CancellationToken ct)
    {
        var keys = names.Count == 0 ? [] : await db.MetricKeys.AsNoTracking().Where(k => names.Contains(k.Name))
            .ToDictionaryAsync(k => k.Id, k => k.Name, ct);
        var keyIds = keys.Keys.ToList();
        var ofRuns = keyIds.Count == 0 ? [] : await db.LatestMetrics.AsNoTracking()
            .Where(m => runIds.Contains(m.RunId) && keyIds.Contains(m.KeyId)).ToListAsync(ct);
        var ofModels = keyIds.Count == 0 ? [] : await db.LoggedModelMetrics.AsNoTracking()
            .Where(m => loggedIds.Contains(m.LoggedModelId) && keyIds.Contains(m.KeyId)).ToListAsync(ct);
        // Of a curve the last point counts.
        var last = ofModels.GroupBy(m => (m.LoggedModelId, m.KeyId, m.DatasetName, m.DatasetDigest))
            .Select(g => g.OrderByDescending(m => m.Step).ThenByDescending(m => m.TimestampMs).ThenByDescending(m => m.Id).First());
        return (ofRuns.ToLookup(m => m.RunId, m => (keys[m.KeyId], MetricValue.FromStored(m.Value, m.Kind))),
            last.ToLookup(m => m.LoggedModelId, m => new Measurement(keys[m.KeyId], MetricValue.FromStored(m.Value, m.Kind),
                m.DatasetDigest.Length > 0 ? new DatasetRef(m.DatasetName, m.DatasetDigest) : null)));
    }

    private async Task<ILookup<string, string>> EnvironmentFilesAsync(IReadOnlyList<ModelVersion> versions, CancellationToken ct)
    {
        var keys = versions.Where(v => v.Digest is not null).Select(v => v.FilesKey).ToList();
        return (await db.ArtifactRoots.AsNoTracking().Where(r => keys.Contains(r.Key))
            .Join(db.ArtifactFiles.Where(f => EnvironmentNames.Contains(f.Path)), r => r.Id, f => f.RootId, (r, f) => new { r.Key, f.Path })
            .ToListAsync(ct)).ToLookup(f => f.Key, f => f.Path);
    }
}
