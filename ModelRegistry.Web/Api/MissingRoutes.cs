using Microsoft.AspNetCore.Routing.Template;

namespace ModelRegistry.Web.Api;

/// <summary>What is no address here, or is called by another method.</summary>
internal static class MissingRoutes
{
    public static void Map(RouteGroupBuilder api) =>
        api.Map("/{**path}", AnswerAsync).WithOrder(int.MaxValue - 2).ExcludeFromDescription();

    private static Task AnswerAsync(HttpContext http, EndpointDataSource routes)
    {
        var allowed = MethodsOf(http.Request.Path, routes);
        if (allowed.Count == 0)
            return ApiProblems.WriteAsync(http, ApiProblems.OfStatus(StatusCodes.Status404NotFound));
        // The method is right, so that the route was left out for what it does not take.
        if (allowed.Contains(http.Request.Method))
            return ApiProblems.WriteAsync(http, ApiProblems.OfStatus(StatusCodes.Status415UnsupportedMediaType));
        http.Response.Headers.Allow = string.Join(", ", allowed);
        return ApiProblems.WriteAsync(http, ApiProblems.OfStatus(StatusCodes.Status405MethodNotAllowed));
    }

    // Only for what went wrong, so it may look at every route. The route that answers here has no methods.
    private static SortedSet<string> MethodsOf(PathString path, EndpointDataSource routes)
    {
        var methods = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var endpoint in routes.Endpoints.OfType<RouteEndpoint>())
        {
            if (endpoint.Metadata.GetMetadata<IHttpMethodMetadata>() is { HttpMethods.Count: > 0 } of
                && endpoint.RoutePattern.RawText?.StartsWith(ApiHosting.Prefix, StringComparison.Ordinal) == true
                && new TemplateMatcher(new RouteTemplate(endpoint.RoutePattern), []).TryMatch(path, []))
            {
                methods.UnionWith(of.HttpMethods);
            }
        }

        return methods;
    }
}
