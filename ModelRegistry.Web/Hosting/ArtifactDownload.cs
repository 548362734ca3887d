using System.Globalization;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Headers;
using Microsoft.Net.Http.Headers;
using ModelRegistry.Core.Artifacts;
using ModelRegistry.Core.Common;

namespace ModelRegistry.Web.Hosting;

/// <summary>
/// A file as an answer: length, digest as ETag, ranges and conditions; and headers that keep a browser from doing
/// anything with it but saving it, because anybody may have uploaded it.
/// </summary>
internal static class ArtifactDownload
{
    private const int BlockSize = 128 * 1024;

    private static readonly HashSet<string> TextSuffixes = new(StringComparer.OrdinalIgnoreCase)
    {
        ".txt", ".log", ".err", ".cfg", ".conf", ".cnf", ".cf", ".ini", ".properties", ".prop", ".hocon", ".toml", ".yaml",
        ".yml", ".xml", ".json", ".js", ".py", ".py3", ".csv", ".tsv", ".md", ".rst",
    };

    /// <param name="shown">The path in the caller's words, for the message that there is no such file.</param>
    public static async Task WriteAsync(HttpContext http, ArtifactPlace place, string shown)
    {
        var artifacts = http.RequestServices.GetRequiredService<ArtifactService>();
        var content = (place.Path.Length == 0 ? null : await artifacts.FindAsync(place, http.RequestAborted))
            ?? throw new NotFoundException("artifact", shown, $"No such artifact: '{shown}'");
        await WriteAsync(http, content);
    }

    /// <param name="shownAs">The type of a file that a browser may show instead of saving it; only of what cannot act.</param>
    public static async Task WriteAsync(HttpContext http, ArtifactContent content, string? shownAs = null)
    {
        // Before anything is answered; showing a picture on a page is no use of it.
        if (HttpMethods.IsGet(http.Request.Method) && shownAs is null && content.RootKey is { } tree)
            await http.RequestServices.GetRequiredService<UseLog>().RecordAsync(tree, http.RequestAborted);
        var response = http.Response;
        var etag = new EntityTagHeaderValue($"\"{content.Key.Hex}\"");
        var modified = DateTimeOffset.FromUnixTimeSeconds(content.CreatedMs / 1000);
        SetHeaders(response, content, etag, modified, shownAs);

        var request = http.Request.GetTypedHeaders();
        if (IsUnchanged(request, etag, modified))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        if (request.IfMatch.Count > 0 && !request.IfMatch.Any(t => t.Equals(EntityTagHeaderValue.Any) || t.Compare(etag, useStrongComparison: true)))
        {
            response.StatusCode = StatusCodes.Status412PreconditionFailed;
            return;
        }

        var (offset, length) = (0L, content.SizeBytes);
        if (RangeOf(request, etag, modified) is { } range)
        {
            if (Resolve(range, content.SizeBytes) is not { } part)
            {
                response.StatusCode = StatusCodes.Status416RangeNotSatisfiable;
                response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes */{content.SizeBytes}");
                response.ContentLength = 0;
                return;
            }

            (offset, length) = part;
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture,
                $"bytes {offset}-{offset + length - 1}/{content.SizeBytes}");
        }

        response.ContentLength = length;
        if (!HttpMethods.IsHead(http.Request.Method) && length > 0)
            await CopyAsync(http, content, offset, length);
    }

    /// <summary>For files too, whose content nobody vouches for.</summary>
    public static void SetSafeHeaders(IHeaderDictionary headers)
    {
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["X-Download-Options"] = "noopen";
        headers.CacheControl = "private, no-cache";
    }

    private static void SetHeaders(
        HttpResponse response, ArtifactContent content, EntityTagHeaderValue etag, DateTimeOffset modified, string? shownAs)
    {
        SetSafeHeaders(response.Headers);
        var disposition = new ContentDispositionHeaderValue(shownAs is null ? "attachment" : "inline");
        disposition.SetHttpFileName(content.Name);
        response.Headers.ContentDisposition = disposition.ToString();
        response.ContentType = shownAs ?? ContentTypeOf(content.Name);
        response.Headers.ETag = etag.ToString();
        response.Headers.LastModified = HeaderUtilities.FormatDate(modified);
        response.Headers.AcceptRanges = "bytes";
    }

    // What MLflow calls text is text; what a browser would run (HTML, SVG) is bytes, like the rest.
    private static string ContentTypeOf(string name) =>
        TextSuffixes.Contains(Path.GetExtension(name)) || name is "MLmodel" or "MLproject"
            ? "text/plain"
            : "application/octet-stream";

    private static bool IsUnchanged(RequestHeaders request, EntityTagHeaderValue etag, DateTimeOffset modified)
    {
        if (request.IfNoneMatch.Count > 0)
            return request.IfNoneMatch.Any(t => t.Equals(EntityTagHeaderValue.Any) || t.Compare(etag, useStrongComparison: false));
        return request.IfModifiedSince is { } since && modified <= since;
    }

    // Null where the whole is to be sent: no range, several of them, none that makes sense, or another version is meant.
    private static RangeItemHeaderValue? RangeOf(RequestHeaders request, EntityTagHeaderValue etag, DateTimeOffset modified)
    {
        if (request.Range is not { } range || range.Unit != "bytes" || range.Ranges.Count != 1)
            return null;
        if (request.IfRange is { } condition
            && !(condition.EntityTag?.Compare(etag, useStrongComparison: true) ?? condition.LastModified == modified))
        {
            return null;
        }

        return range.Ranges.Single();
    }

    private static (long Offset, long Length)? Resolve(RangeItemHeaderValue range, long size)
    {
        if (range.From is not { } from)
        {
            var last = Math.Min(range.To.GetValueOrDefault(), size);
            return last == 0 ? null : (size - last, last);
        }

        return from >= size ? null : (from, Math.Min(range.To ?? long.MaxValue, size - 1) - from + 1);
    }

    private static async Task CopyAsync(HttpContext http, ArtifactContent content, long offset, long length)
    {
        var artifacts = http.RequestServices.GetRequiredService<ArtifactService>();
        await using var stream = await artifacts.OpenReadAsync(content, offset, length, http.RequestAborted);
        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        var writer = http.Response.BodyWriter;
        try
        {
            while (true)
            {
                var block = writer.GetMemory((int)Math.Min(length, BlockSize));
                var read = await stream.ReadAsync(block[..(int)Math.Min(length, block.Length)], http.RequestAborted);
                writer.Advance(read);
                length -= read;
                if ((await writer.FlushAsync(http.RequestAborted)).IsCompleted || length == 0)
                    return;
            }
        }
        catch (Exception e) when (e is not OperationCanceledException && http.Response.HasStarted)
        {
            // The length was promised: a cut connection is the only honest end.
            Log.DownloadFailed(http.RequestServices.GetRequiredService<ILogger<ArtifactService>>(), content.Key.Hex, e);
            http.Abort();
        }
    }
}
