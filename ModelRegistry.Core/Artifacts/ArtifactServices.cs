using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ModelRegistry.Core.Artifacts.Storage;
using ModelRegistry.Core.Artifacts.Storage.Disk;
using ModelRegistry.Core.Artifacts.Uploads;

namespace ModelRegistry.Core.Artifacts;

public static class ArtifactServices
{
    public static IServiceCollection AddArtifacts(this IServiceCollection services, StorageOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton<IArtifactStore>(s => new ArtifactStoreGuard(
            ArtifactStoreFactory.Create(options.Connection, s.GetRequiredService<TimeProvider>()),
            s.GetRequiredService<ILogger<ArtifactStoreGuard>>()));
        services.AddSingleton(_ => new ArtifactStaging(
            options.Connection is DiskConnection disk ? DiskArtifactStore.StagingIn(disk.Path) : options.StagingDirectory));
        return services.AddScoped<ArtifactService>().AddScoped<ArtifactManifest>()
            .AddScoped<ArtifactBlobs>()
            .AddScoped<ArtifactLocations>()
            .AddScoped<BlobRemoval>()
            .AddSingleton<UseLog>()
            .AddScoped<ArtifactUploads>().AddScoped<UploadJoin>().AddScoped<UploadExpiry>().AddSingleton<UploadJoins>()
            .AddScoped<ArtifactVerification>();
    }
}
