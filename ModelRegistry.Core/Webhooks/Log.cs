using Microsoft.Extensions.Logging;

namespace ModelRegistry.Core.Webhooks;

internal static partial class Log
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "A webhook's delivery to {Host} was not sent: the address is not allowed")]
    public static partial void DeliveryRefused(this ILogger logger, string host);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A webhook's delivery to {Host} had no answer: {Reason}")]
    public static partial void DeliveryUnanswered(this ILogger logger, string host, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "The secret of a webhook to {Host} cannot be opened")]
    public static partial void SecretLost(this ILogger logger, string host, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Delivery {Delivery} failed for good after {Attempts} attempts")]
    public static partial void DeliveryFailed(this ILogger logger, Guid delivery, int attempts);

    [LoggerMessage(Level = LogLevel.Error, Message = "Delivering webhooks failed; it goes on in a moment")]
    public static partial void DispatchingFailed(this ILogger logger, Exception exception);
}
