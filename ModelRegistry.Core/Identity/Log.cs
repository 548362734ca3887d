using Microsoft.Extensions.Logging;

namespace ModelRegistry.Core.Identity;

internal static partial class Log
{
    [LoggerMessage(Level = LogLevel.Warning,
        Message = "Could not look for changes of access; revoked tokens may still be taken until this works again.")]
    public static partial void AccessNotChecked(ILogger log, Exception e);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "User {UserId} gave too many wrong passwords; passwords are refused until {Until:u}.")]
    public static partial void AccountLocked(ILogger log, long userId, DateTimeOffset until);
}
