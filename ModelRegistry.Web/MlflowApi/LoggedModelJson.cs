using System.Globalization;
using System.Text.Json;
using ModelRegistry.Core.Registry;
using ModelRegistry.Core.Tracking;

namespace ModelRegistry.Web.MlflowApi;

/// <summary>Logged models in MLflow's words.</summary>
internal static class LoggedModelJson
{
    // MLflow's server and its client both note registrations in this tag; the registry knows them, so the tag is what
    // it knows and what clients wrote, each version once.
    private const string RegistrationsTag = "mlflow.modelVersions";

    public static readonly (string Name, int Number)[] Statuses =
    [
        ("LOGGED_MODEL_STATUS_UNSPECIFIED", 0), ("LOGGED_MODEL_PENDING", 1), ("LOGGED_MODEL_READY", 2),
        ("LOGGED_MODEL_UPLOAD_FAILED", 3),
    ];

    public static void Write(Utf8JsonWriter w, LoggedModelRecord record, IEnumerable<LoggedModelRegistration> known)
    {
        var registrations = known.Select(r => (r.ModelName, Version: r.Number.ToString(CultureInfo.InvariantCulture))).ToList();
        w.WriteStartObject();
        WriteInfo(w, record.Model, registrations);
        w.WriteStartObject("data");
        w.WriteTags("params", record.Model.Params.Select(p => (p.Key, p.Value)));
        w.WriteList("metrics", record.Metrics, (w, metric) => WriteMetric(w, metric, record.Model.ModelUuid));
        w.WriteEndObject();
        w.WriteEndObject();
    }

    private static void WriteInfo(Utf8JsonWriter w, LoggedModel model, List<(string Name, string Version)> registrations)
    {
        w.WriteStartObject("info");
        w.WriteString("model_id", model.ModelUuid);
        w.WriteString("experiment_id", model.ExperimentId.ToString(CultureInfo.InvariantCulture));
        w.WriteString("name", model.Name);
        w.WriteNumber("creation_timestamp_ms", model.CreatedMs);
        w.WriteNumber("last_updated_timestamp_ms", model.UpdatedMs);
        w.WriteString("artifact_uri", model.ArtifactUri);
        w.WriteString("status", Statuses[(int)model.Status].Name);
        w.WriteString("model_type", model.ModelType);
        w.WriteString("source_run_id", model.SourceRunUuid);
        if (model.StatusMessage is { } message)
            w.WriteString("status_message", message);
        w.WriteTags("tags", Tags(model, registrations));
        w.WriteList("registrations", registrations, static (w, registration) =>
        {
            w.WriteStartObject();
            w.WriteString("name", registration.Name);
            w.WriteString("version", registration.Version);
            w.WriteEndObject();
        });
        w.WriteEndObject();
    }

    private static IEnumerable<(string Key, string Value)> Tags(LoggedModel model, List<(string Name, string Version)> registrations)
    {
        var written = model.Tags.FirstOrDefault(t => t.Key == RegistrationsTag);
        var tags = model.Tags.Where(t => t.Key != RegistrationsTag).Select(t => (t.Key, t.Value));
        if (written is null && registrations.Count == 0)
            return tags;
        return tags.Append((RegistrationsTag, Merged(registrations, written?.Value))).OrderBy(t => t.Item1, StringComparer.Ordinal);
    }

    // As Python writes it: clients compare the text.
    private static string Merged(List<(string Name, string Version)> known, string? written)
    {
        var all = known.ToList();
        try
        {
            foreach (var entry in written is null ? [] : JsonSerializer.Deserialize<List<JsonElement>>(written) ?? [])
            {
                var item = (entry.GetProperty("name").GetString() ?? "", entry.GetProperty("version").ToString());
                if (!all.Contains(item))
                    all.Add(item);
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            // Not ours to mend: somebody keeps something else in this tag.
            return written!;
        }

        return "[" + string.Join(", ", all.Select(r => $"{{\"name\": {JsonSerializer.Serialize(r.Name)}, \"version\": "
            + (long.TryParse(r.Version, NumberStyles.None, CultureInfo.InvariantCulture, out _) ? r.Version : JsonSerializer.Serialize(r.Version))
            + "}")) + "]";
    }

    private static void WriteMetric(Utf8JsonWriter w, LoggedModelPoint metric, string modelId)
    {
        w.WriteStartObject();
        w.WriteString("key", metric.Key);
        w.WriteDouble("value", metric.Value);
        w.WriteNumber("timestamp", metric.TimestampMs);
        w.WriteNumber("step", metric.Step);
        if (metric.DatasetName.Length > 0)
            w.WriteString("dataset_name", metric.DatasetName);
        if (metric.DatasetDigest.Length > 0)
            w.WriteString("dataset_digest", metric.DatasetDigest);
        w.WriteString("model_id", modelId);
        w.WriteString("run_id", metric.RunUuid);
        w.WriteEndObject();
    }
}
