using System.Text.Json;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Tracking;

namespace ModelRegistry.Web.MlflowApi;

/// <summary>`metrics/*`: curves.</summary>
internal static class MetricsApi
{
    private const int MaxRuns = 100;
    private const int MaxBulkPoints = 25_000;
    private const int MaxIntervalPoints = 2500;
    private const int FlushAt = 64 * 1024;

    public static void Map(MlflowRouteBuilder routes)
    {
        routes.Get("metrics/get-history", GetHistoryAsync);
        routes.GetAjax("metrics/get-history-bulk", GetBulkAsync);
        routes.Get("metrics/get-history-bulk-interval", GetIntervalAsync);
    }

    private static async Task GetHistoryAsync(MlflowCall call)
    {
        var body = call.Request.Body;
        var key = body.RequiredString("metric_key");
        string? next = null;
        var maxResults = body.Int64("max_results");
        if (maxResults is < 1 or > int.MaxValue)
            throw new InvalidArgumentException("max_results", $"Invalid value {maxResults} for parameter 'max_results' supplied. It must be a positive integer");
        var samples = call.Service<MetricHistory>().ReadAsync(
            Wire.RunId(body), key, (int?)maxResults, body.String("page_token"), token => next = token, call.Ct);
        await using var reading = samples.GetAsyncEnumerator(call.Ct);
        // The first row before the first byte: what is refused is refused with a proper answer.
        var has = await reading.MoveNextAsync();
        call.Http.Response.ContentType = "application/json";
        await using var w = new Utf8JsonWriter(call.Http.Response.BodyWriter, MlflowCall.WriterOptions);
        w.WriteStartObject();
        if (has)
        {
            w.WriteStartArray("metrics");
            for (; has; has = await reading.MoveNextAsync())
            {
                var sample = reading.Current;
                RunJson.WriteMetric(w, key, sample.Value, sample.TimestampMs, sample.Step);
                if (w.BytesPending > FlushAt)
                {
                    w.Flush();
                    await call.Http.Response.BodyWriter.FlushAsync(call.Ct);
                }
            }

            w.WriteEndArray();
        }

        if (next is not null)
            w.WriteString("next_page_token", next);
        w.WriteEndObject();
    }

    private static async Task GetBulkAsync(MlflowCall call)
    {
        var body = call.Request.Body;
        var runIds = body.Strings("run_id");
        if (runIds.Count == 0)
            throw new InvalidArgumentException("run_id", "GetMetricHistoryBulk request must specify at least one run_id.");
        if (runIds.Count > MaxRuns)
        {
            throw new InvalidArgumentException("run_id",
                $"GetMetricHistoryBulk request cannot specify more than {MaxRuns} run_ids. Received {runIds.Count} run_ids.");
        }

        var key = body.String("metric_key") is { Length: > 0 } name ? name
            : throw new InvalidArgumentException("metric_key", "GetMetricHistoryBulk request must specify a metric_key.");
        var max = (int)Math.Clamp(body.Int64("max_results") ?? MaxBulkPoints, 1, MaxBulkPoints);
        var history = call.Service<MetricHistory>();
        var points = new List<(string RunId, MetricSample Sample)>();
        foreach (var runId in runIds.Order(StringComparer.Ordinal))
        {
            if (points.Count == max)
                break;
            await foreach (var sample in history.ReadAsync(runId, key, max - points.Count, null, static _ => { }, call.Ct))
                points.Add((runId, sample));
        }

        await WriteAsync(call, key, points);
    }

    private static async Task GetIntervalAsync(MlflowCall call)
    {
        var body = call.Request.Body;
        var runIds = body.Strings("run_ids");
        if (runIds.Count == 0)
            throw body.Missing("run_ids");
        if (runIds.Count > MaxRuns)
        {
            throw new InvalidArgumentException("run_ids", $"GetMetricHistoryBulkInterval request must specify at most {MaxRuns} run_ids. "
                + $"Received {runIds.Count} run_ids.");
        }

        var key = body.RequiredString("metric_key");
        var max = body.Int64("max_results") ?? MaxIntervalPoints;
        if (max is < 1 or > MaxIntervalPoints)
            throw new InvalidArgumentException("max_results", $"max_results must be between 1 and {MaxIntervalPoints}.");
        var points = await call.Service<MetricHistory>().ReadThinnedAsync(
            runIds, key, body.Int64("start_step"), body.Int64("end_step"), (int)max, call.Ct);
        await WriteAsync(call, key, points);
    }

    private static Task WriteAsync(MlflowCall call, string key, List<(string RunId, MetricSample Sample)> points) =>
        call.WriteAsync(w => w.WriteList("metrics", points, (w, point) =>
        {
            w.WriteStartObject();
            w.WriteString("key", key);
            w.WriteDouble("value", point.Sample.Value);
            w.WriteNumber("timestamp", point.Sample.TimestampMs);
            w.WriteNumber("step", point.Sample.Step);
            w.WriteString("run_id", point.RunId);
            w.WriteEndObject();
        }));
}
