using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ModelRegistry.Core.Tracking;

public enum LoggedModelStatus : short
{
    Unspecified = 0,
    Pending = 1,
    Ready = 2,
    UploadFailed = 3,
}

/// <summary>A model that a run made (MLflow 3), before and beside registration.</summary>
public sealed class LoggedModel
{
    public const int MaxNameLength = 500;
    /// <summary>Ours have 32 characters; a client may name another server's.</summary>
    public const int MaxRunIdLength = 256;

    public long Id { get; set; }
    /// <summary>The public id: `m-` and 32 lower-case hex digits.</summary>
    public required string ModelUuid { get; set; }
    public long ExperimentId { get; set; }
    public required string Name { get; set; }
    public string ModelType { get; set; } = "";
    public string SourceRunUuid { get; set; } = "";
    public LoggedModelStatus Status { get; set; }
    public string? StatusMessage { get; set; }
    public required string ArtifactUri { get; set; }
    public long CreatedMs { get; set; }
    public long UpdatedMs { get; set; }
    public long? DeletedMs { get; set; }
    public long CreatedBy { get; set; }
    public List<LoggedModelParam> Params { get; } = [];
    public List<LoggedModelTag> Tags { get; } = [];
}

public sealed class LoggedModelParam
{
    public long LoggedModelId { get; set; }
    public required string Key { get; set; }
    public required string Value { get; set; }
}

public sealed class LoggedModelTag
{
    public long LoggedModelId { get; set; }
    public required string Key { get; set; }
    public required string Value { get; set; }
}

/// <summary>A run's point that was logged for a model too, with the data set it was measured on.</summary>
public sealed class LoggedModelMetric
{
    public long Id { get; set; }
    public long LoggedModelId { get; set; }
    public long KeyId { get; set; }
    public long RunId { get; set; }
    public long TimestampMs { get; set; }
    public long Step { get; set; }
    public double Value { get; set; }
    public MetricKind Kind { get; set; }
    /// <summary>Empty where none was named.</summary>
    public string DatasetName { get; set; } = "";
    public string DatasetDigest { get; set; } = "";
}

public enum RunModelRole : short
{
    Input = 1,
    Output = 2,
}

/// <summary>A run used or made a logged model.</summary>
public sealed class RunModel
{
    public long RunId { get; set; }
    public long LoggedModelId { get; set; }
    public RunModelRole Role { get; set; }
    public long Step { get; set; }
}

internal sealed class LoggedModelConfiguration :
    IEntityTypeConfiguration<LoggedModel>, IEntityTypeConfiguration<LoggedModelParam>,
    IEntityTypeConfiguration<LoggedModelTag>, IEntityTypeConfiguration<LoggedModelMetric>, IEntityTypeConfiguration<RunModel>
{
    public void Configure(EntityTypeBuilder<LoggedModel> entity)
    {
        entity.Property(m => m.ModelUuid).HasMaxLength(34);
        entity.Property(m => m.Name).HasMaxLength(LoggedModel.MaxNameLength);
        entity.Property(m => m.ModelType).HasMaxLength(LoggedModel.MaxNameLength);
        entity.Property(m => m.SourceRunUuid).HasMaxLength(LoggedModel.MaxRunIdLength);
        entity.Property(m => m.StatusMessage).HasMaxLength(1000);
        entity.Property(m => m.ArtifactUri).HasMaxLength(Experiment.MaxLocationLength);
        entity.HasIndex(m => m.ModelUuid).IsUnique();
        entity.HasIndex(m => new { m.ExperimentId, m.CreatedMs, m.Id });
        entity.HasIndex(m => m.SourceRunUuid);
        entity.HasOne<Experiment>().WithMany().HasForeignKey(m => m.ExperimentId).OnDelete(DeleteBehavior.Restrict);
        entity.HasMany(m => m.Params).WithOne().HasForeignKey(p => p.LoggedModelId);
        entity.HasMany(m => m.Tags).WithOne().HasForeignKey(t => t.LoggedModelId);
    }

    public void Configure(EntityTypeBuilder<LoggedModelParam> entity)
    {
        entity.HasKey(p => new { p.LoggedModelId, p.Key });
        entity.Property(p => p.Key).HasMaxLength(Param.MaxKeyLength);
        entity.Property(p => p.Value).HasMaxLength(Param.MaxValueLength);
    }

    public void Configure(EntityTypeBuilder<LoggedModelTag> entity)
    {
        entity.HasKey(t => new { t.LoggedModelId, t.Key });
        entity.Property(t => t.Key).HasMaxLength(RunTag.MaxKeyLength);
        // Not limited: `mlflow.modelVersions` grows with every registration.
    }

    public void Configure(EntityTypeBuilder<LoggedModelMetric> entity)
    {
        entity.Property(m => m.DatasetName).HasMaxLength(Dataset.MaxNameLength);
        entity.Property(m => m.DatasetDigest).HasMaxLength(Dataset.MaxDigestLength);
        entity.HasIndex(m => new { m.LoggedModelId, m.KeyId, m.RunId, m.TimestampMs, m.Step, m.Value, m.Kind, m.DatasetName, m.DatasetDigest })
            .IsUnique();
    }

    public void Configure(EntityTypeBuilder<RunModel> entity)
    {
        entity.HasKey(m => new { m.RunId, m.LoggedModelId, m.Role });
        entity.HasIndex(m => m.LoggedModelId);
    }
}
