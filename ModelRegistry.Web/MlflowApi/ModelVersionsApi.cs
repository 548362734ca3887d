using ModelRegistry.Core.Registry;

namespace ModelRegistry.Web.MlflowApi;

/// <summary>`model-versions/*`.</summary>
internal static class ModelVersionsApi
{
    private const int MaxPageSize = 200_000;

    // Anything that says "a proxy passed this on": its connections are not the client's.
    private static readonly string[] ProxyHeaders = ["Via", "Forwarded", "X-Forwarded-For", "X-Real-IP"];

    public static void Map(MlflowRouteBuilder routes)
    {
        routes.Post("model-versions/create", CreateAsync);
        routes.Get("model-versions/get", GetAsync);
        routes.Get("model-versions/search", SearchAsync);
        routes.Get("model-versions/get-download-uri", GetDownloadUriAsync);
        routes.Patch("model-versions/update", UpdateAsync);
        routes.Post("model-versions/transition-stage", TransitionStageAsync);
        routes.Delete("model-versions/delete", DeleteAsync);
        routes.Post("model-versions/set-tag", SetTagAsync);
        routes.Delete("model-versions/delete-tag", DeleteTagAsync);
    }

    public static async Task AnswerAsync(MlflowCall call, Task<ModelVersion> change)
    {
        var version = await change;
        await call.WriteAsync(w =>
        {
            w.WritePropertyName("model_version");
            RegistryJson.WriteVersion(w, version);
        });
    }

    private static async Task CreateAsync(MlflowCall call)
    {
        var body = call.Request.Body;
        var headers = call.Http.Request.Headers;
        var registration = await call.Service<RegistrationService>().RegisterAsync(
            new NewModelVersion(body.RequiredString("name"), body.RequiredString("source"))
            {
                RunId = body.String("run_id") ?? "",
                LoggedModelId = body.String("model_id") ?? "",
                RunLink = body.String("run_link") ?? "",
                Description = body.String("description") ?? "",
                Tags = RegistryJson.Tags(body),
                IdempotencyKey = headers.TryGetValue("Idempotency-Key", out var key) ? key.ToString() : null,
                Connection = ProxyHeaders.Any(headers.ContainsKey) ? null : call.Http.Connection.Id,
            }, call.Ct);
        if (registration.IsRepeat)
            call.Http.Response.Headers["Idempotent-Replayed"] = "true";
        await AnswerAsync(call, Task.FromResult(registration.Version));
    }

    private static Task GetAsync(MlflowCall call) =>
        AnswerAsync(call, call.Service<ModelVersionService>().GetAsync(Name(call), Number(call), call.Ct));

    private static async Task SearchAsync(MlflowCall call)
    {
        var page = await call.Service<RegistrySearch>().VersionsAsync(
            RegistryJson.Query(call.Request.Body, MaxPageSize, MaxPageSize), call.Ct);
        await call.WriteAsync(w => w.WriteList("model_versions", page.Items, RegistryJson.WriteVersion, page.NextPageToken));
    }

    private static async Task GetDownloadUriAsync(MlflowCall call)
    {
        // Clients ask for this to load it, wherever its files are.
        var version = await call.Service<ModelVersionService>().GetForUseAsync(Name(call), Number(call), call.Ct);
        await call.WriteAsync(w => w.WriteString("artifact_uri", version.StorageLocation));
    }

    // A description that is left out is cleared: MLflow's client always sends it.
    private static Task UpdateAsync(MlflowCall call) => AnswerAsync(call, call.Service<ModelVersionService>()
        .UpdateDescriptionAsync(Name(call), Number(call), call.Request.Body.String("description") ?? "", call.Ct));

    private static Task TransitionStageAsync(MlflowCall call)
    {
        var body = call.Request.Body;
        return AnswerAsync(call, call.Service<ModelVersionService>().TransitionAsync(Name(call), Number(call),
            RegistryJson.Stage(body.RequiredString("stage")), body.Bool("archive_existing_versions") ?? false, reason: null, call.Ct));
    }

    private static async Task DeleteAsync(MlflowCall call)
    {
        await call.Service<ModelVersionService>().DeleteAsync(Name(call), Number(call), reason: null, call.Ct);
        await call.WriteEmptyAsync();
    }

    private static async Task SetTagAsync(MlflowCall call)
    {
        await call.Service<ModelVersionService>().SetTagAsync(Name(call), Number(call), RegistryJson.Tag(call.Request.Body), call.Ct);
        await call.WriteEmptyAsync();
    }

    private static async Task DeleteTagAsync(MlflowCall call)
    {
        await call.Service<ModelVersionService>().DeleteTagAsync(
            Name(call), Number(call), call.Request.Body.RequiredString("key"), call.Ct);
        await call.WriteEmptyAsync();
    }

    private static string Name(MlflowCall call) => call.Request.Body.RequiredString("name");

    private static int Number(MlflowCall call) => RegistryJson.VersionNumber(call.Request.Body);
}
