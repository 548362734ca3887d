using System.Data.Common;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Core.Tracking;

/// <summary>Reads runs, bare. Knows no users: the services decide who sees what. Singleton, thread-safe.</summary>
public sealed class RunReader(ReadConnections connections, MetricKeyCatalog keys, ExperimentCatalog experiments)
{
    private const string RunColumns = "id, run_uuid, experiment_id, name, user_name, status, start_ms, end_ms, lifecycle, version, created_by";

    private readonly string _runs = $"SELECT {RunColumns} FROM runs WHERE {connections.In("id", "@ids")}";
    private readonly string _metrics =
        $"SELECT run_id, key_id, value, kind, timestamp_ms, step FROM latest_metrics WHERE {connections.In("run_id", "@ids")}";
    private readonly string _params =
        $"SELECT run_id, \"key\", value FROM params WHERE {connections.In("run_id", "@ids")} ORDER BY run_id, \"key\"";
    private readonly string _tags =
        $"SELECT run_id, \"key\", value FROM run_tags WHERE {connections.In("run_id", "@ids")} ORDER BY run_id, \"key\"";
    private readonly string _datasets =
        "SELECT i.run_id, d.id, d.name, d.digest, d.source_type, d.source, d.\"schema\", d.profile FROM dataset_inputs i "
        + $"JOIN datasets d ON d.id = i.dataset_id WHERE {connections.In("i.run_id", "@ids")} ORDER BY i.run_id, d.id";
    private readonly string _datasetTags =
        $"SELECT run_id, dataset_id, \"key\", value FROM dataset_input_tags WHERE {connections.In("run_id", "@ids")}";
    private readonly string _models =
        "SELECT m.run_id, l.model_uuid, m.\"role\", m.step FROM run_models m JOIN logged_models l ON l.id = m.logged_model_id "
        + $"WHERE {connections.In("m.run_id", "@ids")} ORDER BY m.run_id, l.id";

