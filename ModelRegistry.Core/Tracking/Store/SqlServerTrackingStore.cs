using System.Text.Json;
using Microsoft.Data.SqlClient;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Core.Tracking.Store;

/// <summary>
/// Runs on SQL Server: the rows of a group go as JSON, one statement per table, three round trips for a group whatever
/// its size.
/// </summary>
internal sealed class SqlServerTrackingStore(DatabaseOptions options) : ITrackingStore
{
    private readonly RunWritePlan _plan = new();
    private static readonly string KeepHighest = string.Join(", ", new[] { "timestamp_ms", "step", "value", "kind" }.Select(column =>
        $"{column} = IIF(l.step > m.step OR (l.step = m.step AND (l.timestamp_ms > m.timestamp_ms OR "
        + $"(l.timestamp_ms = m.timestamp_ms AND l.value > m.value))), l.{column}, m.{column})"));

    private long _nextRunId;
    private long _lastRunId = -1;

    public void Write(IReadOnlyList<RunWrite> group)
    {
        _plan.Clear();
        using var connection = new SqlConnection(options.ConnectionString);
        connection.Open();
        NumberRuns(group, connection);
        using var transaction = connection.BeginTransaction();
        ReadState(group, connection, transaction);
        _plan.Add(group);
        foreach (var (sql, rows) in Statements())
        {
            if (rows is not "[]")
                Execute(connection, transaction, sql, rows);
        }

        transaction.Commit();
    }

    public void Dispose()
    {
        // Connections belong to the driver's pool.
    }

    /// <summary>Every statement that a plan can come to, for the test that parses them.</summary>
    internal static IEnumerable<string> AllStatements => new SqlServerTrackingStore(
        new DatabaseOptions(DatabaseProvider.SqlServer, "", null)).Statements().Select(s => s.Sql).Append(Bump).Append(StoredParams).Append(StoredTags);

    // The lock is held to the end of the transaction and taken in the order of the ids.
    private const string Bump = "UPDATE r SET version = r.version + 1 OUTPUT inserted.id, inserted.created_by FROM runs r "
        + "WITH (UPDLOCK, ROWLOCK) JOIN (SELECT CAST(value AS bigint) AS id FROM OPENJSON(@rows)) l ON l.id = r.id WHERE r.lifecycle = 0";
    private const string StoredParams = "SELECT p.run_id, p.[key], p.value FROM params p "
        + "JOIN (SELECT CAST(value AS bigint) AS id FROM OPENJSON(@rows)) l ON l.id = p.run_id";
    private const string StoredTags = "SELECT t.run_id, t.[key] FROM run_tags t JOIN OPENJSON(@rows) WITH (run_id bigint '$[0]', "
        + "k nvarchar(250) '$[1]') d ON d.run_id = t.run_id AND d.k COLLATE Latin1_General_100_BIN2 = t.[key]";

