namespace ModelRegistry.Core.Audit;

public enum AuditFaultKind
{
    /// <summary>An event has another content, or stands in another place, than when it was sealed.</summary>
    Altered,
    /// <summary>Events that were sealed are gone.</summary>
    Missing,
    /// <summary>An event stands in the chain that no seal covers.</summary>
    Inserted,
    /// <summary>The personal part of an event is not the one that was recorded. An erased one is no fault.</summary>
    OriginAltered,
    /// <summary>The seals do not cover the chain without gaps, or one has another head.</summary>
    SealAltered,
    /// <summary>The chain is not the one of the checkpoint, or ends before it.</summary>
    CheckpointNotMet,
}

/// <summary>The first fault of the chain.</summary>
public sealed record AuditFault(AuditFaultKind Kind, long Sequence, long? EventId, string Message);

/// <summary>The head is that of the last sound event; its sequence is their number.</summary>
/// <param name="OpenEvents">Committed and not sealed yet.</param>
/// <param name="OldestOpenMs">More than a few seconds ago means that nobody seals.</param>
public sealed record AuditVerification(
    long HeadSequence, byte[] HeadHash, AuditFault? Fault, long OpenEvents, long? OldestOpenMs)
{
    public bool IsIntact => Fault is null;
}
