using Microsoft.AspNetCore.Routing.Template;

namespace ModelRegistry.Web.Hosting;

/// <summary>By which methods an address can be called. Only for what went wrong, so it may look at every route; those that
/// answer what is missing have no methods.</summary>
internal static class RouteMethods
{
    public static SortedSet<string> Of(PathString path, EndpointDataSource routes)
    {
        var methods = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var route in routes.Endpoints.OfType<RouteEndpoint>())
        {
            if (route.Metadata.GetMetadata<IHttpMethodMetadata>() is { HttpMethods.Count: > 0 } of
                && route.RoutePattern.Parameters.All(p => p.ParameterPolicies.Count == 0)
                && new TemplateMatcher(new RouteTemplate(route.RoutePattern), []).TryMatch(path, []))
            {
                methods.UnionWith(of.HttpMethods);
            }
        }

        return methods;
    }
}
