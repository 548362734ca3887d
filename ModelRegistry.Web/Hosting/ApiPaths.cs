namespace ModelRegistry.Web.Hosting;

/// <summary>
/// The paths that programs call: a token or password in the Authorization header, never a cookie, and errors as JSON.
/// Everything else is for browsers: a cookie, never a token.
/// </summary>
internal static class ApiPaths
{
    private static readonly PathString[] Roots = ["/api", "/ajax-api", "/v1", "/graphql", "/get-artifact", "/model-versions/get-artifact"];

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
