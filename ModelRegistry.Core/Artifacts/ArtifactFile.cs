using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ModelRegistry.Core.Artifacts;

/// <summary>Content that is in the store; equal content is one row. The row is only written when the bytes are durable.</summary>
public sealed class ArtifactBlob
{
    public long Id { get; set; }
    /// <summary>SHA-256 of the content, 32 bytes. The store's key is made from it.</summary>
    public required byte[] Sha256 { get; set; }
    public long SizeBytes { get; set; }
    public long CreatedMs { get; set; }
    /// <summary>When it was last uploaded or referenced: removal waits from here.</summary>
    public long TouchedMs { get; set; }
    /// <summary>Set while the bytes are being deleted: from here on nothing may refer to it, and the row goes when they
    /// are gone. See docs/storage.md.</summary>
    public long? RemovedMs { get; set; }
    /// <summary>Set while the stored bytes are not what the digest says, as far as the last check saw.</summary>
    public long? DamagedMs { get; set; }
}

/// <summary>A tree of files: of a run, of a logged model, of a version (pinned), or of an experiment's own place.</summary>
public sealed class ArtifactRoot
{
    public long Id { get; set; }
    /// <summary>`run/{run id}`, `logged-model/{model id}`, `version/{uuid}`, `experiment/{id}`; `trash/{row}/…` in front of it
    /// where the files were deleted and can still come back.</summary>
    public required string Key { get; set; }
    public long? DeletedMs { get; set; }
}

/// <summary>A path in a tree. Many paths may share a blob; pinning a version copies these rows, not bytes.</summary>
public sealed class ArtifactFile
{
    /// <summary>In characters: what an index of SQL Server holds.</summary>
    public const int MaxPathLength = 800;

    public long RootId { get; set; }
    public required string Path { get; set; }
    public long BlobId { get; set; }
    public long SizeBytes { get; set; }
    public long CreatedMs { get; set; }
    public long CreatedBy { get; set; }
}

internal sealed class ArtifactFileConfiguration :
    IEntityTypeConfiguration<ArtifactBlob>, IEntityTypeConfiguration<ArtifactRoot>, IEntityTypeConfiguration<ArtifactFile>
{
    public void Configure(EntityTypeBuilder<ArtifactBlob> entity)
    {
        entity.Property(b => b.Sha256).HasMaxLength(32);
        entity.HasIndex(b => b.Sha256).IsUnique();
        entity.HasIndex(b => b.TouchedMs);
        // Almost always empty: what is left to remove is found at once.
        entity.HasIndex(b => b.RemovedMs).HasFilter("removed_ms IS NOT NULL");
        entity.HasIndex(b => b.DamagedMs).HasFilter("damaged_ms IS NOT NULL");
    }

    public void Configure(EntityTypeBuilder<ArtifactRoot> entity)
    {
        entity.Property(r => r.Key).HasMaxLength(64);
        entity.HasIndex(r => r.Key).IsUnique();
        entity.HasIndex(r => r.DeletedMs).HasFilter("deleted_ms IS NOT NULL");
    }

    public void Configure(EntityTypeBuilder<ArtifactFile> entity)
    {
        // Not the clustered key on SQL Server, which holds 900 bytes only.
        entity.HasKey(f => new { f.RootId, f.Path });
        entity.Property(f => f.Path).HasMaxLength(ArtifactFile.MaxPathLength);
        entity.HasIndex(f => f.BlobId);
        entity.HasOne<ArtifactRoot>().WithMany().HasForeignKey(f => f.RootId).OnDelete(DeleteBehavior.Restrict);
        // A blob cannot go while a file refers to it, whatever a job believes.
        entity.HasOne<ArtifactBlob>().WithMany().HasForeignKey(f => f.BlobId).OnDelete(DeleteBehavior.Restrict);
    }
}
