using ModelRegistry.Core.Common;

namespace ModelRegistry.Core.Identity;

/// <summary>A grant that holds for the current user, directly or through a team.</summary>
public sealed record GrantRule(SecurableKind Kind, long? ObjectId, string? Pattern, Permission Permissions)
{
    public bool Covers(in Securable s) =>
        Kind == s.Kind
        && (ObjectId is { } id ? id == s.Id : NamePattern.Matches(Pattern!, s.Name));
}

/// <summary>
/// Who asks, with everything that decides what they may do. Immutable, so it is shared by all requests of a token or
/// session until its roles, teams or grants change; checks are pure and need no database. Services ask it before they
/// do anything: what is not allowed here is denied.
/// </summary>
public sealed class CurrentUser
{
    /// <summary>The registry itself: jobs and start-up. Its id 0 is no row of the user table.</summary>
    public static readonly CurrentUser System = new() { Id = 0, Name = "system", Roles = RegistryRole.Admin };

    public required long Id { get; init; }
    /// <summary>The sign-in name.</summary>
    public required string Name { get; init; }
    /// <summary>What people call them; empty where they never said.</summary>
    public string DisplayName { get; init; } = "";
    public required RegistryRole Roles { get; init; }
    /// <summary>All for a browser session.</summary>
    public TokenScope Scopes { get; init; } = TokenScope.All;
    public long? TokenId { get; init; }
    public IReadOnlyList<GrantRule> Grants { get; init; } = [];

    public bool Has(RegistryRole role) => (Roles & role) != 0;

    /// <summary>May read every object, private ones too.</summary>
    public bool ReadsEverything =>
        Has(RegistryRole.Admin | RegistryRole.Auditor | RegistryRole.GovernanceOfficer) && Scopes.HasFlag(TokenScope.Read);

    /// <summary>What this user may do with an object: roles, ownership and grants added up, cut by the scopes.</summary>
    public Permission On(in Securable s)
    {
        var allowed = ByRole(s) | (s.OwnerId == Id && Id != 0 ? OfOwner : Permission.None);
        foreach (var grant in Grants)
        {
            if (grant.Covers(s))
                allowed |= grant.Permissions | Permission.Read;
        }

        return allowed & ByScope(s.Kind);
    }

    public bool May(Permission permission, in Securable s) => (On(s) & permission) == permission;

    /// <exception cref="NotFoundException">The object may not be read, so it does not exist for this user; thrown by
    /// <paramref name="notFound"/> so that the answer is word for word that of a missing object.</exception>
    /// <exception cref="ForbiddenException">It may be read, but this may not be done with it.</exception>
    public void Require(Permission permission, in Securable s, Func<NotFoundException> notFound)
    {
        var allowed = On(s);
        if ((allowed & Permission.Read) == 0)
            throw notFound();
        if ((allowed & permission) != permission)
        {
            throw new ForbiddenException($"Permission denied: '{Name}' needs the permission "
                + $"{(permission & ~allowed).ToString().ToLowerInvariant()} on {s.Display}"
                + (TokenId is null ? "." : $" and a token with a scope for it (this one has: {TokenScopes.Format(Scopes)})."));
        }
    }

    public bool May(InstanceRight right) => right switch
    {
        InstanceRight.CreateExperiment => Has(RegistryRole.Member | RegistryRole.Admin) && Scopes.HasFlag(TokenScope.Write),
        InstanceRight.CreateRegisteredModel =>
            Has(RegistryRole.Member | RegistryRole.Admin) && Scopes.HasFlag(TokenScope.Register),
        InstanceRight.ViewAudit => ReadsEverything,
        InstanceRight.Govern or InstanceRight.ManageHolds =>
            Has(RegistryRole.GovernanceOfficer | RegistryRole.Admin) && Scopes.HasFlag(TokenScope.Govern),
        InstanceRight.BypassRetention => Has(RegistryRole.RetentionBypass) && Scopes.HasFlag(TokenScope.Govern),
        InstanceRight.Administer => Has(RegistryRole.Admin) && Scopes.HasFlag(TokenScope.Admin),
        _ => false,
    };

    /// <exception cref="ForbiddenException">The user's roles or the token's scopes do not allow it.</exception>
    public void Require(InstanceRight right)
    {
        if (!May(right))
        {
            throw new ForbiddenException($"Permission denied: '{Name}' may not {Describe(right)}"
                + (TokenId is null ? "." : $" with this token (scopes: {TokenScopes.Format(Scopes)})."));
        }
    }

    /// <exception cref="ForbiddenException">The token was not made for this.</exception>
    public void RequireScope(TokenScope scope)
    {
        if (!Scopes.HasFlag(scope))
        {
            throw new ForbiddenException($"Permission denied: this needs a token with the scope {TokenScopes.Format(scope)} "
                + $"(this one has: {TokenScopes.Format(Scopes)}).");
        }
    }

    private const Permission OfOwner = Permission.Read | Permission.Edit | Permission.Manage | Permission.Promote;

    private Permission ByRole(in Securable s)
    {
        var allowed = Permission.None;
        if (Has(RegistryRole.Admin))
            allowed |= Permission.All;
        if (Has(RegistryRole.GovernanceOfficer))
            allowed |= Permission.Read | Permission.Manage | Permission.Promote | Permission.Approve;
        if (Has(RegistryRole.Auditor))
            allowed |= Permission.Read;
        if (!s.IsPrivate && Has(RegistryRole.Viewer))
            allowed |= Permission.Read;
        if (!s.IsPrivate && Has(RegistryRole.Member))
            allowed |= Permission.Read | Permission.Edit | Permission.Promote;
        return allowed;
    }

    private Permission ByScope(SecurableKind kind)
    {
        var changes = kind == SecurableKind.Experiment ? TokenScope.Write : TokenScope.Register;
        return (Scopes.HasFlag(TokenScope.Read) ? Permission.Read : 0)
            | (Scopes.HasFlag(changes) ? Permission.Edit | Permission.Manage | Permission.Promote : 0)
            | (Scopes.HasFlag(TokenScope.Govern) ? Permission.Approve : 0);
    }

    private static string Describe(InstanceRight right) => right switch
    {
        InstanceRight.CreateExperiment => "create experiments",
        InstanceRight.CreateRegisteredModel => "create registered models",
        InstanceRight.ViewAudit => "read the audit log",
        InstanceRight.Govern => "change governance policies",
        InstanceRight.ManageHolds => "change legal holds or retention locks",
        InstanceRight.BypassRetention => "bypass retention locks: that takes the role retention bypass, which an admin gives",
        _ => "administer the registry",
    };
}

/// <summary>Carries the user of this scope from where it is known (authentication, a job) to the services.</summary>
public sealed class CurrentUserHolder
{
    private CurrentUser? _user;

    /// <summary>Where the request came from, for the audit.</summary>
    public string? Address { get; set; }

    public CurrentUser User
    {
        get => _user ?? throw new ForbiddenException("Permission denied: nobody is signed in.");
        set => _user = value;
    }
}
