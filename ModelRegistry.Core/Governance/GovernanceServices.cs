using Microsoft.Extensions.DependencyInjection;

namespace ModelRegistry.Core.Governance;

public static class GovernanceServices
{
    public static IServiceCollection AddGovernance(this IServiceCollection services) => services
        .AddScoped<SecurableDirectory>()
        .AddScoped<HeldThingDirectory>()
        .AddScoped<HoldService>()
        .AddScoped<RetentionLockService>()
        .AddScoped<HistoryService>()
        .AddScoped<InventoryService>();
}
