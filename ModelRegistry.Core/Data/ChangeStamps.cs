namespace ModelRegistry.Core.Data;

/// <summary>
/// Reads change stamps for caches: what was made at one stamp is right until the stamp differs. A read that starts after
/// a commit sees that commit. Where the database is across a network, readers that arrive while one query is under way
/// share the next one, so a thousand requests cost a handful of queries. Singleton, thread-safe.
/// </summary>
public sealed class ChangeStamps(ReadConnections connections)
{
    private const string Sql = "SELECT value FROM change_stamps WHERE name = @name";

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (Task<long> Running, Task<long>? Next)> _reads = [];

    public ValueTask<long> ReadAsync(string name, CancellationToken ct) =>
        connections.Dialect == Filtering.SqlDialect.Sqlite ? new(QueryAsync(name, ct)) : new(JoinAsync(name));

    // Whoever joined the query that is already running might get a value from before its own last write: it gets the one after.
    private Task<long> JoinAsync(string name)
    {
        lock (_lock)
        {
            if (!_reads.TryGetValue(name, out var read) || (read.Running.IsCompleted && read.Next is null))
                return (_reads[name] = (QueryAsync(name, CancellationToken.None), null)).Running;
            if (read.Next is null)
                _reads[name] = read = (read.Running, AfterAsync(name, read.Running));
            return read.Next!;
        }
    }

    private async Task<long> AfterAsync(string name, Task running)
    {
        await running.ContinueWith(static _ => { }, TaskScheduler.Default);
        Task<long> mine;
        lock (_lock)
        {
            mine = QueryAsync(name, CancellationToken.None);
            _reads[name] = (mine, null);
        }

        return await mine;
    }

    private async Task<long> QueryAsync(string name, CancellationToken ct)
    {
        using var connection = await connections.RentAsync(ct);
        return (long)(await connection.Command(Sql, keep: true, ("@name", name)).ExecuteScalarAsync(ct))!;
    }
}
