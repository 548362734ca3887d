using System.Globalization;
using System.Runtime.CompilerServices;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;

namespace ModelRegistry.Core.Tracking;

/// <summary>One point of a curve as it was logged.</summary>
public readonly record struct MetricSample(double Value, long TimestampMs, long Step);

/// <summary>
/// Reads curves, in the order of (timestamp, step, value). Points lie by (step, timestamp, value); of a curve that was logged
/// in order that is the same and it is one walk along the key, the others are sorted by the database.
/// </summary>
public sealed class MetricHistory(ReadConnections connections, MetricKeyCatalog keys, RunService runs)
{
    private const int MaxPointsOfRun = 25_000;
    private const string Columns = "timestamp_ms, step, value, kind";

    /// <summary>Where a page begins: after this point, in the order that the first page had.</summary>
    private sealed record Position(long TimestampMs, long Step, double Value, short Kind, bool ByStep);

    /// <summary>
    /// The points as they come from the database, however many; <paramref name="onToken"/> is called at the end with the
    /// token of the next page, or null. An unknown key has no points.
    /// </summary>
    /// <param name="maxResults">Null for all.</param>
    public async IAsyncEnumerable<MetricSample> ReadAsync(string runUuid, string key, int? maxResults, string? pageToken,
        Action<string?> onToken, [EnumeratorCancellation] CancellationToken ct)
    {
        var (runId, _) = await runs.RequireRunAsync(runUuid, Permission.Read, ct);
        var query = $"{runUuid}|{key}";
        var hasStart = PageToken.TryDecode<Position>(pageToken, query, out var start);
        if (maxResults is < 1)
            throw new InvalidArgumentException("max_results", "max_results must be a positive integer.");
        if (await keys.FindAsync(key, ct) is not { } keyId)
        {
            onToken(null);
            yield break;
        }

        using var connection = await connections.RentAsync(ct);
        var byStep = hasStart ? start.ByStep : await IsInTimeOrderAsync(connection, runId, keyId, ct);
        var (first, second) = byStep ? ("step", "timestamp_ms") : ("timestamp_ms", "step");
        var sql = $"SELECT {Columns} FROM metric_points WHERE run_id = @run AND key_id = @key"
            + (hasStart ? $" AND {After(first, second)}" : "")
            + $" ORDER BY {first}, {second}, value, kind" + (maxResults is null ? "" : connections.Limit("@max"));
        var parameters = new List<(string, object)> { ("@run", runId), ("@key", keyId) };
        if (hasStart)
            parameters.AddRange([("@timestamp_ms", start.TimestampMs), ("@step", start.Step), ("@value", start.Value), ("@kind", start.Kind)]);
        if (maxResults is { } max)
            parameters.Add(("@max", max + 1L));

        await using var row = await connection.Command(sql, keep: true, parameters.ToArray()).ExecuteReaderAsync(ct);
        Position? last = null;
        var count = 0;
        while (await row.ReadAsync(ct))
        {
            if (count++ == maxResults)
            {
                onToken(PageToken.Encode(last!, query));
                yield break;
            }

            var (ts, step, value, kind) = (row.GetInt64(0), row.GetInt64(1), row.GetDouble(2), row.GetInt16(3));
            if (count == maxResults)
                last = new Position(ts, step, value, kind, byStep);
            yield return new MetricSample(MetricValue.FromStored(value, (MetricKind)kind), ts, step);
        }

        onToken(null);
    }

    private string After(string first, string second) => connections.Dialect == Filtering.SqlDialect.SqlServer
        ? $"{first} >= @{first} AND ({first} > @{first} OR {second} > @{second} OR ({second} = @{second} "
            + "AND (value > @value OR (value = @value AND kind > @kind))))"
        : $"({first}, {second}, value, kind) > (@{first}, @{second}, @value, @kind)";

    private static async Task<bool> IsInTimeOrderAsync(ReadConnection connection, long runId, long keyId, CancellationToken ct)
    {
        await using var row = await connection.Command(
            "SELECT in_time_order FROM latest_metrics WHERE run_id = @run AND key_id = @key", keep: true,
            ("@run", runId), ("@key", keyId)).ExecuteReaderAsync(ct);
        return await row.ReadAsync(ct) && row.GetBoolean(0);
    }

