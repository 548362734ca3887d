using System.Globalization;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Identity;
using ModelRegistry.Core.Tracking.Store;

namespace ModelRegistry.Core.Tracking;

/// <summary>Creates runs, logs to them, reads and finds them. Every write returns when it is durable.</summary>
public sealed class RunService(CurrentUserHolder caller, TimeProvider time, ExperimentCatalog experiments, RunDirectory directory,
    RunReader reader, RunSearch search, MetricKeyCatalog keys, TrackingWriter writer, LoggedModelDirectory loggedModels, StoredParams storedParams)
{
    private const string Noun = "run";

    /// <summary>The run as it was stored, with its tags.</summary>
    public async Task<RunRecord> CreateAsync(NewRun request, CancellationToken ct)
    {
        var experiment = await RequireExperimentAsync(request.ExperimentId, Permission.Edit, ct);
        if (experiment.Lifecycle != Lifecycle.Active)
        {
            throw new ConflictException("experiment", experiment.Securable.Name,
                $"The experiment {experiment.Id} must be in the 'active' state. Current state is deleted.");
        }

        NameRules.RequireMaxLength("user_id", request.UserName, 250);
        var tags = ValidTags(request.Tags, i => $"tags[{i}].key");
        var name = NameOf(request, tags);
        var now = Now();
        var run = new Run
        {
            RunUuid = Guid.NewGuid().ToString("N"),
            ExperimentId = experiment.Id,
            Name = name,
            UserName = request.UserName,
            Status = RunStatus.Running,
            StartMs = request.StartMs ?? now,
            CreatedBy = caller.User.Id,
            Version = 1,
        };
        var write = new RunWrite
        {
            RunUuid = run.RunUuid,
            ExperimentId = experiment.Id,
            UserId = caller.User.Id,
            AtMs = now,
            Create = run,
            Tags = tags,
        };
        await writer.WriteAsync(write, ct);
        directory.Add(run.RunUuid, run.Id, experiment.Id);
        var record = new RunRecord(run, ArtifactLocation.OfRun(experiment.ArtifactLocation, run.RunUuid));
        record.Tags.AddRange(tags);
        return record;
    }

    public async Task LogAsync(RunLog log, CancellationToken ct)
    {
        RequireBatchSize(log);
        for (var i = 0; i < log.Params.Count; i++)
            NameRules.RequireKey(log.Field("params", i, "key"), log.Params[i].Key, Param.MaxKeyLength, "Param key");
        RequireDistinctParams(log.Params);
        var (id, experimentId) = await RequireRunAsync(log.RunUuid, Permission.Edit, ct);
        var parameters = Truncated(log.Params, Param.MaxValueLength);
        if (parameters.Count > 0 && log.Points.Count == 0 && log.Metrics.Count == 0 && log.Tags.Count == 0
            && await storedParams.HasAllAsync(id, parameters, ct))
        {
            return;
        }

        var points = log.Points;
        List<ModelPointWrite> modelPoints = [];
        if (log.Metrics.Count > 0)
            await ResolveAsync(log, points, modelPoints, ct);
        await writer.WriteAsync(new RunWrite
        {
            RunId = id,
            RunUuid = log.RunUuid,
            ExperimentId = experimentId,
            UserId = caller.User.Id,
            AtMs = Now(),
            Points = points,
            ModelPoints = modelPoints,
            Params = parameters,
            Tags = ValidTags(log.Tags, i => log.Field("tags", i, "key")),
            Name = NameIn(log.Tags),
        }, ct);
    }

    /// <summary>Changes what is given. Gives the run as it is afterwards.</summary>
    public async Task<RunRecord> UpdateAsync(string runUuid, RunStatus? status, long? endMs, string? name, CancellationToken ct)
    {
        var (id, experimentId) = await RequireRunAsync(runUuid, Permission.Edit, ct);
        if (string.IsNullOrEmpty(name))
            name = null;
        else
            NameRules.RequireMaxLength("run_name", name, Run.MaxNameLength);
        await writer.WriteAsync(new RunWrite
        {
            RunId = id,
            RunUuid = runUuid,
            ExperimentId = experimentId,
            UserId = caller.User.Id,
            AtMs = Now(),
            Status = status,
            EndMs = endMs,
            Name = name,
            Tags = name is null ? [] : [(WellKnownTags.RunName, name)],
        }, ct);
        return (await reader.LoadAsync([id], ct))[0];
    }

    public async Task DeleteTagAsync(string runUuid, string key, CancellationToken ct)
    {
        var (id, experimentId) = await RequireRunAsync(runUuid, Permission.Edit, ct);
        await writer.WriteAsync(new RunWrite
        {
            RunId = id,
            RunUuid = runUuid,
            ExperimentId = experimentId,
            UserId = caller.User.Id,
            AtMs = Now(),
            DeletedTag = key,
        }, ct);
    }

    /// <summary>Where the run stands now; a copy in memory of the same version is right.</summary>
    public async Task<RunHead> GetHeadAsync(string runUuid, CancellationToken ct)
    {
        var head = await reader.FindAsync(runUuid, ct) ?? throw NotFound(runUuid);
        await RequireAsync(head.ExperimentId, Permission.Read, runUuid, ct);
        return head;
    }

    public async Task<RunRecord> GetAsync(string runUuid, CancellationToken ct)
    {
        var head = await GetHeadAsync(runUuid, ct);
        return (await LoadAsync([head], ct))[0];
    }

    /// <summary>Those that there are and that the caller may read, in the order of the ids.</summary>
    public async Task<List<RunRecord>> GetAsync(IReadOnlyCollection<string> runUuids, CancellationToken ct)
    {
        var heads = await reader.FindAsync(runUuids, ct);
        var readable = (await experiments.ReadableAsync([.. heads.Values.Select(h => h.ExperimentId).Distinct()], caller.User, ct))
            .Select(e => e.Id).ToHashSet();
        return await LoadAsync([.. runUuids.Where(heads.ContainsKey).Select(id => heads[id]).Where(h => readable.Contains(h.ExperimentId))], ct);
    }

    /// <summary>The whole runs of heads that this service gave.</summary>
    public Task<List<RunRecord>> LoadAsync(IReadOnlyCollection<RunHead> heads, CancellationToken ct) =>
        reader.LoadAsync([.. heads.Select(h => h.Id)], ct);

    /// <summary>Experiments that are missing or may not be read have no runs.</summary>
    public async Task<Page<RunHead>> SearchAsync(RunQuery query, CancellationToken ct)
    {
        var readable = await experiments.ReadableAsync(query.ExperimentIds, caller.User, ct);
        return await search.FindAsync(query with { ExperimentIds = [.. readable.Select(e => e.Id)] }, ct);
    }

    /// <summary>The run's number and experiment, for a caller who may do this with it.</summary>
    public async ValueTask<(long Id, long ExperimentId)> RequireRunAsync(string runUuid, Permission permission, CancellationToken ct)
    {
        var run = await directory.FindAsync(runUuid, ct) ?? throw NotFound(runUuid);
        await RequireAsync(run.ExperimentId, permission, runUuid, ct);
        return run;
    }

    public static NotFoundException NotFound(string runUuid) => new(Noun, runUuid, $"Run with id={runUuid} not found");

    private async ValueTask RequireAsync(long experimentId, Permission permission, string runUuid, CancellationToken ct)
    {
        var experiment = await experiments.FindAsync(experimentId, ct) ?? throw NotFound(runUuid);
        if (!caller.User.May(permission, experiment.Securable))
            caller.User.Require(permission, experiment.Securable, () => NotFound(runUuid));
    }

    private async ValueTask<ExperimentInfo> RequireExperimentAsync(long id, Permission permission, CancellationToken ct)
    {
        var experiment = await experiments.FindAsync(id, ct) ?? throw ExperimentService.NotFound(id);
        caller.User.Require(permission, experiment.Securable, () => ExperimentService.NotFound(id));
        return experiment;
    }

    private async Task ResolveAsync(
        RunLog log, List<PointWrite> points, List<ModelPointWrite> modelPoints, CancellationToken ct)
    {
        for (var i = 0; i < log.Metrics.Count; i++)
        {
            var metric = log.Metrics[i];
            NameRules.RequireKey(log.Field("metrics", i, "key"), metric.Key, MetricKey.MaxNameLength, "Metric key");
            RequireTime(log.Field("metrics", i, "timestamp"), metric);
        }

        await keys.AddAsync([.. log.Metrics.Select(m => m.Key)], ct);
        foreach (var metric in log.Metrics)
        {
            var (value, kind) = MetricValue.ToStored(metric.Value);
            var keyId = (await keys.FindAsync(metric.Key, ct))!.Value;
            var point = new PointWrite(keyId, value, kind, metric.TimestampMs, metric.Step);
            points.Add(point);
            if (string.IsNullOrEmpty(metric.ModelUuid))
                continue;
            var model = await loggedModels.FindAsync(metric.ModelUuid, ct);
            if (model is null)
                throw LoggedModelDirectory.NotFound(metric.ModelUuid);
            await RequireAsync(model.Value.ExperimentId, Permission.Edit, metric.ModelUuid, ct);
            NameRules.RequireMaxLength("dataset_name", metric.DatasetName ?? "", Dataset.MaxNameLength);
            NameRules.RequireMaxLength("dataset_digest", metric.DatasetDigest ?? "", Dataset.MaxDigestLength);
            modelPoints.Add(new ModelPointWrite(model.Value.Id, point, metric.DatasetName ?? "", metric.DatasetDigest ?? ""));
        }
    }

    private static string NameOf(NewRun request, List<(string Key, string Value)> tags)
    {
        var tagged = NameIn(tags);
        if (!string.IsNullOrEmpty(request.Name) && tagged is not null && tagged != request.Name)
        {
            throw new InvalidArgumentException("run_name", $"Both 'run_name' argument and '{WellKnownTags.RunName}' tag are "
                + $"specified, but with different values (run_name='{request.Name}', {WellKnownTags.RunName}='{tagged}').");
        }

        var name = tagged ?? (string.IsNullOrEmpty(request.Name) ? RunNames.Next() : request.Name);
        NameRules.RequireMaxLength("run_name", name, Run.MaxNameLength);
        if (tagged is null)
            tags.Add((WellKnownTags.RunName, name));
        return name;
    }

    private static string? NameIn(List<(string Key, string Value)> tags)
    {
        string? name = null;
        foreach (var (key, value) in tags)
        {
            if (key == WellKnownTags.RunName && value.Length > 0)
                name = NameRules.Truncate(value, Run.MaxNameLength);
        }

        return name;
    }

    // Of equal keys the last one wins.
    private static List<(string Key, string Value)> ValidTags(IReadOnlyList<(string Key, string Value)> tags, Func<int, string> field)
    {
        for (var i = 0; i < tags.Count; i++)
            NameRules.RequireKey(field(i), tags[i].Key, RunTag.MaxKeyLength, field(i));
        var valid = Truncated(tags, RunTag.MaxValueLength);
        for (var i = valid.Count - 1; i >= 0; i--)
        {
            if (valid.FindLastIndex(t => t.Key == valid[i].Key) != i)
                valid.RemoveAt(i);
        }

        return valid;
    }

    private static List<(string Key, string Value)> Truncated(IReadOnlyList<(string Key, string Value)> items, int max)
    {
        var result = new List<(string Key, string Value)>(items.Count + 1);
        foreach (var (key, value) in items)
            result.Add((key, NameRules.Truncate(value, max)));
        return result;
    }

    private static void RequireBatchSize(RunLog log)
    {
        var metrics = log.Points.Count + log.Metrics.Count;
        RequireCount("metrics", metrics, TrackingRules.MaxMetricsPerBatch);
        RequireCount("params", log.Params.Count, TrackingRules.MaxParamsPerBatch);
        RequireCount("tags", log.Tags.Count, TrackingRules.MaxTagsPerBatch);
        RequireCount("metrics, params, and tags", metrics + log.Params.Count + log.Tags.Count, TrackingRules.MaxItemsPerBatch);
    }

    private static void RequireCount(string what, int count, int max)
    {
        if (count > max)
        {
            throw new InvalidArgumentException(what, $"A batch logging request can contain at most {max} {what}. Got {count} {what}. "
                + $"Please split up {what} across multiple requests and try again.");
        }
    }

    private static void RequireDistinctParams(List<(string Key, string Value)> parameters)
    {
        if (parameters.Count < 2)
            return;
        var seen = new HashSet<string>(parameters.Count);
        foreach (var (key, _) in parameters)
        {
            if (!seen.Add(key))
            {
                throw new InvalidArgumentException("params", $"Duplicate parameter keys have been submitted: ['{key}']. "
                    + "Please ensure the request contains only one param value per param key.");
            }
        }
    }

    private static void RequireTime(string field, in MetricLog metric)
    {
        if (metric.TimestampMs < 0)
        {
            throw new InvalidArgumentException(field, string.Create(CultureInfo.InvariantCulture,
                $"Invalid value {metric.TimestampMs} for parameter '{field}' supplied: metric '{metric.Key}' (value={metric.Value}). "
                + $"Timestamp must be a nonnegative long (64-bit integer)"));
        }
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
