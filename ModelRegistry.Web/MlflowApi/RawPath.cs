using Microsoft.AspNetCore.Http.Features;
using ModelRegistry.Core.Artifacts;
using ModelRegistry.Core.Common;

namespace ModelRegistry.Web.MlflowApi;

/// <summary>
/// The path at the end of an address as the client sent it. The server's own decoding keeps `%2F` and folds `..`, so that
/// it cannot be told from what stood there; this takes the raw target, decodes it once, and lets nothing be folded.
/// </summary>
internal static class RawPath
{
    /// <exception cref="InvalidArgumentException">It is no path.</exception>
    public static ArtifactPath After(HttpContext http, string route)
    {
        // A server that keeps no raw target (the one of tests) has decoded the path already.
        var target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var isRaw = target.Length > 0;
        var path = isRaw ? target : http.Request.Path.Value!;
        if (isRaw && path.IndexOf('?', StringComparison.Ordinal) is var query and >= 0)
            path = path[..query];
        var start = path.IndexOf(route + "/", StringComparison.OrdinalIgnoreCase);
        var rest = start < 0 ? null : path[(start + route.Length + 1)..];
        if (rest is null || (isRaw ? PercentEncoding.Decode(rest) : rest) is not { } text)
            throw new InvalidArgumentException("path", "Invalid path: the address is not written plainly, or not UTF-8.");
        return ArtifactPath.Parse(text);
    }
}
