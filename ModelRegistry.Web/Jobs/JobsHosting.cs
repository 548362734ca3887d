using Hangfire;
using Hangfire.InMemory;
using Hangfire.PostgreSql;
using Hangfire.SqlServer;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Retention;
using ModelRegistry.Web.Hosting;

namespace ModelRegistry.Web.Jobs;

/// <summary>
/// Background jobs: their queue in the registry's database where that is a server, in memory with SQLite. Nothing depends
/// on the queue: each job finds its work in the registry's own tables, so a lost queue loses no work.
/// </summary>
internal static class JobsHosting
{
    public const string DashboardPath = "/admin/jobs";

    public static IServiceCollection AddRegistryJobs(this IServiceCollection services, IConfiguration configuration)
    {
        var options = JobsOptions.Read(configuration);
        services.AddSingleton(options);
        services.AddScoped<BlobRemovalJob>();
        services.AddScoped<ApprovalExpiryJob>();
        services.AddScoped<RetentionJob>();
        services.AddScoped<NoticesJob>();
        if (!options.Enabled)
            return services.AddSingleton<IRetentionWake, NoRetentionWake>();
        services.AddSingleton<IRetentionWake, RetentionWake>();
        // Not Hangfire's process-wide one: hosts of one process (tests) would share it.
        services.AddSingleton(sp => CreateStorage(sp.GetRequiredService<DatabaseOptions>(), configuration));
        services.AddSingleton<JobActivator, SystemJobActivator>();
        services.AddHangfire(hangfire => hangfire
            .SetDataCompatibilityLevel(CompatibilityLevel.Version_180)
            .UseSimpleAssemblyNameTypeSerializer()
            .UseRecommendedSerializerSettings());
        services.AddHangfireServer(server =>
        {
            server.WorkerCount = options.Workers;
            // A job that is told to stop has this long to end at a good place; the next run goes on from there.
            server.ShutdownTimeout = TimeSpan.FromSeconds(15);
        });
        return services.AddHostedService<RecurringJobs>();
    }

    /// <summary>Hangfire's dashboard, for admins.</summary>
    public static void MapRegistryJobs(this WebApplication app)
    {
        if (!app.Services.GetRequiredService<JobsOptions>().Enabled)
            return;
        app.MapHangfireDashboard(DashboardPath, new DashboardOptions
        {
            Authorization = [new AdminsOnly()],
            DashboardTitle = "Jobs",
            // A connection string may hold a password.
            DisplayStorageConnectionString = false,
        }).RequireAuthorization(Policies.AdminPage);
    }

    private static JobStorage CreateStorage(DatabaseOptions database, IConfiguration configuration)
    {
        switch (database.Provider)
        {
            case DatabaseProvider.SqlServer:
                var sqlServer = new SqlServerStorageOptions { SchemaName = "hangfire" };
                configuration.GetSection("Jobs:SqlServer").Bind(sqlServer);
                return new SqlServerStorage(database.ConnectionString, sqlServer);
            case DatabaseProvider.PostgreSql:
                var postgreSql = new PostgreSqlStorageOptions { SchemaName = "hangfire" };
                configuration.GetSection("Jobs:PostgreSql").Bind(postgreSql);
                return new PostgreSqlStorage(
                    new Hangfire.PostgreSql.Factories.NpgsqlConnectionFactory(database.ConnectionString, postgreSql), postgreSql);
            default:
                return new InMemoryStorage(new InMemoryStorageOptions { MaxExpirationTime = TimeSpan.FromDays(1) });
        }
    }
}
