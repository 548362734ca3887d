using Microsoft.AspNetCore.Mvc.RazorPages;

namespace ModelRegistry.Web.Hosting;

/// <summary>What some folders of pages ask for beyond a session. The few open pages say so and are on the anonymous list.</summary>
internal static class PagePolicies
{
    public static IServiceCollection AddPagePolicies(this IServiceCollection services) =>
        services.Configure<RazorPagesOptions>(options =>
        {
            options.Conventions.AuthorizeFolder("/Admin", Policies.AdminPage);
            options.Conventions.AuthorizeFolder("/Audit", Policies.AuditPage);
            options.Conventions.AuthorizePage("/Governance/Holds", Policies.AuditPage);
            options.Conventions.AuthorizePage("/Governance/Policies", Policies.AuditPage);
            options.Conventions.AuthorizePage("/Governance/Policy", Policies.AuditPage);
            options.Conventions.AuthorizePage("/Governance/Run", Policies.AuditPage);
        });
}
