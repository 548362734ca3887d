using System.Net;

namespace ModelRegistry.Web.Hosting;

internal static partial class Log
{
    [LoggerMessage(Level = LogLevel.Error, Message = "A download of blob {Sha256} was cut: the store failed")]
    public static partial void DownloadFailed(this ILogger logger, string sha256, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed.")]
    public static partial void CallFailed(this ILogger logger, string method, string path, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "The database does not answer.")]
    public static partial void NotReady(ILogger log, Exception e);

    [LoggerMessage(Level = LogLevel.Information, Message = "User {UserId} signed in from {Address}.")]
    public static partial void SignedIn(ILogger log, long userId, IPAddress? address);

    // Not the name that was typed: people type their password there.
    [LoggerMessage(Level = LogLevel.Warning, Message = "A sign-in from {Address} was refused.")]
    public static partial void SignInRefused(ILogger log, IPAddress? address);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Too many passwords from {Address}.")]
    public static partial void TooManyPasswords(ILogger log, IPAddress? address);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A credential from {Address} was refused: {Reason}.")]
    public static partial void CredentialRefused(ILogger log, IPAddress? address, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The ledger and the database differ: {PlacedAgain} holds and locks were placed again, "
        + "{WithoutTarget} are on what is not there, {StillActive} were released and stand, {Unreadable} lines cannot be read; {Purges}")]
    public static partial void LedgerDiffers(ILogger log, int placedAgain, int withoutTarget, int stillActive, int unreadable, string purges);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The ledger and the database differ: {BroughtBack} policies are again as they last were, "
        + "{StillThere} were deleted and are there again.")]
    public static partial void PoliciesDiffer(ILogger log, int broughtBack, int stillThere);

    [LoggerMessage(Level = LogLevel.Error, Message = "The ledger of holds, purges and policies is not there.")]
    public static partial void LedgerUnavailable(ILogger log, Exception e);
}
