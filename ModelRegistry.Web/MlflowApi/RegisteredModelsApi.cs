using ModelRegistry.Core.Registry;

namespace ModelRegistry.Web.MlflowApi;

/// <summary>`registered-models/*`.</summary>
internal static class RegisteredModelsApi
{
    private const int DefaultPageSize = 100;
    private const int MaxPageSize = 1000;

    public static void Map(MlflowRouteBuilder routes)
    {
        routes.Post("registered-models/create", CreateAsync);
        routes.Get("registered-models/get", GetAsync);
        routes.Get("registered-models/search", SearchAsync);
        // R's client.
        routes.Post("registered-models/search", SearchAsync);
        routes.Patch("registered-models/update", UpdateAsync);
        routes.Post("registered-models/rename", RenameAsync);
        routes.Delete("registered-models/delete", DeleteAsync);
        routes.Get("registered-models/get-latest-versions", GetLatestVersionsAsync);
        routes.Post("registered-models/get-latest-versions", GetLatestVersionsAsync);
        routes.Post("registered-models/set-tag", SetTagAsync);
        routes.Delete("registered-models/delete-tag", DeleteTagAsync);
        routes.Post("registered-models/alias", SetAliasAsync);
        routes.Delete("registered-models/alias", DeleteAliasAsync);
        routes.Get("registered-models/alias", GetByAliasAsync);
    }

    private static Task CreateAsync(MlflowCall call)
    {
        var body = call.Request.Body;
        return AnswerAsync(call, call.Service<RegisteredModelService>().CreateAsync(
            body.RequiredString("name"), body.String("description") ?? "", RegistryJson.Tags(body), call.Ct));
    }

    private static Task GetAsync(MlflowCall call) =>
        AnswerAsync(call, call.Service<RegisteredModelService>().GetAsync(Name(call), call.Ct));

    private static async Task SearchAsync(MlflowCall call)
    {
        var page = await call.Service<RegistrySearch>().ModelsAsync(
            RegistryJson.Query(call.Request.Body, DefaultPageSize, MaxPageSize), call.Ct);
        await call.WriteAsync(w => w.WriteList("registered_models", page.Items, RegistryJson.WriteModel, page.NextPageToken));
    }

    // A description that is left out is cleared: MLflow's client always sends it.
    private static Task UpdateAsync(MlflowCall call) => AnswerAsync(call, call.Service<RegisteredModelService>()
        .UpdateDescriptionAsync(Name(call), call.Request.Body.String("description") ?? "", call.Ct));

    private static Task RenameAsync(MlflowCall call) => AnswerAsync(call, call.Service<RegisteredModelService>()
        .RenameAsync(Name(call), call.Request.Body.RequiredString("new_name"), call.Ct));

    private static async Task DeleteAsync(MlflowCall call)
    {
        await call.Service<RegisteredModelService>().DeleteAsync(Name(call), reason: null, call.Ct);
        await call.WriteEmptyAsync();
    }

    private static async Task GetLatestVersionsAsync(MlflowCall call)
    {
        var stages = call.Request.Body.Strings("stages").Select(RegistryJson.Stage).ToHashSet();
        var versions = await call.Service<RegisteredModelService>().LatestVersionsAsync(Name(call), stages, call.Ct);
        await call.WriteAsync(w => w.WriteList("model_versions", versions, RegistryJson.WriteVersion));
    }

    private static async Task SetTagAsync(MlflowCall call)
    {
        await call.Service<RegisteredModelService>().SetTagAsync(Name(call), RegistryJson.Tag(call.Request.Body), call.Ct);
        await call.WriteEmptyAsync();
    }

    private static async Task DeleteTagAsync(MlflowCall call)
    {
        await call.Service<RegisteredModelService>().DeleteTagAsync(Name(call), call.Request.Body.RequiredString("key"), call.Ct);
        await call.WriteEmptyAsync();
    }

    private static async Task SetAliasAsync(MlflowCall call)
    {
        var body = call.Request.Body;
        await call.Service<AliasService>().SetAsync(
            Name(call), body.RequiredString("alias"), RegistryJson.VersionNumber(body), reason: null, call.Ct);
        await call.WriteEmptyAsync();
    }

    private static async Task DeleteAliasAsync(MlflowCall call)
    {
        await call.Service<AliasService>().DeleteAsync(
            Name(call), call.Request.Body.RequiredString("alias"), reason: null, call.Ct);
        await call.WriteEmptyAsync();
    }

    private static Task GetByAliasAsync(MlflowCall call) => ModelVersionsApi.AnswerAsync(call,
        call.Service<AliasService>().GetVersionForUseAsync(Name(call), call.Request.Body.RequiredString("alias"), call.Ct));

    private static string Name(MlflowCall call) => call.Request.Body.RequiredString("name");

    private static async Task AnswerAsync(MlflowCall call, Task<RegisteredModelDetails> change)
    {
        var model = await change;
        await call.WriteAsync(w =>
        {
            w.WritePropertyName("registered_model");
            RegistryJson.WriteModel(w, model);
        });
    }
}
