using Microsoft.Extensions.DependencyInjection;

namespace ModelRegistry.Core.Webhooks;

public static class WebhookServices
{
    public static IServiceCollection AddWebhooks(this IServiceCollection services, WebhookOptions options) => services
        .AddSingleton(options)
        .AddSingleton<OutboundGuard>()
        .AddSingleton<WebhookSecrets>()
        .AddSingleton<WebhookSender>()
        .AddSingleton<EventOutbox>()
        .AddScoped<DeliveryQueue>()
        .AddScoped<WebhookService>()
        .AddScoped<DeliveryService>()
        .AddHostedService<WebhookDispatching>();
}
