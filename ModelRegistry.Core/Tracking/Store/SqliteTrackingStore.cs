using Microsoft.Data.Sqlite;
using ModelRegistry.Core.Data;
using SQLitePCL;

namespace ModelRegistry.Core.Tracking.Store;

/// <summary>Runs on SQLite: prepared statements on one connection of its own.</summary>
internal sealed class SqliteTrackingStore : ITrackingStore
{
    // KiB. A group touches more pages than SQLite's 2 MB hold: they would be written out and read again within it.
    private const int CacheSize = 64 * 1024;

    // 32 MB: pages that every group touches are carried over to the database once for many groups.
    private const int CheckpointPages = 8192;

    private readonly SemaphoreSlim _gate;
    private readonly SqliteConnection _connection;
    private readonly RunWritePlan _plan = new();
    private readonly Dictionary<string, SqliteStatement> _statements = [];

    public SqliteTrackingStore(DatabaseOptions options)
    {
        _gate = SqliteWriteGate.For(options.ConnectionString);
        // Referenced as long as the statements: they live on its handle.
        _connection = new SqliteConnection(options.ConnectionString);
        _connection.Open();
        // Other processes (the verbs) write too; the driver's own waiting does not cover bare statements.
        raw.sqlite3_busy_timeout(_connection.Handle!, 30_000);
        raw.sqlite3_exec(_connection.Handle!, $"PRAGMA cache_size = -{CacheSize}; PRAGMA wal_autocheckpoint = {CheckpointPages}");
    }

