namespace ModelRegistry.Core.Identity;

/// <summary>What a user is in the whole registry. The names are those of the role table.</summary>
[Flags]
public enum RegistryRole
{
    None = 0,
    Viewer = 1,
    Member = 2,
    GovernanceOfficer = 4,
    Auditor = 8,
    Admin = 16,
}
