namespace ModelRegistry.Core.Tracking.Store;

/// <summary>One point, with its key's number.</summary>
public readonly record struct PointWrite(long KeyId, double Value, MetricKind Kind, long TimestampMs, long Step);

/// <summary>A point that belongs to a logged model too.</summary>
public readonly record struct ModelPointWrite(
    long LoggedModelId, PointWrite Point, string DatasetName, string DatasetDigest);

/// <summary>
/// What one request writes to one run: all of it or nothing. Validated and authorised before it is queued; what depends
/// on the stored state (is the run active, was the param logged with another value) is decided in the transaction.
/// </summary>
public sealed class RunWrite
{
    /// <summary>0 for a run that is to be created: the store numbers it.</summary>
    public long RunId { get; set; }
    public required string RunUuid { get; init; }
    public required long ExperimentId { get; init; }
    public required long UserId { get; init; }
    public required long AtMs { get; init; }
    public Run? Create { get; init; }
    public RunStatus? Status { get; set; }
    public long? EndMs { get; set; }
    public string? Name { get; set; }
    public List<PointWrite> Points { get; init; } = [];
    public List<ModelPointWrite> ModelPoints { get; init; } = [];
    public List<(string Key, string Value)> Params { get; init; } = [];
    public List<(string Key, string Value)> Tags { get; init; } = [];
    public string? DeletedTag { get; init; }

    /// <summary>Completed when the write is durable, or with the reason why not.</summary>
    internal TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    internal Exception? Failure { get; set; }
}
