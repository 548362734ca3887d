using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace ModelRegistry.Core.Artifacts.Storage.InMemory;

/// <summary>Blobs in this process's memory: for tests and trials.</summary>
public sealed class InMemoryArtifactStore(TimeProvider time) : IArtifactStore
{
    private readonly ConcurrentDictionary<BlobKey, (byte[] Bytes, DateTimeOffset At)> _blobs = new();

    public string Display => "memory";

    public async Task PutAsync(StagedFile file, CancellationToken ct)
    {
        if (file.SizeBytes > Array.MaxLength)
            throw StoreFailure.NoRoom();
        var bytes = new byte[file.SizeBytes];
        await using var source = file.OpenRead();
        await source.ReadExactlyAsync(bytes, ct);
        _blobs[file.Key] = (bytes, time.GetUtcNow());
    }

    public Task<Stream?> OpenReadAsync(BlobKey key, long offset, long length, CancellationToken ct)
    {
        if (!_blobs.TryGetValue(key, out var blob))
            return Task.FromResult<Stream?>(null);
        var start = (int)Math.Min(offset, blob.Bytes.Length);
        return Task.FromResult<Stream?>(
            new BoundedStream(new MemoryStream(blob.Bytes, start, blob.Bytes.Length - start, writable: false), length));
    }

    public Task<StoredBlob?> FindAsync(BlobKey key, CancellationToken ct) => Task.FromResult(
        _blobs.TryGetValue(key, out var blob) ? new StoredBlob(key, blob.Bytes.Length, blob.At) : null);

    public Task DeleteAsync(BlobKey key, CancellationToken ct)
    {
        _blobs.TryRemove(key, out _);
        return Task.CompletedTask;
    }

    public async IAsyncEnumerable<StoredBlob> ListAsync([EnumeratorCancellation] CancellationToken ct)
    {
        await Task.Yield();
        foreach (var (key, blob) in _blobs)
        {
            ct.ThrowIfCancellationRequested();
            yield return new StoredBlob(key, blob.Bytes.Length, blob.At);
        }
    }
}
