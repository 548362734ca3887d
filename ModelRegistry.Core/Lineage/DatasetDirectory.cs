using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;
using ModelRegistry.Core.Registry;
using ModelRegistry.Core.Tracking;

namespace ModelRegistry.Core.Lineage;

/// <summary>What clients gave one name and one digest, in all experiments that the caller may read.</summary>
/// <param name="Source">As the first client described it, cut off after <see cref="DatasetDirectory.MaxShownSource"/> characters.</param>
/// <param name="Experiments">In how many experiments it was used.</param>
public sealed record DatasetEntry(string Name, string Digest, string SourceType, string Source, int Experiments, long FirstSeenMs);

/// <param name="Context">What for, in the client's words (`training`); null where it did not say.</param>
public sealed record DatasetRun(string RunId, string RunName, long ExperimentId, string ExperimentName, RunStatus Status, long StartMs, string? Context);

/// <param name="Context">What the run that made the version used the data set for; null where it did not say.</param>
/// <param name="RunId">That run.</param>
public sealed record DatasetVersion(string Model, int Number, VersionStage Stage, IReadOnlyList<string> Aliases, bool IsArchived, string? Context, string RunId);

/// <summary>Which data sets there are, and which runs and versions depend on one.</summary>
public sealed class DatasetDirectory(RegistryDbContext db, CurrentUserHolder caller, ReadConnections connections)
{
    public const int MaxShownSource = 300;

    /// <summary>By name and digest.</summary>
    /// <param name="text">A part of the name or the beginning of the digest; null or empty for all.</param>
    public async Task<Page<DatasetEntry>> ListAsync(string? text, int maxResults, string? pageToken, CancellationToken ct)
    {
        caller.User.RequireScope(TokenScope.Read);
        var datasets = Readable();
        if (!string.IsNullOrWhiteSpace(text))
        {
            var wanted = text.Trim().ToLowerInvariant();
#pragma warning disable CA1304, CA1311, CA1862 // Translated to SQL, which knows no cultures and no kinds of comparison.
            datasets = datasets.Where(d => d.Name.ToLower().Contains(wanted) || d.Digest.ToLower().StartsWith(wanted));
#pragma warning restore CA1304, CA1311, CA1862
        }

        if (PageToken.TryDecode<string[]>(pageToken, "datasets|" + text, out var last) && last is [var name, var digest])
        {
#pragma warning disable CA1309 // As the database orders them.
            datasets = datasets.Where(d => string.Compare(d.Name, name) > 0 || (d.Name == name && string.Compare(d.Digest, digest) > 0));
#pragma warning restore CA1309
        }
        var found = await Entries(datasets).OrderBy(d => d.Name).ThenBy(d => d.Digest).Take(maxResults + 1).ToListAsync(ct);
        var shown = found.Take(maxResults).ToList();
        return new Page<DatasetEntry>(await WithSourcesAsync(shown, ct),
            found.Count > shown.Count ? PageToken.Encode(new[] { shown[^1].Name, shown[^1].Digest }, "datasets|" + text) : null);
    }

    /// <exception cref="NotFoundException">No experiment that the caller may read has it.</exception>
    public async Task<DatasetEntry> GetAsync(string name, string digest, CancellationToken ct)
    {
        caller.User.RequireScope(TokenScope.Read);
        var found = await Entries(Named(name, digest)).ToListAsync(ct);
        return found.Count == 1
            ? (await WithSourcesAsync(found, ct))[0]
            : throw new NotFoundException("data set", name, $"There is no data set '{name}' with the digest '{digest}'.");
    }

    /// <summary>The runs that used it and are not deleted, the last first.</summary>
    public async Task<Page<DatasetRun>> RunsAsync(string name, string digest, int maxResults, string? pageToken, CancellationToken ct)
    {
        caller.User.RequireScope(TokenScope.Read);
        var query = $"dataset-runs|{name}|{digest}";
        var uses =
            from dataset in Named(name, digest)
            join input in db.DatasetInputs on dataset.Id equals input.DatasetId
            join run in db.Runs on input.RunId equals run.Id
            join experiment in db.Experiments on run.ExperimentId equals experiment.Id
            where run.Lifecycle != Lifecycle.Deleted
            select new { run, Experiment = experiment.Name, Context = input.Tags.Where(t => t.Key == WellKnownTags.DataContext).Select(t => t.Value).FirstOrDefault() };
        if (PageToken.TryDecode<long>(pageToken, query, out var last))
            uses = uses.Where(u => u.run.Id < last);
        var found = await uses.OrderByDescending(u => u.run.Id).Take(maxResults + 1).Select(u => new
        {
            u.run.Id,
            Shown = new DatasetRun(u.run.RunUuid, u.run.Name, u.run.ExperimentId, u.Experiment, u.run.Status, u.run.StartMs, u.Context),
        }).ToListAsync(ct);
        var shown = found.Take(maxResults).ToList();
        return new Page<DatasetRun>([.. shown.Select(u => u.Shown)],
            found.Count > shown.Count ? PageToken.Encode(shown[^1].Id, query) : null);
    }

