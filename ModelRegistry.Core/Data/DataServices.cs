using Microsoft.AspNetCore.Identity;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ModelRegistry.Core.Data.Migrations;
using Npgsql;

namespace ModelRegistry.Core.Data;

public static class DataServices
{
    public static IServiceCollection AddRegistryData(this IServiceCollection services, DatabaseOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton<ChangeStamps>();
        services.AddIdentitySchema();
        switch (options.Provider)
        {
            case DatabaseProvider.Sqlite:
                CreateFolderOf(new SqliteConnectionStringBuilder(options.ConnectionString).DataSource);
                services.AddDbContextPool<RegistryDbContext, SqliteRegistryDbContext>(o => UseSqlite(o, options));
                services.AddSingleton<ReadConnections, SqliteReadConnections>();
                break;
            case DatabaseProvider.PostgreSql:
                services.AddDbContextPool<RegistryDbContext, PostgreSqlRegistryDbContext>(o => UsePostgreSql(o, options));
                services.AddSingleton(_ => NpgsqlDataSource.Create(HotConnectionString(options)));
                services.AddSingleton<ReadConnections, PostgreSqlReadConnections>();
                break;
            default:
                services.AddDbContextPool<RegistryDbContext, SqlServerRegistryDbContext>(o => UseSqlServer(o, options));
                services.AddSingleton<ReadConnections, SqlServerReadConnections>();
                break;
        }

        return services;
    }

    // Digests of passwords and tokens are in that file: a new folder is nobody else's to read.
    private static void CreateFolderOf(string file)
    {
        var folder = Path.GetDirectoryName(file)!;
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>Identity asks the application's services which schema to make; passkeys need the third.</summary>
    internal static IServiceCollection AddIdentitySchema(this IServiceCollection services) =>
        services.Configure<IdentityOptions>(o => o.Stores.SchemaVersion = IdentitySchemaVersions.Version3);

    internal static void UseSqlite(DbContextOptionsBuilder builder, DatabaseOptions options) => builder.WithoutTheLogOfFailures()
        .UseSqlite(options.ConnectionString, o => BatchSize(o.MaxBatchSize, options))
        .ReplaceService<IMigrationsSqlGenerator, SqliteTablesWithoutRowId>();

    internal static void UsePostgreSql(DbContextOptionsBuilder builder, DatabaseOptions options) =>
        builder.WithoutTheLogOfFailures().UseNpgsql(options.ConnectionString, o => BatchSize(o.MaxBatchSize, options));

    internal static void UseSqlServer(DbContextOptionsBuilder builder, DatabaseOptions options) =>
        builder.WithoutTheLogOfFailures().UseSqlServer(options.ConnectionString, o => BatchSize(o.MaxBatchSize, options));

    // The hot paths: statements are prepared by themselves, a connection is not wiped between two uses, and the planner
    // neither compiles nor forks for reads of some rows. All of them go by keys: a table is read from end to end only where
    // nothing else is possible, also by a plan that was made when the table was empty.
    private static string HotConnectionString(DatabaseOptions options) => new NpgsqlConnectionStringBuilder(options.ConnectionString)
    {
        MaxAutoPrepare = 100,
        NoResetOnClose = true,
        Options = "-c jit=off -c random_page_cost=1.1 -c max_parallel_workers_per_gather=0 -c enable_seqscan=off",
        ApplicationName = "modelregistry-tracking",
    }.ToString();

    // Who sends a statement that fails handles that or lets the call fail, which is logged with its cause: two who make the
    // same row at once are the order of the day, and no error in the log.
    private static DbContextOptionsBuilder WithoutTheLogOfFailures(this DbContextOptionsBuilder builder) => builder.ConfigureWarnings(w => w.Log(
        (RelationalEventId.CommandError, LogLevel.Debug), (CoreEventId.SaveChangesFailed, LogLevel.Debug)));

    private static void BatchSize<T>(Func<int, T> set, DatabaseOptions options)
    {
        if (options.MaxBatchSize is { } size)
            set(size);
    }
}
