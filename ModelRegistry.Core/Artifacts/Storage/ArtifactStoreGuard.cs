using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using ModelRegistry.Core.Common;

namespace ModelRegistry.Core.Artifacts.Storage;

/// <summary>Stands before every driver: what a backend throws is logged with all it says and made an exception of the
/// registry with nothing that a caller should not know.</summary>
public sealed class ArtifactStoreGuard(IArtifactStore driver, ILogger<ArtifactStoreGuard> logger) : IArtifactStore
{
    public string Display => driver.Display;

    public async Task PutAsync(StagedFile file, CancellationToken ct)
    {
        try
        {
            await driver.PutAsync(file, ct);
        }
        catch (Exception e) when (!IsCancellation(e, ct))
        {
            throw Failure(e, "put");
        }
    }

    public async Task<Stream?> OpenReadAsync(BlobKey key, long offset, long length, CancellationToken ct)
    {
        try
        {
            return await driver.OpenReadAsync(key, offset, length, ct);
        }
        catch (Exception e) when (!IsCancellation(e, ct))
        {
            throw Failure(e, "read");
        }
    }

    public async Task<StoredBlob?> FindAsync(BlobKey key, CancellationToken ct)
    {
        try
        {
            return await driver.FindAsync(key, ct);
        }
        catch (Exception e) when (!IsCancellation(e, ct))
        {
            throw Failure(e, "find");
        }
    }

    public async Task DeleteAsync(BlobKey key, CancellationToken ct)
    {
        try
        {
            await driver.DeleteAsync(key, ct);
        }
        catch (Exception e) when (!IsCancellation(e, ct))
        {
            throw Failure(e, "delete");
        }
    }

    public async IAsyncEnumerable<StoredBlob> ListAsync([EnumeratorCancellation] CancellationToken ct)
    {
        await using var blobs = driver.ListAsync(ct).GetAsyncEnumerator(ct);
        while (true)
        {
            try
            {
                if (!await blobs.MoveNextAsync())
                    break;
            }
            catch (Exception e) when (!IsCancellation(e, ct))
            {
                throw Failure(e, "list");
            }

            yield return blobs.Current;
        }
    }

    private RegistryException Failure(Exception e, string operation)
    {
        logger.StoreFailed(driver.Display, operation, e);
        return StoreFailure.Of(e);
    }

    private static bool IsCancellation(Exception e, CancellationToken ct) =>
        e is OperationCanceledException && ct.IsCancellationRequested;
}
