using ModelRegistry.Core.Common;
using ModelRegistry.Core.Governance;
using ModelRegistry.Core.Identity;

namespace ModelRegistry.Web.Api;

/// <summary>`access`: what a user may do with an object, and why.</summary>
internal static class AccessApi
{
    /// <param name="Kind">role, ownership, grant (to the user) or team (a grant to a team).</param>
    internal sealed record ReasonAnswer(
        AccessReasonKind Kind, IReadOnlyList<PermissionName> Permissions, string? Role, string? Team, long? GrantId, string? Pattern);

    internal sealed record AccessAnswer(
        string User, ObjectKind Kind, string Object, bool Disabled, IReadOnlyList<PermissionName> Permissions, IReadOnlyList<ReasonAnswer> Reasons);

    public static void Map(RouteGroupBuilder api) => api.MapGet("/access", GetAsync).WithTags("Access")
        .WithSummary("What a user (an e-mail address; oneself by default) may do with an object, and why").Produces<AccessAnswer>();

    private static async Task<IResult> GetAsync(string? user, string? kind, string? @object, EffectiveAccessService access,
        SecurableDirectory objects, UserDirectory users, CurrentUserHolder caller, CancellationToken ct)
    {
        var securableKind = ApiWords.Kind(kind);
        if (string.IsNullOrEmpty(@object))
            throw new InvalidArgumentException("object", "Give the object: a model's name or an experiment's id.");
        var on = await objects.GetAsync(securableKind, @object, ct);
        // Whether there is such a user is learnt only by those who may ask about others.
        if (user is not null && user != caller.User.Name && !caller.User.ReadsEverything)
            caller.User.Require(Permission.Manage, on.Securable, on.NotFound);
        var userId = user is null ? caller.User.Id : await users.GetIdAsync(user, ct);
        var found = await access.ExplainAsync(userId, on.Securable, on.NotFound, ct);
        return Results.Ok(new AccessAnswer(found.Email, securableKind.ToWord(), on.PublicId, found.IsDisabled, found.Permissions.ToWords(),
            [.. found.Reasons.Select(r => new ReasonAnswer(r.Kind, r.Permissions.ToWords(),
                r.Kind == AccessReasonKind.Role ? r.Name : null, r.Kind == AccessReasonKind.Team ? r.Name : null, r.GrantId, r.Pattern))]));
    }
}
