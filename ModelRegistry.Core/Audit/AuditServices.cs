using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using ModelRegistry.Core.Identity;

namespace ModelRegistry.Core.Audit;

public static class AuditServices
{
    public static IServiceCollection AddAudit(this IServiceCollection services)
    {
        services.TryAddScoped<CurrentUserHolder>();
        services.TryAddScoped<AuditTrail>();
        services.AddScoped<AuditSealer>();
        services.AddScoped<AuditSearch>();
        services.AddScoped<AuditVerifier>();
        services.AddHostedService<AuditSealing>();
        return services;
    }
}
