using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ModelRegistry.Core.Tracking;

/// <summary>What SQL Server's float cannot hold is kept beside the value, alike on every database.</summary>
public enum MetricKind : short
{
    Finite = 0,
    /// <summary>Stored with value 0.</summary>
    NaN = 1,
    /// <summary>Stored with the largest double, so that it sorts where it belongs.</summary>
    PositiveInfinity = 2,
    NegativeInfinity = 3,
}

/// <summary>A metric value as it is stored, and back.</summary>
public static class MetricValue
{
    public static (double Value, MetricKind Kind) ToStored(double value) => value switch
    {
        double.NaN => (0, MetricKind.NaN),
        double.PositiveInfinity => (double.MaxValue, MetricKind.PositiveInfinity),
        double.NegativeInfinity => (double.MinValue, MetricKind.NegativeInfinity),
        _ => (value, MetricKind.Finite),
    };

    public static double FromStored(double value, MetricKind kind) => kind switch
    {
        MetricKind.NaN => double.NaN,
        MetricKind.PositiveInfinity => double.PositiveInfinity,
        MetricKind.NegativeInfinity => double.NegativeInfinity,
        _ => value,
    };
}

/// <summary>The names of metrics, numbered: points hold the number. Rows are only ever added.</summary>
public sealed class MetricKey
{
    public const int MaxNameLength = 250;

    public long Id { get; set; }
    public required string Name { get; set; }
}

/// <summary>
/// One point of a curve; the biggest table. All columns are the key: the same point twice is one point. By step, so that
/// what is logged next lies next to what was logged last, whatever the clients' clocks say, and a range of steps is one walk.
/// </summary>
public sealed class MetricPoint
{
    public long RunId { get; set; }
    public long KeyId { get; set; }
    public long TimestampMs { get; set; }
    public long Step { get; set; }
    public double Value { get; set; }
    public MetricKind Kind { get; set; }
}

/// <summary>The point of a run and key that is highest by (step, timestamp, value).</summary>
public sealed class LatestMetric
{
    public long RunId { get; set; }
    public long KeyId { get; set; }
    /// <summary>The run's, repeated for the index that metric filters walk.</summary>
    public long ExperimentId { get; set; }
    public double Value { get; set; }
    public MetricKind Kind { get; set; }
    public long TimestampMs { get; set; }
    public long Step { get; set; }
    /// <summary>
    /// No point arrived with a lower step or an earlier time than one before it: the curve's order by step is its order by
    /// time. False may be said of a curve that is in order, never true of one that is not.
    /// </summary>
    public bool InTimeOrder { get; set; }
}

internal sealed class MetricConfiguration :
    IEntityTypeConfiguration<MetricKey>, IEntityTypeConfiguration<MetricPoint>, IEntityTypeConfiguration<LatestMetric>
{
    public void Configure(EntityTypeBuilder<MetricKey> entity)
    {
        entity.Property(k => k.Name).HasMaxLength(MetricKey.MaxNameLength);
        entity.HasIndex(k => k.Name).IsUnique();
    }

    public void Configure(EntityTypeBuilder<MetricPoint> entity) =>
        entity.HasKey(p => new { p.RunId, p.KeyId, p.Step, p.TimestampMs, p.Value, p.Kind });

    public void Configure(EntityTypeBuilder<LatestMetric> entity)
    {
        entity.HasKey(m => new { m.RunId, m.KeyId });
        entity.HasIndex(m => new { m.ExperimentId, m.KeyId, m.Value });
    }
}
