using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using ModelRegistry.Core.Registry;

namespace ModelRegistry.Core.Promotion;

/// <summary>Stored as a number: values never change their meaning.</summary>
public enum ApprovalState : short
{
    /// <summary>Waits for approvals.</summary>
    Open = 1,
    /// <summary>Has its approvals; somebody who may must still make the move.</summary>
    Approved = 2,
    /// <summary>The move was made.</summary>
    Done = 3,
    Rejected = 4,
    Withdrawn = 5,
    Expired = 6,
}

/// <summary>
/// Somebody asks that a version gets a stage or an alias. It holds for the files that the version had then: approvals
/// say nothing about anything else.
/// </summary>
public sealed class ApprovalRequest
{
    public const int MaxReasonLength = 2000;

    public long Id { get; set; }
    public long ModelId { get; set; }
    public long VersionId { get; set; }
    public int Number { get; set; }
    /// <summary>Exactly one of stage and alias is set.</summary>
    public ModelStage? Stage { get; set; }
    /// <summary>What the model calls the stage; as it did when the request was closed.</summary>
    public string? StageName { get; set; }
    public string? Alias { get; set; }
    /// <summary>The versions that are in the stage go to Archived.</summary>
    public bool ArchiveExisting { get; set; }
    /// <summary>See <see cref="DigestOf"/>.</summary>
    public required string VersionDigest { get; set; }
    public string Reason { get; set; } = "";
    public ApprovalState State { get; set; }
    public long RequestedBy { get; set; }
    public long CreatedMs { get; set; }
    public long ExpiresMs { get; set; }
    /// <summary>When it was done, rejected, withdrawn or had expired.</summary>
    public long? ClosedMs { get; set; }
    public List<ApprovalEntry> Entries { get; } = [];

    public MoveTarget Target => new(Stage is { } kind ? new VersionStage(StageName!, kind) : null, Alias);
    public bool IsActive => State is ApprovalState.Open or ApprovalState.Approved;

    /// <summary>The digest of its files; where they are not kept here, one of where they are.</summary>
    public static string DigestOf(ModelVersion version) => version.Digest ?? Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes($"{version.VersionUuid:D}\n{version.Source}\n{version.StorageLocation}")));
}

public enum ApprovalEntryKind : short
{
    Comment = 1,
    Approve = 2,
    Reject = 3,
    Withdraw = 4,
}

/// <summary>What somebody said to a request; kept for ever.</summary>
public sealed class ApprovalEntry
{
    public long Id { get; set; }
    public long RequestId { get; set; }
    public ApprovalEntryKind Kind { get; set; }
    public long UserId { get; set; }
    public long AtMs { get; set; }
    public string Text { get; set; } = "";
}

internal sealed class ApprovalRequestConfiguration : IEntityTypeConfiguration<ApprovalRequest>, IEntityTypeConfiguration<ApprovalEntry>
{
    public void Configure(EntityTypeBuilder<ApprovalRequest> entity)
    {
        entity.Property(r => r.StageName).HasMaxLength(VersionStage.MaxNameLength);
        entity.Property(r => r.Alias).HasMaxLength(RegisteredModelAlias.MaxLength);
        entity.Property(r => r.VersionDigest).HasMaxLength(64);
        entity.Property(r => r.Reason).HasMaxLength(ApprovalRequest.MaxReasonLength);
        entity.HasIndex(r => new { r.State, r.Id });
        entity.HasIndex(r => new { r.VersionId, r.State });
        entity.HasIndex(r => new { r.ModelId, r.Id });
        entity.HasMany(r => r.Entries).WithOne().HasForeignKey(e => e.RequestId);
    }

    public void Configure(EntityTypeBuilder<ApprovalEntry> entity)
    {
        entity.Property(e => e.Text).HasMaxLength(ApprovalRequest.MaxReasonLength);
        entity.HasIndex(e => e.RequestId);
    }
}
