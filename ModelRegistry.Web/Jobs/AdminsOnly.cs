using Hangfire.Dashboard;
using ModelRegistry.Core.Identity;

namespace ModelRegistry.Web.Jobs;

/// <summary>The route's policy asks the same; this stands where a dashboard is mapped without one.</summary>
internal sealed class AdminsOnly : IDashboardAuthorizationFilter
{
    public bool Authorize(DashboardContext context)
    {
        var http = context.GetHttpContext();
        return http.User.Identity?.IsAuthenticated == true
            && http.RequestServices.GetRequiredService<CurrentUserHolder>().User.May(InstanceRight.Administer);
    }
}
