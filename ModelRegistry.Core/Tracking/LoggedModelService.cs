using System.Buffers;
using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Audit;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Holds;
using ModelRegistry.Core.Identity;

namespace ModelRegistry.Core.Tracking;

/// <summary>What a client says of a model that it is about to upload.</summary>
public sealed record NewLoggedModel(long ExperimentId)
{
    /// <summary>Null for one that the registry makes up.</summary>
    public string? Name { get; init; }
    public string ModelType { get; init; } = "";
    public string SourceRunUuid { get; init; } = "";
    public IReadOnlyList<(string Key, string Value)> Params { get; init; } = [];
    public IReadOnlyList<(string Key, string Value)> Tags { get; init; } = [];
}

/// <summary>Models that runs made (MLflow 3): created before their upload, finished after it. Seen and changed by
/// whoever may see and change their experiment.</summary>
public sealed class LoggedModelService(RegistryDbContext db, CurrentUserHolder caller, AuditTrail audit, TimeProvider time,
    ExperimentCatalog experiments, RunService runs, RunLifecycleService lifecycle, LoggedModelReader reader)
{
    /// <summary>As long as MLflow's versions of all times take it.</summary>
    private const int MaxTagLength = 100_000;
    private static readonly SearchValues<char> NotInNames = SearchValues.Create("/:.%\"'");

    public async Task<LoggedModelRecord> CreateAsync(NewLoggedModel request, CancellationToken ct)
    {
        var experiment = await experiments.FindAsync(request.ExperimentId, ct) ?? throw ExperimentService.NotFound(request.ExperimentId);
        caller.User.Require(Permission.Edit, experiment.Securable, () => ExperimentService.NotFound(request.ExperimentId));
        if (experiment.Lifecycle != Lifecycle.Active)
        {
            throw new ConflictException("experiment", experiment.Securable.Name,
                $"The experiment {experiment.Id} must be in the 'active' state. Current state is deleted.");
        }

        RequireName(request.Name);
        NameRules.RequireMaxLength("model_type", request.ModelType, LoggedModel.MaxNameLength);
        await RequireSourceRunAsync(request.SourceRunUuid, ct);
        var uuid = $"m-{Guid.NewGuid():N}";
        var now = Now();
        var model = new LoggedModel
        {
            ModelUuid = uuid,
            ExperimentId = experiment.Id,
            Name = request.Name ?? RunNames.Next(),
            ModelType = request.ModelType,
            SourceRunUuid = request.SourceRunUuid,
            Status = LoggedModelStatus.Pending,
            ArtifactUri = ArtifactLocation.OfLoggedModel(experiment.ArtifactLocation, uuid),
            CreatedMs = now,
            UpdatedMs = now,
            CreatedBy = caller.User.Id,
        };
        foreach (var (key, value) in ValidParams(request.Params))
            model.Params.Add(new LoggedModelParam { Key = key, Value = value });
        foreach (var (key, value) in ValidTags(request.Tags))
            model.Tags.Add(new LoggedModelTag { Key = key, Value = value });
        db.Add(model);
        await db.SaveChangesAsync(ct);
        return new LoggedModelRecord(model, []);
    }

    /// <param name="withDeleted">Also one that is in the trash.</param>
    public async Task<LoggedModelRecord> GetAsync(string modelUuid, bool withDeleted, CancellationToken ct)
    {
        var (id, _) = await FindAsync(modelUuid, Permission.Read, withDeleted, ct);
        return (await reader.LoadAsync([id], ct))[0];
    }

    /// <summary>The upload has ended, well or not.</summary>
    public async Task<LoggedModelRecord> FinalizeAsync(string modelUuid, LoggedModelStatus status, CancellationToken ct)
    {
        if (status == LoggedModelStatus.Unspecified)
            throw new InvalidArgumentException("status", "Invalid value for parameter 'status' supplied: it must say how the upload ended.");
        var (id, _) = await FindAsync(modelUuid, Permission.Edit, withDeleted: false, ct);
        await using (var write = await db.BeginWriteAsync(ct))
        {
            await HoldAsync(id, modelUuid, ct);
            await db.LoggedModels.Where(m => m.Id == id).ExecuteUpdateAsync(set => set.SetProperty(m => m.Status, status), ct);
            await write.CommitAsync(ct);
        }

        return (await reader.LoadAsync([id], ct))[0];
    }

    /// <summary>Into the trash: by whoever made it, or manages the experiment. Registered versions of it keep their files. Once
    /// more is no mistake.</summary>
    public async Task DeleteAsync(string modelUuid, CancellationToken ct)
    {
        var (id, experimentId) = await FindAsync(modelUuid, Permission.Edit, withDeleted: true, ct);
        var (now, me) = (Now(), caller.User.Id);
        if (!await db.LoggedModels.AnyAsync(m => m.Id == id && m.CreatedBy == me, ct))
            await FindAsync(modelUuid, Permission.Manage, withDeleted: true, ct);
        await using var write = await db.BeginDestructiveAsync(ct);
        var deleted = await db.LoggedModels.Where(m => m.Id == id && m.DeletedMs == null)
            .ExecuteUpdateAsync(set => set.SetProperty(m => m.DeletedMs, now).SetProperty(m => m.UpdatedMs, now), ct);
        if (deleted == 0)
            return;
        await db.RequireNotHeldAsync(await LoggedModelDirectory.AsHeldAsync(db, id, ct), ct);
        audit.Record(db, new AuditEntry("logged-model.deleted", "logged-model", modelUuid)
        {
            Scope = AuditEntry.ScopeOf(SecurableKind.Experiment, experimentId),
        });
        await db.SaveChangesAsync(ct);
        await write.CommitAsync(ct);
    }

    /// <summary>Adds params. They are written once: the same value again is a retry, another one is refused.</summary>
    public async Task LogParamsAsync(string modelUuid, IReadOnlyList<(string Key, string Value)> added, CancellationToken ct)
    {
        var valid = ValidParams(added);
        var (id, _) = await FindAsync(modelUuid, Permission.Edit, withDeleted: false, ct);
        await using var write = await db.BeginWriteAsync(ct);
        await HoldAsync(id, modelUuid, ct);
        var existing = await db.LoggedModelParams.AsNoTracking().Where(p => p.LoggedModelId == id)
            .ToDictionaryAsync(p => p.Key, p => p.Value, ct);
        foreach (var (key, value) in valid)
        {
            if (!existing.TryGetValue(key, out var old))
            {
                db.Add(new LoggedModelParam { LoggedModelId = id, Key = key, Value = value });
            }
            else if (old != value)
            {
                throw new InvalidArgumentException("params", $"Changing param values is not allowed. Param with key='{key}' was already "
                    + $"logged with value='{old}' for model ID='{modelUuid}'. Attempted logging new value '{value}'.");
            }
        }

        await db.SaveChangesAsync(ct);
        await write.CommitAsync(ct);
    }

    public async Task SetTagsAsync(string modelUuid, IReadOnlyList<(string Key, string Value)> tags, CancellationToken ct)
    {
        var valid = ValidTags(tags);
        var (id, _) = await FindAsync(modelUuid, Permission.Edit, withDeleted: false, ct);
        await using var write = await db.BeginWriteAsync(ct);
        await HoldAsync(id, modelUuid, ct);
        var existing = await db.LoggedModelTags.Where(t => t.LoggedModelId == id).ToDictionaryAsync(t => t.Key, ct);
        foreach (var (key, value) in valid)
        {
            if (existing.TryGetValue(key, out var tag))
                tag.Value = value;
            else
                db.Add(new LoggedModelTag { LoggedModelId = id, Key = key, Value = value });
        }

        await db.SaveChangesAsync(ct);
        await write.CommitAsync(ct);
    }

    public async Task DeleteTagAsync(string modelUuid, string key, CancellationToken ct)
    {
        var (id, _) = await FindAsync(modelUuid, Permission.Edit, withDeleted: false, ct);
        await using var write = await db.BeginWriteAsync(ct);
        await HoldAsync(id, modelUuid, ct);
        if (await db.LoggedModelTags.Where(t => t.LoggedModelId == id && t.Key == key).ExecuteDeleteAsync(ct) == 0)
        {
            throw new NotFoundException("logged model tag", key,
                $"No tag with key '{key}' found for model with ID '{modelUuid}'.");
        }

        await write.CommitAsync(ct);
    }

    /// <summary>Notes that a run made models, at steps of it. The same model again moves to the new step: a client's
    /// retry changes nothing.</summary>
    public async Task LogOutputsAsync(string runUuid, IReadOnlyList<(string ModelUuid, long Step)> models, CancellationToken ct)
    {
        var (runId, _) = await runs.RequireRunAsync(runUuid, Permission.Edit, ct);
        var steps = new Dictionary<long, long>();
        foreach (var (modelUuid, step) in models)
            steps[(await FindAsync(modelUuid, Permission.Read, withDeleted: false, ct)).Id] = step;
        await using var write = await db.BeginWriteAsync(ct);
        await lifecycle.RequireActiveAsync(runId, runUuid, ct);
        var existing = await db.RunModels.Where(m => m.RunId == runId && m.Role == RunModelRole.Output && steps.Keys.Contains(m.LoggedModelId))
            .ToDictionaryAsync(m => m.LoggedModelId, ct);
        foreach (var (modelId, step) in steps)
        {
            if (existing.TryGetValue(modelId, out var link))
                link.Step = step;
            else
                db.Add(new RunModel { RunId = runId, LoggedModelId = modelId, Role = RunModelRole.Output, Step = step });
        }

        await db.SaveChangesAsync(ct);
        await write.CommitAsync(ct);
    }

    private async Task<(long Id, long ExperimentId)> FindAsync(string modelUuid, Permission permission, bool withDeleted, CancellationToken ct)
    {
        var model = await db.LoggedModels.AsNoTracking().Where(m => m.ModelUuid == modelUuid && (withDeleted || m.DeletedMs == null))
            .Select(m => new { m.Id, m.ExperimentId }).FirstOrDefaultAsync(ct) ?? throw LoggedModelDirectory.NotFound(modelUuid);
        var experiment = await experiments.FindAsync(model.ExperimentId, ct) ?? throw LoggedModelDirectory.NotFound(modelUuid);
        caller.User.Require(permission, experiment.Securable, () => LoggedModelDirectory.NotFound(modelUuid));
        return (model.Id, model.ExperimentId);
    }

    // The model's row is held to the end of the transaction: its changes come one after another.
    private async Task HoldAsync(long id, string modelUuid, CancellationToken ct)
    {
        db.ChangeTracker.Clear();
        var now = Now();
        var held = await db.LoggedModels.Where(m => m.Id == id && m.DeletedMs == null)
            .ExecuteUpdateAsync(set => set.SetProperty(m => m.UpdatedMs, now), ct);
        if (held == 0)
            throw LoggedModelDirectory.NotFound(modelUuid);
    }

    // An id that has not the form of ours is another server's, and nothing that we could know.
    private async Task RequireSourceRunAsync(string runUuid, CancellationToken ct)
    {
        NameRules.RequireMaxLength("source_run_id", runUuid, LoggedModel.MaxRunIdLength);
        if (runUuid.Length == 32 && runUuid.All(char.IsAsciiHexDigitLower))
            await runs.RequireRunAsync(runUuid, Permission.Read, ct);
    }

    private static void RequireName(string? name)
    {
        if (name is null)
            return;
        if (string.IsNullOrWhiteSpace(name) || name.AsSpan().ContainsAny(NotInNames))
        {
            throw new InvalidArgumentException("name", $"Invalid model name ('{name}') provided. Model name must be a "
                + "non-empty string and cannot contain the following characters: ('/', ':', '.', '%', '\"', \"'\")");
        }

        NameRules.RequireMaxLength("name", name, LoggedModel.MaxNameLength);
    }

    private static List<(string Key, string Value)> ValidParams(IReadOnlyList<(string Key, string Value)> items)
    {
        foreach (var (key, _) in items)
            NameRules.RequireKey("key", key, Param.MaxKeyLength, "Param");
        var repeated = items.GroupBy(p => p.Key, StringComparer.Ordinal).Where(g => g.Count() > 1).Select(g => $"'{g.Key}'").ToList();
        if (repeated.Count > 0)
        {
            throw new InvalidArgumentException("params", $"Duplicate parameter keys have been submitted: [{string.Join(", ", repeated)}]. "
                + "Please ensure the request contains only one param value per param key.");
        }

        return [.. items.Select(p => (p.Key, NameRules.Truncate(p.Value, Param.MaxValueLength)))];
    }

    private static List<(string Key, string Value)> ValidTags(IReadOnlyList<(string Key, string Value)> items)
    {
        foreach (var (key, value) in items)
        {
            NameRules.RequireKey("key", key, RunTag.MaxKeyLength, "Tag");
            NameRules.RequireMaxLength("value", value, MaxTagLength);
        }

        return [.. items.GroupBy(t => t.Key, StringComparer.Ordinal).Select(g => g.Last())];
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
