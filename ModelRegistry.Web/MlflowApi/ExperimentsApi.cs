using System.Globalization;
using System.Text.Json;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Identity;
using ModelRegistry.Core.Tracking;

namespace ModelRegistry.Web.MlflowApi;

/// <summary>`experiments/*`.</summary>
internal static class ExperimentsApi
{
    public static void Map(MlflowRouteBuilder routes)
    {
        routes.Post("experiments/create", CreateAsync);
        routes.Get("experiments/search", SearchAsync);
        routes.Post("experiments/search", SearchAsync);
        // The client for Node.js lists as MLflow 1 did, and leaves out a slash.
        routes.Get("experiments/list", SearchAsync);
        routes.Post("experimentsset-experiment-tag", SetTagAsync);
        routes.Get("experiments/get", GetAsync);
        routes.Get("experiments/get-by-name", GetByNameAsync);
        routes.Post("experiments/delete", DeleteAsync);
        routes.Post("experiments/restore", RestoreAsync);
        routes.Post("experiments/update", UpdateAsync);
        routes.Post("experiments/set-experiment-tag", SetTagAsync);
        routes.Post("experiments/delete-experiment-tag", DeleteTagAsync);
        routes.Post("experiments/search-datasets", SearchDatasetsAsync);
    }

    private static async Task CreateAsync(MlflowCall call)
    {
        var body = call.Request.Body;
        var id = await call.Service<ExperimentService>().CreateAsync(body.RequiredString("name"), body.String("artifact_location"),
            [.. body.KeyValues("tags").Select(t => (t.Key, t.Value))], call.Ct);
        await call.WriteAsync(w => w.WriteString("experiment_id", id.ToString(CultureInfo.InvariantCulture)));
    }

    private static async Task SearchAsync(MlflowCall call)
    {
        var body = call.Request.Body;
        var query = new ExperimentQuery
        {
            Filter = body.String("filter"),
            OrderBy = body.Strings("order_by"),
            Lifecycle = Wire.ViewType(body, "view_type"),
            MaxResults = Wire.MaxResults(body, defaultValue: 1000),
            PageToken = body.String("page_token"),
        };
        var answer = await call.Service<ExperimentAnswers>().GetAsync(
            call.Service<CurrentUserHolder>().User, query, () => SearchAsync(call, query), call.Ct);
        await call.WriteAsync(answer);
    }

    private static async Task<byte[]> SearchAsync(MlflowCall call, ExperimentQuery query)
    {
        var page = await call.Service<ExperimentService>().SearchAsync(query, call.Ct);
        return MlflowCall.ToJson(w => w.WriteList("experiments", page.Items, Write, page.NextPageToken));
    }

    private static Task GetAsync(MlflowCall call) =>
        WriteAsync(call, call.Service<ExperimentService>().GetAsync(Id(call), call.Ct));

    private static Task GetByNameAsync(MlflowCall call) => WriteAsync(call,
        call.Service<ExperimentService>().GetByNameAsync(call.Request.Body.RequiredString("experiment_name"), call.Ct));

    private static async Task DeleteAsync(MlflowCall call)
    {
        await call.Service<ExperimentService>().DeleteAsync(Id(call), call.Ct);
        await call.WriteEmptyAsync();
    }

    private static async Task RestoreAsync(MlflowCall call)
    {
        await call.Service<ExperimentService>().RestoreAsync(Id(call), call.Ct);
        await call.WriteEmptyAsync();
    }

    private static async Task UpdateAsync(MlflowCall call)
    {
        await call.Service<ExperimentService>().RenameAsync(Id(call), call.Request.Body.RequiredString("new_name"), call.Ct);
        await call.WriteEmptyAsync();
    }

    private static async Task SetTagAsync(MlflowCall call)
    {
        var body = call.Request.Body;
        await call.Service<ExperimentService>().SetTagAsync(
            Id(call), body.RequiredString("key"), body.String("value") ?? "", call.Ct);
        await call.WriteEmptyAsync();
    }

    private static async Task DeleteTagAsync(MlflowCall call)
    {
        await call.Service<ExperimentService>().DeleteTagAsync(Id(call), call.Request.Body.RequiredString("key"), call.Ct);
        await call.WriteEmptyAsync();
    }

    private static async Task SearchDatasetsAsync(MlflowCall call)
    {
        var ids = call.Request.Body.Strings("experiment_ids");
        if (ids.Count == 0)
        {
            // The one sentence is 3.11.2's, the other 3.11.1's.
            throw new InvalidArgumentException("experiment_ids",
                call.Request.Body.Missing("experiment_ids").Message + " SearchDatasets request must specify at least one experiment_id.");
        }

        DatasetSearch.RequireCount(ids.Count);
        var found = await call.Service<DatasetSearch>().FindAsync([.. ids.Select(TrackingRules.ParseExperimentId)], call.Ct);
        await call.WriteAsync(w => w.WriteList("dataset_summaries", found, static (w, dataset) =>
        {
            w.WriteStartObject();
            w.WriteString("experiment_id", dataset.ExperimentId.ToString(CultureInfo.InvariantCulture));
            w.WriteString("name", dataset.Name);
            w.WriteString("digest", dataset.Digest);
            if (dataset.Context is { } context)
                w.WriteString("context", context);
            w.WriteEndObject();
        }));
    }

    private static long Id(MlflowCall call) =>
        TrackingRules.ParseExperimentId(call.Request.Body.RequiredString("experiment_id"));

    private static async Task WriteAsync(MlflowCall call, Task<Experiment> reading)
    {
        var experiment = await reading;
        await call.WriteAsync(w =>
        {
            w.WritePropertyName("experiment");
            Write(w, experiment);
        });
    }

    private static void Write(Utf8JsonWriter w, Experiment e)
    {
        w.WriteStartObject();
        w.WriteString("experiment_id", e.Id.ToString(CultureInfo.InvariantCulture));
        w.WriteString("name", e.Name);
        w.WriteString("artifact_location", e.ArtifactLocation);
        w.WriteString("lifecycle_stage", Wire.LifecycleStage(e.Lifecycle));
        w.WriteNumber("last_update_time", e.UpdatedMs);
        w.WriteNumber("creation_time", e.CreatedMs);
        w.WriteTags("tags", e.Tags.Select(t => (t.Key, t.Value)));
        w.WriteEndObject();
    }
}
