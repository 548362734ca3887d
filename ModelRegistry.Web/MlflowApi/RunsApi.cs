using System.Text.Json;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Tracking;

namespace ModelRegistry.Web.MlflowApi;

/// <summary>`runs/*`.</summary>
internal static class RunsApi
{
    public static void Map(MlflowRouteBuilder routes)
    {
        routes.Post("runs/create", CreateAsync);
        routes.Post("runs/update", UpdateAsync);
        routes.Get("runs/get", GetAsync);
        routes.Post("runs/search", SearchAsync);
        routes.Post("runs/delete", DeleteAsync);
        routes.Post("runs/restore", RestoreAsync);
        routes.Post("runs/log-metric", LogMetricAsync);
        routes.Post("runs/log-parameter", LogParameterAsync);
        routes.Post("runs/set-tag", SetTagAsync);
        routes.Post("runs/delete-tag", DeleteTagAsync);
        routes.Post("runs/log-inputs", LogInputsAsync);
        routes.Post("runs/log-model", LogModelAsync);
        routes.PostRaw("runs/log-batch", LogBatchApi.HandleAsync);
    }

    private static async Task CreateAsync(MlflowCall call)
    {
        var body = call.Request.Body;
        var record = await call.Service<RunService>().CreateAsync(new NewRun(ExperimentId(body))
        {
            Name = body.String("run_name"),
            UserName = body.String("user_id") ?? "",
            StartMs = body.Int64("start_time"),
            Tags = Pairs(body, "tags"),
        }, call.Ct);
        await call.WriteAsync(w =>
        {
            w.WriteStartObject("run");
            RunJson.WriteInfo(w, "info", record);
            w.WriteStartObject("data");
            w.WriteTags("tags", record.Tags);
            w.WriteEndObject();
            w.WriteStartObject("inputs");
            w.WriteEndObject();
            w.WriteEndObject();
        });
    }

    private static async Task UpdateAsync(MlflowCall call)
    {
        var body = call.Request.Body;
        var record = await call.Service<RunService>().UpdateAsync(
            Wire.RunId(body), Wire.Status(body), body.Int64("end_time"), body.String("run_name"), call.Ct);
        await call.WriteAsync(w => RunJson.WriteInfo(w, "run_info", record));
    }

    private static async Task GetAsync(MlflowCall call)
    {
        var runs = call.Service<RunService>();
        var head = await runs.GetHeadAsync(Wire.RunId(call.Request.Body), call.Ct);
        var json = await call.Service<RunJsonCache>().GetAsync(runs, [head], call.Ct);
        await call.WriteAsync(w =>
        {
            w.WritePropertyName("run");
            w.WriteRawValue(json[0], skipInputValidation: true);
        });
    }

    private static async Task SearchAsync(MlflowCall call)
    {
        var body = call.Request.Body;
        var runs = call.Service<RunService>();
        var page = await runs.SearchAsync(new RunQuery([.. body.Strings("experiment_ids").Select(TrackingRules.ParseExperimentId)])
        {
            Filter = body.String("filter"),
            OrderBy = body.Strings("order_by"),
            Lifecycle = Wire.ViewType(body, "run_view_type"),
            MaxResults = Wire.MaxResults(body, defaultValue: 1000),
            PageToken = body.String("page_token"),
        }, call.Ct);
        var json = await call.Service<RunJsonCache>().GetAsync(runs, page.Items, call.Ct);
        await call.WriteAsync(w => w.WriteList(
            "runs", json, static (w, run) => w.WriteRawValue(run, skipInputValidation: true), page.NextPageToken));
    }

    private static async Task DeleteAsync(MlflowCall call)
    {
        await call.Service<RunLifecycleService>().DeleteAsync(Wire.RunId(call.Request.Body), call.Ct);
        await call.WriteEmptyAsync();
    }

    private static async Task RestoreAsync(MlflowCall call)
    {
        await call.Service<RunLifecycleService>().RestoreAsync(Wire.RunId(call.Request.Body), call.Ct);
        await call.WriteEmptyAsync();
    }

