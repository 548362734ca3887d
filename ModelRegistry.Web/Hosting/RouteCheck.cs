using Microsoft.AspNetCore.Authorization;

namespace ModelRegistry.Web.Hosting;

/// <summary>
/// Refuses to start when a route has neither a policy nor a place on the list of <see cref="AnonymousRoutes"/>: a
/// forgotten policy is found before anybody else finds it.
/// </summary>
internal static class RouteCheck
{
    /// <exception cref="InvalidOperationException">Names each such route.</exception>
    public static void RequirePolicies(this WebApplication app)
    {
        var open = app.Services.GetRequiredService<EndpointDataSource>().Endpoints
            .Where(endpoint => !IsGuarded(endpoint))
            .Select(endpoint => endpoint.DisplayName ?? endpoint.ToString()!)
            .Distinct()
            .ToList();
        if (open.Count > 0)
        {
            throw new InvalidOperationException(
                "These routes have neither a policy nor a place on the anonymous list: " + string.Join(", ", open) + ".");
        }
    }

    // A route that lets everybody in must be on the list, whatever policy it has besides: the mark wins.
    private static bool IsGuarded(Endpoint endpoint) =>
        (endpoint is RouteEndpoint route && AnonymousRoutes.Allow(route))
        || (endpoint.Metadata.GetMetadata<IAllowAnonymous>() is null && HasPolicy(endpoint));

    private static bool HasPolicy(Endpoint endpoint) =>
        endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>().Any(data => data.Policy is not null)
        || endpoint.Metadata.GetMetadata<AuthorizationPolicy>() is not null;
}
