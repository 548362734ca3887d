using Microsoft.Extensions.Logging;

namespace ModelRegistry.Core.Tracking;

internal static partial class Log
{
    [LoggerMessage(EventId = 2001, Level = LogLevel.Error, Message = "A write to a run could not be stored.")]
    public static partial void WriteFailed(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 2002, Level = LogLevel.Warning,
        Message = "A group of {Count} writes failed and is done again one by one.")]
    public static partial void GroupFailed(ILogger logger, int count, Exception exception);
}
