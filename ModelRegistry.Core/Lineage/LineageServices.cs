using Microsoft.Extensions.DependencyInjection;
using ModelRegistry.Core.Registry;

namespace ModelRegistry.Core.Lineage;

public static class LineageServices
{
    public static IServiceCollection AddLineage(this IServiceCollection services) => services
        .AddScoped<IVersionOrigins, VersionOrigins>()
        .AddScoped<ModelFileReader>()
        .AddScoped<DatasetDirectory>();
}
