using System.Globalization;
using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Artifacts;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Holds;
using ModelRegistry.Core.Promotion;
using ModelRegistry.Core.Registry;
using ModelRegistry.Core.Tracking;

namespace ModelRegistry.Core.Retention;

/// <summary>Which things facts are read of; the newest first.</summary>
internal sealed record FactsQuery(RetentionSubject Subject)
{
    public long? ContainerId { get; init; }
    /// <summary>One thing only.</summary>
    public long? Id { get; init; }
    /// <summary>Older than this one.</summary>
    public long? Below { get; init; }
    /// <summary>Newer than this one.</summary>
    public long? Above { get; init; }
    /// <summary>What is in the trash instead of what is not.</summary>
    public bool InTrash { get; init; }
    public int Take { get; init; } = FactsReader.PageSize;
}

/// <summary>
/// Reads the facts that rules decide on, a page at a time: some statements per page, whatever its size, each over a range
/// of ids. What is held and what was made from what is read once and kept for the evaluation.
/// </summary>
public sealed class FactsReader(RegistryDbContext db)
{
    public const int PageSize = 1000;
    private const string ParentRunTag = "mlflow.parentRunId";

    private Relations? _relations;

    /// <summary>Forgets what was kept, so that the next page sees what is true now.</summary>
    public void Refresh() => _relations = null;

    /// <summary>One thing as it is at this moment; null where it is not there. What concerns many others is as old as the
    /// last <see cref="Refresh"/>, what protects this one is asked anew.</summary>
    internal async Task<ItemFacts?> ReadOneAsync(RetentionSubject subject, long id, bool inTrash, CancellationToken ct)
    {
        if (_relations is { } kept)
            _relations = kept with { Held = await Relations.HeldAsync(db, ct) };
        if ((await ReadAsync(new FactsQuery(subject) { Id = id, InTrash = inTrash }, ct)) is not [var item])
            return null;
        var source = "models:/" + item.Name;
        return item with
        {
            IsReferenced = item.IsReferenced == true || (subject == RetentionSubject.ModelVersions
                ? await db.ModelVersions.AnyAsync(v => v.Source == source && v.DeletedMs == null, ct)
                : await db.RunTags.AnyAsync(t => t.Key == ParentRunTag && t.Value == item.Name
                    && db.Runs.Any(r => r.Id == t.RunId && r.Lifecycle != Lifecycle.Deleted), ct)),
        };
    }

    internal async Task<int> CountAsync(RetentionSubject subject, CancellationToken ct) => subject == RetentionSubject.ModelVersions
        ? await db.ModelVersions.CountAsync(v => v.DeletedMs == null, ct)
        : await db.Runs.CountAsync(r => r.Lifecycle != Lifecycle.Deleted, ct);

    internal async Task<IReadOnlyList<ItemFacts>> ReadAsync(FactsQuery query, CancellationToken ct)
    {
        _relations ??= await Relations.ReadAsync(db, ct);
        return query.Subject == RetentionSubject.ModelVersions
            ? await VersionsAsync(query, _relations, ct)
            : await RunsAsync(query, _relations, ct);
    }

