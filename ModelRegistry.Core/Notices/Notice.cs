using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using ModelRegistry.Core.Identity;

namespace ModelRegistry.Core.Notices;

/// <summary>Stored as a number: values never change their meaning.</summary>
public enum NoticeKind : short
{
    /// <summary>A decision of this person is asked for.</summary>
    ApprovalWanted = 1,
    /// <summary>What this person had asked for was approved, rejected, or done.</summary>
    ApprovalDecided = 2,
    ApprovalExpired = 3,
    /// <summary>Things of this person's will be archived or deleted.</summary>
    RetentionDue = 4,
    TokenExpires = 5,
    TokenExpired = 6,
}

public static class NoticeKinds
{
    /// <summary>Others wait for this person, or something of theirs goes: mailed whatever they chose.</summary>
    public static bool AreAlwaysMailed(NoticeKind kind) => kind is NoticeKind.ApprovalWanted or NoticeKind.RetentionDue;
}

/// <summary>
/// Something that a person is told, once: it waits for them in the browser and, where mail is set up, is sent to them. Says
/// nothing about anybody but by id: names are looked up when it is read.
/// </summary>
public sealed class Notice
{
    public const int MaxKeyLength = 100;
    public const int MaxTextLength = 1000;
    public const int MaxPathLength = 1000;

    public long Id { get; set; }
    public Guid NoticeUuid { get; set; }
    public long UserId { get; set; }
    public NoticeKind Kind { get; set; }
    /// <summary>What it is about; a person is told each once.</summary>
    public required string Key { get; set; }
    /// <summary>A sentence, plain text.</summary>
    public required string Text { get; set; }
    /// <summary>The page that it leads to, from the root of the registry.</summary>
    public required string Path { get; set; }
    /// <summary>Who caused it; null where nobody did.</summary>
    public long? ActorId { get; set; }
    public long CreatedMs { get; set; }
    public long? ReadMs { get; set; }
}

public enum MailState : short
{
    Pending = 1,
    Sent = 2,
    /// <summary>Refused for good, or tried for a day.</summary>
    Failed = 3,
    /// <summary>There is nobody to send it to any more, or it was read before.</summary>
    Cancelled = 4,
}

/// <summary>A notice on its way by mail, written in the transaction of the notice and sent afterwards.</summary>
public sealed class NoticeMail
{
    public const int MaxErrorLength = 300;

    public long NoticeId { get; set; }
    public Notice Notice { get; set; } = null!;
    public MailState State { get; set; }
    /// <summary>Counted when an attempt begins: an attempt that kills the process counts too.</summary>
    public int Attempts { get; set; }
    /// <summary>While it is pending: when it is due. Who takes it moves this on, which is the lease.</summary>
    public long NextAttemptMs { get; set; }
    public long? CompletedMs { get; set; }
    /// <summary>What the mail server said last.</summary>
    public string? Error { get; set; }
}

internal sealed class NoticeConfiguration : IEntityTypeConfiguration<Notice>, IEntityTypeConfiguration<NoticeMail>
{
    public void Configure(EntityTypeBuilder<Notice> entity)
    {
        entity.Property(n => n.Key).HasMaxLength(Notice.MaxKeyLength);
        entity.Property(n => n.Text).HasMaxLength(Notice.MaxTextLength);
        entity.Property(n => n.Path).HasMaxLength(Notice.MaxPathLength);
        entity.HasIndex(n => new { n.UserId, n.Key }).IsUnique();
        entity.HasIndex(n => new { n.UserId, n.ReadMs });
        entity.HasIndex(n => n.Key);
        entity.HasIndex(n => n.CreatedMs);
        entity.HasOne<RegistryUser>().WithMany().HasForeignKey(n => n.UserId).OnDelete(DeleteBehavior.Restrict);
    }

    public void Configure(EntityTypeBuilder<NoticeMail> entity)
    {
        entity.HasKey(m => m.NoticeId);
        entity.Property(m => m.NoticeId).ValueGeneratedNever();
        entity.Property(m => m.Error).HasMaxLength(NoticeMail.MaxErrorLength);
        entity.HasIndex(m => new { m.State, m.NextAttemptMs });
        entity.HasOne(m => m.Notice).WithOne().HasForeignKey<NoticeMail>(m => m.NoticeId).OnDelete(DeleteBehavior.Cascade);
    }
}
