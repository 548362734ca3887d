using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ModelRegistry.Core.Artifacts;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Tracking.Store;
using Npgsql;

namespace ModelRegistry.Core.Tracking;

public static class TrackingServices
{
    public static IServiceCollection AddTracking(this IServiceCollection services) => services
        .AddSingleton<ExperimentCatalog>()
        .AddSingleton<MetricKeyCatalog>()
        .AddSingleton<LoggedModelDirectory>()
        .AddSingleton<RunReader>()
        .AddSingleton<RunDirectory>()
        .AddSingleton<RunSearch>()
        .AddSingleton<StoredParams>()
        .AddSingleton<ExperimentSearch>()
        .AddSingleton(sp => new TrackingWriter(Store(sp), sp.GetRequiredService<ILogger<TrackingWriter>>()))
        .AddScoped<ExperimentService>()
        .AddScoped<RunService>()
        .AddScoped<RunLifecycleService>()
        .AddScoped<MetricHistory>()
        .AddScoped<LoggedModelService>()
        .AddScoped<LoggedModelReader>()
        .AddScoped<LoggedModelSearch>()
        .AddScoped<DatasetSearch>()
        .AddScoped<ExperimentOverview>()
        .AddScoped<RunOverview>()
        .AddScoped<ExperimentArtifacts>()
        .AddScoped<IArtifactOwner>(sp => sp.GetRequiredService<ExperimentArtifacts>());

    private static ITrackingStore Store(IServiceProvider services)
    {
        var options = services.GetRequiredService<DatabaseOptions>();
        return options.Provider switch
        {
            DatabaseProvider.Sqlite => new SqliteTrackingStore(options),
            DatabaseProvider.PostgreSql => new PostgreSqlTrackingStore(services.GetRequiredService<NpgsqlDataSource>()),
            _ => new SqlServerTrackingStore(options),
        };
    }
}
