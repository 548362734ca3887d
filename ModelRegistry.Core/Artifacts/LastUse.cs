using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ModelRegistry.Core.Artifacts;

/// <summary>The day (since 1970, UTC) on which the files of a tree were last downloaded, or a version was last resolved to be
/// loaded.</summary>
public sealed class LastUse
{
    /// <summary>As of <see cref="ArtifactRoot.Key"/>; a version has one though its files may be elsewhere.</summary>
    public required string Key { get; set; }
    public int Day { get; set; }
}

internal sealed class LastUseConfiguration : IEntityTypeConfiguration<LastUse>
{
    public void Configure(EntityTypeBuilder<LastUse> entity)
    {
        entity.HasKey(u => u.Key);
        entity.Property(u => u.Key).HasMaxLength(64);
    }
}
