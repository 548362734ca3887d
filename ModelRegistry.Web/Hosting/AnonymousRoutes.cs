using Microsoft.AspNetCore.StaticAssets;

namespace ModelRegistry.Web.Hosting;

/// <summary>
/// Everything that answers without knowing who asks. A route that lets everybody in and is not here stops the start.
/// </summary>
internal static class AnonymousRoutes
{
    private static readonly HashSet<string> Patterns = new(StringComparer.OrdinalIgnoreCase)
    {
        "health",
        "health/live",
        "health/ready",
        "version",
        "setup",
        "account/signin",
        "theme",
        // Parts of files: the address has the permission in it.
        "api/2.0/mlflow-artifacts/transfer",
        // The contract of /api/v1: no data.
        "openapi/{documentName}.json",
        // The scripts of its page, part of a package; the page itself asks for a session.
        "docs/api/scalar.js",
        "docs/api/scalar.aspnetcore.js",
        "docs/api/favicon.svg",
        "error/{status:int}",
        // Files of the application that were changed since the build; only a build that was not published has it.
        "{**path:file}",
    };

    /// <summary>Files that are part of the application are the same for everybody.</summary>
    public static bool Allow(RouteEndpoint route) =>
        Patterns.Contains(route.RoutePattern.RawText?.Trim('/') ?? "")
        || route.Metadata.GetMetadata<StaticAssetDescriptor>() is not null;
}
