using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using ModelRegistry.Core.Identity;

namespace ModelRegistry.Core.Tracking;

public enum Lifecycle : short
{
    Active = 0,
    Deleted = 1,
    /// <summary>Runs only: read only and left out of lists, until they are taken out of the archive.</summary>
    Archived = 2,
}

public sealed class Experiment
{
    public const int MaxNameLength = 500;
    public const int MaxLocationLength = 2048;

    /// <summary>The public id too, as a decimal string. 0 is the experiment "Default".</summary>
    public long Id { get; set; }
    public required string Name { get; set; }
    public required string ArtifactLocation { get; set; }
    public Lifecycle Lifecycle { get; set; }
    public long CreatedMs { get; set; }
    public long UpdatedMs { get; set; }
    public long? DeletedMs { get; set; }
    public long OwnerId { get; set; }
    public bool IsPrivate { get; set; }
    public List<ExperimentTag> Tags { get; } = [];

    public Securable AsSecurable() => new(SecurableKind.Experiment, Id, Name, OwnerId, IsPrivate);
}

public sealed class ExperimentTag
{
    public const int MaxKeyLength = 250;
    public const int MaxValueLength = 5000;

    public long ExperimentId { get; set; }
    public required string Key { get; set; }
    public required string Value { get; set; }
}

internal sealed class ExperimentConfiguration : IEntityTypeConfiguration<Experiment>, IEntityTypeConfiguration<ExperimentTag>
{
    public void Configure(EntityTypeBuilder<Experiment> entity)
    {
        // The service numbers them: 0 must be possible, and an identity column would refuse or skip it.
        entity.Property(e => e.Id).ValueGeneratedNever();
        entity.Property(e => e.Name).HasMaxLength(Experiment.MaxNameLength);
        entity.Property(e => e.ArtifactLocation).HasMaxLength(Experiment.MaxLocationLength);
        entity.HasIndex(e => e.Name).IsUnique();
        entity.HasIndex(e => new { e.Lifecycle, e.CreatedMs, e.Id });
        entity.HasMany(e => e.Tags).WithOne().HasForeignKey(t => t.ExperimentId);
    }

    public void Configure(EntityTypeBuilder<ExperimentTag> entity)
    {
        entity.HasKey(t => new { t.ExperimentId, t.Key });
        entity.Property(t => t.Key).HasMaxLength(ExperimentTag.MaxKeyLength);
        entity.Property(t => t.Value).HasMaxLength(ExperimentTag.MaxValueLength);
    }
}