    public void Write(IReadOnlyList<RunWrite> group)
    {
        _gate.Wait();
        try
        {
            _plan.Clear();
            Run("BEGIN IMMEDIATE");
            try
            {
                ReadState(group);
                _plan.Add(group);
                WriteRuns();
                WritePoints();
                WriteParamsAndTags();
                Run("COMMIT");
            }
            catch
            {
                foreach (var statement in _statements.Values)
                    statement.Reset();
                Run("ROLLBACK");
                throw;
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose()
    {
        foreach (var statement in _statements.Values)
            statement.Dispose();
        _connection.Dispose();
    }

    private void ReadState(IReadOnlyList<RunWrite> group)
    {
        long nextId = 0;
        var seen = new HashSet<long>();
        var bump = Statement("UPDATE runs SET version = version + 1 WHERE id = ?1 AND lifecycle = 0 RETURNING created_by");
        var storedParams = Statement("SELECT \"key\", value FROM params WHERE run_id = ?1");
        var storedTag = Statement("SELECT 1 FROM run_tags WHERE run_id = ?1 AND \"key\" = ?2");
        foreach (var write in group)
        {
            if (write.Create is { } run)
            {
                if (nextId == 0)
                    nextId = One(Statement("SELECT coalesce(max(id), 0) FROM runs")) + 1;
                run.Id = write.RunId = nextId++;
                continue;
            }

            if (seen.Add(write.RunId))
            {
                if (bump.Bind(1, write.RunId).Step())
                    _plan.AddActiveRun(write.RunId, bump.Int64(0));
                bump.Reset();
            }

            // All of the run's: one walk instead of a look-up for each key.
            if (write.Params.Count > 0 && seen.Add(~write.RunId))
            {
                storedParams.Bind(1, write.RunId);
                while (storedParams.Step())
                    _plan.AddStoredParam(write.RunId, storedParams.Text(0), storedParams.Text(1));
                storedParams.Reset();
            }

            if (write.DeletedTag is { } tag)
            {
                if (storedTag.Bind(1, write.RunId).Bind(2, tag).Step())
                    _plan.AddStoredTag(write.RunId, tag);
                storedTag.Reset();
            }
        }
    }

    private void WriteRuns()
    {
        if (_plan.Creates.Count > 0)
        {
            var insert = Statement("INSERT INTO runs (id, run_uuid, experiment_id, name, user_name, status, start_ms, end_ms, lifecycle, "
                + "deleted_with_experiment, version, created_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, 0, 1, ?9)");
            foreach (var r in _plan.Creates)
            {
                insert.Bind(1, r.Id).Bind(2, r.RunUuid).Bind(3, r.ExperimentId).Bind(4, r.Name).Bind(5, r.UserName)
                    .Bind(6, (long)r.Status).Bind(7, r.StartMs).Bind(8, r.EndMs).Bind(9, r.CreatedBy).Run();
            }
        }

        if (_plan.Updates.Count > 0)
        {
            var update = Statement("UPDATE runs SET status = coalesce(?2, status), end_ms = coalesce(?3, end_ms), "
                + "name = coalesce(?4, name) WHERE id = ?1");
            foreach (var (runId, u) in _plan.Updates)
                update.Bind(1, runId).Bind(2, (long?)u.Status).Bind(3, u.EndMs).Bind(4, u.Name).Run();
        }

        if (_plan.Contributors.Count > 0)
        {
            var insert = Statement("INSERT INTO run_contributors (run_id, user_id, first_ms) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING");
            foreach (var ((runId, userId), atMs) in _plan.Contributors)
                insert.Bind(1, runId).Bind(2, userId).Bind(3, atMs).Run();
        }
    }

    private void WritePoints()
    {
        if (_plan.Points.Count > 0)
        {
            var insert = Statement("INSERT INTO metric_points (run_id, key_id, timestamp_ms, step, value, kind) "
                + "VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING");
            foreach (var (runId, p) in _plan.Points)
                BindPoint(insert.Bind(1, runId).Bind(2, p.KeyId), 3, p).Run();
        }

        if (_plan.Latest.Count > 0)
        {
            var upsert = Statement("INSERT INTO latest_metrics AS m (run_id, key_id, experiment_id, timestamp_ms, step, value, kind, "
                + $"in_time_order) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (run_id, key_id) DO UPDATE SET {RunWritePlan.KeepHighest}, "
                + "in_time_order = m.in_time_order AND excluded.in_time_order AND ?9 >= m.step AND ?10 >= m.timestamp_ms");
            foreach (var ((runId, keyId), l) in _plan.Latest)
            {
                BindPoint(upsert.Bind(1, runId).Bind(2, keyId).Bind(3, l.ExperimentId), 4, l.Point)
                    .Bind(8, l.InTimeOrder ? 1L : 0L).Bind(9, l.First.Step).Bind(10, l.First.TimestampMs).Run();
            }
        }

        if (_plan.ModelPoints.Count > 0)
        {
            var insert = Statement("INSERT INTO logged_model_metrics (run_id, key_id, logged_model_id, timestamp_ms, step, value, kind, "
                + "dataset_name, dataset_digest) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING");
            foreach (var (runId, w) in _plan.ModelPoints)
            {
                BindPoint(insert.Bind(1, runId).Bind(2, w.Point.KeyId).Bind(3, w.LoggedModelId), 4, w.Point)
                    .Bind(8, w.DatasetName).Bind(9, w.DatasetDigest).Run();
            }
        }
    }

    private static SqliteStatement BindPoint(SqliteStatement statement, int first, in PointWrite p) => statement
        .Bind(first, p.TimestampMs).Bind(first + 1, p.Step).Bind(first + 2, p.Value).Bind(first + 3, (long)p.Kind);

    private void WriteParamsAndTags()
    {
        if (_plan.Params.Count > 0)
        {
            var insert = Statement("INSERT INTO params (run_id, \"key\", value) VALUES (?1, ?2, ?3)");
            foreach (var ((runId, key), value) in _plan.Params)
                insert.Bind(1, runId).Bind(2, key).Bind(3, value).Run();
        }

        foreach (var ((runId, key), value) in _plan.Tags)
        {
            if (value is null)
            {
                Statement("DELETE FROM run_tags WHERE run_id = ?1 AND \"key\" = ?2").Bind(1, runId).Bind(2, key).Run();
                continue;
            }

            Statement("INSERT INTO run_tags (run_id, \"key\", value) VALUES (?1, ?2, ?3) "
                + "ON CONFLICT (run_id, \"key\") DO UPDATE SET value = excluded.value").Bind(1, runId).Bind(2, key).Bind(3, value).Run();
        }
    }

    private static long One(SqliteStatement statement)
    {
        statement.Step();
        var value = statement.Int64(0);
        statement.Reset();
        return value;
    }

    private void Run(string sql) => Statement(sql).Run();

    private SqliteStatement Statement(string sql)
    {
        if (!_statements.TryGetValue(sql, out var statement))
            _statements[sql] = statement = new SqliteStatement(_connection.Handle!, sql);
        return statement;
    }
}
