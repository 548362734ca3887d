using System.Buffers;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using ModelRegistry.Core.Artifacts.Storage.Disk;
using ModelRegistry.Core.Common;

namespace ModelRegistry.Core.Artifacts.Storage;

/// <summary>
/// Where bytes are while they come in: private files with random names in one directory, on the volume of the disk
/// store where there is one, so that taking them over is a rename. What a crash leaves behind is swept by age.
/// </summary>
public sealed class ArtifactStaging
{
    private const int BufferSize = 128 * 1024;

    public ArtifactStaging(string directory)
    {
        Directory = directory;
        PrivateDirectory.Create(directory);
    }

    public string Directory { get; }

    /// <summary>Takes the stream in; the SHA-256 is ready when the last byte is written.</summary>
    /// <param name="announced">What the sender said it has; asked of the disk before the first byte is taken.</param>
    /// <exception cref="StorageFullException">There is no room.</exception>
    /// <exception cref="UnavailableException">The disk refuses.</exception>
    public Task<StagedFile> ReceiveAsync(Stream body, long? announced, CancellationToken ct) =>
        ReceiveAsync([_ => new ValueTask<Stream>(body)], announced, ct);

    /// <summary>Takes several streams in as one file, in their order; each is opened when it is needed and disposed.</summary>
    public async Task<StagedFile> ReceiveAsync(
        IReadOnlyList<Func<CancellationToken, ValueTask<Stream>>> parts, long? announced, CancellationToken ct)
    {
        if (announced > new DriveInfo(Directory).AvailableFreeSpace)
            throw StoreFailure.NoRoom();
        var path = Path.Combine(Directory, Guid.NewGuid().ToString("N") + ".upload");
        var file = Guarded(() => PrivateDirectory.CreateFile(path));
        try
        {
            var (digest, size) = await WriteAsync(file.SafeFileHandle, parts, announced, ct);
            return new StagedFile(file, BlobKey.Of(digest), size);
        }
        catch
        {
            await file.DisposeAsync();
            File.Delete(path);
            throw;
        }
    }

    /// <summary>Removes what uploads left here before <paramref name="cutoff"/>, and tells how many.</summary>
    public int Sweep(DateTimeOffset cutoff, CancellationToken ct)
    {
        var removed = 0;
        foreach (var entry in new DirectoryInfo(Directory).EnumerateFileSystemInfos())
        {
            ct.ThrowIfCancellationRequested();
            if (entry.LastWriteTimeUtc >= cutoff.UtcDateTime)
                continue;
            if (entry is DirectoryInfo directory)
            {
                if (directory.EnumerateFiles().Any(f => f.LastWriteTimeUtc >= cutoff.UtcDateTime))
                    continue;
                directory.Delete(recursive: true);
            }
            else
            {
                entry.Delete();
            }

            removed++;
        }

        return removed;
    }

    // Three things overlap: reading the next block from the network, hashing this one, writing this one.
    private static async Task<(byte[] Digest, long Size)> WriteAsync(SafeFileHandle handle,
        IReadOnlyList<Func<CancellationToken, ValueTask<Stream>>> parts, long? announced, CancellationToken ct)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var size = (int)Math.Clamp(announced ?? BufferSize, 4096, BufferSize);
        var reading = ArrayPool<byte>.Shared.Rent(size);
        var working = ArrayPool<byte>.Shared.Rent(size);
        var work = Task.CompletedTask;
        long offset = 0;
        try
        {
            foreach (var open in parts)
            {
                await using var part = await open(ct);
                int read;
                while ((read = await part.ReadAtLeastAsync(reading, reading.Length, throwOnEndOfStream: false, ct)) > 0)
                {
                    await work;
                    (reading, working) = (working, reading);
                    work = WorkAsync(handle, hash, working.AsMemory(0, read), offset);
                    offset += read;
                }
            }

            await work;
            return (hash.GetHashAndReset(), offset);
        }
        finally
        {
            // The buffers go back to the pool only when nothing reads them any more.
            await work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ArrayPool<byte>.Shared.Return(reading);
            ArrayPool<byte>.Shared.Return(working);
        }
    }

    private static Task WorkAsync(SafeFileHandle handle, IncrementalHash hash, ReadOnlyMemory<byte> block, long offset)
    {
        if (block.Length <= 64 * 1024)
        {
            hash.AppendData(block.Span);
            Guarded(() => RandomAccess.Write(handle, block.Span, offset));
            return Task.CompletedTask;
        }

        return Task.WhenAll(
            Task.Run(() => hash.AppendData(block.Span)),
            Task.Run(() => Guarded(() =>
            {
                RandomAccess.Write(handle, block.Span, offset);
                DurableDirectory.StartWriteBack(handle, offset, block.Length);
            })));
    }

    // Only the disk's failures: those of the sender's stream are the sender's.
    private static void Guarded(Action action) => Guarded(() =>
    {
        action();
        return 0;
    });

    private static T Guarded<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StoreFailure.Of(e);
        }
    }
}
