using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using ModelRegistry.Core.Identity;

namespace ModelRegistry.Core.Registry;

public sealed class RegisteredModel
{
    public const int MaxNameLength = 256;
    public const int MaxDescriptionLength = 5000;
    /// <summary>The tag that says how much depends on it: `low`, `medium`, `high`, or the organisation's own words.</summary>
    public const string RiskTierTag = "risk_tier";

    public long Id { get; set; }
    public required string Name { get; set; }
    /// <summary>Markdown; empty where none was given.</summary>
    public string Description { get; set; } = "";
    public long CreatedMs { get; set; }
    public long UpdatedMs { get; set; }
    public long OwnerId { get; set; }
    public bool IsPrivate { get; set; }
    /// <summary>MLflow's prompts are registered models with a reserved tag; searches for models leave them out.</summary>
    public bool IsPrompt { get; set; }
    /// <summary>Deleted models keep their rows, versions and history, and give their name free.</summary>
    public long? DeletedMs { get; set; }
    /// <summary>The highest number ever given, deleted versions included: numbers are never used again.</summary>
    public int LastVersion { get; set; }
    /// <summary>JSON of its own stages; null where it has the four.</summary>
    public string? StageList { get; set; }
    /// <summary>Goes up with each change of the stages.</summary>
    public int StagesRevision { get; set; }
    public List<RegisteredModelTag> Tags { get; } = [];
    public List<RegisteredModelAlias> Aliases { get; } = [];

    public StageList Stages => Registry.StageList.FromJson(StageList);

    public Securable AsSecurable() => new(SecurableKind.RegisteredModel, Id, Name, OwnerId, IsPrivate);
}

public sealed class RegisteredModelTag
{
    public const int MaxKeyLength = 250;
    public const int MaxValueLength = 100_000;

    public long ModelId { get; set; }
    public required string Key { get; set; }
    public required string Value { get; set; }
}

public sealed class RegisteredModelAlias
{
    public const int MaxLength = 255;

    public long ModelId { get; set; }
    public required string Alias { get; set; }
    public long VersionId { get; set; }
    /// <summary>The version's number, repeated so that a model can be shown without its versions.</summary>
    public int Number { get; set; }
}

/// <summary>An alias was set, moved or removed; kept for ever, so that any day can be answered for.</summary>
public sealed class AliasChange
{
    public long Id { get; set; }
    public long ModelId { get; set; }
    public required string Alias { get; set; }
    public int? FromNumber { get; set; }
    /// <summary>Null where the alias was removed.</summary>
    public int? ToNumber { get; set; }
    public long AtMs { get; set; }
    public long UserId { get; set; }
    public string? Reason { get; set; }
}

internal sealed class RegisteredModelConfiguration :
    IEntityTypeConfiguration<RegisteredModel>, IEntityTypeConfiguration<RegisteredModelTag>,
    IEntityTypeConfiguration<RegisteredModelAlias>, IEntityTypeConfiguration<AliasChange>
{
    public void Configure(EntityTypeBuilder<RegisteredModel> entity)
    {
        entity.Property(m => m.Name).HasMaxLength(RegisteredModel.MaxNameLength);
        entity.Property(m => m.Description).HasMaxLength(RegisteredModel.MaxDescriptionLength);
        entity.Ignore(m => m.Stages);
        entity.HasIndex(m => m.Name).IsUnique().HasFilter("deleted_ms IS NULL");
        entity.HasIndex(m => new { m.UpdatedMs, m.Name });
        entity.HasMany(m => m.Tags).WithOne().HasForeignKey(t => t.ModelId);
        entity.HasMany(m => m.Aliases).WithOne().HasForeignKey(a => a.ModelId);
    }

    public void Configure(EntityTypeBuilder<RegisteredModelTag> entity)
    {
        entity.HasKey(t => new { t.ModelId, t.Key });
        entity.Property(t => t.Key).HasMaxLength(RegisteredModelTag.MaxKeyLength);
    }

    public void Configure(EntityTypeBuilder<RegisteredModelAlias> entity)
    {
        entity.HasKey(a => new { a.ModelId, a.Alias });
        entity.Property(a => a.Alias).HasMaxLength(RegisteredModelAlias.MaxLength);
        entity.HasIndex(a => a.VersionId);
        // An alias never dangles: a version cannot go while one points at it.
        entity.HasOne<ModelVersion>().WithMany(v => v.Aliases).HasForeignKey(a => a.VersionId).OnDelete(DeleteBehavior.Restrict);
    }

    public void Configure(EntityTypeBuilder<AliasChange> entity)
    {
        entity.Property(c => c.Alias).HasMaxLength(RegisteredModelAlias.MaxLength);
        entity.Property(c => c.Reason).HasMaxLength(2000);
        entity.HasIndex(c => new { c.ModelId, c.AtMs });
    }
}