    private async Task<IReadOnlyList<ItemFacts>> VersionsAsync(FactsQuery query, Relations relations, CancellationToken ct)
    {
        var versions = db.ModelVersions.AsNoTracking().Where(v => v.DeletedMs != null == query.InTrash);
        if (query.ContainerId is { } container)
            versions = versions.Where(v => v.ModelId == container);
        if (query.Id is { } one)
            versions = versions.Where(v => v.Id == one);
        if (query.Below is { } below)
            versions = versions.Where(v => v.Id < below);
        if (query.Above is { } above)
            versions = versions.Where(v => v.Id > above);
        var page = await versions.OrderByDescending(v => v.Id).Take(query.Take).Select(v => new
        {
            v.Id,
            v.VersionUuid,
            v.ModelId,
            ModelName = v.Model.Name,
            v.Model.OwnerId,
            v.Number,
            v.Stage,
            v.StageName,
            v.Status,
            v.ArchivedMs,
            v.CreatedMs,
            v.SizeBytes,
        }).ToListAsync(ct);
        if (page.Count == 0)
            return [];
        var (low, high) = (page[^1].Id, page[0].Id);
        var models = page.Select(v => v.ModelId).Distinct().ToList();
        var ofModels = (await db.RegisteredModelTags.AsNoTracking().Where(t => models.Contains(t.ModelId) && t.Value.Length <= 1000)
            .ToListAsync(ct)).ToLookup(t => t.ModelId);
        var ofVersions = (await db.ModelVersionTags.AsNoTracking()
            .Where(t => t.VersionId >= low && t.VersionId <= high && t.Value.Length <= 1000).ToListAsync(ct)).ToLookup(t => t.VersionId);
        var aliased = (await db.RegisteredModelAliases.Where(a => a.VersionId >= low && a.VersionId <= high)
            .Select(a => a.VersionId).ToListAsync(ct)).ToHashSet();
        var retired = (await db.StageTransitions.Where(t => t.VersionId >= low && t.VersionId <= high && t.To == ModelStage.Archived)
            .GroupBy(t => t.VersionId).Select(g => new { g.Key, At = g.Max(t => t.AtMs) }).ToListAsync(ct)).ToDictionary(t => t.Key, t => t.At);
        var asked = (await db.ApprovalRequests.Where(a => a.VersionId >= low && a.VersionId <= high
                && (a.State == ApprovalState.Open || a.State == ApprovalState.Approved)).Select(a => a.VersionId).ToListAsync(ct)).ToHashSet();
        var keys = page.Select(v => ArtifactRoots.OfVersion(v.VersionUuid)).ToList();
        var used = await db.LastUses.AsNoTracking().Where(u => keys.Contains(u.Key)).ToDictionaryAsync(u => u.Key, u => u.Day, ct);
        var locks = await LocksAsync(HoldTarget.ModelVersion, low, high, HoldTarget.RegisteredModel, models, ct);
        return [.. page.Select(v =>
        {
            var tags = ofModels[v.ModelId].ToDictionary(t => t.Key, t => t.Value, StringComparer.Ordinal);
            foreach (var tag in ofVersions[v.Id])
                tags[tag.Key] = tag.Value;
            var name = string.Create(CultureInfo.InvariantCulture, $"{v.ModelName}/{v.Number}");
            return new ItemFacts
            {
                Subject = RetentionSubject.ModelVersions,
                Id = v.Id,
                Name = name,
                ContainerId = v.ModelId,
                ContainerName = v.ModelName,
                OwnerId = v.OwnerId,
                Bytes = v.SizeBytes ?? 0,
                CreatedDay = UtcDay.Of(v.CreatedMs),
                FinalisedDay = UtcDay.Of(v.CreatedMs),
                RetiredDay = v.Stage == ModelStage.Archived && retired.TryGetValue(v.Id, out var at) ? UtcDay.Of(at) : null,
                LastUsedDay = used.TryGetValue(ArtifactRoots.OfVersion(v.VersionUuid), out var day) ? day : null,
                // An upload that failed is as finished as it will be.
                IsFinished = v.Status != ModelVersionStatus.PendingRegistration,
                IsArchived = v.ArchivedMs is not null,
                IsInTrash = query.InTrash,
                Tags = tags,
                Stage = new VersionStage(v.StageName, v.Stage),
                IsHeld = relations.IsHeld(HoldTarget.ModelVersion, v.Id) || relations.IsHeld(HoldTarget.RegisteredModel, v.ModelId),
                ComplianceUntilDay = locks.Until(RetentionLockMode.Compliance, v.Id, v.ModelId),
                GovernanceUntilDay = locks.Until(RetentionLockMode.Governance, v.Id, v.ModelId),
                HasAlias = aliased.Contains(v.Id),
                IsPendingApproval = asked.Contains(v.Id),
                IsReferenced = relations.Sources.Contains(name),
                IsDamaged = relations.Damaged.Contains(ArtifactRoots.OfVersion(v.VersionUuid)),
                IsHighRisk = IsHigh(tags.GetValueOrDefault(RegisteredModel.RiskTierTag)),
            };
        })];
    }

