using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ModelRegistry.Core.Tracking;

/// <summary>A data set as the client described it; one row per (experiment, name, digest).</summary>
public sealed class Dataset
{
    public const int MaxNameLength = 500;
    public const int MaxDigestLength = 36;
    public const int MaxSchemaLength = 1_048_575;
    public const int MaxSourceLength = 65_535;
    public const int MaxProfileLength = 16_777_215;

    public long Id { get; set; }
    public long ExperimentId { get; set; }
    public required string Name { get; set; }
    public required string Digest { get; set; }
    public string SourceType { get; set; } = "";
    public string Source { get; set; } = "";
    public string? Schema { get; set; }
    public string? Profile { get; set; }
    public long CreatedMs { get; set; }
}

/// <summary>A run used a data set.</summary>
public sealed class DatasetInput
{
    public long RunId { get; set; }
    public long DatasetId { get; set; }
    public List<DatasetInputTag> Tags { get; } = [];
}

public sealed class DatasetInputTag
{
    public const int MaxKeyLength = 255;
    public const int MaxValueLength = 500;

    public long RunId { get; set; }
    public long DatasetId { get; set; }
    public required string Key { get; set; }
    public required string Value { get; set; }
}

internal sealed class DatasetConfiguration :
    IEntityTypeConfiguration<Dataset>, IEntityTypeConfiguration<DatasetInput>, IEntityTypeConfiguration<DatasetInputTag>
{
    public void Configure(EntityTypeBuilder<Dataset> entity)
    {
        entity.Property(d => d.Name).HasMaxLength(Dataset.MaxNameLength);
        entity.Property(d => d.Digest).HasMaxLength(Dataset.MaxDigestLength);
        entity.Property(d => d.SourceType).HasMaxLength(Dataset.MaxNameLength);
        entity.HasIndex(d => new { d.ExperimentId, d.Name, d.Digest }).IsUnique();
        // All data sets, and what depends on one of them, in whichever experiment.
        entity.HasIndex(d => new { d.Name, d.Digest });
        entity.HasOne<Experiment>().WithMany().HasForeignKey(d => d.ExperimentId).OnDelete(DeleteBehavior.Restrict);
    }

    public void Configure(EntityTypeBuilder<DatasetInput> entity)
    {
        entity.HasKey(i => new { i.RunId, i.DatasetId });
        entity.HasIndex(i => i.DatasetId);
        entity.HasMany(i => i.Tags).WithOne().HasForeignKey(t => new { t.RunId, t.DatasetId });
    }

    public void Configure(EntityTypeBuilder<DatasetInputTag> entity)
    {
        entity.HasKey(t => new { t.RunId, t.DatasetId, t.Key });
        entity.Property(t => t.Key).HasMaxLength(DatasetInputTag.MaxKeyLength);
        entity.Property(t => t.Value).HasMaxLength(DatasetInputTag.MaxValueLength);
    }
}
