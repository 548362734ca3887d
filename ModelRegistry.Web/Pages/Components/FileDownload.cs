using System.Net.Mime;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;
using ModelRegistry.Core.Artifacts;

namespace ModelRegistry.Web.Pages.Components;

/// <summary>
/// A file for a browser: to be saved, or, of the few types that cannot act, to be shown. Anybody may have uploaded it,
/// so nothing in it runs whatever it claims to be.
/// </summary>
public sealed class FileDownload(ArtifactContent content) : IActionResult
{
    public bool IsImage { get; init; }

    public async Task ExecuteResultAsync(ActionContext context)
    {
        var http = context.HttpContext;
        var response = http.Response;
        var type = IsImage ? FilePreview.ImageType(content.Name) : null;
        var disposition = new ContentDispositionHeaderValue(type is null ? "attachment" : "inline");
        disposition.SetHttpFileName(content.Name);
        response.ContentType = type ?? MediaTypeNames.Application.Octet;
        response.ContentLength = content.SizeBytes;
        response.Headers.ContentDisposition = disposition.ToString();
        response.Headers.ETag = $"\"{content.Key.Hex}\"";
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
        response.Headers.CacheControl = "private, no-cache";
        if (HttpMethods.IsHead(http.Request.Method) || content.SizeBytes == 0)
            return;
        var artifacts = http.RequestServices.GetRequiredService<ArtifactService>();
        await using var stream = await artifacts.OpenReadAsync(content, 0, content.SizeBytes, http.RequestAborted);
        await stream.CopyToAsync(response.Body, http.RequestAborted);
    }
}