    /// <summary>Null where there is no such run.</summary>
    public async Task<RunHead?> FindAsync(string runUuid, CancellationToken ct)
    {
        using var connection = await connections.RentAsync(ct);
        var command = connection.Command(
            "SELECT id, experiment_id, version FROM runs WHERE run_uuid = @uuid", keep: true, ("@uuid", runUuid));
        await using var row = await command.ExecuteReaderAsync(ct);
        return await row.ReadAsync(ct) ? new RunHead(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)) : null;
    }

    /// <summary>Those that there are, by their ids.</summary>
    public async Task<Dictionary<string, RunHead>> FindAsync(IReadOnlyCollection<string> runUuids, CancellationToken ct)
    {
        var names = runUuids.Select((_, i) => $"@r{i}").ToArray();
        var heads = new Dictionary<string, RunHead>(names.Length, StringComparer.Ordinal);
        if (names.Length == 0)
            return heads;
        using var connection = await connections.RentAsync(ct);
        await using var command = connection.Command(
            $"SELECT run_uuid, id, experiment_id, version FROM runs WHERE run_uuid IN ({string.Join(", ", names)})",
            keep: false, [.. runUuids.Select((id, i) => (names[i], (object)id))]);
        await using var row = await command.ExecuteReaderAsync(ct);
        while (await row.ReadAsync(ct))
            heads[row.GetString(0)] = new RunHead(row.GetInt64(1), row.GetInt64(2), row.GetInt64(3));
        return heads;
    }

    /// <summary>Whole runs in the order of the ids; ids of no run are left out.</summary>
    public async Task<List<RunRecord>> LoadAsync(IReadOnlyList<long> ids, CancellationToken ct)
    {
        var records = new Dictionary<long, RunRecord>(ids.Count);
        if (ids.Count == 0)
            return [];
        using var connection = await connections.RentAsync(ct);
        var list = connections.Ids(ids);
        var runs = new List<Run>(ids.Count);
        // The run first: the details are then as new as its version or newer, never older.
        await ReadAsync(connection, _runs, list, row => runs.Add(ReadRun(row)), ct);
        var locations = (await experiments.FindAsync([.. runs.Select(r => r.ExperimentId).Distinct()], ct))
            .ToDictionary(e => e.Id, e => e.ArtifactLocation);
        foreach (var run in runs)
            records[run.Id] = new RunRecord(run, ArtifactLocation.OfRun(locations[run.ExperimentId], run.RunUuid));

        await ReadMetricsAsync(connection, list, records, ct);
        await ReadAsync(connection, _params, list, row => Of(records, row)?.Params.Add((row.GetString(1), row.GetString(2))), ct);
        await ReadAsync(connection, _tags, list, row => Of(records, row)?.Tags.Add((row.GetString(1), row.GetString(2))), ct);
        await ReadDatasetsAsync(connection, list, records, ct);
        await ReadAsync(connection, _models, list, row => Of(records, row)?.Models.Add(
            new ModelLink(row.GetString(1), (RunModelRole)row.GetInt16(2), row.GetInt64(3))), ct);
        return [.. ids.Where(records.ContainsKey).Select(id => records[id])];
    }

    private async Task ReadMetricsAsync(
        ReadConnection connection, object list, Dictionary<long, RunRecord> records, CancellationToken ct)
    {
        var metrics = new List<(RunRecord Record, long KeyId, MetricRecord Metric)>();
        await ReadAsync(connection, _metrics, list, row =>
        {
            if (Of(records, row) is { } record)
            {
                metrics.Add((record, row.GetInt64(1), new MetricRecord("",
                    MetricValue.FromStored(row.GetDouble(2), (MetricKind)row.GetInt16(3)), row.GetInt64(4), row.GetInt64(5))));
            }
        }, ct);
        var names = await keys.NamesAsync([.. metrics.Select(m => m.KeyId).Distinct()], ct);
        foreach (var (record, keyId, metric) in metrics)
            record.Metrics.Add(metric with { Key = names[keyId] });
        foreach (var record in records.Values)
            record.Metrics.Sort(static (a, b) => string.CompareOrdinal(a.Key, b.Key));
    }

    private async Task ReadDatasetsAsync(
        ReadConnection connection, object list, Dictionary<long, RunRecord> records, CancellationToken ct)
    {
        var found = new List<(RunRecord Record, long DatasetId, DatasetUse Use, List<(string, string)> Tags)>();
        await ReadAsync(connection, _datasets, list, row =>
        {
            if (Of(records, row) is not { } record)
                return;
            var tags = new List<(string, string)>();
            found.Add((record, row.GetInt64(1), new DatasetUse(row.GetString(2), row.GetString(3), row.GetString(4),
                row.GetString(5), row.IsDBNull(6) ? null : row.GetString(6), row.IsDBNull(7) ? null : row.GetString(7), tags), tags));
        }, ct);
        if (found.Count == 0)
            return;
        var tagsOf = found.ToDictionary(f => (f.Record.Run.Id, f.DatasetId), f => f.Tags);
        await ReadAsync(connection, _datasetTags, list, row =>
        {
            if (tagsOf.TryGetValue((row.GetInt64(0), row.GetInt64(1)), out var tags))
                tags.Add((row.GetString(2), row.GetString(3)));
        }, ct);
        foreach (var (record, _, use, _) in found)
            record.Datasets.Add(use);
    }

    private static RunRecord? Of(Dictionary<long, RunRecord> records, DbDataReader row) =>
        records.GetValueOrDefault(row.GetInt64(0));

    private static async Task ReadAsync(
        ReadConnection connection, string sql, object ids, Action<DbDataReader> read, CancellationToken ct)
    {
        await using var row = await connection.Command(sql, keep: true, ("@ids", ids)).ExecuteReaderAsync(ct);
        while (await row.ReadAsync(ct))
            read(row);
    }

    private static Run ReadRun(DbDataReader row) => new()
    {
        Id = row.GetInt64(0),
        RunUuid = row.GetString(1),
        ExperimentId = row.GetInt64(2),
        Name = row.GetString(3),
        UserName = row.GetString(4),
        Status = (RunStatus)row.GetInt16(5),
        StartMs = row.GetInt64(6),
        EndMs = row.IsDBNull(7) ? null : row.GetInt64(7),
        Lifecycle = (Lifecycle)row.GetInt16(8),
        Version = row.GetInt64(9),
        CreatedBy = row.GetInt64(10),
    };
}
