using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ModelRegistry.Core.Identity;

/// <summary>
/// What a user is in the whole registry. The names are those of the role table and the values its ids, so that roles
/// are added up without a join.
/// </summary>
[Flags]
public enum RegistryRole
{
    None = 0,
    Viewer = 1,
    Member = 2,
    GovernanceOfficer = 4,
    Auditor = 8,
    Admin = 16,
    /// <summary>Nobody has it from another role, admins neither.</summary>
    RetentionBypass = 32,
}

internal sealed class RegistryRoleConfiguration : IEntityTypeConfiguration<IdentityRole<long>>
{
    public void Configure(EntityTypeBuilder<IdentityRole<long>> entity) => entity.HasData(
        Enum.GetValues<RegistryRole>().Where(r => r != RegistryRole.None).Select(r => new IdentityRole<long>
        {
            Id = (long)r,
            Name = r.ToString(),
            NormalizedName = r.ToString().ToUpperInvariant(),
            // Roles never change: any constant will do, and a new one each build would be a migration.
            ConcurrencyStamp = r.ToString(),
        }));
}
