using System.IO.Enumeration;
using System.Runtime.CompilerServices;

namespace ModelRegistry.Core.Artifacts.Storage.Disk;

/// <summary>
/// Blobs as files of one directory:
/// <code>
/// {root}/
///   blobs/ab/cd/abcd…     one file per blob, named by its SHA-256
///   staging/              see ArtifactStaging
/// </code>
/// </summary>
public sealed class DiskArtifactStore : IArtifactStore
{
    private readonly string _root;
    private readonly string _blobs;
    private readonly bool[] _flushed = new bool[ushort.MaxValue + 1];

    public DiskArtifactStore(string root)
    {
        _root = root;
        _blobs = Path.Combine(root, "blobs");
        PrivateDirectory.Create(_blobs);
        DurableDirectory.Flush(root);
    }

    public string Display => $"disk '{_root}'";

    /// <summary>On the same volume as the blobs, or a put could not be a rename.</summary>
    public static string StagingIn(string root) => Path.Combine(root, "staging");

    public Task PutAsync(StagedFile file, CancellationToken ct) => Task.Run(() =>
    {
        file.FlushToDisk();
        ct.ThrowIfCancellationRequested();
        var target = PathOf(file.Key);
        var directory = Path.GetDirectoryName(target)!;
        PrivateDirectory.Create(directory);
        // Over an equal blob too: it heals one that the disk has damaged.
        file.MoveTo(target);
        DurableDirectory.Flush(directory);
        FlushEntryOf(directory, file.Key);
    }, ct);

    public Task<Stream?> OpenReadAsync(BlobKey key, long offset, long length, CancellationToken ct)
    {
        FileStream file;
        try
        {
            file = new FileStream(PathOf(key), new FileStreamOptions
            {
                Access = FileAccess.Read,
                Share = FileShare.Read | FileShare.Delete,
                Options = FileOptions.SequentialScan,
                BufferSize = 0,
            });
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return Task.FromResult<Stream?>(null);
        }

        if (file.Length < offset + length)
        {
            file.Dispose();
            throw new EndOfStreamException("The stored content is shorter than it must be.");
        }

        file.Position = offset;
        return Task.FromResult<Stream?>(new BoundedStream(file, length));
    }

    public Task<StoredBlob?> FindAsync(BlobKey key, CancellationToken ct)
    {
        var file = new FileInfo(PathOf(key));
        return Task.FromResult(file.Exists ? new StoredBlob(key, file.Length, file.LastWriteTimeUtc) : null);
    }

    public Task DeleteAsync(BlobKey key, CancellationToken ct) => Task.Run(() =>
    {
        try
        {
            File.Delete(PathOf(key));
        }
        catch (DirectoryNotFoundException)
        {
            // Not there, so deleted.
        }
    }, ct);

    public async IAsyncEnumerable<StoredBlob> ListAsync([EnumeratorCancellation] CancellationToken ct)
    {
        await Task.Yield();
        var files = new FileSystemEnumerable<(string Path, long Size, DateTimeOffset Modified)>(_blobs,
            (ref FileSystemEntry e) => (e.ToFullPath(), e.Length, e.LastWriteTimeUtc),
            new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint })
        {
            ShouldIncludePredicate = (ref FileSystemEntry e) => !e.IsDirectory,
        };
        foreach (var (path, size, modified) in files)
        {
            ct.ThrowIfCancellationRequested();
            if (BlobKey.TryParsePath(Path.GetRelativePath(_blobs, path).Replace('\\', '/'), out var key))
                yield return new StoredBlob(key.Value, size, modified);
        }
    }

    private string PathOf(BlobKey key) => Path.Combine(_blobs, key.Hex[..2], key.Hex[2..4], key.Hex);

    // The directories themselves are entries that must be flushed, once. That one exists does not tell that it was:
    // another upload may have made it a moment ago.
    private void FlushEntryOf(string directory, BlobKey key)
    {
        var number = Convert.ToUInt16(key.Hex[..4], 16);
        if (Volatile.Read(ref _flushed[number]))
            return;
        DurableDirectory.Flush(Path.GetDirectoryName(directory)!);
        DurableDirectory.Flush(_blobs);
        Volatile.Write(ref _flushed[number], true);
    }
}
