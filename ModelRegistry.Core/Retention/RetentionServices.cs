using Microsoft.Extensions.DependencyInjection;

namespace ModelRegistry.Core.Retention;

public static class RetentionServices
{
    public static IServiceCollection AddRetention(this IServiceCollection services, RetentionOptions options) => services
        .AddSingleton(options)
        .AddScoped<FactsReader>()
        .AddScoped<RetentionPolicyService>()
        .AddScoped<RetentionRunService>()
        .AddScoped<RetentionEvaluation>()
        .AddScoped<RetentionNotices>()
        .AddScoped<RetentionExecution>()
        .AddScoped<RetentionClockwork>()
        .AddScoped<RetentionJobs>()
        .AddScoped<LockExpiry>()
        .AddScoped<TrashService>()
        .AddScoped<TrashPurge>()
        .AddScoped<PurgeLedger>()
        .AddScoped<PolicyLedger>()
        .AddScoped<StoredContentScrub>()
        .AddScoped<CertificateService>();
}
