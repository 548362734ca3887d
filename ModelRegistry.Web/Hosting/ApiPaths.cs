namespace ModelRegistry.Web.Hosting;

/// <summary>
/// The paths that programs call: a token or password in the Authorization header, never a cookie, and errors as JSON.
/// Everything else is for browsers: a cookie, never a token.
/// </summary>
internal static class ApiPaths
{
    private static readonly PathString[] Roots = ["/api", "/ajax-api", "/v1", "/graphql", "/gateway", "/get-artifact", "/model-versions/get-artifact"];

    /// <summary>Clients whose address ends with a slash put another behind it: `//api/2.0/…` is `/api/2.0/…`.</summary>
    public static void UseApiPaths(this IApplicationBuilder app) => app.Use((http, next) =>
    {
        if (http.Request.Path.Value is ['/', '/', ..] path && new PathString("/" + path.TrimStart('/')) is var plain && Cover(plain))
            http.Request.Path = plain;
        return next(http);
    });

    public static bool Cover(PathString path)
    {
        foreach (var root in Roots)
        {
            // As routing compares: without regard to case.
            if (path.StartsWithSegments(root))
                return true;
        }

        return false;
    }
}
