using System.Text.Json;
using ModelRegistry.Core.Tracking;

namespace ModelRegistry.Web.MlflowApi;

/// <summary>Words of the wire that several nouns share.</summary>
internal static class Wire
{
    /// <summary>Null is ALL.</summary>
    public static Lifecycle? ViewType(MlflowObject body, string name) =>
        body.Enum(name, ("ACTIVE_ONLY", 1), ("DELETED_ONLY", 2), ("ALL", 3)) switch
        {
            2 => Lifecycle.Deleted,
            3 => null,
            _ => Lifecycle.Active,
        };

    public static int MaxResults(MlflowObject body, int defaultValue)
    {
        var value = body.Int64("max_results");
        return value is null ? defaultValue : (int)Math.Clamp(value.Value, int.MinValue, int.MaxValue);
    }

    public static string LifecycleStage(Lifecycle lifecycle) => lifecycle == Lifecycle.Active ? "active" : "deleted";

    public static string Status(RunStatus status) => status switch
    {
        RunStatus.Running => "RUNNING",
        RunStatus.Scheduled => "SCHEDULED",
        RunStatus.Finished => "FINISHED",
        RunStatus.Failed => "FAILED",
        _ => "KILLED",
    };

    public static RunStatus? Status(MlflowObject body) => (RunStatus?)body.Enum(
        "status", ("RUNNING", 1), ("SCHEDULED", 2), ("FINISHED", 3), ("FAILED", 4), ("KILLED", 5));

    /// <summary>The run's id under either of its names.</summary>
    public static string RunId(MlflowObject body) =>
        body.String("run_id") is { Length: > 0 } id ? id : body.String("run_uuid") is { Length: > 0 } uuid ? uuid : throw body.Missing("run_id");

    /// <summary>A repeated message; absent where empty.</summary>
    public static void WriteList<T>(
        this Utf8JsonWriter w, string name, IReadOnlyCollection<T> items, Action<Utf8JsonWriter, T> write, string? nextPageToken = null)
    {
        if (items.Count > 0)
        {
            w.WriteStartArray(name);
            foreach (var item in items)
                write(w, item);
            w.WriteEndArray();
        }

        if (nextPageToken is not null)
            w.WriteString("next_page_token", nextPageToken);
    }

    /// <summary>Repeated {key, value}; absent where empty.</summary>
    public static void WriteTags(this Utf8JsonWriter w, string name, IEnumerable<(string Key, string Value)> tags) =>
        w.WriteList(name, tags.ToArray(), static (w, tag) =>
        {
            w.WriteStartObject();
            w.WriteString("key", tag.Key);
            w.WriteString("value", tag.Value);
            w.WriteEndObject();
        });

    /// <summary>Numbers as numbers; what JSON has no number for as protobuf's strings.</summary>
    public static void WriteDouble(this Utf8JsonWriter w, string name, double value)
    {
        if (double.IsFinite(value))
            w.WriteNumber(name, value);
        else
            w.WriteString(name, double.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
    }

}
