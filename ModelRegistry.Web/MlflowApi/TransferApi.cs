using Microsoft.AspNetCore.Http.Features;
using ModelRegistry.Core.Artifacts;
using ModelRegistry.Core.Artifacts.Storage;
using ModelRegistry.Core.Artifacts.Uploads;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Identity;
using ModelRegistry.Web.Hosting;

namespace ModelRegistry.Web.MlflowApi;

/// <summary>
/// `mlflow-artifacts/mpu` and `/presigned`: files in parts, for big ones. The parts go to, and come from, an address that
/// MLflow's client calls without any credentials, so the address has a <see cref="TransferTicket"/> in it.
/// </summary>
internal static class TransferApi
{
    private const string Root = "/2.0/mlflow-artifacts/";
    private const string Address = "/api" + Root + "transfer";
    private const string MultipartKey = "Storage:Multipart";
    /// <summary>A client that takes longer asks for another one: its ranges that were refused are the next it fetches.</summary>
    private static readonly TimeSpan DownloadLifetime = TimeSpan.FromMinutes(15);

    public static void Map(MlflowRouteBuilder routes, IConfiguration configuration)
    {
        var enabled = ReadEnabled(configuration);
        foreach (var prefix in new[] { "/api", "/ajax-api" })
        {
            Map("create", CreateAsync);
            Map("complete", CompleteAsync);
            Map("abort", AbortAsync);
            routes.At(HttpMethods.Get, prefix + Root + "presigned/{**path}", enabled ? PresignDownloadAsync : RefuseDownloadAsync);

            void Map(string call, Func<MlflowCall, Task> handler) =>
                routes.CallAt(HttpMethods.Post, $"{prefix}{Root}mpu/{call}/{{**path}}", enabled ? handler : RefuseUploadAsync);
        }

        routes.AtOpen(HttpMethods.Put, Address, PutPartAsync);
        routes.AtOpen(HttpMethods.Get, Address, DownloadAsync);
    }

    /// <exception cref="ConfigurationException">The key has a value that is not allowed.</exception>
    private static bool ReadEnabled(IConfiguration configuration) => configuration[MultipartKey] is not { Length: > 0 } text
        || (bool.TryParse(text, out var enabled)
            ? enabled
            : throw new ConfigurationException($"{MultipartKey} is '{text}'. Allowed values: true, false."));

    // Word for word: clients that ask for parts then send or fetch the file in one piece.
    private static Task RefuseUploadAsync(MlflowCall call) => MlflowErrors.WriteAsync(call.Http, 501, "NOT_IMPLEMENTED",
        "Multipart upload is not supported for the current artifact repository");

    private static Task RefuseDownloadAsync(HttpContext http) => MlflowErrors.WriteAsync(http, 501, "NOT_IMPLEMENTED",
        "Multipart download is not supported for the current artifact repository");

    private static async Task CreateAsync(MlflowCall call)
    {
        var location = LocationOf(call, "create");
        var count = call.Request.Body.RequiredInt64("num_parts");
        var upload = await call.Service<ArtifactUploads>().CreateAsync(location, count, call.Ct);
        var tickets = call.Service<TransferTickets>();
        var address = AddressOf(call.Http);
        call.Http.Response.Headers.CacheControl = "no-store";
        await call.WriteAsync(w =>
        {
            w.WriteString("upload_id", upload.UploadUuid.ToString("N"));
            w.WriteStartArray("credentials");
            for (var number = 1; number <= upload.PartCount; number++)
            {
                w.WriteStartObject();
                w.WriteString("url", address + tickets.Seal(new PartTicket(upload.CreatedBy, upload.ExpiresMs, upload.UploadUuid, number)));
                w.WriteNumber("part_number", number);
                w.WriteEndObject();
            }

            w.WriteEndArray();
        });
    }

    private static async Task CompleteAsync(MlflowCall call)
    {
        var body = call.Request.Body;
        var location = LocationOf(call, "complete");
        var parts = new List<SentPart>();
        foreach (var part in body.Objects("parts").Take(ArtifactUploads.MaxParts + 1))
        {
            var number = part.RequiredInt64("part_number");
            parts.Add(new SentPart((int)Math.Clamp(number, 0, int.MaxValue), part.String("etag")));
        }

        if (parts.Count == 0)
            throw body.Missing("parts");
        await call.Service<ArtifactUploads>().CompleteAsync(location, UploadId(call), parts, call.Ct);
        await call.WriteEmptyAsync();
    }

    private static async Task AbortAsync(MlflowCall call)
    {
        await call.Service<ArtifactUploads>().AbortAsync(LocationOf(call, "abort"), UploadId(call), call.Ct);
        await call.WriteEmptyAsync();
    }

