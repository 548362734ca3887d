using ModelRegistry.Web.Hosting;

namespace ModelRegistry.Web.Api;

/// <summary>What is no address here, or is called by another method.</summary>
internal static class MissingRoutes
{
    public static void Map(RouteGroupBuilder api) =>
        api.Map("/{**path}", AnswerAsync).WithOrder(int.MaxValue - 2).ExcludeFromDescription();

    private static Task AnswerAsync(HttpContext http, EndpointDataSource routes)
    {
        var allowed = RouteMethods.Of(http.Request.Path, routes);
        if (allowed.Count == 0)
            return ApiProblems.WriteAsync(http, ApiProblems.OfStatus(StatusCodes.Status404NotFound));
        // The method is right, so that the route was left out for what it does not take.
        if (allowed.Contains(http.Request.Method))
            return ApiProblems.WriteAsync(http, ApiProblems.OfStatus(StatusCodes.Status415UnsupportedMediaType));
        http.Response.Headers.Allow = string.Join(", ", allowed);
        return ApiProblems.WriteAsync(http, ApiProblems.OfStatus(StatusCodes.Status405MethodNotAllowed));
    }
}
