using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ModelRegistry.Core.Identity;

public sealed class Team
{
    public const int MaxNameLength = 100;

    public long Id { get; set; }
    public required string Name { get; set; }
    public string Description { get; set; } = "";
    public long CreatedMs { get; set; }
}

public sealed class TeamMember
{
    public long TeamId { get; set; }
    public long UserId { get; set; }
}

internal sealed class TeamConfiguration : IEntityTypeConfiguration<Team>, IEntityTypeConfiguration<TeamMember>
{
    public void Configure(EntityTypeBuilder<Team> entity)
    {
        entity.Property(t => t.Name).HasMaxLength(Team.MaxNameLength);
        entity.Property(t => t.Description).HasMaxLength(1000);
        entity.HasIndex(t => t.Name).IsUnique();
    }

    public void Configure(EntityTypeBuilder<TeamMember> entity)
    {
        entity.HasKey(m => new { m.TeamId, m.UserId });
        entity.HasIndex(m => m.UserId);
        entity.HasOne<Team>().WithMany().HasForeignKey(m => m.TeamId);
        entity.HasOne<RegistryUser>().WithMany().HasForeignKey(m => m.UserId);
    }
}
