using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ModelRegistry.Core.Artifacts.Uploads;

public enum UploadState : short
{
    Open = 0,
    Completed = 1,
    Aborted = 2,
}

/// <summary>A file that comes in parts. The row stays after its end, so that a call that is sent again is answered again;
/// <see cref="UploadExpiry"/> takes it away.</summary>
public sealed class ArtifactUpload
{
    public long Id { get; set; }
    public Guid UploadUuid { get; set; }
    /// <summary>Where the file will be, as clients say it; whether one may write there is asked anew at each step.</summary>
    public required string Location { get; set; }
    public int PartCount { get; set; }
    public UploadState State { get; set; }
    public long CreatedMs { get; set; }
    public long CreatedBy { get; set; }
    /// <summary>From here on it takes neither parts nor an end.</summary>
    public long ExpiresMs { get; set; }
}

/// <summary>A part that has come in: content like any other, kept from removal by this row until the file is joined.</summary>
public sealed class ArtifactUploadPart
{
    public long UploadId { get; set; }
    public int Number { get; set; }
    public long BlobId { get; set; }
    public long SizeBytes { get; set; }
}

internal sealed class ArtifactUploadConfiguration :
    IEntityTypeConfiguration<ArtifactUpload>, IEntityTypeConfiguration<ArtifactUploadPart>
{
    public void Configure(EntityTypeBuilder<ArtifactUpload> entity)
    {
        entity.HasIndex(u => u.UploadUuid).IsUnique();
        entity.HasIndex(u => u.ExpiresMs);
        entity.Property(u => u.Location).HasMaxLength(ArtifactFile.MaxPathLength);
    }

    public void Configure(EntityTypeBuilder<ArtifactUploadPart> entity)
    {
        entity.HasKey(p => new { p.UploadId, p.Number });
        entity.HasIndex(p => p.BlobId);
        entity.HasOne<ArtifactUpload>().WithMany().HasForeignKey(p => p.UploadId).OnDelete(DeleteBehavior.Restrict);
        entity.HasOne<ArtifactBlob>().WithMany().HasForeignKey(p => p.BlobId).OnDelete(DeleteBehavior.Restrict);
    }
}
