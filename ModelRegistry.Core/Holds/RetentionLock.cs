using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using ModelRegistry.Core.Common;

namespace ModelRegistry.Core.Holds;

/// <summary>Stored as a number: values never change their meaning; the stronger one is the higher.</summary>
public enum RetentionLockMode : short
{
    /// <summary>Comes off early where somebody with the right to bypass asks, says why, and another one agrees.</summary>
    Governance = 1,
    /// <summary>Nobody takes it off or shortens it.</summary>
    Compliance = 2,
}

/// <summary>
/// Keeps something to the end of a day, whatever becomes of policies and jobs. It is in force until its end is written
/// here, which a job does that looks at the clock first: whoever destroys asks for the row and never for the time, so a
/// clock that was set opens nothing. An ended one stays as a record.
/// </summary>
public sealed class RetentionLock : Keeping
{
    public const string Noun = "retention-lock";
    public const int MaxReasonLength = 2000;
    /// <summary>A slip in the year of a compliance lock could never be mended.</summary>
    public const int MaxDays = 36_500;

    public Guid LockUuid { get; set; }
    public RetentionLockMode Mode { get; set; }
    /// <summary>The last day, in days since 1970 (UTC).</summary>
    public int UntilDay { get; set; }
    public required string Reason { get; set; }
    public long CreatedMs { get; set; }
    public long CreatedBy { get; set; }
    public long? EndedMs { get; set; }
    /// <summary>0 where its day was over.</summary>
    public long? EndedBy { get; set; }
    public string? EndReason { get; set; }

    /// <summary>That it shall come off before its day waits for a second person; all null where nobody asked.</summary>
    public Guid? BypassUuid { get; set; }
    public long? BypassBy { get; set; }
    public long? BypassMs { get; set; }
    /// <summary>The new last day; null where it shall come off.</summary>
    public int? BypassDay { get; set; }
    public string? BypassReason { get; set; }

    public DateOnly Until => UtcDay.ToDate(UntilDay);
    public DateOnly? BypassUntil => BypassDay is { } day ? UtcDay.ToDate(day) : null;
}

internal sealed class RetentionLockConfiguration : IEntityTypeConfiguration<RetentionLock>
{
    public void Configure(EntityTypeBuilder<RetentionLock> entity)
    {
        entity.Property(l => l.TargetName).HasMaxLength(300);
        entity.Property(l => l.Reason).HasMaxLength(RetentionLock.MaxReasonLength);
        entity.Property(l => l.EndReason).HasMaxLength(RetentionLock.MaxReasonLength);
        entity.Property(l => l.BypassReason).HasMaxLength(RetentionLock.MaxReasonLength);
        entity.HasIndex(l => l.LockUuid).IsUnique();
        entity.HasIndex(l => new { l.Target, l.TargetId });
        entity.HasIndex(l => new { l.Target, l.ParentId });
        entity.HasIndex(l => new { l.EndedMs, l.UntilDay });
    }
}
