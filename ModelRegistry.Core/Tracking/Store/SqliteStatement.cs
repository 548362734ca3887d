using ModelRegistry.Core.Common;
using SQLitePCL;

namespace ModelRegistry.Core.Tracking.Store;

/// <summary>A prepared statement on the bare handle: half the time and none of the garbage of a command object.</summary>
internal sealed class SqliteStatement(sqlite3 db, string sql) : IDisposable
{
    private readonly sqlite3_stmt _statement = Prepare(db, sql);

    public SqliteStatement Bind(int index, long value)
    {
        Check(raw.sqlite3_bind_int64(_statement, index, value));
        return this;
    }

    public SqliteStatement Bind(int index, double value)
    {
        Check(raw.sqlite3_bind_double(_statement, index, value));
        return this;
    }

    public SqliteStatement Bind(int index, string? value)
    {
        // An empty span has no address, which SQLite takes for NULL.
        Check(value switch
        {
            null => raw.sqlite3_bind_null(_statement, index),
            "" => raw.sqlite3_bind_text(_statement, index, ""),
            _ => raw.sqlite3_bind_text16(_statement, index, value),
        });
        return this;
    }

    public SqliteStatement Bind(int index, long? value)
    {
        Check(value is { } v ? raw.sqlite3_bind_int64(_statement, index, v) : raw.sqlite3_bind_null(_statement, index));
        return this;
    }

    /// <summary>True while there is a row.</summary>
    public bool Step()
    {
        var result = raw.sqlite3_step(_statement);
        if (result == raw.SQLITE_ROW)
            return true;
        if (result != raw.SQLITE_DONE)
        {
            raw.sqlite3_reset(_statement);
            Check(result);
        }

        return false;
    }

    public long Int64(int column) => raw.sqlite3_column_int64(_statement, column);

    public string Text(int column) => raw.sqlite3_column_text(_statement, column).utf8_to_string();

    public void Reset() => raw.sqlite3_reset(_statement);

    public void Run()
    {
        Step();
        Reset();
    }

    public void Dispose() => _statement.Dispose();

    private static sqlite3_stmt Prepare(sqlite3 db, string sql)
    {
        var result = raw.sqlite3_prepare_v2(db, sql, out var statement);
        return result == raw.SQLITE_OK
            ? statement
            : throw new InvalidOperationException($"SQLite refused a statement: {raw.sqlite3_errmsg(db).utf8_to_string()}: {sql}");
    }

    private void Check(int result)
    {
        if (result == raw.SQLITE_OK)
            return;
        var message = raw.sqlite3_errmsg(db).utf8_to_string();
        throw result is raw.SQLITE_FULL or raw.SQLITE_BUSY or raw.SQLITE_IOERR
            ? new UnavailableException($"The database cannot be written now: {message}.")
            : new InvalidOperationException($"SQLite error {result}: {message}");
    }
}
