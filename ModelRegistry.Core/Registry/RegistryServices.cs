using Microsoft.Extensions.DependencyInjection;
using ModelRegistry.Core.Artifacts;

namespace ModelRegistry.Core.Registry;

public static class RegistryServices
{
    public static IServiceCollection AddModelRegistry(this IServiceCollection services) => services
        .AddSingleton<RecentRequests>()
        .AddScoped<RegistryWork>()
        .AddScoped<RegisteredModelService>()
        .AddScoped<ModelVersionService>()
        .AddScoped<AliasService>()
        .AddScoped<ModelStageService>()
        .AddScoped<RegistrationService>()
        .AddScoped<RegistrySearch>()
        .AddScoped<RegistryOverviewService>()
        .AddScoped<SourceResolver>()
        .AddScoped<VersionArtifacts>()
        .AddScoped<IArtifactOwner>(s => s.GetRequiredService<VersionArtifacts>());
}