    /// <summary>The versions of models that the caller may read whose run used it, the last first; archived ones too.</summary>
    public async Task<Page<DatasetVersion>> VersionsAsync(string name, string digest, int maxResults, string? pageToken, CancellationToken ct)
    {
        caller.User.RequireScope(TokenScope.Read);
        var query = $"dataset-versions|{name}|{digest}";
        var uses =
            from dataset in Named(name, digest)
            join input in db.DatasetInputs on dataset.Id equals input.DatasetId
            join run in db.Runs on input.RunId equals run.Id
            join version in db.ModelVersions on run.RunUuid equals version.RunUuid
            join model in db.RegisteredModels.Readable(caller.User, SecurableKind.RegisteredModel, connections) on version.ModelId equals model.Id
            where version.DeletedMs == null && model.DeletedMs == null
            select new { version, Model = model.Name, Context = input.Tags.Where(t => t.Key == WellKnownTags.DataContext).Select(t => t.Value).FirstOrDefault() };
        if (PageToken.TryDecode<long>(pageToken, query, out var last))
            uses = uses.Where(u => u.version.Id < last);
        var found = await uses.OrderByDescending(u => u.version.Id).Take(maxResults + 1).Select(u => new
        {
            u.version.Id,
            u.Model,
            u.version.Number,
            u.version.StageName,
            u.version.Stage,
            Aliases = u.version.Aliases.Select(a => a.Alias).ToList(),
            IsArchived = u.version.ArchivedMs != null,
            u.Context,
            u.version.RunUuid,
        }).ToListAsync(ct);
        var shown = found.Take(maxResults).ToList();
        return new Page<DatasetVersion>(
            [.. shown.Select(u => new DatasetVersion(u.Model, u.Number, new VersionStage(u.StageName, u.Stage), [.. u.Aliases.Order(StringComparer.Ordinal)], u.IsArchived, u.Context, u.RunUuid))],
            found.Count > shown.Count ? PageToken.Encode(shown[^1].Id, query) : null);
    }

    private IQueryable<Dataset> Readable() =>
        from dataset in db.Datasets.AsNoTracking()
        join experiment in db.Experiments.Readable(caller.User, SecurableKind.Experiment, connections) on dataset.ExperimentId equals experiment.Id
        select dataset;

    private IQueryable<Dataset> Named(string name, string digest) => Readable().Where(d => d.Name == name && d.Digest == digest);

    private static IQueryable<Entry> Entries(IQueryable<Dataset> datasets) => datasets.GroupBy(d => new { d.Name, d.Digest })
        .Select(g => new Entry { Name = g.Key.Name, Digest = g.Key.Digest, Experiments = g.Count(), FirstId = g.Min(d => d.Id), FirstSeenMs = g.Min(d => d.CreatedMs) });

    // Sources may be long: of the shown ones only, and only their beginning.
    private async Task<IReadOnlyList<DatasetEntry>> WithSourcesAsync(List<Entry> entries, CancellationToken ct)
    {
        var ids = entries.Select(e => e.FirstId).ToList();
        var sources = await db.Datasets.AsNoTracking().Where(d => ids.Contains(d.Id))
            .Select(d => new { d.Id, d.SourceType, Source = d.Source.Substring(0, MaxShownSource) }).ToDictionaryAsync(d => d.Id, ct);
        return [.. entries.Select(e => new DatasetEntry(e.Name, e.Digest, sources[e.FirstId].SourceType, sources[e.FirstId].Source, e.Experiments, e.FirstSeenMs))];
    }

    private sealed class Entry
    {
        public required string Name { get; init; }
        public required string Digest { get; init; }
        public int Experiments { get; init; }
        public long FirstId { get; init; }
        public long FirstSeenMs { get; init; }
    }
}
