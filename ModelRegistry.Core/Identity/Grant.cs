using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ModelRegistry.Core.Identity;

/// <summary>
/// A permission for one user or one team (exactly one of the two is set) on one object, or on all objects of a kind
/// whose name matches a pattern (`*` stands for any run of characters; exactly one of id and pattern is set).
/// </summary>
public sealed class Grant
{
    public long Id { get; set; }
    public SecurableKind Kind { get; set; }
    public long? ObjectId { get; set; }
    public string? Pattern { get; set; }
    public long? UserId { get; set; }
    public long? TeamId { get; set; }
    public Permission Permissions { get; set; }
    public long CreatedMs { get; set; }
    public long CreatedBy { get; set; }
}

internal sealed class GrantConfiguration : IEntityTypeConfiguration<Grant>
{
    public void Configure(EntityTypeBuilder<Grant> entity)
    {
        entity.Property(g => g.Pattern).HasMaxLength(Common.NamePattern.MaxLength);
        entity.HasIndex(g => g.UserId);
        entity.HasIndex(g => g.TeamId);
        entity.HasIndex(g => new { g.Kind, g.ObjectId });
        entity.HasOne<RegistryUser>().WithMany().HasForeignKey(g => g.UserId);
        entity.HasOne<Team>().WithMany().HasForeignKey(g => g.TeamId);
    }
}
