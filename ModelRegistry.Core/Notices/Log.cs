using Microsoft.Extensions.Logging;

namespace ModelRegistry.Core.Notices;

internal static partial class Log
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "The mail of the notice {NoticeUuid} is given up after {Attempts} attempts: {Error}")]
    public static partial void MailFailed(this ILogger log, Guid noticeUuid, int attempts, string error);

    [LoggerMessage(Level = LogLevel.Error, Message = "Sending mails failed; it goes on in a moment.")]
    public static partial void MailingFailed(this ILogger log, Exception exception);
}
