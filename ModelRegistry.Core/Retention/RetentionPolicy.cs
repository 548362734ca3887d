using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using ModelRegistry.Core.Holds;

namespace ModelRegistry.Core.Retention;

/// <summary>A policy as it stands; what it said before is in <see cref="RetentionPolicyVersion"/>. Never deleted: runs and
/// certificates name it.</summary>
public sealed class RetentionPolicy : IWrittenPolicy
{
    public const int MaxNameLength = 100;
    public const int MaxDescriptionLength = 2000;

    public long Id { get; set; }
    public Guid PolicyUuid { get; set; }
    public required string Name { get; set; }
    public string Description { get; set; } = "";
    /// <summary>Goes up with each edit.</summary>
    public int Version { get; set; }
    /// <summary>See <see cref="RetentionDefinition"/>.</summary>
    public required string Definition { get; set; }
    public bool IsEnabled { get; set; }
    public long CreatedMs { get; set; }
    public long UpdatedMs { get; set; }
    /// <summary>Who wrote this version: they do not approve its runs.</summary>
    public long AuthorId { get; set; }
}

public sealed class RetentionPolicyVersion
{
    public long PolicyId { get; set; }
    public int Version { get; set; }
    public required string Definition { get; set; }
    public long AuthorId { get; set; }
    public long AtMs { get; set; }
}

/// <summary>Stored as a number: values never change their meaning.</summary>
public enum RetentionRunState : short
{
    Evaluating = 1,
    /// <summary>A preview: a report and nothing else.</summary>
    Report = 2,
    WaitingForApproval = 3,
    /// <summary>Waits for the end of the time that owners have.</summary>
    Approved = 4,
    Running = 5,
    Done = 6,
    Stopped = 7,
    /// <summary>The policy was changed or disabled meanwhile.</summary>
    Cancelled = 8,
    Failed = 9,
}

/// <summary>One evaluation of a policy, and what became of it: a preview, or a run that acts once it is approved.</summary>
public sealed class RetentionRun
{
    public long Id { get; set; }
    public long PolicyId { get; set; }
    public int PolicyVersion { get; set; }
    public bool IsPreview { get; set; }
    public RetentionRunState State { get; set; }
    /// <summary>0 is the nightly evaluation.</summary>
    public long RequestedBy { get; set; }
    public long CreatedMs { get; set; }
    /// <summary>How many things there are to look at, and how many were.</summary>
    public int Expected { get; set; }
    public int Evaluated { get; set; }
    /// <summary>Numbers of the report; see <see cref="RetentionSummary"/>.</summary>
    public string? Summary { get; set; }
    /// <summary>Lower-case hex SHA-256 of the report's lines: approvals are bound to it.</summary>
    public string? Digest { get; set; }
    /// <summary>The day that was decided for, in days since 1970.</summary>
    public int? Day { get; set; }
    public long? EvaluatedMs { get; set; }
    public long? ApprovedBy { get; set; }
    public long? ApprovedMs { get; set; }
    /// <summary>Not before.</summary>
    public long? DueMs { get; set; }
    public long? StartedMs { get; set; }
    public long? EndedMs { get; set; }
    public long? StopRequestedBy { get; set; }
    /// <summary>Why it ended as it did, for people.</summary>
    public string? Message { get; set; }
}

public enum RetentionItemState : short
{
    /// <summary>Nothing is to be done, or not yet.</summary>
    Pending = 0,
    Done = 1,
    /// <summary>Something protected it when its turn came.</summary>
    Kept = 2,
    /// <summary>Its owner objected.</summary>
    Objected = 3,
}

/// <summary>A line of a report.</summary>
public sealed class RetentionItem
{
    public long RunId { get; set; }
    public int Line { get; set; }
    public RetentionSubject Subject { get; set; }
    public long ItemId { get; set; }
    public required string Name { get; set; }
    public long OwnerId { get; set; }
    public long Bytes { get; set; }
    public bool IsHighRisk { get; set; }
    public RetentionAction Action { get; set; }
    public PrecedenceRule Rule { get; set; }
    public int? Day { get; set; }
    public long? PolicyId { get; set; }
    public required string Reason { get; set; }
    public RetentionItemState State { get; set; }
    public long? EndedMs { get; set; }
    /// <summary>Why it was kept after all.</summary>
    public string? Outcome { get; set; }
}

