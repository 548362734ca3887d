using System.Data;
using ModelRegistry.Core.Data;
using Npgsql;
using NpgsqlTypes;

namespace ModelRegistry.Core.Tracking.Store;

/// <summary>
/// Runs on PostgreSQL: two round trips for a group, whatever its size. The first locks the runs and reads what the rules
/// need, the second carries out the plan and commits; new runs alone need only that.
/// </summary>
internal sealed class PostgreSqlTrackingStore(NpgsqlDataSource source) : ITrackingStore
{
    // Above this a COPY beats arrays.
    private const int CopyFrom = 400;

    private readonly RunWritePlan _plan = new();
    private long _nextRunId;
    private long _lastRunId = -1;

    public void Write(IReadOnlyList<RunWrite> group)
    {
        try
        {
            Write(group, pointsAreNew: true);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            // A point came twice (a client's retry): rare, so the check for it is not paid by every group.
            Write(group, pointsAreNew: false);
        }
    }

    public void Dispose()
    {
        // The data source belongs to the registration.
    }

    private void Write(IReadOnlyList<RunWrite> group, bool pointsAreNew)
    {
        _plan.Clear();
        foreach (var write in group)
            write.Failure = null;
        using var connection = source.OpenConnection();
        NumberRuns(group, connection);
        try
        {
            using var batch = new NpgsqlBatch(connection);
            Add(batch, "BEGIN");
            ReadState(group, batch);
            _plan.Add(group);
            Carry(batch, pointsAreNew);
        }
        catch when (connection.State == ConnectionState.Open)
        {
            using var rollback = new NpgsqlCommand("ROLLBACK", connection);
            rollback.ExecuteNonQuery();
            throw;
        }
    }

    private void Carry(NpgsqlBatch batch, bool pointsAreNew)
    {
        var copy = pointsAreNew && _plan.Points.Count >= CopyFrom;
        AddRuns(batch);
        if (!copy)
            AddPoints(batch, pointsAreNew);
        AddLatest(batch);
        AddParamsAndTags(batch);
        if (copy)
        {
            if (batch.BatchCommands.Count > 0)
                batch.ExecuteNonQuery();
            CopyPoints(batch.Connection!);
            batch.BatchCommands.Clear();
        }

        // Not a round trip of its own. Where a statement fails, what follows in its batch is not carried out.
        Add(batch, "COMMIT");
        batch.ExecuteNonQuery();
    }

    private void NumberRuns(IReadOnlyList<RunWrite> group, NpgsqlConnection connection)
    {
        foreach (var write in group)
        {
            if (write.Create is not { } run)
                continue;
            if (_nextRunId > _lastRunId)
            {
                using var command = new NpgsqlCommand($"SELECT nextval('{RunIds.Sequence}')", connection);
                _nextRunId = (long)command.ExecuteScalar()!;
                _lastRunId = _nextRunId + RunIds.BlockSize - 1;
            }

            run.Id = write.RunId = _nextRunId++;
        }
    }

    // Nothing is read for new runs: what was added to the batch waits for the plan then.
    private void ReadState(IReadOnlyList<RunWrite> group, NpgsqlBatch batch)
    {
        var runs = group.Where(w => w.Create is null).Select(w => w.RunId).Distinct().Order().ToArray();
        if (runs.Length == 0)
            return;
        var withParams = group.Where(w => w.Create is null && w.Params.Count > 0).Select(w => w.RunId).Distinct().ToArray();
        var deletedTags = group.Where(w => w.DeletedTag is not null).ToArray();
        // Locked in the order of the ids, so that two nodes never wait for each other in a circle. "+ 0": while the table is
        // young the planner takes the index that begins with the lifecycle for as good as the key, and keeps that plan.
        Add(batch, "UPDATE runs r SET version = r.version + 1 FROM (SELECT id FROM runs WHERE id = ANY($1) AND lifecycle + 0 = 0 "
            + "ORDER BY id FOR NO KEY UPDATE) l WHERE r.id = l.id RETURNING r.id, r.created_by", runs);
        if (withParams.Length > 0)
            Add(batch, "SELECT run_id, \"key\", value FROM params WHERE run_id = ANY($1)", withParams);
        if (deletedTags.Length > 0)
        {
            Add(batch, "SELECT t.run_id, t.\"key\" FROM run_tags t JOIN unnest($1, $2) AS d(run_id, k) ON t.run_id = d.run_id AND t.\"key\" = d.k",
                deletedTags.Select(w => w.RunId).ToArray(), deletedTags.Select(w => w.DeletedTag!).ToArray());
        }

        using (var reader = batch.ExecuteReader())
        {
            while (reader.Read())
                _plan.AddActiveRun(reader.GetInt64(0), reader.GetInt64(1));
            if (withParams.Length > 0)
            {
                reader.NextResult();
                while (reader.Read())
                    _plan.AddStoredParam(reader.GetInt64(0), reader.GetString(1), reader.GetString(2));
            }

            if (deletedTags.Length > 0)
            {
                reader.NextResult();
                while (reader.Read())
                    _plan.AddStoredTag(reader.GetInt64(0), reader.GetString(1));
            }
        }

        batch.BatchCommands.Clear();
    }

