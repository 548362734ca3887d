using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ModelRegistry.Core.Data;

/// <summary>
/// A request that came with a key, and its answer: sent again, it is answered again and not done again. Kept for a day.
/// </summary>
public sealed class IdempotentRequest
{
    public const int MaxKeyLength = 255;

    public long UserId { get; set; }
    public required string Key { get; set; }
    /// <summary>SHA-256 over method, path and body: the same key with something else is a mistake.</summary>
    public required byte[] RequestHash { get; set; }
    public long CreatedMs { get; set; }
    /// <summary>Null while it is worked on.</summary>
    public int? Status { get; set; }
    public string? Location { get; set; }
    public string? ContentType { get; set; }
    public string? Body { get; set; }
}

internal sealed class IdempotentRequestConfiguration : IEntityTypeConfiguration<IdempotentRequest>
{
    public void Configure(EntityTypeBuilder<IdempotentRequest> entity)
    {
        entity.HasKey(r => new { r.UserId, r.Key });
        entity.Property(r => r.Key).HasMaxLength(IdempotentRequest.MaxKeyLength);
        entity.Property(r => r.RequestHash).HasMaxLength(32);
        entity.Property(r => r.Location).HasMaxLength(1000);
        entity.Property(r => r.ContentType).HasMaxLength(100);
        entity.HasIndex(r => r.CreatedMs);
    }
}
