namespace ModelRegistry.Web.Hosting;

internal static partial class Log
{
    [LoggerMessage(Level = LogLevel.Error, Message = "The database does not answer.")]
    public static partial void NotReady(ILogger log, Exception e);
}
