using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ModelRegistry.Core.Tracking;

public enum RunStatus : short
{
    Running = 1,
    Scheduled = 2,
    Finished = 3,
    Failed = 4,
    Killed = 5,
}

public sealed class Run
{
    public const int MaxNameLength = 250;

    public long Id { get; set; }
    /// <summary>The public id: 32 lower-case hex digits.</summary>
    public required string RunUuid { get; set; }
    public long ExperimentId { get; set; }
    public required string Name { get; set; }
    /// <summary>Who ran it, in the client's words; proves nothing. See <see cref="CreatedBy"/>.</summary>
    public string UserName { get; set; } = "";
    public RunStatus Status { get; set; }
    public long StartMs { get; set; }
    public long? EndMs { get; set; }
    public Lifecycle Lifecycle { get; set; }
    public long? DeletedMs { get; set; }
    /// <summary>Stays while an archived run is in the trash: it comes back as it was.</summary>
    public long? ArchivedMs { get; set; }
    /// <summary>Deleted with its experiment: comes back when that does.</summary>
    public bool DeletedWithExperiment { get; set; }
    /// <summary>Goes up with every write to the run: what was read at one version is right until it changes.</summary>
    public long Version { get; set; }
    /// <summary>The authenticated user who created it.</summary>
    public long CreatedBy { get; set; }
}

/// <summary>A user other than the creator who wrote to the run; one row, whatever the number of writes.</summary>
public sealed class RunContributor
{
    public long RunId { get; set; }
    public long UserId { get; set; }
    public long FirstMs { get; set; }
}

public sealed class Param
{
    public const int MaxKeyLength = 250;
    public const int MaxValueLength = 6000;

    public long RunId { get; set; }
    public required string Key { get; set; }
    public required string Value { get; set; }
}

public sealed class RunTag
{
    public const int MaxKeyLength = 250;
    public const int MaxValueLength = 8000;

    public long RunId { get; set; }
    public required string Key { get; set; }
    public required string Value { get; set; }
}

internal sealed class RunConfiguration :
    IEntityTypeConfiguration<Run>, IEntityTypeConfiguration<RunContributor>,
    IEntityTypeConfiguration<Param>, IEntityTypeConfiguration<RunTag>
{
    public void Configure(EntityTypeBuilder<Run> entity)
    {
        // Ids are reserved by the writer, many at a time.
        entity.Property(r => r.Id).ValueGeneratedNever();
        entity.Property(r => r.RunUuid).HasMaxLength(32);
        entity.Property(r => r.Name).HasMaxLength(Run.MaxNameLength);
        entity.Property(r => r.UserName).HasMaxLength(250);
        entity.HasIndex(r => r.RunUuid).IsUnique();
        // The default order of a search.
        entity.HasIndex(r => new { r.ExperimentId, r.Lifecycle, r.StartMs, r.RunUuid });
        entity.HasIndex(r => r.DeletedMs).HasFilter("deleted_ms IS NOT NULL");
        entity.HasIndex(r => r.ArchivedMs).HasFilter("archived_ms IS NOT NULL");
        entity.HasOne<Experiment>().WithMany().HasForeignKey(r => r.ExperimentId).OnDelete(DeleteBehavior.Restrict);
    }

    public void Configure(EntityTypeBuilder<RunContributor> entity) => entity.HasKey(c => new { c.RunId, c.UserId });

    public void Configure(EntityTypeBuilder<Param> entity)
    {
        entity.ToTable("params");
        entity.HasKey(p => new { p.RunId, p.Key });
        entity.Property(p => p.Key).HasMaxLength(Param.MaxKeyLength);
        entity.Property(p => p.Value).HasMaxLength(Param.MaxValueLength);
    }

    public void Configure(EntityTypeBuilder<RunTag> entity)
    {
        entity.HasKey(t => new { t.RunId, t.Key });
        entity.Property(t => t.Key).HasMaxLength(RunTag.MaxKeyLength);
        entity.Property(t => t.Value).HasMaxLength(RunTag.MaxValueLength);
        // Children of a run: `mlflow.parentRunId` is looked up from the other side.
        entity.HasIndex(t => new { t.Key, t.RunId });
    }
}