/// <summary>That something was purged: what it was, by what rule, and who allowed it. Outlives the thing; holds nothing
/// about a person but ids.</summary>
public sealed class PurgeCertificate
{
    public long Id { get; set; }
    public Guid CertificateUuid { get; set; }
    /// <summary>E.g. `model-version`.</summary>
    public required string Kind { get; set; }
    /// <summary>The public id, e.g. `name/3`.</summary>
    public required string Name { get; set; }
    public required string ObjectUuid { get; set; }
    public string? Digest { get; set; }
    public long Bytes { get; set; }
    public int Files { get; set; }
    public long CreatedMs { get; set; }
    public long DeletedMs { get; set; }
    public long PurgedMs { get; set; }
    /// <summary>Null where a person deleted it by hand.</summary>
    public long? PolicyId { get; set; }
    public int? PolicyVersion { get; set; }
    public long? RunId { get; set; }
    public string? ReportDigest { get; set; }
    public long? RequestedBy { get; set; }
    public long? ApprovedBy { get; set; }
    /// <summary>Where it went for one: then the name above is a pseudonym.</summary>
    public long? ErasureCaseId { get; set; }

    public static string Pseudonym(string id) => "erased-" + id;
}

/// <summary>One row: when destructive jobs last looked at the clock, and why they rest.</summary>
public sealed class RetentionClock
{
    public int Id { get; set; }
    public long SeenMs { get; set; }
    public string? PausedBecause { get; set; }
    /// <summary>Where the check of stored content goes on.</summary>
    public long ScrubbedBlobId { get; set; }
}

internal sealed class RetentionConfiguration :
    IEntityTypeConfiguration<RetentionPolicy>, IEntityTypeConfiguration<RetentionPolicyVersion>, IEntityTypeConfiguration<RetentionRun>,
    IEntityTypeConfiguration<RetentionItem>, IEntityTypeConfiguration<PurgeCertificate>, IEntityTypeConfiguration<RetentionClock>
{
    public void Configure(EntityTypeBuilder<RetentionPolicy> entity)
    {
        entity.Property(p => p.Name).HasMaxLength(RetentionPolicy.MaxNameLength);
        entity.Property(p => p.Description).HasMaxLength(RetentionPolicy.MaxDescriptionLength);
        entity.HasIndex(p => p.Name).IsUnique();
        entity.HasIndex(p => p.PolicyUuid).IsUnique();
    }

    public void Configure(EntityTypeBuilder<RetentionPolicyVersion> entity) => entity.HasKey(v => new { v.PolicyId, v.Version });

    public void Configure(EntityTypeBuilder<RetentionRun> entity)
    {
        entity.Property(r => r.Digest).HasMaxLength(64);
        entity.Property(r => r.Message).HasMaxLength(1000);
        entity.HasIndex(r => new { r.PolicyId, r.Id });
        entity.HasIndex(r => r.State);
        entity.HasOne<RetentionPolicy>().WithMany().HasForeignKey(r => r.PolicyId).OnDelete(DeleteBehavior.Restrict);
    }

    public void Configure(EntityTypeBuilder<RetentionItem> entity)
    {
        entity.HasKey(i => new { i.RunId, i.Line });
        entity.Property(i => i.Name).HasMaxLength(300);
        entity.Property(i => i.Reason).HasMaxLength(500);
        entity.Property(i => i.Outcome).HasMaxLength(500);
        entity.HasIndex(i => new { i.RunId, i.Action, i.Line });
        entity.HasIndex(i => new { i.Subject, i.ItemId });
        entity.HasOne<RetentionRun>().WithMany().HasForeignKey(i => i.RunId).OnDelete(DeleteBehavior.Cascade);
    }

    public void Configure(EntityTypeBuilder<PurgeCertificate> entity)
    {
        entity.Property(c => c.Kind).HasMaxLength(32);
        entity.Property(c => c.Name).HasMaxLength(520);
        entity.Property(c => c.ObjectUuid).HasMaxLength(64);
        entity.Property(c => c.Digest).HasMaxLength(64);
        entity.Property(c => c.ReportDigest).HasMaxLength(64);
        entity.HasIndex(c => c.CertificateUuid).IsUnique();
        entity.HasIndex(c => new { c.Kind, c.Name });
    }

    public void Configure(EntityTypeBuilder<RetentionClock> entity)
    {
        entity.Property(c => c.Id).ValueGeneratedNever();
        entity.Property(c => c.PausedBecause).HasMaxLength(500);
        entity.HasData(new RetentionClock { Id = 1 });
    }
}