    private async Task<IReadOnlyList<ItemFacts>> RunsAsync(FactsQuery query, Relations relations, CancellationToken ct)
    {
        var runs = db.Runs.AsNoTracking().Where(r => r.Lifecycle == Lifecycle.Deleted == query.InTrash);
        if (query.ContainerId is { } container)
            runs = runs.Where(r => r.ExperimentId == container);
        if (query.Id is { } one)
            runs = runs.Where(r => r.Id == one);
        if (query.Below is { } below)
            runs = runs.Where(r => r.Id < below);
        if (query.Above is { } above)
            runs = runs.Where(r => r.Id > above);
        var page = await (
            from run in runs.OrderByDescending(r => r.Id).Take(query.Take)
            join experiment in db.Experiments on run.ExperimentId equals experiment.Id
            orderby run.Id descending
            select new
            {
                run.Id,
                run.RunUuid,
                run.ExperimentId,
                ExperimentName = experiment.Name,
                experiment.OwnerId,
                run.Status,
                run.StartMs,
                run.EndMs,
                run.Lifecycle,
                Bytes = (from root in db.ArtifactRoots
                         where root.Key == "run/" + run.RunUuid
                         join file in db.ArtifactFiles on root.Id equals file.RootId
                         select (long?)file.SizeBytes).Sum(),
                IsRegistered = db.ModelVersions.Any(v => v.RunUuid == run.RunUuid && v.DeletedMs == null)
                    || db.LoggedModels.Any(m => m.SourceRunUuid == run.RunUuid
                        && db.ModelVersions.Any(v => v.LoggedModelUuid == m.ModelUuid && v.DeletedMs == null)),
            }).ToListAsync(ct);
        if (page.Count == 0)
            return [];
        var (low, high) = (page[^1].Id, page[0].Id);
        var tags = (await db.RunTags.AsNoTracking().Where(t => t.RunId >= low && t.RunId <= high && t.Value.Length <= 1000).ToListAsync(ct))
            .ToLookup(t => t.RunId);
        var used = await UsesOfRunsAsync([.. page.Select(r => r.RunUuid)], ct);
        var locks = await LocksAsync(HoldTarget.Run, low, high, HoldTarget.Experiment, [.. page.Select(r => r.ExperimentId).Distinct()], ct);
        return [.. page.Select(r => new ItemFacts
        {
            Subject = query.Subject,
            Id = r.Id,
            Name = r.RunUuid,
            ContainerId = r.ExperimentId,
            ContainerName = r.ExperimentName,
            OwnerId = r.OwnerId,
            Bytes = r.Bytes ?? 0,
            // Clients say when a run started; one that ended later than that is no older than its end.
            CreatedDay = UtcDay.Of(r.StartMs),
            FinalisedDay = r.EndMs is { } end ? UtcDay.Of(Math.Max(end, r.StartMs)) : null,
            LastUsedDay = used.TryGetValue(r.RunUuid, out var day) ? day : null,
            IsFinished = r.Status is RunStatus.Finished or RunStatus.Failed or RunStatus.Killed,
            IsArchived = r.Lifecycle == Lifecycle.Archived,
            IsInTrash = query.InTrash,
            Tags = tags[r.Id].ToDictionary(t => t.Key, t => t.Value, StringComparer.Ordinal),
            IsHeld = relations.IsHeld(HoldTarget.Run, r.Id) || relations.IsHeld(HoldTarget.Experiment, r.ExperimentId),
            ComplianceUntilDay = locks.Until(RetentionLockMode.Compliance, r.Id, r.ExperimentId),
            GovernanceUntilDay = locks.Until(RetentionLockMode.Governance, r.Id, r.ExperimentId),
            HasAlias = false,
            IsPendingApproval = false,
            IsReferenced = r.IsRegistered || relations.ParentRuns.Contains(r.RunUuid),
            IsDamaged = relations.Damaged.Contains(ArtifactRoots.OfRun(r.RunUuid)),
        })];
    }

