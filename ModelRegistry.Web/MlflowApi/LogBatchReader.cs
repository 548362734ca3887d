using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using ModelRegistry.Core.Tracking;
using ModelRegistry.Core.Tracking.Store;

namespace ModelRegistry.Web.MlflowApi;

/// <summary>
/// Reads the body that clients send in their training loops: known members with values of the plain type. It never
/// refuses: where anything is out of the ordinary it gives up, and the strict reading decides.
/// </summary>
internal static class LogBatchReader
{
    private const int MaxKeyBytes = MetricKey.MaxNameLength * 3;

    public static bool TryRead(in ReadOnlySequence<byte> body, MetricKeyCatalog keys, [NotNullWhen(true)] out RunLog? log)
    {
        log = null;
        try
        {
            var reader = new Utf8JsonReader(body);
            return TryReadBatch(ref reader, keys, out log);
        }
        catch (JsonException)
        {
            return false;
        }
        catch (InvalidOperationException)
        {
            // Text that is not valid UTF-16.
            return false;
        }
    }

    private static bool TryReadBatch(ref Utf8JsonReader reader, MetricKeyCatalog keys, [NotNullWhen(true)] out RunLog? log)
    {
        log = null;
        string? runId = null;
        List<PointWrite>? points = null;
        List<MetricLog>? metrics = null;
        List<(string, string)>? parameters = null;
        List<(string, string)>? tags = null;
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var ok = reader.ValueTextEquals("run_id"u8) ? runId is null && TryReadText(ref reader, out runId)
                : reader.ValueTextEquals("metrics"u8) ? points is null && TryReadMetrics(ref reader, keys, out points, out metrics)
                : reader.ValueTextEquals("params"u8) ? parameters is null && TryReadPairs(ref reader, out parameters)
                : reader.ValueTextEquals("tags"u8) && tags is null && TryReadPairs(ref reader, out tags);
            if (!ok)
                return false;
        }

        if (reader.TokenType != JsonTokenType.EndObject || reader.Read() || string.IsNullOrEmpty(runId))
            return false;
        log = new RunLog { RunUuid = runId, Points = points ?? [], Metrics = metrics ?? [], Params = parameters ?? [], Tags = tags ?? [] };
        return true;
    }

    private static bool TryReadMetrics(
        ref Utf8JsonReader reader, MetricKeyCatalog keys, out List<PointWrite>? points, out List<MetricLog>? metrics)
    {
        points = [];
        metrics = null;
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
            return false;
        Span<char> key = stackalloc char[MetricKey.MaxNameLength];
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            var keyLength = -1;
            double? value = null;
            long? timestamp = null;
            long? step = null;
            string? model = null;
            string? datasetName = null;
            string? datasetDigest = null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var ok = reader.ValueTextEquals("key"u8) ? keyLength < 0 && TryReadKey(ref reader, key, out keyLength)
                    : reader.ValueTextEquals("value"u8) ? value is null && TryReadDouble(ref reader, out value)
                    : reader.ValueTextEquals("timestamp"u8) ? timestamp is null && TryReadInt64(ref reader, out timestamp)
                    : reader.ValueTextEquals("step"u8) ? step is null && TryReadInt64(ref reader, out step)
                    : reader.ValueTextEquals("model_id"u8) ? model is null && TryReadText(ref reader, out model)
                    : reader.ValueTextEquals("dataset_name"u8) ? datasetName is null && TryReadText(ref reader, out datasetName)
                    : reader.ValueTextEquals("dataset_digest"u8) && datasetDigest is null && TryReadText(ref reader, out datasetDigest);
                if (!ok)
                    return false;
            }

            if (keyLength <= 0 || value is null || timestamp is null or < 0)
                return false;
            var name = key[..keyLength];
            if (model is null && keys.TryGetId(name, out var id))
            {
                var (stored, kind) = MetricValue.ToStored(value.Value);
                points.Add(new PointWrite(id, stored, kind, timestamp.Value, step ?? 0));
            }
            else
            {
                (metrics ??= []).Add(
                    new MetricLog(name.ToString(), value.Value, timestamp.Value, step ?? 0, model, datasetName, datasetDigest));
            }
        }

        return reader.TokenType == JsonTokenType.EndArray;
    }

    private static bool TryReadKey(ref Utf8JsonReader reader, scoped Span<char> key, out int length)
    {
        length = -1;
        if (!reader.Read() || reader.TokenType != JsonTokenType.String || reader.HasValueSequence || reader.ValueIsEscaped
            || reader.ValueSpan.Length is 0 or > MaxKeyBytes || Encoding.UTF8.GetCharCount(reader.ValueSpan) > key.Length)
        {
            return false;
        }

        length = reader.CopyString(key);
        return true;
    }

    private static bool TryReadPairs(ref Utf8JsonReader reader, out List<(string Key, string Value)>? pairs)
    {
        pairs = [];
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
            return false;
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            string? key = null;
            string? value = null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var ok = reader.ValueTextEquals("key"u8) ? key is null && TryReadText(ref reader, out key)
                    : reader.ValueTextEquals("value"u8) && value is null && TryReadText(ref reader, out value);
                if (!ok)
                    return false;
            }

            if (string.IsNullOrEmpty(key))
                return false;
            pairs.Add((key, value ?? ""));
        }

        return reader.TokenType == JsonTokenType.EndArray;
    }

    private static bool TryReadText(ref Utf8JsonReader reader, out string? text)
    {
        text = null;
        if (!reader.Read() || reader.TokenType != JsonTokenType.String)
            return false;
        text = reader.GetString()!;
        return !text.Contains('\0');
    }

    private static bool TryReadDouble(ref Utf8JsonReader reader, out double? value)
    {
        value = null;
        if (!reader.Read() || reader.TokenType != JsonTokenType.Number || !reader.TryGetDouble(out var number) || !double.IsFinite(number))
            return false;
        value = number;
        return true;
    }

    private static bool TryReadInt64(ref Utf8JsonReader reader, out long? value)
    {
        value = null;
        if (!reader.Read() || reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var number))
            return false;
        value = number;
        return true;
    }
}
