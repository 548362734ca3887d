using System.Globalization;
using System.Text.Json;
using ModelRegistry.Core.Artifacts;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Registry;
using ModelRegistry.Core.Tracking;
using ModelRegistry.Web.Hosting;

namespace ModelRegistry.Web.MlflowApi;

/// <summary>Listings and downloads by run, logged model and version, beside the proxy.</summary>
internal static class ArtifactsApi
{
    private const string InvalidPath = "Invalid path";
    private const int PageSize = 10_000;
    private const long MaxAjaxUpload = 10 * 1024 * 1024;

    public static void Map(MlflowRouteBuilder routes)
    {
        routes.Get("artifacts/list", ListRunAsync);
        routes.Post("artifacts/presigned-upload-url", RefusePresignedUploadAsync);
        routes.Get("logged-models/{model_id}/artifacts/directories", ListLoggedModelAsync);
        routes.GetAjax("logged-models/{model_id}/artifacts/files", GetLoggedModelFileAsync);
        routes.At(HttpMethods.Post, "/ajax-api/2.0/mlflow/upload-artifact", UploadToRunAsync);
        routes.CallAt(HttpMethods.Get, "/get-artifact", GetRunFileAsync);
        routes.CallAt(HttpMethods.Get, "/model-versions/get-artifact", GetVersionFileAsync);
    }

    public static void WriteFile(Utf8JsonWriter w, ArtifactEntry entry, string path)
    {
        w.WriteStartObject();
        w.WriteString("path", path);
        w.WriteBoolean("is_dir", entry.IsDirectory);
        if (!entry.IsDirectory)
            w.WriteNumber("file_size", entry.SizeBytes);
        w.WriteEndObject();
    }

    private static async Task ListRunAsync(MlflowCall call)
    {
        var body = call.Request.Body;
        var run = await call.Service<ExperimentArtifacts>().GetRunAsync(Wire.RunId(body), ArtifactAccess.Read, call.Ct);
        await ListAsync(call, run, body.String("path"), "path");
    }

    private static async Task ListLoggedModelAsync(MlflowCall call)
    {
        var model = await call.Service<ExperimentArtifacts>()
            .GetLoggedModelAsync(call.Route("model_id"), ArtifactAccess.Read, call.Ct);
        await ListAsync(call, model, call.Request.Body.String("artifact_directory_path"), "artifact_directory_path");
    }

    private static async Task ListAsync(MlflowCall call, ArtifactPlace root, string? path, string field)
    {
        var place = root.At(InItsWords(field, () => ArtifactPath.ParseDirectory(path, field)));
        var page = await call.Service<ArtifactService>()
            .ListAsync(place, PageSize, call.Request.Body.String("page_token"), call.Ct);
        await call.WriteAsync(w =>
        {
            w.WriteString("root_uri", root.RootUri);
            w.WriteList("files", page.Items, static (w, entry) => WriteFile(w, entry, entry.Path), page.NextPageToken);
        });
    }

    private static async Task GetRunFileAsync(MlflowCall call)
    {
        var path = RequiredPath(call, "path");
        var run = await call.Service<ExperimentArtifacts>()
            .GetRunAsync(Wire.RunId(call.Request.Body), ArtifactAccess.Read, call.Ct);
        await ArtifactDownload.WriteAsync(call.Http, run.At(path), path.Value);
    }

    private static async Task GetVersionFileAsync(MlflowCall call)
    {
        var path = RequiredPath(call, "path");
        var body = call.Request.Body;
        var name = body.RequiredString("name");
        var number = body.RequiredString("version");
        if (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var version))
            throw new InvalidArgumentException("version", "Parameter 'version' must be an integer.");
        var place = await call.Service<VersionArtifacts>().GetAsync(name, version, call.Ct);
        await ArtifactDownload.WriteAsync(call.Http, place.At(path), path.Value);
    }

    private static async Task GetLoggedModelFileAsync(MlflowCall call)
    {
        if (string.IsNullOrEmpty(call.Request.Body.String("artifact_file_path")))
            throw new BadHttpRequestException("Request must include the \"artifact_file_path\" query parameter.");
        var path = RequiredPath(call, "artifact_file_path");
        var model = await call.Service<ExperimentArtifacts>()
            .GetLoggedModelAsync(call.Route("model_id"), ArtifactAccess.Read, call.Ct);
        await ArtifactDownload.WriteAsync(call.Http, model.At(path), path.Value);
    }

    private static async Task UploadToRunAsync(HttpContext http)
    {
        var query = http.Request.Query;
        var runUuid = query["run_uuid"] is [{ Length: > 0 } id] ? id
            : throw new InvalidArgumentException("run_uuid", "Request must specify run_uuid.");
        var path = query["path"] is [{ Length: > 0 } text] ? ArtifactPath.Parse(text)
            : throw new InvalidArgumentException("path", "Request must specify path.");
        if (http.Request.ContentLength is null or 0 && http.Request.Headers.TransferEncoding.Count == 0)
            throw new InvalidArgumentException("body", "Request must specify data.");
        if (http.Request.ContentLength is not { } length || length > MaxAjaxUpload)
        {
            throw new InvalidArgumentException("body",
                "Artifacts uploaded here may have 10 MB at most, with a Content-Length. Use the artifact proxy for larger ones.");
        }

        var run = await http.RequestServices.GetRequiredService<ExperimentArtifacts>()
            .GetRunAsync(runUuid, ArtifactAccess.Write, http.RequestAborted);
        await ArtifactsProxy.ReceiveAsync(http, run.At(path));
        http.Response.ContentLength = 0;
    }

    private static async Task RefusePresignedUploadAsync(MlflowCall call)
    {
        var body = call.Request.Body;
        _ = await call.Service<ExperimentArtifacts>().GetRunAsync(Wire.RunId(body), ArtifactAccess.Write, call.Ct);
        _ = body.RequiredString("path");
        throw new InvalidArgumentException("run_id", "Presigned upload is not supported for runs with proxied artifact storage "
            + "(artifact URI scheme: mlflow-artifacts). This endpoint requires a run with a direct cloud storage artifact URI.");
    }

    private static ArtifactPath RequiredPath(MlflowCall call, string field) =>
        InItsWords(field, () => ArtifactPath.Parse(call.Request.Body.RequiredString(field), field));

    // MLflow says no more here, and its tests compare the whole answer.
    private static T InItsWords<T>(string field, Func<T> parse)
    {
        try
        {
            return parse();
        }
        catch (InvalidArgumentException e) when (e.Message.StartsWith(InvalidPath, StringComparison.Ordinal))
        {
            throw new InvalidArgumentException(field, InvalidPath);
        }
    }
}
