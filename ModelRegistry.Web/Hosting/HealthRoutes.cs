using System.Text;
using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Web.Hosting;

/// <summary>What clients and orchestrators ask before they know anybody.</summary>
internal static class HealthRoutes
{
    /// <summary>The version of MLflow whose interface this is; clients decide by it what to send.</summary>
    public const string MlflowVersion = "3.11.0";

    private static readonly string[] Reads = [HttpMethods.Get, HttpMethods.Head];

    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        MapText(app, "/health", "OK");
        MapText(app, "/health/live", "OK");
        MapText(app, "/version", MlflowVersion);
        app.MapMethods("/health/ready", Reads, ReadyAsync).AllowAnonymous();
    }

    private static void MapText(IEndpointRouteBuilder app, string path, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        app.MapMethods(path, Reads, http => WriteAsync(http, bytes)).AllowAnonymous();
    }

    // Terse: everybody may ask. The reason is in the log.
    private static async Task ReadyAsync(HttpContext http)
    {
        try
        {
            var db = http.RequestServices.GetRequiredService<RegistryDbContext>();
            await db.ChangeStamps.AnyAsync(http.RequestAborted);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Log.NotReady(http.RequestServices.GetRequiredService<ILogger<RegistryDbContext>>(), e);
            http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            await WriteAsync(http, "The database does not answer."u8.ToArray());
            return;
        }

        await WriteAsync(http, "OK"u8.ToArray());
    }

    private static Task WriteAsync(HttpContext http, byte[] text)
    {
        http.Response.ContentType = "text/plain; charset=utf-8";
        http.Response.Headers.CacheControl = "no-store";
        http.Response.ContentLength = text.Length;
        return HttpMethods.IsHead(http.Request.Method)
            ? Task.CompletedTask
            : http.Response.Body.WriteAsync(text, http.RequestAborted).AsTask();
    }
}
