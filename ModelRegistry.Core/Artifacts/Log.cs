using Microsoft.Extensions.Logging;

namespace ModelRegistry.Core.Artifacts;

internal static partial class Log
{
    [LoggerMessage(Level = LogLevel.Error, Message = "The artifact store ({Store}) failed to {Operation}")]
    public static partial void StoreFailed(this ILogger logger, string store, string operation, Exception exception);

    [LoggerMessage(Level = LogLevel.Information,
        Message = "Removed {Blobs} unreferenced blobs with {Bytes} bytes, {Orphans} stored objects that nothing knew, {Staged} left-over uploads")]
    public static partial void BlobsRemoved(this ILogger logger, int blobs, long bytes, int orphans, int staged);

    [LoggerMessage(Level = LogLevel.Warning, Message = "That {Key} was used could not be written down")]
    public static partial void UseNotWritten(this ILogger logger, string key, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "The end of the upload {Upload} failed, or the removal of its parts")]
    public static partial void JoinFailed(this ILogger logger, Guid upload, Exception exception);

    [LoggerMessage(Level = LogLevel.Error,
        Message = "Blob {Sha256} is in the database with {Expected} bytes; the store has {Found}")]
    public static partial void BlobDamaged(this ILogger logger, string sha256, long expected, long? found);
}