    private IEnumerable<(string Sql, string Rows)> Statements()
    {
        yield return ("INSERT INTO runs (id, run_uuid, experiment_id, name, user_name, status, start_ms, end_ms, created_by, lifecycle, "
            + "deleted_with_experiment, version) SELECT id, run_uuid, experiment_id, name, user_name, status, start_ms, end_ms, created_by, 0, 0, 1 "
            + "FROM OPENJSON(@rows) WITH (id bigint '$[0]', run_uuid nvarchar(32) '$[1]', experiment_id bigint '$[2]', name nvarchar(250) '$[3]', "
            + "user_name nvarchar(250) '$[4]', status smallint '$[5]', start_ms bigint '$[6]', end_ms bigint '$[7]', created_by bigint '$[8]')",
            Json(_plan.Creates.Select(r => new object?[]
            {
                r.Id, r.RunUuid, r.ExperimentId, r.Name, r.UserName, (short)r.Status, r.StartMs, r.EndMs, r.CreatedBy,
            })));
        yield return ("UPDATE r SET status = coalesce(u.status, r.status), end_ms = coalesce(u.end_ms, r.end_ms), name = coalesce(u.name, r.name) "
            + "FROM runs r JOIN OPENJSON(@rows) WITH (id bigint '$[0]', status smallint '$[1]', end_ms bigint '$[2]', name nvarchar(250) '$[3]') u "
            + "ON u.id = r.id",
            Json(_plan.Updates.Select(u => new object?[] { u.Key, (short?)u.Value.Status, u.Value.EndMs, u.Value.Name })));
        yield return ("INSERT INTO run_contributors (run_id, user_id, first_ms) SELECT c.run_id, c.user_id, c.first_ms "
            + "FROM OPENJSON(@rows) WITH (run_id bigint '$[0]', user_id bigint '$[1]', first_ms bigint '$[2]') c "
            + "WHERE NOT EXISTS (SELECT 1 FROM run_contributors x WHERE x.run_id = c.run_id AND x.user_id = c.user_id)",
            Json(_plan.Contributors.Select(c => new object?[] { c.Key.RunId, c.Key.UserId, c.Value })));
        yield return ("INSERT INTO metric_points (run_id, key_id, timestamp_ms, step, value, kind) "
            + "SELECT DISTINCT p.run_id, p.key_id, p.timestamp_ms, p.step, p.value, p.kind FROM OPENJSON(@rows) WITH (run_id bigint '$[0]', "
            + "key_id bigint '$[1]', timestamp_ms bigint '$[2]', step bigint '$[3]', value float '$[4]', kind smallint '$[5]') p WHERE NOT EXISTS "
            + "(SELECT 1 FROM metric_points x WHERE x.run_id = p.run_id AND x.key_id = p.key_id AND x.timestamp_ms = p.timestamp_ms "
            + "AND x.step = p.step AND x.value = p.value AND x.kind = p.kind)",
            Json(_plan.Points.Select(p => Point([p.RunId, p.Point.KeyId], p.Point))));
        yield return ("MERGE latest_metrics WITH (HOLDLOCK) AS m USING (SELECT * FROM OPENJSON(@rows) WITH (run_id bigint '$[0]', "
            + "key_id bigint '$[1]', experiment_id bigint '$[2]', in_time_order bit '$[3]', "
            + "first_step bigint '$[4]', first_ms bigint '$[5]', timestamp_ms bigint '$[6]', step bigint '$[7]', value float '$[8]', kind smallint '$[9]')) AS l "
            + "ON m.run_id = l.run_id AND m.key_id = l.key_id "
            + $"WHEN MATCHED THEN UPDATE SET {KeepHighest}, "
            + "in_time_order = IIF(l.first_step >= m.step AND l.first_ms >= m.timestamp_ms, m.in_time_order & l.in_time_order, 0) "
            + "WHEN NOT MATCHED THEN INSERT (run_id, key_id, experiment_id, timestamp_ms, step, value, kind, in_time_order) "
            + "VALUES (l.run_id, l.key_id, l.experiment_id, l.timestamp_ms, l.step, l.value, l.kind, l.in_time_order);",
            Json(_plan.Latest.Select(l => Point([l.Key.RunId, l.Key.KeyId, l.Value.ExperimentId, l.Value.InTimeOrder ? 1 : 0,
                l.Value.First.Step, l.Value.First.TimestampMs], l.Value.Point))));
        yield return ("INSERT INTO logged_model_metrics (run_id, key_id, logged_model_id, dataset_name, dataset_digest, timestamp_ms, step, value, kind) "
            + "SELECT DISTINCT p.* FROM OPENJSON(@rows) WITH (run_id bigint '$[0]', key_id bigint '$[1]', logged_model_id bigint '$[2]', "
            + "dataset_name nvarchar(500) '$[3]', dataset_digest nvarchar(36) '$[4]', timestamp_ms bigint '$[5]', step bigint '$[6]', value float '$[7]', "
            + "kind smallint '$[8]') p WHERE NOT EXISTS (SELECT 1 FROM logged_model_metrics x WHERE x.logged_model_id = p.logged_model_id "
            + "AND x.key_id = p.key_id AND x.run_id = p.run_id AND x.timestamp_ms = p.timestamp_ms AND x.step = p.step AND x.value = p.value "
            + "AND x.kind = p.kind AND x.dataset_name = p.dataset_name COLLATE Latin1_General_100_BIN2 "
            + "AND x.dataset_digest = p.dataset_digest COLLATE Latin1_General_100_BIN2)",
            Json(_plan.ModelPoints.Select(p => Point(
                [p.RunId, p.Write.Point.KeyId, p.Write.LoggedModelId, p.Write.DatasetName, p.Write.DatasetDigest], p.Write.Point))));
        yield return ("INSERT INTO params (run_id, [key], value) SELECT run_id, k, value FROM OPENJSON(@rows) WITH (run_id bigint '$[0]', "
            + "k nvarchar(250) '$[1]', value nvarchar(max) '$[2]')",
            Json(_plan.Params.Select(p => new object?[] { p.Key.RunId, p.Key.Key, p.Value })));
        yield return ("MERGE run_tags WITH (HOLDLOCK) AS t USING (SELECT run_id, k COLLATE Latin1_General_100_BIN2 AS k, value FROM OPENJSON(@rows) "
            + "WITH (run_id bigint '$[0]', k nvarchar(250) '$[1]', value nvarchar(max) '$[2]')) AS n ON t.run_id = n.run_id AND t.[key] = n.k "
            + "WHEN MATCHED AND n.value IS NULL THEN DELETE WHEN MATCHED THEN UPDATE SET value = n.value "
            + "WHEN NOT MATCHED AND n.value IS NOT NULL THEN INSERT (run_id, [key], value) VALUES (n.run_id, n.k, n.value);",
            Json(_plan.Tags.Select(t => new object?[] { t.Key.RunId, t.Key.Key, t.Value })));
    }

