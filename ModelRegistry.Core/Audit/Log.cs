using Microsoft.Extensions.Logging;

namespace ModelRegistry.Core.Audit;

internal static partial class Log
{
    [LoggerMessage(Level = LogLevel.Error, Message = "Audit events could not be sealed; they are kept and tried again.")]
    public static partial void SealingFailed(this ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Critical, Message = "The audit trail was altered outside of the registry: it is sealed "
        + "up to event {SealedTo}, its last event is {LastEvent}. Run 'audit verify'.")]
    public static partial void ChainAltered(this ILogger logger, long sealedTo, long lastEvent);
}
