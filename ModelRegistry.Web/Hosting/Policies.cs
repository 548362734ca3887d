using Microsoft.AspNetCore.Authorization;
using ModelRegistry.Core.Identity;

namespace ModelRegistry.Web.Hosting;

/// <summary>
/// The policies, one per route. They say by which door a caller comes; what one may do with an object is decided by the
/// services (<see cref="CurrentUser"/>), by object.
/// </summary>
internal static class Policies
{
    /// <summary>Programs: an Authorization header.</summary>
    public const string Api = nameof(Api);
    /// <summary>People: a session.</summary>
    public const string Page = nameof(Page);
    public const string AdminPage = nameof(AdminPage);
    public const string GovernancePage = nameof(GovernancePage);
    public const string AuditPage = nameof(AuditPage);

    public static IServiceCollection AddRegistryPolicies(this IServiceCollection services)
    {
        services.AddAuthorizationBuilder()
            // Routes without a policy stop the start (RouteCheck); this is for what is no route at all.
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build())
            .AddPolicy(Api, policy => policy.RequireAuthenticatedUser()
                .RequireAssertion(c => c.User.Identity?.AuthenticationType == Access.HeaderAuthentication))
            .AddPolicy(Page, Session)
            .AddPolicy(AdminPage, policy => Session(policy, InstanceRight.Administer))
            .AddPolicy(GovernancePage, policy => Session(policy, InstanceRight.Govern))
            .AddPolicy(AuditPage, policy => Session(policy, InstanceRight.ViewAudit));
        services.AddSingleton<IAuthorizationMiddlewareResultHandler, AuthorizationAnswers>();
        return services;
    }

    private static void Session(AuthorizationPolicyBuilder policy) => policy.RequireAuthenticatedUser()
        .RequireAssertion(c => c.User.Identity?.AuthenticationType != Access.HeaderAuthentication);

    private static void Session(AuthorizationPolicyBuilder policy, InstanceRight right)
    {
        Session(policy);
        // All requirements are asked, also of a stranger.
        policy.RequireAssertion(c => c.User.Identity?.IsAuthenticated == true && c.Resource is HttpContext http
            && http.RequestServices.GetRequiredService<CurrentUserHolder>().User.May(right));
    }
}
