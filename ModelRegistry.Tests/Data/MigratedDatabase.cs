using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ModelRegistry.Core.Data;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Data;

/// <summary>A migrated database and contexts on it, for tests of what lies below the HTTP edge.</summary>
public sealed class MigratedDatabase : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly Func<ValueTask> _drop;

    private MigratedDatabase(
        DatabaseProvider provider, string connection, Action<IServiceCollection>? configure, Func<ValueTask> drop)
    {
        _drop = drop;
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddRegistryData(new DatabaseOptions(provider, connection, null));
        configure?.Invoke(services);
        _services = services.BuildServiceProvider();
    }

    public IServiceProvider Services => _services;

    /// <summary>Skips the test where no such server is configured.</summary>
    public static async Task<MigratedDatabase> CreateAsync(
        DatabaseProvider provider, Action<IServiceCollection>? configure = null)
    {
        var folder = Directory.CreateTempSubdirectory("mreg-test-").FullName;
        TestDatabase? database = null;
        try
        {
            database = await TestDatabase.CreateAsync(provider, folder);
            var migrated = new MigratedDatabase(provider, database.ConnectionString, configure, RemoveAsync);
            await migrated.UseAsync(db => db.Database.MigrateAsync());
            return migrated;
        }
        catch
        {
            await RemoveAsync();
            throw;
        }

        async ValueTask RemoveAsync()
        {
            if (database is not null)
                await database.DisposeAsync();
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>A model of the provider that never meets a server.</summary>
    public static MigratedDatabase WithoutServer(DatabaseProvider provider) => new(provider, provider switch
    {
        DatabaseProvider.Sqlite => $"Data Source={Path.Combine(Path.GetTempPath(), "nothing.db")}",
        DatabaseProvider.PostgreSql => "Host=nowhere",
        _ => "Server=nowhere",
    }, null, () => ValueTask.CompletedTask);

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
        await _services.DisposeAsync();
        await _drop();
    }
}
