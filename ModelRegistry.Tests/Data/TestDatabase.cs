using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Tests.Data;

/// <summary>
/// A migrated database of its own, for tests of what lies below the HTTP edge. Which servers there are says the
/// environment; a test on another one is skipped visibly.
/// </summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly string? _file;

    private TestDatabase(DatabaseOptions options, string? file, Action<IServiceCollection>? configure)
    {
        Options = options;
        _file = file;
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddRegistryData(options);
        configure?.Invoke(services);
        _services = services.BuildServiceProvider();
    }

    public static TheoryData<DatabaseProvider> Providers => [.. Enum.GetValues<DatabaseProvider>()];

    public DatabaseOptions Options { get; }
    public IServiceProvider Services => _services;

    /// <summary>Skips the test where the environment has no such server.</summary>
    public static async Task<TestDatabase> CreateAsync(
        DatabaseProvider provider, Action<IServiceCollection>? configure = null)
    {
        var name = "test_" + Guid.NewGuid().ToString("N");
        var file = provider == DatabaseProvider.Sqlite ? Path.Combine(Path.GetTempPath(), name + ".db") : null;
        var options = new DatabaseOptions(provider, provider switch
        {
            DatabaseProvider.Sqlite => $"Data Source={file};Foreign Keys=True;Default Timeout=30",
            DatabaseProvider.PostgreSql => $"{Server("MODELREGISTRY_TEST_POSTGRES")};Database={name}",
            _ => $"{Server("MODELREGISTRY_TEST_SQLSERVER")};Database={name}",
        }, null);
        var database = new TestDatabase(options, file, configure);
        await database.UseAsync(db => db.Database.MigrateAsync());
        return database;
    }

    /// <summary>A model of the provider that never meets a server.</summary>
    public static TestDatabase WithoutServer(DatabaseProvider provider) => new(new DatabaseOptions(provider, provider switch
    {
        DatabaseProvider.Sqlite => "Data Source=/nowhere/nothing.db",
        DatabaseProvider.PostgreSql => "Host=nowhere",
        _ => "Server=nowhere",
    }, null), null, null);

    public async Task UseAsync(Func<RegistryDbContext, Task> use)
    {
        await using var scope = _services.CreateAsyncScope();
        await use(scope.ServiceProvider.GetRequiredService<RegistryDbContext>());
    }

    public async Task<T> UseAsync<T>(Func<RegistryDbContext, Task<T>> use)
    {
        await using var scope = _services.CreateAsyncScope();
        return await use(scope.ServiceProvider.GetRequiredService<RegistryDbContext>());
    }

    public async ValueTask DisposeAsync()
    {
        if (_file is not null)
        {
            await _services.DisposeAsync();
            SqliteConnection.ClearAllPools();
            foreach (var suffix in (string[])["", "-wal", "-shm"])
                File.Delete(_file + suffix);
        }
        else if (!Options.ConnectionString.Contains("nowhere", StringComparison.Ordinal))
        {
            await UseAsync(db => db.Database.EnsureDeletedAsync());
            await _services.DisposeAsync();
        }
    }

    private static string Server(string variable)
    {
        var server = Environment.GetEnvironmentVariable(variable);
        Skip.If(string.IsNullOrEmpty(server), $"{variable} names no server.");
        return server!;
    }
}