    private void AddRuns(NpgsqlBatch batch)
    {
        if (_plan.Creates.Count > 0)
        {
            var runs = _plan.Creates;
            Add(batch, "INSERT INTO runs (id, run_uuid, experiment_id, name, user_name, status, start_ms, end_ms, created_by, lifecycle, "
                + "deleted_with_experiment, version) SELECT *, 0::smallint, false, 1 FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                Column(runs, r => r.Id), Column(runs, r => r.RunUuid), Column(runs, r => r.ExperimentId), Column(runs, r => r.Name),
                Column(runs, r => r.UserName), Column(runs, r => (short)r.Status), Column(runs, r => r.StartMs),
                Column(runs, r => r.EndMs), Column(runs, r => r.CreatedBy));
        }

        if (_plan.Updates.Count > 0)
        {
            var updates = _plan.Updates.ToArray();
            Add(batch, "UPDATE runs r SET status = coalesce(u.status, r.status), end_ms = coalesce(u.end_ms, r.end_ms), "
                + "name = coalesce(u.name, r.name) FROM unnest($1, $2, $3, $4) AS u(id, status, end_ms, name) WHERE r.id = u.id",
                Column(updates, u => u.Key), Column(updates, u => (short?)u.Value.Status), Column(updates, u => u.Value.EndMs),
                Column(updates, u => u.Value.Name));
        }

        if (_plan.Contributors.Count > 0)
        {
            var rows = _plan.Contributors.ToArray();
            Add(batch, "INSERT INTO run_contributors (run_id, user_id, first_ms) SELECT * FROM unnest($1, $2, $3) ON CONFLICT DO NOTHING",
                Column(rows, r => r.Key.RunId), Column(rows, r => r.Key.UserId), Column(rows, r => r.Value));
        }
    }

    private void AddPoints(NpgsqlBatch batch, bool pointsAreNew)
    {
        if (_plan.Points.Count == 0)
            return;
        var rows = _plan.Points;
        Add(batch, "INSERT INTO metric_points (run_id, key_id, timestamp_ms, step, value, kind) SELECT * FROM unnest($1, $2, $3, $4, $5, $6)"
            + (pointsAreNew ? "" : " ON CONFLICT DO NOTHING"),
            Column(rows, r => r.RunId), Column(rows, r => r.Point.KeyId), Column(rows, r => r.Point.TimestampMs),
            Column(rows, r => r.Point.Step), Column(rows, r => r.Point.Value), Column(rows, r => (short)r.Point.Kind));
    }

    private void CopyPoints(NpgsqlConnection connection)
    {
        using var import = connection.BeginBinaryImport(
            "COPY metric_points (run_id, key_id, timestamp_ms, step, value, kind) FROM STDIN (FORMAT BINARY)");
        foreach (var (runId, p) in _plan.Points)
        {
            import.StartRow();
            import.Write(runId, NpgsqlDbType.Bigint);
            import.Write(p.KeyId, NpgsqlDbType.Bigint);
            import.Write(p.TimestampMs, NpgsqlDbType.Bigint);
            import.Write(p.Step, NpgsqlDbType.Bigint);
            import.Write(p.Value, NpgsqlDbType.Double);
            import.Write((short)p.Kind, NpgsqlDbType.Smallint);
        }

        import.Complete();
    }

