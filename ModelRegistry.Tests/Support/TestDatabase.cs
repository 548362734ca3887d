using Microsoft.Data.SqlClient;
using Microsoft.Data.Sqlite;
using ModelRegistry.Core.Data;
using Npgsql;

namespace ModelRegistry.Tests.Support;

/// <summary>A migrated database of its own, gone at the end.</summary>
internal sealed class TestDatabase(DatabaseProvider provider, string connectionString, Func<ValueTask> drop) : IAsyncDisposable
{
    public DatabaseProvider Provider => provider;
    public string ConnectionString => connectionString;

    public ValueTask DisposeAsync() => drop();

    /// <param name="folder">Where SQLite's file lies; removed by the caller.</param>
    public static async Task<TestDatabase> CreateAsync(DatabaseProvider provider, string folder)
    {
        var name = "mreg_test_" + Guid.NewGuid().ToString("N");
        switch (provider)
        {
            case DatabaseProvider.Sqlite:
                var file = Path.Combine(folder, "registry.db");
                File.Copy(await MigratedTemplate.Sqlite.Value, file);
                return new TestDatabase(provider, $"Data Source={file}", () =>
                {
                    SqliteConnection.ClearAllPools();
                    return ValueTask.CompletedTask;
                });
            case DatabaseProvider.PostgreSql:
                var postgres = new NpgsqlConnectionStringBuilder(Databases.ServerOrSkip(provider));
                await PostgresAsync(postgres.ConnectionString, $"CREATE DATABASE {name} TEMPLATE {await MigratedTemplate.PostgreSql.Value}");
                var own = new NpgsqlConnectionStringBuilder(postgres.ConnectionString) { Database = name, MaxPoolSize = 20 };
                return new TestDatabase(provider, own.ConnectionString, async () =>
                {
                    NpgsqlConnection.ClearAllPools();
                    await PostgresAsync(postgres.ConnectionString, $"DROP DATABASE IF EXISTS {name} WITH (FORCE)");
                });
            default:
                var server = new SqlConnectionStringBuilder(Databases.ServerOrSkip(provider));
                await SqlServerAsync(server.ConnectionString, $"CREATE DATABASE {name}");
                var database = new SqlConnectionStringBuilder(server.ConnectionString) { InitialCatalog = name };
                return new TestDatabase(provider, database.ConnectionString, async () =>
                {
                    SqlConnection.ClearAllPools();
                    await SqlServerAsync(server.ConnectionString,
                        $"ALTER DATABASE {name} SET SINGLE_USER WITH ROLLBACK IMMEDIATE; DROP DATABASE {name}");
                });
        }
    }

    internal static async Task PostgresAsync(string server, string sql)
    {
        await using var connection = new NpgsqlConnection(server);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task SqlServerAsync(string server, string sql)
    {
        await using var connection = new SqlConnection(server);
        await connection.OpenAsync();
        await using var command = new SqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
