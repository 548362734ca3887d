namespace ModelRegistry.Core.Artifacts.Storage;

/// <summary>A blob that lies in a store.</summary>
public sealed record StoredBlob(BlobKey Key, long SizeBytes, DateTimeOffset ModifiedAt);

/// <summary>
/// Where the bytes are. A driver holds backend code only: what a blob means, who may read it and when it may go is
/// decided above. All calls may run at once, for the same key too. What a backend cannot do now (unreachable, slow,
/// refused, full) is thrown as the backend's own exception and made one of the registry's by
/// <see cref="ArtifactStoreGuard"/>; a missing blob is an answer, not an exception.
/// </summary>
public interface IArtifactStore
{
    /// <summary>The driver and place for people, without secrets.</summary>
    string Display { get; }

    /// <summary>
    /// Puts the content of a staged file under its key. When this returns, the blob is whole and durable: it survives
    /// the loss of power. At every moment before, readers see nothing or the whole blob, never a part. A blob that is
    /// there already may be replaced by the equal content or left. The driver may move the file away, and need not.
    /// </summary>
    Task PutAsync(StagedFile file, CancellationToken ct);

    /// <summary>
    /// The bytes from <paramref name="offset"/> on, <paramref name="length"/> of them; null where there is no such blob.
    /// The stream reads from the backend as it is read, it holds no copy; it goes on after the blob is deleted or ends
    /// with an exception, it never ends early in silence. Bytes that are known to be missing are an
    /// <see cref="EndOfStreamException"/> now.
    /// </summary>
    Task<Stream?> OpenReadAsync(BlobKey key, long offset, long length, CancellationToken ct);

    /// <summary>Null where there is no such blob. Sees every put that returned before.</summary>
    Task<StoredBlob?> FindAsync(BlobKey key, CancellationToken ct);

    /// <summary>A missing blob is no error. When this returns, later reads find nothing.</summary>
    Task DeleteAsync(BlobKey key, CancellationToken ct);

    /// <summary>All blobs, in no order; what is put or deleted meanwhile may be in it or not. Other objects that lie in
    /// the same place are left out.</summary>
    IAsyncEnumerable<StoredBlob> ListAsync(CancellationToken ct);
}