    private static async Task LogMetricAsync(MlflowCall call)
    {
        var body = call.Request.Body;
        var log = new RunLog { RunUuid = Wire.RunId(body), IsSingle = true };
        log.Metrics.Add(LogBatchApi.ReadMetric(body));
        await call.Service<RunService>().LogAsync(log, call.Ct);
        await call.WriteEmptyAsync();
    }

    private static async Task LogParameterAsync(MlflowCall call)
    {
        var body = call.Request.Body;
        var log = new RunLog { RunUuid = Wire.RunId(body), IsSingle = true };
        log.Params.Add((body.RequiredString("key"), body.String("value") ?? ""));
        await LogAndAnswerAsync(call, log);
    }

    private static async Task SetTagAsync(MlflowCall call)
    {
        var body = call.Request.Body;
        var log = new RunLog { RunUuid = Wire.RunId(body), IsSingle = true };
        log.Tags.Add((body.RequiredString("key"), body.String("value") ?? ""));
        await LogAndAnswerAsync(call, log);
    }

    private static async Task LogAndAnswerAsync(MlflowCall call, RunLog log)
    {
        await call.Service<RunService>().LogAsync(log, call.Ct);
        LogBatchApi.SayWhatWasTruncated(call.Http, log);
        await call.WriteEmptyAsync();
    }

    private static async Task DeleteTagAsync(MlflowCall call)
    {
        var body = call.Request.Body;
        await call.Service<RunService>().DeleteTagAsync(Wire.RunId(body), body.RequiredString("key"), call.Ct);
        await call.WriteEmptyAsync();
    }

    private static async Task LogInputsAsync(MlflowCall call)
    {
        var body = call.Request.Body;
        var runId = Wire.RunId(body);
        var uses = new List<DatasetUse>();
        foreach (var input in body.Objects("datasets"))
        {
            var dataset = input.Object("dataset") ?? throw input.Missing("dataset");
            uses.Add(new DatasetUse(dataset.RequiredString("name"), dataset.RequiredString("digest"),
                dataset.String("source_type") ?? "", dataset.String("source") ?? "", dataset.String("schema"),
                dataset.String("profile"), Pairs(input, "tags")));
        }

        var models = body.Objects("models").Select(m => m.RequiredString("model_id")).ToList();
        await call.Service<RunLifecycleService>().LogInputsAsync(runId, uses, models, call.Ct);
        await call.WriteEmptyAsync();
    }

    // MLflow 2.x: the model's description is appended to a tag.
    private static async Task LogModelAsync(MlflowCall call)
    {
        var body = call.Request.Body;
        var runId = Wire.RunId(body);
        var text = body.RequiredString("model_json");
        JsonElement model;
        try
        {
            model = JsonSerializer.Deserialize<JsonElement>(text);
        }
        catch (JsonException)
        {
            throw new InvalidArgumentException("model_json", "Malformed model info. The field 'model_json' must be a JSON object.");
        }

        string[] mandatory = ["artifact_path", "flavors", "utc_time_created", "run_id"];
        var missing = model.ValueKind == JsonValueKind.Object
            ? mandatory.Where(m => !model.TryGetProperty(m, out _)).ToArray()
            : mandatory;
        if (missing.Length > 0)
        {
            throw new InvalidArgumentException("model_json",
                $"Model json is missing mandatory fields: {{{string.Join(", ", missing.Select(m => $"'{m}'"))}}}");
        }

        await call.Service<RunLifecycleService>().AppendModelAsync(runId, model, call.Ct);
        await call.WriteEmptyAsync();
    }

    private static long ExperimentId(MlflowObject body) =>
        body.String("experiment_id") is { Length: > 0 } id ? TrackingRules.ParseExperimentId(id) : 0;

    private static List<(string Key, string Value)> Pairs(MlflowObject body, string name) =>
        [.. body.KeyValues(name).Select(t => (t.Key, t.Value))];
}
