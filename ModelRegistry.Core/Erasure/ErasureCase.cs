using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Holds;

namespace ModelRegistry.Core.Erasure;

/// <summary>Stored as a number: values never change their meaning.</summary>
public enum ErasureState : short
{
    /// <summary>Waits for a second person.</summary>
    Open = 1,
    /// <summary>Is carried out; what something keeps waits, until it is free or restricted.</summary>
    Approved = 2,
    Done = 3,
    Withdrawn = 4,
}

public enum ErasureItemState : short
{
    Pending = 0,
    Erased = 1,
    /// <summary>Kept on a legal basis, to be looked at again on a day.</summary>
    Restricted = 2,
}

/// <summary>A request to erase a person or things (GDPR, article 17), and what became of it. Never deleted: it is the proof.</summary>
public sealed class ErasureCase
{
    public const int MaxReferenceLength = 200;
    public const int MaxReasonLength = 2000;
    public const int MaxItems = 1000;

    public long Id { get; set; }
    /// <summary>Of the request, where it is kept: not the name of the person.</summary>
    public required string Reference { get; set; }
    public required string Reason { get; set; }
    public ErasureState State { get; set; }
    /// <summary>The account to be erased; null where the case is about things only.</summary>
    public long? PersonId { get; set; }
    public long? PersonErasedMs { get; set; }
    /// <summary>Why the account is still there.</summary>
    public string? PersonOutcome { get; set; }
    public long OpenedBy { get; set; }
    public long OpenedMs { get; set; }
    public long? ApprovedBy { get; set; }
    public long? ApprovedMs { get; set; }
    public long? ClosedMs { get; set; }
    public long? ClosedBy { get; set; }
    public string? CloseReason { get; set; }
}

/// <summary>A thing that is to be erased.</summary>
public sealed class ErasureItem
{
    public const int MaxBasisLength = 500;

    public long CaseId { get; set; }
    public int Line { get; set; }
    public HoldTarget Target { get; set; }
    public long TargetId { get; set; }
    /// <summary>The public id; a pseudonym once it is erased.</summary>
    public required string Name { get; set; }
    public ErasureItemState State { get; set; }
    /// <summary>What keeps it.</summary>
    public string? Outcome { get; set; }
    public long? EndedMs { get; set; }
    /// <summary>Why it is kept nevertheless, e.g. "Art. 17(3)(b): AI Act, article 18".</summary>
    public string? LegalBasis { get; set; }
    /// <summary>When that is looked at again, in days since 1970.</summary>
    public int? ReviewDay { get; set; }
    public long? DecidedBy { get; set; }

    public DateOnly? ReviewOn => ReviewDay is { } day ? UtcDay.ToDate(day) : null;
}

internal sealed class ErasureConfiguration : IEntityTypeConfiguration<ErasureCase>, IEntityTypeConfiguration<ErasureItem>
{
    public void Configure(EntityTypeBuilder<ErasureCase> entity)
    {
        entity.Property(c => c.Reference).HasMaxLength(ErasureCase.MaxReferenceLength);
        entity.Property(c => c.Reason).HasMaxLength(ErasureCase.MaxReasonLength);
        entity.Property(c => c.CloseReason).HasMaxLength(ErasureCase.MaxReasonLength);
        entity.Property(c => c.PersonOutcome).HasMaxLength(500);
        entity.HasIndex(c => c.State);
    }

    public void Configure(EntityTypeBuilder<ErasureItem> entity)
    {
        entity.HasKey(i => new { i.CaseId, i.Line });
        entity.Property(i => i.Name).HasMaxLength(300);
        entity.Property(i => i.Outcome).HasMaxLength(500);
        entity.Property(i => i.LegalBasis).HasMaxLength(ErasureItem.MaxBasisLength);
        entity.HasIndex(i => new { i.State, i.ReviewDay });
        entity.HasOne<ErasureCase>().WithMany().HasForeignKey(i => i.CaseId).OnDelete(DeleteBehavior.Cascade);
    }
}
