using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.Data.SqlClient;
using Microsoft.Data.Sqlite;
using ModelRegistry.Core.Filtering;
using Npgsql;

namespace ModelRegistry.Core.Data;

/// <summary>Connections for the reads that are too hot for a mapper. Singleton, thread-safe.</summary>
public abstract class ReadConnections : IDisposable
{
    /// <summary>More would only hold memory: reads are short.</summary>
    private const int MaxIdle = 16;

    private readonly ConcurrentBag<ReadConnection> _idle = [];

    public abstract SqlDialect Dialect { get; }

    /// <summary>A test of a column against a list of ids that is one parameter: the text of the statement never changes.</summary>
    public string In(string column, string parameter) => Dialect switch
    {
        SqlDialect.PostgreSql => $"{column} = ANY({parameter})",
        SqlDialect.Sqlite => $"{column} IN (SELECT value FROM json_each({parameter}))",
        _ => $"{column} IN (SELECT CAST(value AS bigint) FROM OPENJSON({parameter}))",
    };

    /// <summary>The value of the parameter of <see cref="In"/>.</summary>
    public object Ids(IReadOnlyCollection<long> ids) =>
        Dialect == SqlDialect.PostgreSql ? ids.ToArray() : $"[{string.Join(',', ids)}]";

    /// <summary>To be put after the ORDER BY.</summary>
    public string Limit(string parameter) => Dialect == SqlDialect.SqlServer
        ? $" OFFSET 0 ROWS FETCH NEXT {parameter} ROWS ONLY"
        : $" LIMIT {parameter}";

    public async ValueTask<ReadConnection> RentAsync(CancellationToken ct)
    {
        if (_idle.TryTake(out var idle))
            return idle;
        var opened = Create();
        await opened.OpenAsync(ct);
        await PrepareAsync(opened, ct);
        return new ReadConnection(this, opened);
    }

    public void Dispose()
    {
        while (_idle.TryTake(out var connection))
            connection.Close();
        GC.SuppressFinalize(this);
    }

    internal void Return(ReadConnection connection)
    {
        if (connection.IsUsable && _idle.Count < MaxIdle)
            _idle.Add(connection);
        else
            connection.Close();
    }

    protected abstract DbConnection Create();

    /// <summary>Once for each connection, when it is open.</summary>
    protected virtual Task PrepareAsync(DbConnection connection, CancellationToken ct) => Task.CompletedTask;
}

/// <summary>One connection with the statements it has prepared. Used by one caller at a time.</summary>
public sealed class ReadConnection(ReadConnections owner, DbConnection connection) : IDisposable
{
    private const int MaxStatements = 100;

    private readonly Dictionary<string, DbCommand> _prepared = [];

    internal bool IsUsable => connection.State == System.Data.ConnectionState.Open;

    /// <summary>
    /// A command with its parameters set. Statements with constant text stay prepared; pass false for text that depends on a request.
    /// </summary>
    public DbCommand Command(string sql, bool keep, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        if (keep && _prepared.TryGetValue(sql, out var command))
        {
            foreach (var (name, value) in parameters)
                command.Parameters[name].Value = value;
            return command;
        }

        command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = name;
            parameter.Value = value;
            command.Parameters.Add(parameter);
        }

        if (keep && _prepared.Count < MaxStatements)
        {
            command.Prepare();
            _prepared[sql] = command;
        }

        return command;
    }

    public void Dispose() => owner.Return(this);

    internal void Close()
    {
        foreach (var command in _prepared.Values)
            command.Dispose();
        connection.Dispose();
    }
}

internal sealed class SqliteReadConnections(DatabaseOptions options) : ReadConnections
{
    public override SqlDialect Dialect => SqlDialect.Sqlite;

    protected override DbConnection Create() => new SqliteConnection(options.ConnectionString);

    // KiB a connection, and bytes of all together, where it gives up pages that it can read again. A search looks at a
    // param of each run that has the metric: with SQLite's 2 MB each search would read the same pages from the file.
    protected override async Task PrepareAsync(DbConnection connection, CancellationToken ct)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA cache_size = -8192; PRAGMA soft_heap_limit = 201326592";
        await command.ExecuteNonQueryAsync(ct);
    }
}

internal sealed class PostgreSqlReadConnections(NpgsqlDataSource source) : ReadConnections
{
    public override SqlDialect Dialect => SqlDialect.PostgreSql;

    protected override DbConnection Create() => source.CreateConnection();
}

internal sealed class SqlServerReadConnections(DatabaseOptions options) : ReadConnections
{
    public override SqlDialect Dialect => SqlDialect.SqlServer;

    protected override DbConnection Create() => new SqlConnection(options.ConnectionString);
}
