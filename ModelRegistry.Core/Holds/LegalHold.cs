using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ModelRegistry.Core.Holds;

/// <summary>What a hold is on. Stored as a number: values never change their meaning.</summary>
public enum HoldTarget : short
{
    /// <summary>With its runs, logged models and their files.</summary>
    Experiment = 1,
    /// <summary>With its versions and their files.</summary>
    RegisteredModel = 2,
    /// <summary>With its files and the logged models that it made.</summary>
    Run = 3,
    ModelVersion = 4,
    LoggedModel = 5,
}

/// <summary>
/// Keeps something from being destroyed, whoever asks and whatever a rule says. Holds add up: releasing one leaves the
/// others. A hold ends only by being released; it stays as a record then.
/// </summary>
public sealed class LegalHold : Keeping
{
    public const string Noun = "legal-hold";
    public const int MaxMatterLength = 200;
    public const int MaxReasonLength = 2000;

    public Guid HoldUuid { get; set; }
    /// <summary>The case that it belongs to; several holds may share it.</summary>
    public required string Matter { get; set; }
    public required string Reason { get; set; }
    /// <summary>Who answers for it.</summary>
    public long OwnerId { get; set; }
    public long CreatedMs { get; set; }
    public long CreatedBy { get; set; }
    public long? ReleasedMs { get; set; }
    public long? ReleasedBy { get; set; }
    public string? ReleaseReason { get; set; }
}

internal sealed class LegalHoldConfiguration : IEntityTypeConfiguration<LegalHold>
{
    public void Configure(EntityTypeBuilder<LegalHold> entity)
    {
        entity.Property(h => h.Matter).HasMaxLength(LegalHold.MaxMatterLength);
        entity.Property(h => h.Reason).HasMaxLength(LegalHold.MaxReasonLength);
        entity.Property(h => h.ReleaseReason).HasMaxLength(LegalHold.MaxReasonLength);
        entity.Property(h => h.TargetName).HasMaxLength(300);
        entity.HasIndex(h => h.HoldUuid).IsUnique();
        entity.HasIndex(h => new { h.Target, h.TargetId });
        entity.HasIndex(h => new { h.Target, h.ParentId });
    }
}
