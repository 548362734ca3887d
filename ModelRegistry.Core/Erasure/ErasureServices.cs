using Microsoft.Extensions.DependencyInjection;

namespace ModelRegistry.Core.Erasure;

public static class ErasureServices
{
    public static IServiceCollection AddErasure(this IServiceCollection services) => services
        .AddScoped<ErasureService>()
        .AddScoped<ErasureExecution>();
}
