using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using ModelRegistry.Core.Artifacts;
using ModelRegistry.Core.Artifacts.Storage;
using ModelRegistry.Core.Common;
using ModelRegistry.Web.Hosting;

namespace ModelRegistry.Web.MlflowApi;

/// <summary>`mlflow-artifacts/artifacts`: what stands behind the `mlflow-artifacts:` locations of clients.</summary>
internal static class ArtifactsProxy
{
    public const string Route = "/2.0/mlflow-artifacts/artifacts";
    private const int PageSize = 5_000;

    public static void Map(MlflowRouteBuilder routes)
    {
        foreach (var prefix in new[] { "/api" + Route, "/ajax-api" + Route })
        {
            routes.At(HttpMethods.Put, prefix + "/{**path}", UploadAsync);
            routes.At(HttpMethods.Get, prefix + "/{**path}", DownloadAsync);
            routes.At(HttpMethods.Delete, prefix + "/{**path}", DeleteAsync);
            routes.At(HttpMethods.Get, prefix, ListAsync);
        }
    }

    private static async Task UploadAsync(HttpContext http)
    {
        var location = RawPath.After(http, Route);
        var place = await Locations(http).GetAsync(location, ArtifactAccess.Write, http.RequestAborted);
        await ReceiveAsync(http, place);
        await WriteEmptyAsync(http);
    }

    /// <summary>Takes the request's body in as the file of a place.</summary>
    public static async Task ReceiveAsync(HttpContext http, ArtifactPlace place)
    {
        AllowLargeBody(http);
        var announced = new UploadAnnouncement(http.Request.ContentLength, ContentDigest(http));
        await http.RequestServices.GetRequiredService<ArtifactService>()
            .UploadAsync(place, http.Request.Body, announced, http.RequestAborted);
    }

    private static async Task DownloadAsync(HttpContext http)
    {
        var location = RawPath.After(http, Route);
        var place = await Locations(http).GetAsync(location, ArtifactAccess.Read, http.RequestAborted);
        await ArtifactDownload.WriteAsync(http, place, location.Value);
    }

    private static async Task DeleteAsync(HttpContext http)
    {
        var location = RawPath.After(http, Route);
        // What is nowhere is answered as what one may not know of.
        var place = await Locations(http).GetAsync(location, ArtifactAccess.Delete, http.RequestAborted);
        if (place.Path.Length == 0)
        {
            throw new InvalidArgumentException("path",
                "Invalid path: it is the top of a tree of files. Delete the files and directories in it, or its run or experiment.");
        }

        await http.RequestServices.GetRequiredService<ArtifactService>().DeleteAsync(place, http.RequestAborted);
        await WriteEmptyAsync(http);
    }

    private static async Task ListAsync(HttpContext http)
    {
        var asked = http.Request.Query["path"];
        if (asked.Count > 1)
            throw new InvalidArgumentException("path", "Invalid path: it is given more than once.");
        // A location is never above the first experiment: what one may read is not told by listing the top.
        if (ArtifactPath.ParseDirectory(asked) is { } location
            && await FindListedAsync(http, location) is { } place)
        {
            await WriteListAsync(http, place);
            return;
        }

        await WriteEmptyAsync(http);
    }

    // As MLflow does: what is not there, or may not be known to be, is an empty directory.
    private static async Task<ArtifactPlace?> FindListedAsync(HttpContext http, ArtifactPath location)
    {
        try
        {
            return await Locations(http).FindAsync(location, ArtifactAccess.Read, http.RequestAborted);
        }
        catch (NotFoundException)
        {
            return null;
        }
    }

    // The wire has no pages here, so all of them are written one after another, and only one is in memory.
    private static async Task WriteListAsync(HttpContext http, ArtifactPlace place)
    {
        var artifacts = http.RequestServices.GetRequiredService<ArtifactService>();
        var page = await artifacts.ListAsync(place, PageSize, null, http.RequestAborted);
        if (page.Items.Count == 0)
        {
            await WriteEmptyAsync(http);
            return;
        }

        http.Response.ContentType = "application/json";
        await using var writer = new Utf8JsonWriter(http.Response.BodyWriter, MlflowCall.WriterOptions);
        writer.WriteStartObject();
        writer.WriteStartArray("files");
        while (true)
        {
            foreach (var entry in page.Items)
                ArtifactsApi.WriteFile(writer, entry, entry.Name);
            if (page.NextPageToken is null)
                break;
            await writer.FlushAsync(http.RequestAborted);
            await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
            page = await artifacts.ListAsync(place, PageSize, page.NextPageToken, http.RequestAborted);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        await writer.FlushAsync(http.RequestAborted);
        await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
    }

    public static async Task WriteEmptyAsync(HttpContext http)
    {
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = 2;
        await http.Response.BodyWriter.WriteAsync("{}"u8.ToArray(), http.RequestAborted);
    }

    /// <summary>A model may be as big as the store; a sender may be slow, but not so slow that it only holds a place.</summary>
    public static void AllowLargeBody(HttpContext http)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = null;
        if (http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
            rate.MinDataRate = new MinDataRate(bytesPerSecond: 100, gracePeriod: TimeSpan.FromSeconds(30));
    }

    // RFC 9530; other algorithms than ours are the sender's own business.
    private static BlobKey? ContentDigest(HttpContext http)
    {
        const string algorithm = "sha-256=:";
        var announced = http.Request.Headers.GetCommaSeparatedValues("Content-Digest")
            .FirstOrDefault(d => d.StartsWith(algorithm, StringComparison.OrdinalIgnoreCase));
        if (announced is null)
            return null;
        Span<byte> digest = stackalloc byte[32];
        return announced.Length > algorithm.Length && announced[^1] == ':'
            && Convert.TryFromBase64String(announced[algorithm.Length..^1], digest, out var length) && length == digest.Length
            ? BlobKey.Of(digest)
            : throw new InvalidArgumentException("Content-Digest", "Content-Digest: sha-256 must be the base64 of 32 bytes between colons.");
    }

    private static ArtifactLocations Locations(HttpContext http) => http.RequestServices.GetRequiredService<ArtifactLocations>();
}
