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
            foreach (var page in new[] { "/Governance/Holds", "/Governance/Policies", "/Governance/Policy", "/Governance/Run" })
                options.Conventions.AuthorizePage(page, Policies.AuditPage);
        });
}
