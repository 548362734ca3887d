using Microsoft.Extensions.DependencyInjection;
using ModelRegistry.Core.Holds;

namespace ModelRegistry.Core.Governance;

public static class GovernanceServices
{
    public static IServiceCollection AddGovernance(this IServiceCollection services, LedgerOptions ledger) => services
        .AddSingleton(ledger)
        .AddSingleton<Ledger>()
        .AddScoped<HoldLedger>()
        .AddScoped<SecurableDirectory>()
        .AddScoped<HeldThingDirectory>()
        .AddScoped<HoldService>()
        .AddScoped<RetentionLockService>()
        .AddScoped<HistoryService>()
        .AddScoped<InventoryService>();
}
