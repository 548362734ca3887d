namespace ModelRegistry.Core.Tracking;

/// <summary>Enough of a run to decide who may see it and whether a copy in memory is still right.</summary>
public readonly record struct RunHead(long Id, long ExperimentId, long Version);

public sealed record MetricRecord(string Key, double Value, long TimestampMs, long Step);

public sealed record DatasetUse(
    string Name, string Digest, string SourceType, string Source, string? Schema, string? Profile,
    IReadOnlyList<(string Key, string Value)> Tags);

public sealed record ModelLink(string ModelUuid, RunModelRole Role, long Step);

/// <summary>A whole run, as it was at <see cref="Run.Version"/>.</summary>
public sealed class RunRecord(Run run, string artifactUri)
{
    public Run Run { get; } = run;
    public string ArtifactUri { get; } = artifactUri;
    /// <summary>The latest of each key.</summary>
    public List<MetricRecord> Metrics { get; } = [];
    public List<(string Key, string Value)> Params { get; } = [];
    public List<(string Key, string Value)> Tags { get; } = [];
    public List<DatasetUse> Datasets { get; } = [];
    public List<ModelLink> Models { get; } = [];

    public string? Tag(string key) => Tags.Find(t => t.Key == key).Value;
}
