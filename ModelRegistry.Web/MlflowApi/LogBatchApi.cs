using ModelRegistry.Core.Tracking;

namespace ModelRegistry.Web.MlflowApi;

/// <summary>
/// `runs/log-batch`: the call that training loops make. The usual body is read by <see cref="LogBatchReader"/> without
/// garbage; anything unusual goes the strict way of all other calls, which also words the errors.
/// </summary>
internal static class LogBatchApi
{
    private static readonly byte[] Empty = "{}"u8.ToArray();

    public static async Task HandleAsync(HttpContext http)
    {
        MlflowRequest.RequireJsonContentType(http.Request.ContentType);
        using var body = await RequestBody.ReadAsync(http);
        if (!LogBatchReader.TryRead(body.Bytes, http.RequestServices.GetRequiredService<MetricKeyCatalog>(), out var log))
        {
            using var request = MlflowRequest.Of(body);
            log = ReadStrictly(request.Body);
        }

        await http.RequestServices.GetRequiredService<RunService>().LogAsync(log, http.RequestAborted);
        SayWhatWasTruncated(http, log);
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = Empty.Length;
        await http.Response.BodyWriter.WriteAsync(Empty, http.RequestAborted);
    }

    public static MetricLog ReadMetric(MlflowObject o) => new(
        o.RequiredString("key"), o.RequiredDouble("value"), o.RequiredInt64("timestamp"), o.Int64("step") ?? 0,
        o.String("model_id"), o.String("dataset_name"), o.String("dataset_digest"));

    /// <summary>Values are cut as MLflow cuts them; the header says so, since the body has no place for it.</summary>
    public static void SayWhatWasTruncated(HttpContext http, RunLog log)
    {
        var cut = log.Params.Count(p => p.Value.Length > Param.MaxValueLength) + log.Tags.Count(t => t.Value.Length > RunTag.MaxValueLength);
        if (cut > 0)
            http.Response.Headers["X-ModelRegistry-Truncated"] = cut.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    private static RunLog ReadStrictly(MlflowObject body)
    {
        var log = new RunLog { RunUuid = Wire.RunId(body) };
        foreach (var metric in body.Objects("metrics"))
            log.Metrics.Add(ReadMetric(metric));
        foreach (var param in body.KeyValues("params"))
            log.Params.Add((param.Key, param.Value));
        foreach (var tag in body.KeyValues("tags"))
            log.Tags.Add((tag.Key, tag.Value));
        return log;
    }
}