    /// <summary>
    /// The curves of several runs thinned to some steps: of the steps that were logged in the range, about
    /// <paramref name="maxSteps"/> evenly, the last one, and the first and last of each run; all points of these steps, run by run.
    /// </summary>
    public async Task<List<(string RunUuid, MetricSample Sample)>> ReadThinnedAsync(IReadOnlyList<string> runUuids, string key,
        long? startStep, long? endStep, int maxSteps, CancellationToken ct)
    {
        if ((startStep is null) != (endStep is null))
        {
            throw new InvalidArgumentException("start_step",
                "If either start step or end step are specified, both must be specified.");
        }

        if (startStep > endStep)
        {
            throw new InvalidArgumentException("end_step", string.Create(CultureInfo.InvariantCulture,
                $"end_step must be greater than start_step. Found start_step={startStep} and end_step={endStep}."));
        }

        var ids = new List<(string RunUuid, long Id)>(runUuids.Count);
        foreach (var runUuid in runUuids)
            ids.Add((runUuid, (await runs.RequireRunAsync(runUuid, Permission.Read, ct)).Id));
        var result = new List<(string, MetricSample)>();
        if (await keys.FindAsync(key, ct) is not { } keyId)
            return result;

        using var connection = await connections.RentAsync(ct);
        var (from, to) = (startStep ?? long.MinValue, endStep ?? long.MaxValue);
        var steps = new SortedSet<long>();
        var kept = new HashSet<long>();
        foreach (var id in ids.Select(i => i.Id).Distinct())
        {
            var ofRun = await StepsAsync(connection, id, keyId, from, to, ct);
            steps.UnionWith(ofRun);
            if (await EndsAsync(connection, id, keyId, ct) is { } ends)
                kept.UnionWith(new[] { ends.First, ends.Last }.Where(step => step >= from && step <= to));
        }

        Thin([.. steps], maxSteps, kept);
        foreach (var (runUuid, id) in ids)
        {
            var ofRun = await PointsAsync(connection, id, keyId, from, to, ct);
            result.AddRange(ofRun.Where(p => kept.Contains(p.Step)).Take(MaxPointsOfRun).Select(p => (runUuid, p)));
        }

        return result;
    }

    // As MLflow does it, to the rounding: the same curve is drawn from the same points.
    private static void Thin(long[] steps, int maxSteps, HashSet<long> kept)
    {
        if (steps.Length <= maxSteps)
        {
            kept.UnionWith(steps);
            return;
        }

        var interval = (double)steps.Length / maxSteps;
        for (var i = 0; i < maxSteps; i++)
            kept.Add(steps[(int)(i * interval)]);
        kept.Add(steps[^1]);
    }

    private static async Task<(long First, long Last)?> EndsAsync(
        ReadConnection connection, long runId, long keyId, CancellationToken ct)
    {
        await using var row = await connection.Command(
            "SELECT MIN(step), MAX(step) FROM metric_points WHERE run_id = @run AND key_id = @key", keep: true,
            ("@run", runId), ("@key", keyId)).ExecuteReaderAsync(ct);
        return await row.ReadAsync(ct) && !row.IsDBNull(0) ? (row.GetInt64(0), row.GetInt64(1)) : null;
    }

    private static async Task<List<long>> StepsAsync(
        ReadConnection connection, long runId, long keyId, long from, long to, CancellationToken ct)
    {
        var steps = new List<long>();
        await using var row = await connection.Command("SELECT DISTINCT step FROM metric_points WHERE run_id = @run AND key_id = @key "
            + "AND step >= @from AND step <= @to ORDER BY step", keep: true,
            ("@run", runId), ("@key", keyId), ("@from", from), ("@to", to)).ExecuteReaderAsync(ct);
        while (await row.ReadAsync(ct))
            steps.Add(row.GetInt64(0));
        return steps;
    }

    private static async Task<List<MetricSample>> PointsAsync(
        ReadConnection connection, long runId, long keyId, long from, long to, CancellationToken ct)
    {
        var points = new List<MetricSample>();
        await using var row = await connection.Command($"SELECT {Columns} FROM metric_points WHERE run_id = @run AND key_id = @key "
            + "AND step >= @from AND step <= @to ORDER BY step, timestamp_ms, value, kind", keep: true,
            ("@run", runId), ("@key", keyId), ("@from", from), ("@to", to)).ExecuteReaderAsync(ct);
        while (await row.ReadAsync(ct))
        {
            points.Add(new MetricSample(
                MetricValue.FromStored(row.GetDouble(2), (MetricKind)row.GetInt16(3)), row.GetInt64(0), row.GetInt64(1)));
        }

        return points;
    }
}
