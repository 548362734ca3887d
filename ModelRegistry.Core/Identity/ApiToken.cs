using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ModelRegistry.Core.Identity;

/// <summary>A token for the API. Only the hash of its secret is kept.</summary>
public sealed class ApiToken
{
    public const int MaxNameLength = 100;

    public long Id { get; set; }
    public long UserId { get; set; }
    public required string Name { get; set; }
    /// <summary>The readable part before the secret: finds the row, tells a leaked token's owner.</summary>
    public required string Prefix { get; set; }
    public required byte[] SecretHash { get; set; }
    public TokenScope Scopes { get; set; }
    public long CreatedMs { get; set; }
    public long ExpiresMs { get; set; }
    public long? RevokedMs { get; set; }
    /// <summary>When its user was told that it ends soon.</summary>
    public long? ExpiryToldMs { get; set; }
    /// <summary>When it was written down that it has ended; it is refused from <see cref="ExpiresMs"/> on.</summary>
    public long? ExpiredMs { get; set; }
    /// <summary>To the hour: enough to find unused tokens, and no write per request.</summary>
    public long? LastUsedMs { get; set; }
}

internal sealed class ApiTokenConfiguration : IEntityTypeConfiguration<ApiToken>
{
    public void Configure(EntityTypeBuilder<ApiToken> entity)
    {
        entity.Property(t => t.Name).HasMaxLength(ApiToken.MaxNameLength);
        entity.Property(t => t.Prefix).HasMaxLength(40);
        entity.Property(t => t.SecretHash).HasMaxLength(32);
        entity.HasIndex(t => t.Prefix).IsUnique();
        entity.HasIndex(t => t.UserId);
        entity.HasIndex(t => t.ExpiresMs);
        entity.HasOne<RegistryUser>().WithMany().HasForeignKey(t => t.UserId).OnDelete(DeleteBehavior.Restrict);
    }
}