    // A run is used where its own files are, or those of a logged model that it made.
    private async Task<Dictionary<string, int>> UsesOfRunsAsync(List<string> uuids, CancellationToken ct)
    {
        var keys = uuids.Select(ArtifactRoots.OfRun).ToList();
        var own = await db.LastUses.AsNoTracking().Where(u => keys.Contains(u.Key))
            .Select(u => new { Run = u.Key.Substring(4), u.Day }).ToListAsync(ct);
        var made = await (
            from model in db.LoggedModels
            where uuids.Contains(model.SourceRunUuid!)
            join use in db.LastUses on "logged-model/" + model.ModelUuid equals use.Key
            select new { Run = model.SourceRunUuid!, use.Day }).AsNoTracking().ToListAsync(ct);
        return own.Concat(made).GroupBy(u => u.Run).ToDictionary(g => g.Key, g => g.Max(u => u.Day));
    }

    // Always read anew: there may be many, and who carries out a run asks for one thing at a time.
    private async Task<Locks> LocksAsync(
        HoldTarget target, long low, long high, HoldTarget parent, List<long> parents, CancellationToken ct) => new(target, parent,
        (await db.RetentionLocks.AsNoTracking()
            .Where(l => l.EndedMs == null && ((l.Target == target && l.TargetId >= low && l.TargetId <= high)
                || (l.Target == parent && parents.Contains(l.TargetId))))
            .GroupBy(l => new { l.Target, l.TargetId, l.Mode }).Select(g => new { g.Key, Day = g.Max(l => l.UntilDay) }).ToListAsync(ct))
        .ToDictionary(l => (l.Key.Target, l.Key.TargetId, l.Key.Mode), l => l.Day));

    /// <summary>The last days of the locks on the things of a page and on what they belong to.</summary>
    private sealed record Locks(HoldTarget Target, HoldTarget Parent, Dictionary<(HoldTarget, long, RetentionLockMode), int> Days)
    {
        public int? Until(RetentionLockMode mode, long id, long parentId)
        {
            int? own = Days.TryGetValue((Target, id, mode), out var day) ? day : null;
            return Days.TryGetValue((Parent, parentId, mode), out var outer) && !(own >= outer) ? outer : own;
        }
    }

    private static bool IsHigh(string? tier) => tier?.ToLowerInvariant() is "high" or "critical" or "unacceptable";

    /// <summary>What concerns few things among many: read once.</summary>
    private sealed record Relations(
        HashSet<(HoldTarget, long)> Held, HashSet<string> Sources, HashSet<string> ParentRuns, HashSet<string> Damaged)
    {
        public bool IsHeld(HoldTarget target, long id) => Held.Contains((target, id));

        public static async Task<HashSet<(HoldTarget, long)>> HeldAsync(RegistryDbContext db, CancellationToken ct) =>
            (await db.LegalHolds.Where(h => h.ReleasedMs == null).Select(h => new { h.Target, h.TargetId }).ToListAsync(ct))
                .Select(h => (h.Target, h.TargetId)).ToHashSet();

        public static async Task<Relations> ReadAsync(RegistryDbContext db, CancellationToken ct)
        {
            // `models:/name/3`, of versions that were copied from others.
            var sources = await db.ModelVersions.Where(v => v.DeletedMs == null && v.Source.StartsWith("models:/") && !v.Source.StartsWith("models:/m-"))
                .Select(v => v.Source).Distinct().ToListAsync(ct);
            var parents = await (
                from tag in db.RunTags
                where tag.Key == ParentRunTag
                join run in db.Runs on tag.RunId equals run.Id
                where run.Lifecycle != Lifecycle.Deleted
                select tag.Value).Distinct().ToListAsync(ct);
            var damaged = await (
                from blob in db.ArtifactBlobs
                where blob.DamagedMs != null
                join file in db.ArtifactFiles on blob.Id equals file.BlobId
                join root in db.ArtifactRoots on file.RootId equals root.Id
                select root.Key).Distinct().ToListAsync(ct);
            return new Relations(await HeldAsync(db, ct),
                sources.Select(s => s["models:/".Length..]).ToHashSet(StringComparer.Ordinal),
                parents.ToHashSet(StringComparer.Ordinal), damaged.ToHashSet(StringComparer.Ordinal));
        }
    }
}
