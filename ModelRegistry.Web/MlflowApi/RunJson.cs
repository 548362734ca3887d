using System.Globalization;
using System.Text.Json;
using ModelRegistry.Core.Tracking;

namespace ModelRegistry.Web.MlflowApi;

/// <summary>A run in MLflow's words.</summary>
internal static class RunJson
{
    public static void Write(Utf8JsonWriter w, RunRecord record)
    {
        w.WriteStartObject();
        WriteInfo(w, "info", record);
        w.WriteStartObject("data");
        w.WriteList("metrics", record.Metrics, static (w, m) => WriteMetric(w, m.Key, m.Value, m.TimestampMs, m.Step));
        w.WriteTags("params", record.Params);
        w.WriteTags("tags", record.Tags);
        w.WriteEndObject();
        w.WriteStartObject("inputs");
        w.WriteList("dataset_inputs", record.Datasets, WriteDataset);
        w.WriteList("model_inputs", Links(record, RunModelRole.Input), static (w, link) =>
        {
            w.WriteStartObject();
            w.WriteString("model_id", link.ModelUuid);
            w.WriteEndObject();
        });
        w.WriteEndObject();
        w.WriteStartObject("outputs");
        w.WriteList("model_outputs", Links(record, RunModelRole.Output), static (w, link) =>
        {
            w.WriteStartObject();
            w.WriteString("model_id", link.ModelUuid);
            w.WriteNumber("step", link.Step);
            w.WriteEndObject();
        });
        w.WriteEndObject();
        w.WriteEndObject();
    }

    public static void WriteInfo(Utf8JsonWriter w, string name, RunRecord record)
    {
        var run = record.Run;
        w.WriteStartObject(name);
        w.WriteString("run_uuid", run.RunUuid);
        w.WriteString("experiment_id", run.ExperimentId.ToString(CultureInfo.InvariantCulture));
        w.WriteString("run_name", run.Name);
        w.WriteString("user_id", run.UserName);
        w.WriteString("status", Wire.Status(run.Status));
        w.WriteNumber("start_time", run.StartMs);
        if (run.EndMs is { } end)
            w.WriteNumber("end_time", end);
        w.WriteString("artifact_uri", record.ArtifactUri);
        w.WriteString("lifecycle_stage", Wire.LifecycleStage(run.Lifecycle));
        w.WriteString("run_id", run.RunUuid);
        w.WriteEndObject();
    }

    public static void WriteMetric(Utf8JsonWriter w, string key, double value, long timestampMs, long step)
    {
        w.WriteStartObject();
        w.WriteString("key", key);
        w.WriteDouble("value", value);
        w.WriteNumber("timestamp", timestampMs);
        w.WriteNumber("step", step);
        w.WriteEndObject();
    }

    private static List<ModelLink> Links(RunRecord record, RunModelRole role) => record.Models.FindAll(m => m.Role == role);

    private static void WriteDataset(Utf8JsonWriter w, DatasetUse use)
    {
        w.WriteStartObject();
        w.WriteTags("tags", use.Tags);
        w.WriteStartObject("dataset");
        w.WriteString("name", use.Name);
        w.WriteString("digest", use.Digest);
        w.WriteString("source_type", use.SourceType);
        w.WriteString("source", use.Source);
        if (use.Schema is { } schema)
            w.WriteString("schema", schema);
        if (use.Profile is { } profile)
            w.WriteString("profile", profile);
        w.WriteEndObject();
        w.WriteEndObject();
    }
}
