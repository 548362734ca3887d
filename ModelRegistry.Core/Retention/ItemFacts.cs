using ModelRegistry.Core.Registry;

namespace ModelRegistry.Core.Retention;

/// <summary>
/// What the rules ask of a version, run or tree of files. Null is "could not be read": then it is kept. Dates are days
/// since 1970 in UTC, because rules count in days; a missing date is null too and lets no period begin.
/// </summary>
public sealed record ItemFacts
{
    public RetentionSubject Subject { get; init; }
    /// <summary>Its row; within a container higher ids are newer, and versions have higher numbers.</summary>
    public long Id { get; init; }
    /// <summary>The public id: `name/3`, or a run's.</summary>
    public required string Name { get; init; }
    /// <summary>The model of a version, the experiment of a run.</summary>
    public long ContainerId { get; init; }
    public required string ContainerName { get; init; }
    public long OwnerId { get; init; }
    public long Bytes { get; init; }
    public int? CreatedDay { get; init; }
    public int? FinalisedDay { get; init; }
    public int? RetiredDay { get; init; }
    /// <summary>Null where it never was used.</summary>
    public int? LastUsedDay { get; init; }
    /// <summary>Still being uploaded, or running.</summary>
    public bool? IsFinished { get; init; }
    public bool IsArchived { get; init; }
    /// <summary>Deleted already: it serves nobody from its stage any more.</summary>
    public bool IsInTrash { get; init; }
    /// <summary>Of the item, and of its model where the item has none of that name.</summary>
    public IReadOnlyDictionary<string, string>? Tags { get; init; }
    public VersionStage? Stage { get; init; }
    public bool? IsHeld { get; init; }
    public int? ComplianceUntilDay { get; init; }
    public int? GovernanceUntilDay { get; init; }
    public bool? HasAlias { get; init; }
    public bool? IsPendingApproval { get; init; }
    /// <summary>A version that is kept was made from it, or a run that is kept is its child.</summary>
    public bool? IsReferenced { get; init; }
    /// <summary>Its stored content failed a check.</summary>
    public bool? IsDamaged { get; init; }
    public bool IsHighRisk { get; init; }
}
