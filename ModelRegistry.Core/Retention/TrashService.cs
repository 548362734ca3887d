using System.Globalization;
using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Artifacts;
using ModelRegistry.Core.Audit;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;
using ModelRegistry.Core.Registry;
using ModelRegistry.Core.Tracking;

namespace ModelRegistry.Core.Retention;

public enum TrashKind
{
    ModelVersion = 1,
    RegisteredModel = 2,
    Run = 3,
    Experiment = 4,
    LoggedModel = 5,
    /// <summary>All files of a run, which itself stays.</summary>
    RunFiles = 6,
}

/// <param name="Key">A version's UUID, a run's or logged model's id, a model's or experiment's number.</param>
/// <param name="AtMs">When it was deleted or archived.</param>
public sealed record TrashRow(TrashKind Kind, long RowId, string Key, string Name, long AtMs, long OwnerId, bool IsArchived)
{
    /// <summary>E.g. `model-version.7f…`.</summary>
    public string Id => $"{TrashService.WordOf(Kind)}.{Key}";
}

/// <summary>
/// What was deleted and what was archived, and the way back. What was deleted with its model or experiment comes back with
/// that. Restoring needs the right to manage, whoever deleted it.
/// </summary>
public sealed class TrashService(
    RegistryDbContext db, CurrentUserHolder caller, AuditTrail audit, RegistryWork work, RunLifecycleService runs, ExperimentService experiments,
    RetentionOptions options)
{
    public const string Noun = "trash";
    /// <summary>Where the files of a run are that were thrown away without it.</summary>
    internal const string FilesPrefix = "trash/";

    public static string WordOf(TrashKind kind) => kind switch
    {
        TrashKind.ModelVersion => "model-version",
        TrashKind.RegisteredModel => "registered-model",
        TrashKind.Run => "run",
        TrashKind.Experiment => "experiment",
        TrashKind.LoggedModel => "logged-model",
        _ => "run-files",
    };

    /// <summary>When it is purged, where nothing keeps it.</summary>
    public long PurgeMs(TrashRow row) => row.AtMs + options.TrashDays * 86_400_000L;

    /// <summary>Newest first. Those who oversee everything see all; others what is theirs.</summary>
    public async Task<Page<TrashRow>> ListAsync(bool archived, int maxResults, string? pageToken, CancellationToken ct)
    {
        caller.User.RequireScope(TokenScope.Read);
        var text = $"{archived}";
        var after = PageToken.TryDecode<long[]>(pageToken, text, out var key) && key is [var at, var kind, var row]
            ? (AtMs: at, Kind: (TrashKind)kind, RowId: row)
            : (long.MaxValue, 0, long.MaxValue);
        var found = new List<TrashRow>();
        foreach (var one in archived ? [TrashKind.ModelVersion, TrashKind.Run] : Enum.GetValues<TrashKind>())
        {
            // Of the same moment: kinds in their order, within a kind the newest row.
            var tie = one > after.Kind ? long.MaxValue : one == after.Kind ? after.RowId : long.MinValue;
            var rows = Rows(one, archived).Where(r => r.AtMs < after.AtMs || (r.AtMs == after.AtMs && r.RowId < tie));
            if (!caller.User.ReadsEverything)
            {
                var me = caller.User.Id;
                rows = rows.Where(r => r.OwnerId == me);
            }

            var page = await rows.OrderByDescending(r => r.AtMs).ThenByDescending(r => r.RowId).Take(maxResults + 1).ToListAsync(ct);
            found.AddRange(page.Select(r => r.ToRow(one, archived)));
        }

        var ordered = found.OrderByDescending(r => r.AtMs).ThenBy(r => r.Kind).ThenByDescending(r => r.RowId).Take(maxResults + 1).ToList();
        if (ordered.Count <= maxResults)
            return new Page<TrashRow>(ordered, null);
        var last = ordered[maxResults - 1];
        return new Page<TrashRow>(ordered[..maxResults], PageToken.Encode(new[] { last.AtMs, (long)last.Kind, last.RowId }, text));
    }

    /// <summary>Brings it back as it was: with its files, tags, and the aliases that are still free.</summary>
    /// <exception cref="ConflictException">Its name was given to another one, or what it belongs to is in the trash.</exception>
    public async Task<TrashRow> RestoreAsync(string id, CancellationToken ct)
    {
        var row = await GetAsync(id, ct);
        switch (row.Kind)
        {
            case TrashKind.ModelVersion:
                await RestoreVersionAsync(row, ct);
                break;
            case TrashKind.RegisteredModel:
                await RestoreModelAsync(row, ct);
                break;
            case TrashKind.Run:
                await RestoreRunAsync(row, ct);
                break;
            case TrashKind.Experiment:
                await experiments.RestoreAsync(row.RowId, ct);
                break;
            case TrashKind.LoggedModel:
                await RestoreLoggedModelAsync(row, ct);
                break;
            default:
                await RestoreFilesAsync(row, ct);
                break;
        }

        return row;
    }

    private async Task<TrashRow> GetAsync(string id, CancellationToken ct)
    {
        var missing = new NotFoundException(Noun, id.Length <= 80 ? id : id[..80] + "…", "There is nothing of that id in the trash or archive.");
        var dot = id.IndexOf('.');
        var word = dot < 0 ? "" : id[..dot];
        var kind = Enum.GetValues<TrashKind>().FirstOrDefault(k => WordOf(k) == word);
        if (kind == 0)
            throw missing;
        var key = id[(dot + 1)..];
        foreach (var archived in new[] { false, true })
        {
            if (archived && kind is not (TrashKind.ModelVersion or TrashKind.Run))
                break;
            var rows = Rows(kind, archived);
            StoredRow? found;
            if (kind == TrashKind.ModelVersion)
            {
                found = Guid.TryParseExact(key, "D", out var uuid) ? await rows.FirstOrDefaultAsync(r => r.Uuid == uuid, ct) : null;
            }
            else if (kind is TrashKind.RegisteredModel or TrashKind.Experiment or TrashKind.RunFiles)
            {
                found = long.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                    ? await rows.FirstOrDefaultAsync(r => r.RowId == number, ct) : null;
            }
            else
            {
                found = await rows.FirstOrDefaultAsync(r => r.Text == key, ct);
            }

            if (found is null)
                continue;
            var securable = await SecurableAsync(kind, found, ct) ?? throw missing;
            caller.User.Require(Permission.Manage, securable, () => missing);
            return found.ToRow(kind, archived);
        }

        throw missing;
    }

    private async Task<Securable?> SecurableAsync(TrashKind kind, StoredRow row, CancellationToken ct) =>
        kind is TrashKind.ModelVersion or TrashKind.RegisteredModel
            ? (await db.RegisteredModels.AsNoTracking().FirstOrDefaultAsync(m => m.Id == row.ParentId, ct))?.AsSecurable()
            : (await db.Experiments.AsNoTracking().FirstOrDefaultAsync(e => e.Id == row.ParentId, ct))?.AsSecurable();

    private IQueryable<StoredRow> Rows(TrashKind kind, bool archived) => kind switch
    {
        TrashKind.ModelVersion => db.ModelVersions.AsNoTracking()
            .Where(v => v.Model.DeletedMs == null && (archived ? v.ArchivedMs != null && v.DeletedMs == null : v.DeletedMs != null))
            .Select(v => new StoredRow
            {
                RowId = v.Id,
                Uuid = v.VersionUuid,
                Name = v.Model.Name,
                Number = v.Number,
                AtMs = (archived ? v.ArchivedMs : v.DeletedMs) ?? 0,
                OwnerId = v.Model.OwnerId,
                ParentId = v.ModelId,
            }),
        TrashKind.RegisteredModel => db.RegisteredModels.AsNoTracking().Where(m => m.DeletedMs != null).Select(m => new StoredRow
        {
            RowId = m.Id,
            Name = m.Name,
            AtMs = m.DeletedMs ?? 0,
            OwnerId = m.OwnerId,
            ParentId = m.Id,
        }),
        TrashKind.Run =>
            from run in db.Runs.AsNoTracking()
            where archived ? run.Lifecycle == Lifecycle.Archived : run.Lifecycle == Lifecycle.Deleted && !run.DeletedWithExperiment
            join experiment in db.Experiments on run.ExperimentId equals experiment.Id
            select new StoredRow
            {
                RowId = run.Id,
                Text = run.RunUuid,
                Name = run.Name,
                AtMs = (archived ? run.ArchivedMs : run.DeletedMs) ?? 0,
                OwnerId = experiment.OwnerId,
                ParentId = run.ExperimentId,
            },
        TrashKind.Experiment => db.Experiments.AsNoTracking().Where(e => e.Lifecycle == Lifecycle.Deleted).Select(e => new StoredRow
        {
            RowId = e.Id,
            Name = e.Name,
            AtMs = e.DeletedMs ?? 0,
            OwnerId = e.OwnerId,
            ParentId = e.Id,
        }),
        TrashKind.LoggedModel =>
            from model in db.LoggedModels.AsNoTracking()
            where model.DeletedMs != null
            join experiment in db.Experiments on model.ExperimentId equals experiment.Id
            select new StoredRow
            {
                RowId = model.Id,
                Text = model.ModelUuid,
                Name = model.Name,
                AtMs = model.DeletedMs ?? 0,
                OwnerId = experiment.OwnerId,
                ParentId = model.ExperimentId,
            },
        _ =>
            from root in db.ArtifactRoots.AsNoTracking()
            where root.DeletedMs != null
            join run in db.Runs on root.Key.Substring(root.Key.Length - 32) equals run.RunUuid
            join experiment in db.Experiments on run.ExperimentId equals experiment.Id
            select new StoredRow
            {
                RowId = root.Id,
                Text = run.RunUuid,
                Name = run.Name,
                AtMs = root.DeletedMs ?? 0,
                OwnerId = experiment.OwnerId,
                ParentId = run.ExperimentId,
            },
    };

    private async Task RestoreVersionAsync(TrashRow row, CancellationToken ct)
    {
        await using var write = await db.BeginWriteAsync(ct);
        var model = await work.LockModelAsync(RegistryWork.ParseVersionId(row.Name)!.Value.Name, Permission.Manage, ct);
        var version = await db.ModelVersions.FirstOrDefaultAsync(v => v.Id == row.RowId && v.ModelId == model.Id, ct)
            ?? throw RegistryWork.VersionNotFound(model.Name, 0);
        version.Model = model;
        if (row.IsArchived)
        {
            if (version.ArchivedMs is null)
                return;
            version.ArchivedMs = null;
            work.Record(version, "unarchived", null, null);
        }
        else
        {
            if (version.DeletedMs is not { } deletedMs)
                return;
            version.DeletedMs = null;
            var aliases = await RestoreAliasesAsync(model.Id, version.Number, deletedMs, ct);
            work.Record(version, "restored", null, new { Stage = version.StageName, version.Digest, Aliases = aliases });
        }

        version.UpdatedMs = work.NowMs;
        model.UpdatedMs = work.NowMs;
        await db.SaveChangesAsync(ct);
        await write.CommitAsync(ct);
    }

    private async Task RestoreModelAsync(TrashRow row, CancellationToken ct)
    {
        db.ChangeTracker.Clear();
        await using var write = await db.BeginWriteAsync(ct);
        await db.RegisteredModels.Where(m => m.Id == row.RowId).ExecuteUpdateAsync(set => set.SetProperty(m => m.LastVersion, m => m.LastVersion), ct);
        var model = await db.RegisteredModels.FirstOrDefaultAsync(m => m.Id == row.RowId, ct) ?? throw RegistryWork.ModelNotFound(row.Name);
        if (model.DeletedMs is not { } deletedMs)
            return;
        if (await db.RegisteredModels.AnyAsync(m => m.Name == model.Name && m.DeletedMs == null, ct))
            throw NameTaken(model.Name);
        model.DeletedMs = null;
        model.UpdatedMs = work.NowMs;
        try
        {
            await db.SaveChangesAsync(ct);
        }
        catch (DbUpdateException e) when (db.IsUniqueViolation(e))
        {
            throw NameTaken(model.Name);
        }

        var numbers = await db.ModelVersions.Where(v => v.ModelId == model.Id && v.DeletedMs == deletedMs).Select(v => v.Number).ToListAsync(ct);
        await db.ModelVersions.Where(v => v.ModelId == model.Id && v.DeletedMs == deletedMs)
            .ExecuteUpdateAsync(set => set.SetProperty(v => v.DeletedMs, (long?)null), ct);
        var aliases = new List<string>();
        foreach (var number in numbers)
            aliases.AddRange(await RestoreAliasesAsync(model.Id, number, deletedMs, ct));
        work.Record(model, "restored", null, new { Versions = numbers.Count, Aliases = aliases });
        await db.SaveChangesAsync(ct);
        await write.CommitAsync(ct);
    }

    // Those that it lost when it was deleted, and that no other version has got since.
    private async Task<List<string>> RestoreAliasesAsync(long modelId, int number, long deletedMs, CancellationToken ct)
    {
        var lost = await db.AliasChanges.AsNoTracking()
            .Where(c => c.ModelId == modelId && c.FromNumber == number && c.ToNumber == null && c.AtMs == deletedMs)
            .Select(c => c.Alias).Distinct().ToListAsync(ct);
        var restored = new List<string>();
        foreach (var alias in lost)
        {
            if (await db.RegisteredModelAliases.AnyAsync(a => a.ModelId == modelId && a.Alias == alias, ct))
                continue;
            var versionId = await db.ModelVersions.Where(v => v.ModelId == modelId && v.Number == number).Select(v => v.Id).SingleAsync(ct);
            var back = new RegisteredModelAlias { ModelId = modelId, Alias = alias, VersionId = versionId };
            db.AddAliasChange(work, back, number, work.NowMs, "Restored");
            back.Number = number;
            db.Add(back);
            restored.Add(alias);
        }

        return restored;
    }

    private async Task RestoreRunAsync(TrashRow row, CancellationToken ct)
    {
        if (await db.Runs.AnyAsync(r => r.Id == row.RowId
                && db.Experiments.Any(e => e.Id == r.ExperimentId && e.Lifecycle == Lifecycle.Deleted), ct))
        {
            throw new ConflictException("run", row.Key, "The run's experiment is in the trash: restore that first.");
        }

        if (row.IsArchived)
            await runs.UnarchiveAsync(row.Key, ct);
        else
            await runs.RestoreAsync(row.Key, ct);
    }

    private async Task RestoreLoggedModelAsync(TrashRow row, CancellationToken ct)
    {
        await using var write = await db.BeginWriteAsync(ct);
        var found = await db.LoggedModels.AsNoTracking().Where(m => m.Id == row.RowId).Select(m => m.ExperimentId).FirstOrDefaultAsync(ct);
        await db.LoggedModels.Where(m => m.Id == row.RowId && m.DeletedMs != null)
            .ExecuteUpdateAsync(set => set.SetProperty(m => m.DeletedMs, (long?)null).SetProperty(m => m.UpdatedMs, work.NowMs), ct);
        audit.Record(db, new AuditEntry("logged-model.restored", "logged-model", row.Key)
        {
            Scope = AuditEntry.ScopeOf(SecurableKind.Experiment, found),
        });
        await db.SaveChangesAsync(ct);
        await write.CommitAsync(ct);
    }

    private async Task RestoreFilesAsync(TrashRow row, CancellationToken ct)
    {
        await using var write = await db.BeginWriteAsync(ct);
        var uuid = await db.ArtifactRoots.Where(r => r.Id == row.RowId).Select(r => r.Key.Substring(r.Key.Length - 32)).FirstAsync(ct);
        var key = ArtifactRoots.OfRun(uuid);
        if (await ArtifactRoots.LockAsync(db, key, ct) is { } there)
        {
            if (await db.ArtifactFiles.AnyAsync(f => f.RootId == there, ct))
                throw new ConflictException("run", uuid, "The run has new files: they would be mixed with the old ones.");
            await db.ArtifactRoots.Where(r => r.Id == there).ExecuteDeleteAsync(ct);
        }

        await db.ArtifactRoots.Where(r => r.Id == row.RowId)
            .ExecuteUpdateAsync(set => set.SetProperty(r => r.Key, key).SetProperty(r => r.DeletedMs, (long?)null), ct);
        var experiment = await db.Runs.Where(r => r.RunUuid == uuid).Select(r => r.ExperimentId).FirstAsync(ct);
        audit.Record(db, new AuditEntry("artifact.restored", "artifact", key)
        {
            Scope = AuditEntry.ScopeOf(SecurableKind.Experiment, experiment),
        });
        await db.SaveChangesAsync(ct);
        await write.CommitAsync(ct);
    }

    private static ConflictException NameTaken(string name) => new(RegistryWork.ModelNoun, name,
        $"Another model is called '{name}' now. Rename that one, then restore this.");

    private sealed record StoredRow
    {
        public long RowId { get; init; }
        public Guid? Uuid { get; init; }
        public string? Text { get; init; }
        public string Name { get; init; } = "";
        public int? Number { get; init; }
        public long AtMs { get; init; }
        public long OwnerId { get; init; }
        public long ParentId { get; init; }

        public TrashRow ToRow(TrashKind kind, bool archived) => new(kind, RowId, kind switch
        {
            TrashKind.ModelVersion => Uuid!.Value.ToString("D"),
            TrashKind.Run or TrashKind.LoggedModel => Text!,
            _ => RowId.ToString(CultureInfo.InvariantCulture),
        }, Number is { } number ? string.Create(CultureInfo.InvariantCulture, $"{Name}/{number}") : Name, AtMs, OwnerId, archived);
    }
}
