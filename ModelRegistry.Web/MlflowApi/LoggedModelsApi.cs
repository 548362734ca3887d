using ModelRegistry.Core.Common;
using ModelRegistry.Core.Registry;
using ModelRegistry.Core.Tracking;

namespace ModelRegistry.Web.MlflowApi;

/// <summary>`logged-models/*`, and `runs/outputs`, which ties a run to the models that it made.</summary>
internal static class LoggedModelsApi
{
    public static void Map(MlflowRouteBuilder routes)
    {
        routes.Post("logged-models", CreateAsync);
        routes.Post("logged-models/search", SearchAsync);
        routes.Get("logged-models/{model_id}", GetAsync);
        routes.Patch("logged-models/{model_id}", FinalizeAsync);
        routes.Delete("logged-models/{model_id}", DeleteAsync);
        routes.Post("logged-models/{model_id}/params", LogParamsAsync);
        routes.Patch("logged-models/{model_id}/tags", SetTagsAsync);
        routes.Delete("logged-models/{model_id}/tags/{tag_key}", DeleteTagAsync);
        routes.Post("runs/outputs", LogOutputsAsync);
    }

    private static Task CreateAsync(MlflowCall call)
    {
        var body = call.Request.Body;
        return AnswerAsync(call, call.Service<LoggedModelService>().CreateAsync(
            new NewLoggedModel(TrackingRules.ParseExperimentId(body.RequiredString("experiment_id")))
            {
                Name = body.String("name"),
                ModelType = body.String("model_type") ?? "",
                SourceRunUuid = body.String("source_run_id") ?? "",
                Params = Pairs(body, "params"),
                Tags = Pairs(body, "tags"),
            }, call.Ct));
    }

    private static Task GetAsync(MlflowCall call) => AnswerAsync(call,
        call.Service<LoggedModelService>().GetAsync(Id(call), call.Request.Body.Bool("allow_deleted") ?? false, call.Ct));

    private static Task FinalizeAsync(MlflowCall call)
    {
        var body = call.Request.Body;
        var status = body.Enum("status", [.. LoggedModelJson.Statuses]) ?? throw body.Missing("status");
        return AnswerAsync(call, call.Service<LoggedModelService>().FinalizeAsync(Id(call), (LoggedModelStatus)status, call.Ct));
    }

    private static async Task DeleteAsync(MlflowCall call)
    {
        await call.Service<LoggedModelService>().DeleteAsync(Id(call), call.Ct);
        await call.WriteEmptyAsync();
    }

    private static async Task LogParamsAsync(MlflowCall call)
    {
        await call.Service<LoggedModelService>().LogParamsAsync(Id(call), Pairs(call.Request.Body, "params"), call.Ct);
        await call.WriteEmptyAsync();
    }

    private static async Task SetTagsAsync(MlflowCall call)
    {
        await call.Service<LoggedModelService>().SetTagsAsync(Id(call), Pairs(call.Request.Body, "tags"), call.Ct);
        await call.WriteEmptyAsync();
    }

    private static async Task DeleteTagAsync(MlflowCall call)
    {
        // A slash in the key stays encoded in the route's value.
        await call.Service<LoggedModelService>().DeleteTagAsync(
            Id(call), call.Route("tag_key").Replace("%2F", "/", StringComparison.OrdinalIgnoreCase), call.Ct);
        await call.WriteEmptyAsync();
    }

    private static async Task LogOutputsAsync(MlflowCall call)
    {
        var body = call.Request.Body;
        var models = body.Objects("models").Select(m => (m.RequiredString("model_id"), m.Int64("step") ?? 0)).ToList();
        if (models.Count == 0)
            throw body.Missing("models");
        await call.Service<LoggedModelService>().LogOutputsAsync(Wire.RunId(body), models, call.Ct);
        await call.WriteEmptyAsync();
    }

    private static async Task SearchAsync(MlflowCall call)
    {
        var body = call.Request.Body;
        var ids = body.Strings("experiment_ids");
        if (ids.Count == 0)
            throw body.Missing("experiment_ids");
        var page = await call.Service<LoggedModelSearch>().FindAsync(
            new LoggedModelQuery([.. ids.Select(TrackingRules.ParseExperimentId)])
            {
                Filter = body.String("filter"),
                Datasets = [.. body.Objects("datasets").Select(d => Dataset(d) ?? throw new InvalidArgumentException("datasets",
                    "`dataset_name` in the `datasets` clause must be specified."))],
                OrderBy = [.. body.Objects("order_by").Select(o => new LoggedModelOrder(
                    o.RequiredString("field_name"), Descending: o.Bool("ascending") == false, Dataset(o)))],
                MaxResults = Wire.MaxResults(body, defaultValue: 50),
                PageToken = body.String("page_token"),
            }, call.Ct);
        var registrations = await RegistrationsAsync(call, page.Items);
        await call.WriteAsync(w => w.WriteList("models", page.Items,
            (w, model) => LoggedModelJson.Write(w, model, registrations[model.Model.ModelUuid]), page.NextPageToken));
    }

    private static MeasuredOn? Dataset(MlflowObject body) =>
        body.String("dataset_name") is { Length: > 0 } name ? new MeasuredOn(name, body.String("dataset_digest")) : null;

    private static string Id(MlflowCall call) => call.Route("model_id");

    private static List<(string Key, string Value)> Pairs(MlflowObject body, string name) =>
        [.. body.KeyValues(name).Select(t => (t.Key, t.Value))];

    private static async Task AnswerAsync(MlflowCall call, Task<LoggedModelRecord> change)
    {
        var model = await change;
        var registrations = await RegistrationsAsync(call, [model]);
        await call.WriteAsync(w =>
        {
            w.WritePropertyName("model");
            LoggedModelJson.Write(w, model, registrations[model.Model.ModelUuid]);
        });
    }

    private static async Task<ILookup<string, LoggedModelRegistration>> RegistrationsAsync(
        MlflowCall call, IReadOnlyList<LoggedModelRecord> models) => (await call.Service<ModelVersionService>()
            .RegistrationsAsync([.. models.Select(m => m.Model.ModelUuid)], call.Ct)).ToLookup(r => r.LoggedModelId);
}
