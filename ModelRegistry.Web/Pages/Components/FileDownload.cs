using Microsoft.AspNetCore.Mvc;
using ModelRegistry.Core.Artifacts;
using ModelRegistry.Web.Hosting;

namespace ModelRegistry.Web.Pages.Components;

/// <summary>A file for a browser: to be saved, or, of the few types that cannot act, to be shown.</summary>
public sealed class FileDownload(ArtifactContent content) : IActionResult
{
    public bool IsImage { get; init; }

    public Task ExecuteResultAsync(ActionContext context) => ArtifactDownload.WriteAsync(
        context.HttpContext, content, IsImage ? FilePreview.ImageType(content.Name) : null);
}
