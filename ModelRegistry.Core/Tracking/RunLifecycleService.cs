using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Audit;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Holds;
using ModelRegistry.Core.Identity;

namespace ModelRegistry.Core.Tracking;

/// <summary>Deletes and restores runs, and notes the data sets they used.</summary>
public sealed class RunLifecycleService(
    RegistryDbContext db, CurrentUserHolder caller, AuditTrail audit, TimeProvider time, RunService runs,
    LoggedModelDirectory loggedModels, ExperimentCatalog experiments)
{
    /// <summary>Into the trash: by whoever made it, or manages the experiment. A deleted run stays as it is.</summary>
    public Task DeleteAsync(string runUuid, CancellationToken ct) => MoveAsync(runUuid, Lifecycle.Deleted, ct);

    public Task RestoreAsync(string runUuid, CancellationToken ct) => MoveAsync(runUuid, Lifecycle.Active, ct);

    /// <summary>Notes that the run used data sets and logged models; the same again changes nothing.</summary>
    public async Task LogInputsAsync(
        string runUuid, IReadOnlyList<DatasetUse> uses, IReadOnlyList<string> modelUuids, CancellationToken ct)
    {
        foreach (var use in uses)
            Require(use);
        var (runId, experimentId) = await runs.RequireRunAsync(runUuid, Permission.Edit, ct);
        var models = new List<long>(modelUuids.Count);
        foreach (var modelUuid in modelUuids)
            models.Add(await RequireModelAsync(modelUuid, ct));

        await using var write = await db.BeginWriteAsync(ct);
        await RequireActiveAsync(runId, runUuid, ct);
        foreach (var use in uses)
            await LogAsync(runId, experimentId, use, ct);
        foreach (var model in models.Distinct())
        {
            if (!await db.RunModels.AnyAsync(m => m.RunId == runId && m.LoggedModelId == model && m.Role == RunModelRole.Input, ct))
                db.Add(new RunModel { RunId = runId, LoggedModelId = model, Role = RunModelRole.Input });
        }

        await db.SaveChangesAsync(ct);
        await write.CommitAsync(ct);
    }

    /// <summary>MLflow 2's `log_model`: appends a model's description to the run's history of models.</summary>
    public async Task AppendModelAsync(string runUuid, JsonElement model, CancellationToken ct)
    {
        var (runId, _) = await runs.RequireRunAsync(runUuid, Permission.Edit, ct);
        await using var write = await db.BeginWriteAsync(ct);
        await RequireActiveAsync(runId, runUuid, ct);
        var tag = await db.RunTags.FirstOrDefaultAsync(t => t.RunId == runId && t.Key == WellKnownTags.LoggedModelHistory, ct);
        var history = tag is null ? [] : JsonSerializer.Deserialize<List<JsonElement>>(tag.Value)!;
        // The same again is a client's retry.
        var text = JsonSerializer.Serialize(model);
        if (history.Exists(h => JsonSerializer.Serialize(h) == text))
            return;
        history.Add(model);
        var value = JsonSerializer.Serialize(history);
        if (tag is null)
            db.Add(new RunTag { RunId = runId, Key = WellKnownTags.LoggedModelHistory, Value = value });
        else
            tag.Value = value;
        await db.SaveChangesAsync(ct);
        await write.CommitAsync(ct);
    }

    /// <exception cref="ConflictException">The run is deleted. Locks the run until the end of the transaction.</exception>
    public async Task RequireActiveAsync(long runId, string runUuid, CancellationToken ct)
    {
        var active = await db.Runs.Where(r => r.Id == runId && r.Lifecycle == Lifecycle.Active)
            .ExecuteUpdateAsync(set => set.SetProperty(r => r.Version, r => r.Version + 1), ct);
        if (active == 0)
        {
            throw new ConflictException("run", runUuid,
                $"The run {runUuid} must be in the 'active' state. Current state is deleted.");
        }
    }

    // A model of another experiment may be used where it may be read.
    private async Task<long> RequireModelAsync(string modelUuid, CancellationToken ct)
    {
        var model = await loggedModels.FindAsync(modelUuid, ct) ?? throw LoggedModelDirectory.NotFound(modelUuid);
        var experiment = await experiments.FindAsync(model.ExperimentId, ct) ?? throw LoggedModelDirectory.NotFound(modelUuid);
        caller.User.Require(Permission.Read, experiment.Securable, () => LoggedModelDirectory.NotFound(modelUuid));
        return model.Id;
    }

    private async Task MoveAsync(string runUuid, Lifecycle to, CancellationToken ct)
    {
        var (runId, experimentId) = await runs.RequireRunAsync(runUuid, Permission.Edit, ct);
        if (!await IsOwnAsync(runId, runUuid, to, ct))
            await runs.RequireRunAsync(runUuid, Permission.Manage, ct);
        await using var write = to == Lifecycle.Deleted ? await db.BeginDestructiveAsync(ct) : await db.BeginWriteAsync(ct);
        if (await MoveAsync(runId, experimentId, runUuid, to, reason: null, ct) is null)
            return;
        await db.SaveChangesAsync(ct);
        await write.CommitAsync(ct);
    }

    // Whoever may write deletes what they made, and takes that back; the rest is for those who manage the experiment.
    private async Task<bool> IsOwnAsync(long runId, string runUuid, Lifecycle to, CancellationToken ct)
    {
        var me = caller.User.Id;
        return await db.Runs.AnyAsync(r => r.Id == runId && r.CreatedBy == me, ct)
            && (to == Lifecycle.Deleted || await db.AuditEvents.Where(e => e.ObjectKind == "run" && e.ObjectId == runUuid && e.Action == "run.deleted")
                .OrderByDescending(e => e.Id).Select(e => (long?)e.ActorId).FirstOrDefaultAsync(ct) == me);
    }

    /// <summary>Into the trash, in a transaction that <see cref="HoldGuard.BeginDestructiveAsync"/> began. Gives the time.</summary>
    internal Task<long> TrashAsync(string runUuid, string reason, CancellationToken ct) => MoveInAsync(runUuid, Lifecycle.Deleted, reason, ct);

    /// <summary>Read only and out of lists, in the caller's transaction. Gives the time.</summary>
    internal Task<long> ArchiveAsync(string runUuid, string reason, CancellationToken ct) => MoveInAsync(runUuid, Lifecycle.Archived, reason, ct);

    /// <summary>Out of the archive.</summary>
    public async Task UnarchiveAsync(string runUuid, CancellationToken ct)
    {
        var (runId, experimentId) = await runs.RequireRunAsync(runUuid, Permission.Manage, ct);
        await using var write = await db.BeginWriteAsync(ct);
        var changed = await db.Runs.Where(r => r.Id == runId && r.Lifecycle == Lifecycle.Archived)
            .ExecuteUpdateAsync(set => set.SetProperty(r => r.Lifecycle, Lifecycle.Active).SetProperty(r => r.ArchivedMs, (long?)null)
                .SetProperty(r => r.Version, r => r.Version + 1), ct);
        if (changed == 0)
            return;
        Record("run.unarchived", runUuid, experimentId, reason: null);
        await db.SaveChangesAsync(ct);
        await write.CommitAsync(ct);
    }

    private async Task<long> MoveInAsync(string runUuid, Lifecycle to, string reason, CancellationToken ct)
    {
        var (runId, experimentId) = await runs.RequireRunAsync(runUuid, Permission.Edit, ct);
        var at = await MoveAsync(runId, experimentId, runUuid, to, reason, ct)
            ?? throw new ConflictException("run", runUuid, "The run is not there any more, or it is in that state already.");
        await db.SaveChangesAsync(ct);
        return at;
    }

    // Null where it is there already.
    private async Task<long?> MoveAsync(long runId, long experimentId, string runUuid, Lifecycle to, string? reason, CancellationToken ct)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var run = db.Runs.Where(r => r.Id == runId);
        var changed = await (to switch
        {
            Lifecycle.Deleted => run.Where(r => r.Lifecycle != Lifecycle.Deleted)
                .ExecuteUpdateAsync(set => set.SetProperty(r => r.Lifecycle, to).SetProperty(r => r.DeletedMs, now)
                    .SetProperty(r => r.DeletedWithExperiment, false).SetProperty(r => r.Version, r => r.Version + 1), ct),
            Lifecycle.Archived => run.Where(r => r.Lifecycle == Lifecycle.Active)
                .ExecuteUpdateAsync(set => set.SetProperty(r => r.Lifecycle, to).SetProperty(r => r.ArchivedMs, now)
                    .SetProperty(r => r.Version, r => r.Version + 1), ct),
            _ => run.Where(r => r.Lifecycle == Lifecycle.Deleted)
                .ExecuteUpdateAsync(set => set.SetProperty(r => r.Lifecycle, r => r.ArchivedMs == null ? Lifecycle.Active : Lifecycle.Archived)
                    .SetProperty(r => r.DeletedMs, (long?)null).SetProperty(r => r.DeletedWithExperiment, false)
                    .SetProperty(r => r.Version, r => r.Version + 1), ct),
        });
        if (changed == 0)
            return null;
        if (to == Lifecycle.Deleted)
            await db.RequireNotHeldAsync(HeldThing.Run(runId, experimentId, runUuid), ct);
        Record(to switch { Lifecycle.Deleted => "run.deleted", Lifecycle.Archived => "run.archived", _ => "run.restored" }, runUuid, experimentId, reason);
        return now;
    }

    private void Record(string action, string runUuid, long experimentId, string? reason) => audit.Record(db, new AuditEntry(action, "run", runUuid)
    {
        Reason = reason,
        Scope = AuditEntry.ScopeOf(SecurableKind.Experiment, experimentId),
    });

    private async Task LogAsync(long runId, long experimentId, DatasetUse use, CancellationToken ct)
    {
        var dataset = await db.Datasets.FirstOrDefaultAsync(
            d => d.ExperimentId == experimentId && d.Name == use.Name && d.Digest == use.Digest, ct);
        if (dataset is null)
        {
            dataset = new Dataset
            {
                ExperimentId = experimentId,
                Name = use.Name,
                Digest = use.Digest,
                SourceType = use.SourceType,
                Source = use.Source,
                Schema = use.Schema,
                Profile = use.Profile,
                CreatedMs = time.GetUtcNow().ToUnixTimeMilliseconds(),
            };
            db.Add(dataset);
            await db.SaveChangesAsync(ct);
        }

        if (await db.DatasetInputs.AnyAsync(i => i.RunId == runId && i.DatasetId == dataset.Id, ct))
            return;
        var input = new DatasetInput { RunId = runId, DatasetId = dataset.Id };
        foreach (var tag in use.Tags.GroupBy(t => t.Key).Select(g => g.Last()))
            input.Tags.Add(new DatasetInputTag { RunId = runId, DatasetId = dataset.Id, Key = tag.Key, Value = tag.Value });
        db.Add(input);
        await db.SaveChangesAsync(ct);
    }

    private static void Require(DatasetUse use)
    {
        NameRules.RequireMaxLength("name", use.Name, Dataset.MaxNameLength);
        NameRules.RequireMaxLength("digest", use.Digest, Dataset.MaxDigestLength);
        NameRules.RequireMaxLength("source_type", use.SourceType, Dataset.MaxNameLength);
        NameRules.RequireMaxLength("source", use.Source, Dataset.MaxSourceLength);
        NameRules.RequireMaxLength("schema", use.Schema ?? "", Dataset.MaxSchemaLength);
        NameRules.RequireMaxLength("profile", use.Profile ?? "", Dataset.MaxProfileLength);
        foreach (var (key, value) in use.Tags)
        {
            NameRules.RequireMaxLength("key", key, DatasetInputTag.MaxKeyLength);
            NameRules.RequireMaxLength("value", value, DatasetInputTag.MaxValueLength);
        }
    }
}
