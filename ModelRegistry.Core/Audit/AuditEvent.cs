using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using ModelRegistry.Core.Identity;

namespace ModelRegistry.Core.Audit;

/// <summary>
/// One change of governed state. Written in the transaction of the change; sealed into the hash chain seconds later,
/// which gives it its <see cref="Sequence"/>. Holds ids of people, never their names or addresses: those are in
/// <see cref="AuditOrigin"/> and the user table, so that a person can be erased and the chain still verifies.
/// </summary>
public sealed class AuditEvent
{
    public long Id { get; set; }
    public long AtMs { get; set; }
    /// <summary>0 is the registry itself.</summary>
    public long ActorId { get; set; }
    public long? TokenId { get; set; }
    /// <summary>Noun and verb in the past, e.g. `model-version.stage-changed`.</summary>
    public required string Action { get; set; }
    /// <summary>E.g. `registered-model`, `experiment`, `user`.</summary>
    public required string ObjectKind { get; set; }
    /// <summary>The public id of the object: model name, `name/version`, run id, experiment id.</summary>
    public required string ObjectId { get; set; }
    /// <summary>The model or experiment that it belongs to: finds the activity of one object even after renames, and
    /// decides who may see the event. Both null where it belongs to none; then only auditors may.</summary>
    public SecurableKind? ScopeKind { get; set; }
    public long? ScopeId { get; set; }
    /// <summary>JSON of what changed, before and after; null where there was nothing.</summary>
    public string? Before { get; set; }
    public string? After { get; set; }
    public string? Reason { get; set; }
    /// <summary>SHA-256 over the salted origin: binds the personal part without holding it.</summary>
    public byte[]? OriginDigest { get; set; }
    public AuditOrigin? Origin { get; set; }
    /// <summary>Place in the chain from 1 without gaps; null until sealed.</summary>
    public long? Sequence { get; set; }
    /// <summary>SHA-256 over the hash before and this event; null until sealed.</summary>
    public byte[]? Hash { get; set; }
}

/// <summary>The personal part of an event; erasable.</summary>
public sealed class AuditOrigin
{
    public long EventId { get; set; }
    public required byte[] Salt { get; set; }
    public required string Address { get; set; }
}

/// <summary>One sealed batch, and what the chain's head was then. The last one is the head.</summary>
public sealed class AuditSeal
{
    public long Id { get; set; }
    public long AtMs { get; set; }
    /// <summary>One more than the <see cref="LastSequence"/> of the seal before.</summary>
    public long FirstSequence { get; set; }
    public long LastSequence { get; set; }
    public required byte[] HeadHash { get; set; }
}

internal sealed class AuditEventConfiguration :
    IEntityTypeConfiguration<AuditEvent>, IEntityTypeConfiguration<AuditOrigin>, IEntityTypeConfiguration<AuditSeal>
{
    public void Configure(EntityTypeBuilder<AuditEvent> entity)
    {
        entity.Property(e => e.Action).HasMaxLength(64);
        entity.Property(e => e.ObjectKind).HasMaxLength(32);
        entity.Property(e => e.ObjectId).HasMaxLength(300);
        entity.Property(e => e.Reason).HasMaxLength(2000);
        entity.Property(e => e.OriginDigest).HasMaxLength(32);
        entity.Property(e => e.Hash).HasMaxLength(32);
        entity.HasIndex(e => e.Sequence).IsUnique();
        // The sealer's work; SQL Server's unique index leaves nulls out.
        entity.HasIndex(e => e.Id, "ix_audit_events_unsealed").HasFilter("sequence IS NULL");
        entity.HasIndex(e => new { e.ScopeKind, e.ScopeId, e.Id });
        entity.HasIndex(e => new { e.ActorId, e.Id });
        entity.HasIndex(e => new { e.ObjectKind, e.ObjectId, e.Id });
        entity.HasIndex(e => e.AtMs);
    }

    public void Configure(EntityTypeBuilder<AuditOrigin> entity)
    {
        entity.HasKey(o => o.EventId);
        entity.Property(o => o.Salt).HasMaxLength(16);
        entity.Property(o => o.Address).HasMaxLength(64);
        entity.HasOne<AuditEvent>().WithOne(e => e.Origin).HasForeignKey<AuditOrigin>(o => o.EventId);
    }

    public void Configure(EntityTypeBuilder<AuditSeal> entity)
    {
        entity.Property(s => s.HeadHash).HasMaxLength(32);
        entity.HasIndex(s => s.LastSequence).IsUnique();
    }
}
