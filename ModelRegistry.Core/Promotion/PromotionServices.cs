using Microsoft.Extensions.DependencyInjection;
using ModelRegistry.Core.Registry;

namespace ModelRegistry.Core.Promotion;

public static class PromotionServices
{
    public static IServiceCollection AddPromotion(this IServiceCollection services) => services
        .AddScoped<EvidenceReader>()
        .AddScoped<PersonReader>()
        .AddScoped<ApprovalNotices>()
        .AddScoped<PromotionGate>()
        .AddScoped<IMoveGate>(s => s.GetRequiredService<PromotionGate>())
        .AddScoped<PromotionPolicyService>()
        .AddScoped<ApprovalService>()
        .AddScoped<ApprovalExpiry>();
}
