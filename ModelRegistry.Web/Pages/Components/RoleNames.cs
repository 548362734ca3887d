using ModelRegistry.Core.Identity;

namespace ModelRegistry.Web.Pages.Components;

/// <summary>The roles in words, and what each is for.</summary>
public static class RoleNames
{
    public static readonly IReadOnlyList<(RegistryRole Role, string Name, string Explanation)> All =
    [
        (RegistryRole.Viewer, "Viewer", "reads everything that is not private"),
        (RegistryRole.Member, "Member", "creates experiments and models, logs runs, registers versions"),
        (RegistryRole.GovernanceOfficer, "Governance officer", "sets policies and holds, decides approvals, reads everything"),
        (RegistryRole.Auditor, "Auditor", "reads everything and the audit log, changes nothing"),
        (RegistryRole.Admin, "Admin", "does everything, users and settings included"),
        (RegistryRole.RetentionBypass, "Retention bypass", "asks that a governance lock ends before its day; somebody else has to agree"),
    ];

    public static IEnumerable<string> Of(RegistryRole roles) => All.Where(r => roles.HasFlag(r.Role)).Select(r => r.Name);
}