    private void NumberRuns(IReadOnlyList<RunWrite> group, SqlConnection connection)
    {
        foreach (var write in group)
        {
            if (write.Create is not { } run)
                continue;
            if (_nextRunId > _lastRunId)
            {
                using var command = new SqlCommand($"SELECT NEXT VALUE FOR {RunIds.Sequence}", connection);
                _nextRunId = (long)command.ExecuteScalar();
                _lastRunId = _nextRunId + RunIds.BlockSize - 1;
            }

            run.Id = write.RunId = _nextRunId++;
        }
    }

    private void ReadState(IReadOnlyList<RunWrite> group, SqlConnection connection, SqlTransaction transaction)
    {
        var existing = group.Where(w => w.Create is null).ToArray();
        if (existing.Length == 0)
            return;
        Read(connection, transaction, Bump, Json(existing.Select(w => w.RunId).Distinct().Order()),
            row => _plan.AddActiveRun(row.GetInt64(0), row.GetInt64(1)));
        var withParams = existing.Where(w => w.Params.Count > 0).Select(w => w.RunId).Distinct().ToArray();
        if (withParams.Length > 0)
        {
            Read(connection, transaction, StoredParams, Json(withParams),
                row => _plan.AddStoredParam(row.GetInt64(0), row.GetString(1), row.GetString(2)));
        }

        var deletedTags = existing.Where(w => w.DeletedTag is not null).Select(w => new object?[] { w.RunId, w.DeletedTag }).ToArray();
        if (deletedTags.Length > 0)
            Read(connection, transaction, StoredTags, Json(deletedTags), row => _plan.AddStoredTag(row.GetInt64(0), row.GetString(1)));
    }

    private static object?[] Point(object[] before, in PointWrite p) =>
        [.. before, p.TimestampMs, p.Step, p.Value, (short)p.Kind];

    private static string Json<T>(IEnumerable<T> rows) => JsonSerializer.Serialize(rows);

    private static void Execute(SqlConnection connection, SqlTransaction transaction, string sql, string rows)
    {
        using var command = Command(connection, transaction, sql, rows);
        command.ExecuteNonQuery();
    }

    private static void Read(
        SqlConnection connection, SqlTransaction transaction, string sql, string rows, Action<SqlDataReader> read)
    {
        using var command = Command(connection, transaction, sql, rows);
        using var reader = command.ExecuteReader();
        while (reader.Read())
            read(reader);
    }

    private static SqlCommand Command(SqlConnection connection, SqlTransaction transaction, string sql, string rows)
    {
        var command = new SqlCommand(sql, connection, transaction);
        command.Parameters.Add("@rows", System.Data.SqlDbType.NVarChar, -1).Value = rows;
        return command;
    }
}
