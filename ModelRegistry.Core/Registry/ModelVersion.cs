using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using ModelRegistry.Core.Artifacts;

namespace ModelRegistry.Core.Registry;

public enum ModelStage : short
{
    /// <summary>`None` on MLflow's wire.</summary>
    Experiment = 0,
    Staging = 1,
    Production = 2,
    Archived = 3,
}

public enum ModelVersionStatus : short
{
    PendingRegistration = 1,
    FailedRegistration = 2,
    Ready = 3,
}

public sealed class ModelVersion
{
    public const int MaxSourceLength = 4096;
    /// <summary>Ours have 32 characters; another server's may have more.</summary>
    public const int MaxRunIdLength = 256;
    public const int MaxRunLinkLength = 2048;
    public const int MaxIdempotencyKeyLength = 255;

    public long Id { get; set; }
    /// <summary>The public id that survives renames.</summary>
    public Guid VersionUuid { get; set; }
    public long ModelId { get; set; }
    public int Number { get; set; }
    /// <summary>What its stage counts as.</summary>
    public ModelStage Stage { get; set; }
    /// <summary>What its model calls the stage.</summary>
    public string StageName { get; set; } = nameof(ModelStage.Experiment);
    public ModelVersionStatus Status { get; set; }
    public string? StatusMessage { get; set; }
    public string Description { get; set; } = "";
    /// <summary>What the client gave, e.g. `models:/m-…` or `mlflow-artifacts:/…`.</summary>
    public required string Source { get; set; }
    /// <summary>Where the files are read from, as clients resolve it.</summary>
    public required string StorageLocation { get; set; }
    /// <summary>The run that made it; may be one of another tracking server. Empty where none.</summary>
    public string RunUuid { get; set; } = "";
    public string RunLink { get; set; } = "";
    /// <summary>The logged model it was made from, empty where none.</summary>
    public string LoggedModelUuid { get; set; } = "";
    /// <summary>Lower-case hex SHA-256 over the sorted list of (path, SHA-256) of the pinned files; null where the files
    /// are not kept here.</summary>
    public string? Digest { get; set; }
    public long? SizeBytes { get; set; }
    public int? FileCount { get; set; }
    public long CreatedMs { get; set; }
    public long UpdatedMs { get; set; }
    public long? DeletedMs { get; set; }
    /// <summary>Read only and left out of lists, until it is taken out of the archive.</summary>
    public long? ArchivedMs { get; set; }
    public long CreatedBy { get; set; }
    /// <summary>The key that the creating request carried: the same key of the same user is the same request.</summary>
    public string? IdempotencyKey { get; set; }
    public List<ModelVersionTag> Tags { get; } = [];
    public List<RegisteredModelAlias> Aliases { get; } = [];
    public RegisteredModel Model { get; set; } = null!;

    public VersionStage InStage => new(StageName, Stage);

    /// <summary>The tree of pinned files, as artifact roots are named.</summary>
    public string FilesKey => ArtifactRoots.OfVersion(VersionUuid);
}

public sealed class ModelVersionTag
{
    public long VersionId { get; set; }
    public required string Key { get; set; }
    public required string Value { get; set; }
}

/// <summary>A version moved from one stage to another; kept for ever. Creation is a row too, without a from.</summary>
public sealed class StageTransition
{
    public long Id { get; set; }
    public long ModelId { get; set; }
    public long VersionId { get; set; }
    public int Number { get; set; }
    public ModelStage? From { get; set; }
    public ModelStage To { get; set; }
    /// <summary>As the stages were called then.</summary>
    public string? FromName { get; set; }
    public string ToName { get; set; } = nameof(ModelStage.Experiment);
    public long AtMs { get; set; }
    public long UserId { get; set; }
    public string? Reason { get; set; }

    public VersionStage InStage => new(ToName, To);
}

/// <summary>A stage got another name; kept for ever, so that the versions that were in it then are told by the right one.</summary>
public sealed class StageRename
{
    public long Id { get; set; }
    public long ModelId { get; set; }
    public required string From { get; set; }
    public required string To { get; set; }
    public long AtMs { get; set; }
}

internal sealed class ModelVersionConfiguration :
    IEntityTypeConfiguration<ModelVersion>, IEntityTypeConfiguration<ModelVersionTag>, IEntityTypeConfiguration<StageTransition>,
    IEntityTypeConfiguration<StageRename>
{
    public void Configure(EntityTypeBuilder<ModelVersion> entity)
    {
        entity.Property(v => v.StageName).HasMaxLength(VersionStage.MaxNameLength);
        entity.Ignore(v => v.InStage);
        entity.Property(v => v.StatusMessage).HasMaxLength(1000);
        entity.Property(v => v.Description).HasMaxLength(RegisteredModel.MaxDescriptionLength);
        entity.Property(v => v.Source).HasMaxLength(ModelVersion.MaxSourceLength);
        entity.Property(v => v.StorageLocation).HasMaxLength(ModelVersion.MaxSourceLength);
        entity.Property(v => v.RunUuid).HasMaxLength(ModelVersion.MaxRunIdLength);
        entity.Property(v => v.RunLink).HasMaxLength(ModelVersion.MaxRunLinkLength);
        entity.Property(v => v.LoggedModelUuid).HasMaxLength(34);
        entity.Property(v => v.Digest).HasMaxLength(64);
        entity.Property(v => v.IdempotencyKey).HasMaxLength(ModelVersion.MaxIdempotencyKeyLength);
        entity.HasIndex(v => v.VersionUuid).IsUnique();
        entity.HasIndex(v => new { v.ModelId, v.Number }).IsUnique();
        entity.HasIndex(v => new { v.ModelId, v.Stage, v.Number });
        entity.HasIndex(v => new { v.UpdatedMs, v.Id });
        entity.HasIndex(v => new { v.CreatedBy, v.IdempotencyKey }).IsUnique().HasFilter("idempotency_key IS NOT NULL");
        entity.HasIndex(v => v.RunUuid);
        entity.HasIndex(v => v.LoggedModelUuid);
        entity.HasIndex(v => v.DeletedMs).HasFilter("deleted_ms IS NOT NULL");
        entity.HasIndex(v => v.ArchivedMs).HasFilter("archived_ms IS NOT NULL");
        entity.HasOne(v => v.Model).WithMany().HasForeignKey(v => v.ModelId).OnDelete(DeleteBehavior.Restrict);
        entity.HasMany(v => v.Tags).WithOne().HasForeignKey(t => t.VersionId);
    }

    public void Configure(EntityTypeBuilder<ModelVersionTag> entity)
    {
        entity.HasKey(t => new { t.VersionId, t.Key });
        entity.Property(t => t.Key).HasMaxLength(RegisteredModelTag.MaxKeyLength);
    }

    public void Configure(EntityTypeBuilder<StageTransition> entity)
    {
        entity.Property(t => t.FromName).HasMaxLength(VersionStage.MaxNameLength);
        entity.Property(t => t.ToName).HasMaxLength(VersionStage.MaxNameLength);
        entity.Property(t => t.Reason).HasMaxLength(2000);
        entity.Ignore(t => t.InStage);
        entity.HasIndex(t => new { t.ModelId, t.AtMs });
        entity.HasIndex(t => t.VersionId);
    }

    public void Configure(EntityTypeBuilder<StageRename> entity)
    {
        entity.Property(r => r.From).HasMaxLength(VersionStage.MaxNameLength);
        entity.Property(r => r.To).HasMaxLength(VersionStage.MaxNameLength);
        entity.HasIndex(r => new { r.ModelId, r.AtMs });
    }
}
