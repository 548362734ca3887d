using System.Data.Common;
using Microsoft.Data.SqlClient;
using Microsoft.Data.Sqlite;
using ModelRegistry.Core.Filtering;
using Npgsql;

namespace ModelRegistry.Tests.Filtering;

/// <summary>A few tables of a registry on one of the databases, gone when it is disposed.</summary>
internal sealed class RunDatabase : IDisposable
{
    private static readonly Dictionary<string, int> MetricKeys = new()
    {
        ["m1"] = 1,
        ["m2"] = 2,
        ["acc"] = 3,
        ["m/x y"] = 4
    };

    private static readonly string[] Tables =
    [
        "runs (id int, experiment_id int, run_uuid TEXT, name TEXT, user_name TEXT, status smallint, "
            + "start_ms bigint, end_ms bigint)",
        "run_tags (run_id int, \"key\" KEY, value TEXT)",
        "params (run_id int, \"key\" KEY, value TEXT)",
        "latest_metrics (run_id int, key_id int, experiment_id int, value double precision, kind smallint)",
        "datasets (id int, name TEXT)",
        "dataset_inputs (run_id int, dataset_id int)",
        "dataset_input_tags (run_id int, dataset_id int, \"key\" KEY, value TEXT)"
    ];

    private readonly DbConnection _connection;

    private RunDatabase(SqlDialect dialect, DbConnection connection)
    {
        Dialect = dialect;
        _connection = connection;
        connection.Open();
        if (dialect == SqlDialect.SqlServer) Execute("USE tempdb");
        foreach (var table in Tables)
        {
            var (text, key) = dialect == SqlDialect.SqlServer
                ? ("nvarchar(400)", "nvarchar(250) COLLATE Latin1_General_100_BIN2")
                : ("text", "text");
            var columns = table.Replace("TEXT", text, StringComparison.Ordinal)
                .Replace("KEY", key, StringComparison.Ordinal);
            if (dialect == SqlDialect.SqlServer) Execute($"DROP TABLE IF EXISTS {NameOf(table)}");
            Execute(dialect == SqlDialect.SqlServer ? $"CREATE TABLE {columns}" : $"CREATE TEMP TABLE {columns}");
        }
        Execute("CREATE INDEX metric_walk ON latest_metrics (experiment_id, key_id, value)");
    }

    public SqlDialect Dialect { get; }

    public static RunDatabase Open(SqlDialect dialect)
    {
        if (dialect == SqlDialect.Sqlite) return new RunDatabase(dialect, new SqliteConnection("Data Source=:memory:"));
        var variable = dialect == SqlDialect.PostgreSql ? "MODELREGISTRY_TEST_POSTGRES" : "MODELREGISTRY_TEST_SQLSERVER";
        var connection = Environment.GetEnvironmentVariable(variable);
        Skip.If(string.IsNullOrEmpty(connection), $"{variable} is not set");
        return new RunDatabase(dialect, dialect == SqlDialect.PostgreSql
            ? new NpgsqlConnection(connection)
            : new SqlConnection(connection));
    }

    /// <summary>Where a search of runs finds its fields; r is the run.</summary>
    public static SqlField? Fields(FilterField field) => (field.Entity, field.Key) switch
    {
        (FilterEntity.Attribute, "run_id") => new SqlField("r.run_uuid"),
        (FilterEntity.Attribute, "run_name") => new SqlField("r.name"),
        (FilterEntity.Attribute, "user_id") => new SqlField("r.user_name"),
        (FilterEntity.Attribute, "start_time") => new SqlField("r.start_ms"),
        (FilterEntity.Attribute, "end_time") => new SqlField("r.end_ms"),
        (FilterEntity.Attribute, "status") => new SqlField("r.status") { Codes = RunRow.Statuses },
        (FilterEntity.Tag, _) => Keyed("run_tags"),
        (FilterEntity.Param, _) => Keyed("params"),
        (FilterEntity.Metric, var key) when MetricKeys.TryGetValue(key, out var id) => new SqlField("m.value")
        {
            Exists = "EXISTS (SELECT 1 FROM latest_metrics m WHERE m.run_id = r.id AND m.key_id = {key} AND {test})",
            Key = id,
            Kind = "m.kind"
        },
        (FilterEntity.Dataset, "name") => new SqlField("d.name")
        {
            Exists = "EXISTS (SELECT 1 FROM dataset_inputs i JOIN datasets d ON d.id = i.dataset_id "
                + "WHERE i.run_id = r.id AND {test})"
        },
        (FilterEntity.Dataset, _) => new SqlField("t.value")
        {
            Exists = "EXISTS (SELECT 1 FROM dataset_input_tags t WHERE t.run_id = r.id AND t.\"key\" = {key} AND {test})",
            Key = "mlflow.data.context"
        },
        _ => null
    };

