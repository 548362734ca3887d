using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using ModelRegistry.Core.Common;

namespace ModelRegistry.Core.Data;

public enum DatabaseProvider
{
    Sqlite,
    SqlServer,
    PostgreSql,
}

/// <summary>Where the registry's tables are. Read once at start; a wrong value stops it.</summary>
public sealed record DatabaseOptions(DatabaseProvider Provider, string ConnectionString, int? MaxBatchSize)
{
    /// <param name="contentRoot">Relative SQLite paths are relative to this.</param>
    /// <exception cref="ConfigurationException">A key has a value that is not allowed; the message names both.</exception>
    public static DatabaseOptions Read(IConfiguration configuration, string contentRoot)
    {
        var name = configuration["Database:Provider"] ?? nameof(DatabaseProvider.Sqlite);
        if (!Enum.GetNames<DatabaseProvider>().Contains(name, StringComparer.OrdinalIgnoreCase))
        {
            throw new ConfigurationException(
                $"Database:Provider is '{name}'. Allowed values: {string.Join(", ", Enum.GetNames<DatabaseProvider>())}.");
        }

        var provider = Enum.Parse<DatabaseProvider>(name, ignoreCase: true);

        var connection = configuration.GetConnectionString("Registry");
        if (string.IsNullOrWhiteSpace(connection) && provider != DatabaseProvider.Sqlite)
        {
            throw new ConfigurationException(
                $"ConnectionStrings:Registry is empty. With Database:Provider={provider} it must be a connection string.");
        }

        int? maxBatchSize = null;
        if (configuration["Database:MaxBatchSize"] is { Length: > 0 } text)
        {
            maxBatchSize = int.TryParse(text, out var size) && size is >= 1 and <= 1000
                ? size
                : throw new ConfigurationException(
                    $"Database:MaxBatchSize is '{text}'. Allowed values: a whole number from 1 to 1000.");
        }

        return new DatabaseOptions(provider,
            provider == DatabaseProvider.Sqlite ? SqliteConnectionString(connection, contentRoot) : connection!, maxBatchSize);
    }

    private static string SqliteConnectionString(string? connection, string contentRoot)
    {
        SqliteConnectionStringBuilder builder;
        try
        {
            builder = new SqliteConnectionStringBuilder(
                string.IsNullOrWhiteSpace(connection) ? "Data Source=data/registry.db" : connection);
        }
        catch (ArgumentException e)
        {
            throw new ConfigurationException(
                "ConnectionStrings:Registry is not a SQLite connection string. Example: Data Source=data/registry.db", e);
        }

        builder.DataSource = Path.GetFullPath(builder.DataSource, contentRoot);
        builder.ForeignKeys = true;
        // Waits for other processes (the verbs); within this one SqliteWriteGate queues.
        builder.DefaultTimeout = 30;
        return builder.ToString();
    }
}
