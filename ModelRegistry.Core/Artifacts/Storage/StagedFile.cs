namespace ModelRegistry.Core.Artifacts.Storage;

/// <summary>
/// Content that came in whole and is not in the store yet. Its handle stays open, so that a failed write-back is
/// reported to whoever flushes it. Disposing removes the file, unless a store moved it away.
/// </summary>
public sealed class StagedFile(FileStream file, BlobKey key, long sizeBytes) : IDisposable
{
    private bool _moved;

    public BlobKey Key => key;
    public long SizeBytes => sizeBytes;

    /// <summary>Forces the bytes to the disk. An error is final: the file must be given up, not flushed again, because
    /// the system may have dropped what it could not write.</summary>
    public void FlushToDisk() => RandomAccess.FlushToDisk(file.SafeFileHandle);

    /// <summary>Gives the file another name on the same volume, in one step, over whatever is there.</summary>
    public void MoveTo(string target)
    {
        File.Move(file.Name, target, overwrite: true);
        _moved = true;
    }

    public Stream OpenRead() => new FileStream(file.Name, new FileStreamOptions
    {
        Access = FileAccess.Read,
        Share = FileShare.ReadWrite | FileShare.Delete,
        BufferSize = 0,
    });

    public void Dispose()
    {
        file.Dispose();
        if (!_moved)
            File.Delete(file.Name);
    }
}
