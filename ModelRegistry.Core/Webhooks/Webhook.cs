using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ModelRegistry.Core.Webhooks;

/// <summary>An address that is told of changes.</summary>
public sealed class Webhook
{
    public const int MaxNameLength = 63;
    public const int MaxDescriptionLength = 1000;
    public const int MaxUrlLength = 2048;
    public const int MaxSecretLength = 1000;

    public long Id { get; set; }
    public Guid WebhookUuid { get; set; }
    public required string Name { get; set; }
    public string Description { get; set; } = "";
    public required string Url { get; set; }
    public WebhookEvents Events { get; set; }
    /// <summary>An inactive one is told nothing, not even later.</summary>
    public bool IsActive { get; set; }
    /// <summary>The key of the signatures, sealed; it leaves the registry in no form but them.</summary>
    public string? SealedSecret { get; set; }
    public long CreatedMs { get; set; }
    public long UpdatedMs { get; set; }
    /// <summary>Deleted ones stay for the log of what they were sent.</summary>
    public long? DeletedMs { get; set; }
    public long CreatedBy { get; set; }
}

public enum DeliveryState : short
{
    Pending = 1,
    /// <summary>The receiver answered with a status of 2xx.</summary>
    Delivered = 2,
    /// <summary>Refused for good, or tried for hours.</summary>
    Failed = 3,
    /// <summary>The webhook was switched off or deleted before.</summary>
    Cancelled = 4,
}

/// <summary>One event for one webhook, written in the transaction of the change and sent afterwards.</summary>
public sealed class WebhookDelivery
{
    public long Id { get; set; }
    /// <summary>The same for every attempt, so that a receiver can tell a repetition.</summary>
    public Guid DeliveryUuid { get; set; }
    public long WebhookId { get; set; }
    public Webhook Webhook { get; set; } = null!;
    public WebhookEvents Event { get; set; }
    /// <summary>The body, as it is sent.</summary>
    public required string Payload { get; set; }
    public DeliveryState State { get; set; }
    /// <summary>Counted when an attempt begins: an attempt that kills the process counts too.</summary>
    public int Attempts { get; set; }
    /// <summary>While it is pending: when it is due. A node that takes it moves this on, which is its lease.</summary>
    public long NextAttemptMs { get; set; }
    public long CreatedMs { get; set; }
    public long? CompletedMs { get; set; }
    /// <summary>The delivery that an admin had sent once more.</summary>
    public long? ReplayOfId { get; set; }
    public List<DeliveryAttempt> Log { get; } = [];
}

/// <summary>What came of one attempt.</summary>
public sealed class DeliveryAttempt
{
    public const int MaxErrorLength = 200;
    public const int MaxAnswerLength = 1024;

    public long DeliveryId { get; set; }
    public int Number { get; set; }
    public long AtMs { get; set; }
    public int DurationMs { get; set; }
    /// <summary>Null where there was no answer.</summary>
    public int? Status { get; set; }
    public string? Error { get; set; }
    /// <summary>The beginning of the answer's body.</summary>
    public string? Answer { get; set; }
}

internal sealed class WebhookConfiguration :
    IEntityTypeConfiguration<Webhook>, IEntityTypeConfiguration<WebhookDelivery>, IEntityTypeConfiguration<DeliveryAttempt>
{
    public void Configure(EntityTypeBuilder<Webhook> entity)
    {
        entity.Property(w => w.Name).HasMaxLength(Webhook.MaxNameLength);
        entity.Property(w => w.Description).HasMaxLength(Webhook.MaxDescriptionLength);
        entity.Property(w => w.Url).HasMaxLength(Webhook.MaxUrlLength);
        entity.HasIndex(w => w.WebhookUuid).IsUnique();
    }

    public void Configure(EntityTypeBuilder<WebhookDelivery> entity)
    {
        entity.HasIndex(d => d.DeliveryUuid).IsUnique();
        entity.HasIndex(d => new { d.State, d.NextAttemptMs });
        entity.HasIndex(d => new { d.WebhookId, d.Id });
        entity.HasIndex(d => d.CompletedMs);
        entity.HasOne(d => d.Webhook).WithMany().HasForeignKey(d => d.WebhookId).OnDelete(DeleteBehavior.Restrict);
        entity.HasMany(d => d.Log).WithOne().HasForeignKey(a => a.DeliveryId);
    }

    public void Configure(EntityTypeBuilder<DeliveryAttempt> entity)
    {
        entity.HasKey(a => new { a.DeliveryId, a.Number });
        entity.Property(a => a.Error).HasMaxLength(DeliveryAttempt.MaxErrorLength);
        entity.Property(a => a.Answer).HasMaxLength(DeliveryAttempt.MaxAnswerLength);
    }
}
