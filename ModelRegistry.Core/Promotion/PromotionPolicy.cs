using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Holds;
using ModelRegistry.Core.Registry;

namespace ModelRegistry.Core.Promotion;

/// <summary>
/// What must be there before a version of the models in its scope gets a stage or an alias. Every policy that covers a
/// move must be met; where none does, the permission to promote is enough.
/// </summary>
public sealed class PromotionPolicy : IWrittenPolicy
{
    public const int MaxNameLength = 100;
    public const int MaxDescriptionLength = 2000;

    public long Id { get; set; }
    public Guid PolicyUuid { get; set; }
    public required string Name { get; set; }
    public string Description { get; set; } = "";
    /// <summary>Names of models; see <see cref="NamePattern"/>.</summary>
    public required string ModelPattern { get; set; }
    /// <summary>Exactly one of stage and alias pattern is set; see <see cref="Registry.StagePattern"/>.</summary>
    public string? StagePattern { get; set; }
    public string? AliasPattern { get; set; }
    /// <summary>A policy that is off is only evaluated where somebody asks.</summary>
    public bool IsEnabled { get; set; }
    /// <summary>JSON of <see cref="PromotionRules"/>.</summary>
    public required string Rules { get; set; }
    /// <summary>Goes up with each change.</summary>
    public int Revision { get; set; }
    public long CreatedMs { get; set; }
    public long CreatedBy { get; set; }
    public long UpdatedMs { get; set; }
    public long UpdatedBy { get; set; }

    public string TargetText => StagePattern ?? "@" + AliasPattern;

    /// <summary>The stages of a model that it covers, in their order.</summary>
    public IEnumerable<VersionStage> StagesOf(RegisteredModel model) => model.Stages.Stages.Where(s => Covers(MoveTarget.To(s)));

    public bool Covers(string modelName) => NamePattern.Matches(ModelPattern, modelName);

    public bool Covers(MoveTarget target) => target.Alias is { } alias
        ? AliasPattern is { } pattern && NamePattern.Matches(pattern, alias)
        : StagePattern is { } stages && target.Stage is { } stage && Registry.StagePattern.Covers(stages, stage);
}

internal sealed class PromotionPolicyConfiguration : IEntityTypeConfiguration<PromotionPolicy>
{
    public void Configure(EntityTypeBuilder<PromotionPolicy> entity)
    {
        entity.Property(p => p.Name).HasMaxLength(PromotionPolicy.MaxNameLength);
        entity.Property(p => p.Description).HasMaxLength(PromotionPolicy.MaxDescriptionLength);
        entity.Property(p => p.ModelPattern).HasMaxLength(NamePattern.MaxLength);
        entity.Property(p => p.StagePattern).HasMaxLength(VersionStage.MaxNameLength);
        entity.Property(p => p.AliasPattern).HasMaxLength(NamePattern.MaxLength);
        entity.HasIndex(p => p.Name).IsUnique();
        entity.HasIndex(p => p.PolicyUuid).IsUnique();
    }
}
