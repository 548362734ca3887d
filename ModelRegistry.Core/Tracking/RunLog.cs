using ModelRegistry.Core.Tracking.Store;

namespace ModelRegistry.Core.Tracking;

/// <summary>A point whose key was not in memory, or that belongs to a logged model too.</summary>
public readonly record struct MetricLog(
    string Key, double Value, long TimestampMs, long Step, string? ModelUuid = null, string? DatasetName = null,
    string? DatasetDigest = null);

/// <summary>What a client logs to one run in one request.</summary>
public sealed class RunLog
{
    public required string RunUuid { get; init; }
    /// <summary>One item that came by itself, not in a list: so errors name it.</summary>
    public bool IsSingle { get; init; }
    /// <summary>Points with valid keys and times.</summary>
    public List<PointWrite> Points { get; init; } = [];
    public List<MetricLog> Metrics { get; init; } = [];
    public List<(string Key, string Value)> Params { get; init; } = [];
    public List<(string Key, string Value)> Tags { get; init; } = [];

    public string Field(string list, int index, string name) => IsSingle ? name : $"{list}[{index}].{name}";
}

/// <summary>A run to be created. Null is not given.</summary>
public sealed record NewRun(long ExperimentId)
{
    public string? Name { get; init; }
    public string UserName { get; init; } = "";
    public long? StartMs { get; init; }
    public IReadOnlyList<(string Key, string Value)> Tags { get; init; } = [];
}
