using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ModelRegistry.Core.Data;
using Npgsql;

namespace ModelRegistry.Tests.Support;

/// <summary>
/// The databases that are migrated once in a run of the tests and copied for each class: a hundred migrations took longer than
/// what they were made for. Gone with the process.
/// </summary>
internal static class MigratedTemplate
{
    /// <summary>A file.</summary>
    public static Lazy<Task<string>> Sqlite { get; } = new(async () =>
    {
        var folder = Directory.CreateTempSubdirectory("mreg-template-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        var file = Path.Combine(folder, "registry.db");
        // Without a pool: closed is closed, and the file is all there is.
        await MigrateAsync(DatabaseProvider.Sqlite, $"Data Source={file};Pooling=False");
        return file;
    });

    /// <summary>A database on the server of the tests.</summary>
    public static Lazy<Task<string>> PostgreSql { get; } = new(async () =>
    {
        var server = new NpgsqlConnectionStringBuilder(Databases.ServerOrSkip(DatabaseProvider.PostgreSql)) { Pooling = false };
        var name = "mreg_template_" + Guid.NewGuid().ToString("N");
        await TestDatabase.PostgresAsync(server.ConnectionString, $"CREATE DATABASE {name}");
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
            TestDatabase.PostgresAsync(server.ConnectionString, $"DROP DATABASE IF EXISTS {name} WITH (FORCE)").GetAwaiter().GetResult();
        var own = new NpgsqlConnectionStringBuilder(server.ConnectionString) { Database = name };
        await MigrateAsync(DatabaseProvider.PostgreSql, own.ConnectionString);
        return name;
    });

    private static async Task MigrateAsync(DatabaseProvider provider, string connectionString)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddRegistryData(new DatabaseOptions(provider, connectionString, null));
        await using var built = services.BuildServiceProvider();
        await using var scope = built.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<RegistryDbContext>().Database.MigrateAsync();
    }
}