    public void Store(IReadOnlyList<RunRow> runs)
    {
        foreach (var table in Tables) Execute($"DELETE FROM {NameOf(table)}");
        for (var id = 0; id < runs.Count; id++)
        {
            var run = runs[id];
            Insert("runs", id, 7, run.Id, run.Name, run.User, run.Status, run.Start, run.End);
            foreach (var (key, value) in run.Tags) Insert("run_tags", id, key, value);
            foreach (var (key, value) in run.Params) Insert("params", id, key, value);
            foreach (var (key, value) in run.Metrics)
                Insert("latest_metrics", id, MetricKeys[key], 7, Stored(value), Kind(value));
            for (var i = 0; i < run.Datasets.Count; i++)
            {
                var dataset = (id * 10) + i;
                Insert("datasets", dataset, run.Datasets[i].Name);
                Insert("dataset_inputs", id, dataset);
                if (run.Datasets[i].Context is { } context)
                    Insert("dataset_input_tags", id, dataset, "mlflow.data.context", context);
            }
        }
    }

    public List<string> Search(Condition condition)
    {
        var sql = new FilterSql(Dialect, Fields);
        return Query($"SELECT r.run_uuid FROM runs r WHERE {sql.Where(condition)} ORDER BY r.id", sql.Parameters);
    }

    public List<string> Query(string text, IEnumerable<(string Name, object Value)> parameters, int column = 0)
    {
        using var command = Command(text, parameters);
        using var reader = command.ExecuteReader();
        var found = new List<string>();
        while (reader.Read()) found.Add(reader.GetString(column));
        return found;
    }

    public void Dispose() => _connection.Dispose();

    private static SqlField Keyed(string table) => new("t.value")
    {
        Exists = $"EXISTS (SELECT 1 FROM {table} t WHERE t.run_id = r.id AND t.\"key\" = {{key}} AND {{test}})"
    };

    private static double Stored(double value) =>
        double.IsNaN(value) ? 0 : Math.Clamp(value, double.MinValue, double.MaxValue);

    private static int Kind(double value) => value switch
    {
        double.NaN => 1,
        double.PositiveInfinity => 2,
        double.NegativeInfinity => 3,
        _ => 0
    };

    private static string NameOf(string table) => table[..table.IndexOf(' ', StringComparison.Ordinal)];

    private void Insert(string table, params object?[] values)
    {
        var parameters = values.Select((value, i) => (Name: $"@p{i}", Value: value ?? DBNull.Value)).ToList();
        var names = parameters.Select(p => p.Value is DBNull ? "NULL" : p.Name);
        using var command = Command($"INSERT INTO {table} VALUES ({string.Join(", ", names)})",
            parameters.Where(p => p.Value is not DBNull));
        command.ExecuteNonQuery();
    }

    private void Execute(string text)
    {
        using var command = Command(text, []);
        command.ExecuteNonQuery();
    }

    private DbCommand Command(string text, IEnumerable<(string Name, object Value)> parameters)
    {
        var command = _connection.CreateCommand();
        command.CommandText = text;
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = name;
            parameter.Value = value;
            command.Parameters.Add(parameter);
        }
        return command;
    }
}
