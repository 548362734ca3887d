namespace ModelRegistry.Core.Retention;

/// <summary>Stored as a number: values never change their meaning.</summary>
public enum RetentionAction : short
{
    Keep = 0,
    Archive = 1,
    /// <summary>Into the trash, from where it can come back until it is purged.</summary>
    Delete = 2,
}

/// <summary>The rule of the precedence list that decided, R1 to R18; see docs/governance.md. Stored as a number.</summary>
public enum PrecedenceRule : short
{
    Unknown = 1,
    LegalHold = 2,
    ComplianceRetention = 3,
    GovernanceRetention = 4,
    InUse = 5,
    Retained = 6,
    DeleteRule = 7,
    NoRule = 8,
    KeepLast = 9,
    MissingDate = 11,
    ArchiveRule = 18,
}

/// <param name="Day">When it is or becomes due, in days since 1970; null where nothing is due.</param>
/// <param name="PolicyId">The policy that decided, where one did.</param>
/// <param name="Text">Why, for people.</param>
public sealed record RetentionDecision(RetentionAction Action, PrecedenceRule Rule, int? Day, long? PolicyId, string Text);
