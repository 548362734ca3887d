namespace ModelRegistry.Web.MlflowApi;

internal static partial class Log
{
    [LoggerMessage(Level = LogLevel.Error, Message = "A download of blob {Sha256} was cut: the store failed")]
    public static partial void DownloadFailed(this ILogger logger, string sha256, Exception exception);
}
