using System.Globalization;
using ModelRegistry.Core.Common;

namespace ModelRegistry.Core.Tracking.Store;

internal readonly record struct PointRow(long RunId, PointWrite Point);

internal readonly record struct ModelPointRow(long RunId, ModelPointWrite Write);

/// <summary>What a group brings for a metric of a run: its highest point, the one that came first, and whether none came after a later one.</summary>
internal readonly record struct LatestRow(long ExperimentId, PointWrite Point, PointWrite First, bool InTimeOrder);

internal sealed record RunUpdate(RunStatus? Status, long? EndMs, string? Name);

/// <summary>
/// The rows that a group of writes comes to: the same rules for every database, which only brings the stored state and
/// carries the rows out. Used by the one writer thread and reused from group to group.
/// </summary>
internal sealed class RunWritePlan
{
    private readonly Dictionary<long, long> _creatorOfRun = [];
    private readonly Dictionary<(long RunId, string Key), string> _storedParams = [];
    private readonly HashSet<(long RunId, string Key)> _storedTags = [];

    public List<Run> Creates { get; } = [];
    public List<PointRow> Points { get; } = [];
    public List<ModelPointRow> ModelPoints { get; } = [];
    public Dictionary<(long RunId, long KeyId), LatestRow> Latest { get; } = [];
    public Dictionary<(long RunId, string Key), string> Params { get; } = [];
    /// <summary>Null deletes.</summary>
    public Dictionary<(long RunId, string Key), string?> Tags { get; } = [];
    public Dictionary<long, RunUpdate> Updates { get; } = [];
    public Dictionary<(long RunId, long UserId), long> Contributors { get; } = [];

    public void Clear()
    {
        _creatorOfRun.Clear();
        _storedParams.Clear();
        _storedTags.Clear();
        Creates.Clear();
        Points.Clear();
        ModelPoints.Clear();
        Latest.Clear();
        Params.Clear();
        Tags.Clear();
        Updates.Clear();
        Contributors.Clear();
    }

    /// <summary>The part of an upsert of latest_metrics AS m that keeps the higher of two points, on databases that have it.</summary>
    public static string KeepHighest { get; } = string.Join(", ", new[] { "timestamp_ms", "step", "value", "kind" }.Select(column =>
        $"{column} = CASE WHEN (excluded.step, excluded.timestamp_ms, excluded.value) > (m.step, m.timestamp_ms, m.value) "
        + $"THEN excluded.{column} ELSE m.{column} END"));

    /// <summary>The run is active and locked for this transaction.</summary>
    public void AddActiveRun(long runId, long createdBy) => _creatorOfRun[runId] = createdBy;

    public void AddStoredParam(long runId, string key, string value) => _storedParams[(runId, key)] = value;

    public void AddStoredTag(long runId, string key) => _storedTags.Add((runId, key));

    /// <summary>Plans one write after the other; one that is refused leaves nothing in the plan.</summary>
    public void Add(IReadOnlyList<RunWrite> group)
    {
        foreach (var write in group)
        {
            try
            {
                Add(write);
            }
            catch (RegistryException e)
            {
                write.Failure = e;
            }
        }
    }

    private void Add(RunWrite write)
    {
        if (write.Create is { } run)
        {
            Creates.Add(run);
            _creatorOfRun[run.Id] = run.CreatedBy;
        }

        if (!_creatorOfRun.TryGetValue(write.RunId, out var createdBy))
            throw NotActive(write.RunUuid);
        RequireSameParams(write);
        RequireStoredTag(write);

        foreach (var (key, value) in write.Params)
        {
            if (!_storedParams.ContainsKey((write.RunId, key)))
                Params[(write.RunId, key)] = value;
        }

        foreach (var (key, value) in write.Tags)
            Tags[(write.RunId, key)] = value;
        if (write.DeletedTag is { } deleted)
            Tags[(write.RunId, deleted)] = null;
        foreach (var point in write.Points)
            AddPoint(write, point);
        foreach (var point in write.ModelPoints)
            ModelPoints.Add(new ModelPointRow(write.RunId, point));
        if (write.Status is not null || write.EndMs is not null || write.Name is not null)
        {
            var before = Updates.GetValueOrDefault(write.RunId);
            Updates[write.RunId] = new RunUpdate(
                write.Status ?? before?.Status, write.EndMs ?? before?.EndMs, write.Name ?? before?.Name);
        }

        if (createdBy != write.UserId)
            Contributors.TryAdd((write.RunId, write.UserId), write.AtMs);
    }

    private void AddPoint(RunWrite write, PointWrite point)
    {
        Points.Add(new PointRow(write.RunId, point));
        ref var latest = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(
            Latest, (write.RunId, point.KeyId), out var exists);
        if (!exists)
        {
            latest = new LatestRow(write.ExperimentId, point, point, InTimeOrder: true);
            return;
        }

        var inOrder = latest.InTimeOrder && point.Step >= latest.Point.Step && point.TimestampMs >= latest.Point.TimestampMs;
        latest = latest with { InTimeOrder = inOrder, Point = IsAfter(point, latest.Point) ? point : latest.Point };
    }

    // Highest step, then time, then value: MLflow's order.
    private static bool IsAfter(in PointWrite a, in PointWrite b) =>
        (a.Step, a.TimestampMs, a.Value).CompareTo((b.Step, b.TimestampMs, b.Value)) > 0;

    private void RequireSameParams(RunWrite write)
    {
        List<(string Key, string Old, string New)>? changed = null;
        foreach (var (key, value) in write.Params)
        {
            if ((_storedParams.TryGetValue((write.RunId, key), out var old) || Params.TryGetValue((write.RunId, key), out old))
                && old != value)
            {
                (changed ??= []).Add((key, old, value));
            }
        }

        if (changed is null)
            return;
        var list = string.Join(", ", changed.Select(c => $"{{'key': '{c.Key}', 'old_value': '{c.Old}', 'new_value': '{c.New}'}}"));
        throw new InvalidArgumentException("params", write.Params.Count == 1
            ? $"Changing param values is not allowed. Param with key='{changed[0].Key}' was already logged with "
                + $"value='{changed[0].Old}' for run ID='{write.RunUuid}'. Attempted logging new value '{changed[0].New}'."
            : $"Changing param values is not allowed. Params were already logged='[{list}]' for run ID='{write.RunUuid}'.");
    }

    private void RequireStoredTag(RunWrite write)
    {
        if (write.DeletedTag is not { } key)
            return;
        var exists = Tags.TryGetValue((write.RunId, key), out var planned) ? planned is not null : _storedTags.Contains((write.RunId, key));
        if (!exists)
            throw new NotFoundException("run tag", key, $"No tag with name: {key} in run with id {write.RunUuid}");
    }

    private static ConflictException NotActive(string runUuid) => new("run", runUuid, string.Create(
        CultureInfo.InvariantCulture, $"The run {runUuid} must be in the 'active' state. Current state is deleted."));
}