    private void AddLatest(NpgsqlBatch batch)
    {
        if (_plan.Latest.Count > 0)
        {
            var rows = _plan.Latest.ToArray();
            Add(batch, "INSERT INTO latest_metrics AS m (run_id, key_id, experiment_id, timestamp_ms, step, value, kind, in_time_order) "
                + "SELECT u.run_id, u.key_id, experiment_id, u.timestamp_ms, u.step, u.value, u.kind, u.in_time_order AND coalesce("
                + "(SELECT l.in_time_order AND u.first_step >= l.step AND u.first_ms >= l.timestamp_ms FROM latest_metrics l "
                + "WHERE l.run_id = u.run_id AND l.key_id = u.key_id), true) FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) "
                + "AS u(run_id, key_id, experiment_id, timestamp_ms, step, value, kind, in_time_order, first_step, first_ms) "
                + $"ON CONFLICT (run_id, key_id) DO UPDATE SET {RunWritePlan.KeepHighest}, in_time_order = excluded.in_time_order",
                Column(rows, r => r.Key.RunId), Column(rows, r => r.Key.KeyId), Column(rows, r => r.Value.ExperimentId),
                Column(rows, r => r.Value.Point.TimestampMs), Column(rows, r => r.Value.Point.Step),
                Column(rows, r => r.Value.Point.Value), Column(rows, r => (short)r.Value.Point.Kind), Column(rows, r => r.Value.InTimeOrder),
                Column(rows, r => r.Value.First.Step), Column(rows, r => r.Value.First.TimestampMs));
        }

        if (_plan.ModelPoints.Count > 0)
        {
            var rows = _plan.ModelPoints;
            Add(batch, "INSERT INTO logged_model_metrics (run_id, key_id, logged_model_id, timestamp_ms, step, value, kind, dataset_name, "
                + "dataset_digest) SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
                Column(rows, r => r.RunId), Column(rows, r => r.Write.Point.KeyId), Column(rows, r => r.Write.LoggedModelId),
                Column(rows, r => r.Write.Point.TimestampMs), Column(rows, r => r.Write.Point.Step),
                Column(rows, r => r.Write.Point.Value), Column(rows, r => (short)r.Write.Point.Kind),
                Column(rows, r => r.Write.DatasetName), Column(rows, r => r.Write.DatasetDigest));
        }
    }

    private void AddParamsAndTags(NpgsqlBatch batch)
    {
        if (_plan.Params.Count > 0)
        {
            var rows = _plan.Params.ToArray();
            Add(batch, "INSERT INTO params (run_id, \"key\", value) SELECT * FROM unnest($1, $2, $3)",
                Column(rows, r => r.Key.RunId), Column(rows, r => r.Key.Key), Column(rows, r => r.Value));
        }

        var set = _plan.Tags.Where(t => t.Value is not null).ToArray();
        if (set.Length > 0)
        {
            Add(batch, "INSERT INTO run_tags (run_id, \"key\", value) SELECT * FROM unnest($1, $2, $3) "
                + "ON CONFLICT (run_id, \"key\") DO UPDATE SET value = excluded.value",
                Column(set, r => r.Key.RunId), Column(set, r => r.Key.Key), Column(set, r => r.Value!));
        }

        var deleted = _plan.Tags.Where(t => t.Value is null).ToArray();
        if (deleted.Length > 0)
        {
            Add(batch, "DELETE FROM run_tags t USING unnest($1, $2) AS d(run_id, k) WHERE t.run_id = d.run_id AND t.\"key\" = d.k",
                Column(deleted, r => r.Key.RunId), Column(deleted, r => r.Key.Key));
        }
    }

    private static TColumn[] Column<TRow, TColumn>(IReadOnlyList<TRow> rows, Func<TRow, TColumn> value)
    {
        var column = new TColumn[rows.Count];
        for (var i = 0; i < column.Length; i++)
            column[i] = value(rows[i]);
        return column;
    }

    private static void Add(NpgsqlBatch batch, string sql, params ReadOnlySpan<Array> columns)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var column in columns)
            command.Parameters.Add(new NpgsqlParameter { Value = column });
        batch.BatchCommands.Add(command);
    }
}