    private static async Task PutPartAsync(HttpContext http)
    {
        var ticket = await EnterAsync<PartTicket>(http);
        ArtifactsProxy.AllowLargeBody(http);
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = ArtifactUploads.MaxPartBytes;
        if (http.Request.ContentLength > ArtifactUploads.MaxPartBytes)
        {
            throw new BadHttpRequestException(
                FormattableString.Invariant($"A part has {ArtifactUploads.MaxPartBytes} bytes at most."), StatusCodes.Status413PayloadTooLarge);
        }

        var key = await http.RequestServices.GetRequiredService<ArtifactUploads>()
            .PutPartAsync(ticket.Upload, ticket.Number, http.Request.Body, http.Request.ContentLength, http.RequestAborted);
        http.Response.Headers.ETag = $"\"{key.Hex}\"";
        http.Response.ContentLength = 0;
    }

    private static async Task PresignDownloadAsync(HttpContext http)
    {
        var location = RawPath.After(http, Root + "presigned");
        var place = await http.RequestServices.GetRequiredService<ArtifactLocations>()
            .GetAsync(location, ArtifactAccess.Read, http.RequestAborted);
        var content = await FindAsync(http, place) ?? throw ArtifactLocations.NotFound(location);
        var expires = http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow() + DownloadLifetime;
        var ticket = http.RequestServices.GetRequiredService<TransferTickets>().Seal(
            new DownloadTicket(place.ActorId, expires.ToUnixTimeMilliseconds(), content.Key.ToBytes(), location.Value));
        http.Response.ContentType = "application/json";
        http.Response.Headers.CacheControl = "no-store";
        await http.Response.BodyWriter.WriteAsync(MlflowCall.ToJson(w =>
        {
            w.WriteString("url", AddressOf(http) + ticket);
            w.WriteNumber("file_size", content.SizeBytes);
        }), http.RequestAborted);
    }

    private static async Task DownloadAsync(HttpContext http)
    {
        var ticket = await EnterAsync<DownloadTicket>(http);
        var location = ArtifactPath.Parse(ticket.Location);
        var place = await http.RequestServices.GetRequiredService<ArtifactLocations>()
            .GetAsync(location, ArtifactAccess.Read, http.RequestAborted);
        // Ranges of two contents must not become one file.
        if (await FindAsync(http, place) is not { } content || content.Key != BlobKey.Of(ticket.Sha256))
        {
            throw new NotFoundException("artifact", location.Value,
                $"The artifact '{location.Value}' was deleted or replaced since this address was given out. Ask for another one.");
        }

        await ArtifactDownload.WriteAsync(http, content);
    }

    /// <summary>From here on the request is that of the user who asked for the ticket, with what they may do now.</summary>
    private static async Task<T> EnterAsync<T>(HttpContext http) where T : TransferTicket
    {
        var services = http.RequestServices;
        if (http.Request.Query["ticket"] is [{ } text]
            && services.GetRequiredService<TransferTickets>().Open<T>(text) is { } ticket
            && await services.GetRequiredService<AccessReader>().FindByUserAsync(ticket.UserId, http.RequestAborted) is { } access)
        {
            var caller = services.GetRequiredService<CurrentUserHolder>();
            caller.User = access.User;
            caller.Address = http.Connection.RemoteIpAddress?.ToString();
            return ticket;
        }

        throw new ForbiddenException("Permission denied: this address is not valid, has expired, or is for something else.");
    }

    private static async Task<ArtifactContent?> FindAsync(HttpContext http, ArtifactPlace place) => place.Path.Length == 0
        ? null
        : await http.RequestServices.GetRequiredService<ArtifactService>().FindAsync(place, http.RequestAborted);

    // The client sends its own path of the file, from whatever machine: only the name at its end means anything here.
    private static ArtifactPath LocationOf(MlflowCall call, string name)
    {
        var path = call.Request.Body.RequiredString("path");
        var file = path[(path.AsSpan().LastIndexOfAny('/', '\\') + 1)..];
        var directory = RawPath.After(call.Http, $"{Root}mpu/{name}");
        return ArtifactPath.Parse($"{directory}/{ArtifactPath.Parse(file)}");
    }

    private static Guid UploadId(MlflowCall call)
    {
        var id = call.Request.Body.RequiredString("upload_id");
        return Guid.TryParseExact(id, "N", out var upload) ? upload
            : throw new NotFoundException("upload", "", "There is no upload with this upload_id.");
    }

    private static string AddressOf(HttpContext http) =>
        PublicUrl.Of(http, http.RequestServices.GetRequiredService<IConfiguration>()) + Address + "?ticket=";
}
