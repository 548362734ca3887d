using System.Net;
using System.Text.Json;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Tracking;

/// <summary>What the tracking tests say often.</summary>
internal static class TrackingCalls
{
    public static async Task<string> CreateExperimentAsync(this HttpClient client, string? name = null) =>
        (await client.MlflowPostAsync("experiments/create", new { name = name ?? Any.Name("experiment") })).Ok()["experiment_id"].GetString()!;

    public static async Task<string> CreateRunAsync(this HttpClient client, string experimentId, string? name = null) =>
        (await client.MlflowPostAsync("runs/create", new { experiment_id = experimentId, run_name = name, start_time = 1700000000000 })).Ok()
            ["run"].GetProperty("info").GetProperty("run_id").GetString()!;

    public static async Task<JsonElement> GetRunAsync(this HttpClient client, string runId) =>
        (await client.MlflowGetAsync($"runs/get?run_id={runId}")).Ok()["run"];

    public static async Task LogMetricAsync(
        this HttpClient client, string runId, string key, object value, long timestamp = 1, long step = 0) =>
        (await client.MlflowPostAsync("runs/log-metric", new { run_id = runId, key, value, timestamp, step })).Ok();

    /// <summary>The value of a metric, param or tag of a run as JSON text; null where it has none.</summary>
    public static string? Value(this JsonElement run, string list, string key)
    {
        if (!run.GetProperty("data").TryGetProperty(list, out var items))
            return null;
        foreach (var item in items.EnumerateArray())
        {
            if (item.GetProperty("key").GetString() == key)
                return item.GetProperty("value").GetRawText();
        }

        return null;
    }

    public static async Task<List<string>> SearchAsync(this HttpClient client, string experimentId, string? filter, params string[] orderBy)
    {
        var answer = (await client.MlflowPostAsync(
            "runs/search", new { experiment_ids = new[] { experimentId }, filter, order_by = orderBy })).Ok();
        return answer.Json.TryGetProperty("runs", out var runs)
            ? [.. runs.EnumerateArray().Select(r => r.GetProperty("info").GetProperty("run_name").GetString()!)]
            : [];
    }

    public static void ShouldBeInvalid(this ApiAnswer answer) =>
        answer.ShouldBeRefused(HttpStatusCode.BadRequest, "INVALID_PARAMETER_VALUE");
}
