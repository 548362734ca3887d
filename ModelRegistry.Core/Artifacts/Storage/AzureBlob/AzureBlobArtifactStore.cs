using System.Runtime.CompilerServices;
using Azure;
using Azure.Identity;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace ModelRegistry.Core.Artifacts.Storage.AzureBlob;

/// <summary>Blobs as block blobs `{prefix}blobs/ab/cd/abcd…` of one container, which must exist.</summary>
public sealed class AzureBlobArtifactStore : IArtifactStore
{
    // The account and key of the emulator are the same everywhere and published: they protect nothing.
    private const string EmulatorAccount = "devstoreaccount1";
    private const string EmulatorKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
    private const long SmallestBlock = 16 * 1024 * 1024;
    private const int MostBlocks = 45_000;
    private const int BlocksAtOnce = 4;

    private readonly BlobContainerClient _container;
    private readonly string _prefix;

    public AzureBlobArtifactStore(AzureBlobConnection connection)
    {
        _container = CreateClient(connection);
        _prefix = connection.Prefix + "blobs/";
        Display = $"Azure container '{connection.Container}' at {_container.Uri.Host}";
    }

    public string Display { get; }

    public async Task PutAsync(StagedFile file, CancellationToken ct)
    {
        var there = await FindAsync(file.Key, ct);
        if (there?.SizeBytes == file.SizeBytes)
            return;
        await using var content = file.OpenRead();
        var block = Math.Max(SmallestBlock, (file.SizeBytes + MostBlocks - 1) / MostBlocks);
        try
        {
            await Blob(file.Key).UploadAsync(content, new BlobUploadOptions
            {
                // Never over another blob, except over one that is damaged.
                Conditions = there is null ? new BlobRequestConditions { IfNoneMatch = ETag.All } : null,
                TransferOptions = new StorageTransferOptions
                {
                    InitialTransferSize = block,
                    MaximumTransferSize = block,
                    MaximumConcurrency = BlocksAtOnce,
                },
            }, ct);
        }
        catch (RequestFailedException e) when (e.Status is 409 or 412)
        {
            // Somebody else put the same content in this moment; if it is not there whole, the failure stands.
            if ((await FindAsync(file.Key, ct))?.SizeBytes != file.SizeBytes)
                throw;
        }
    }

    public async Task<Stream?> OpenReadAsync(BlobKey key, long offset, long length, CancellationToken ct)
    {
        if (length == 0)
            return await FindAsync(key, ct) is null ? null : Stream.Null;
        try
        {
            var response = await Blob(key).DownloadStreamingAsync(
                new BlobDownloadOptions { Range = new HttpRange(offset, length) }, ct);
            if (response.Value.Details.ContentLength == length)
                return new BoundedStream(response.Value.Content, length);
            response.Value.Dispose();
            throw new EndOfStreamException("The stored content is shorter than it must be.");
        }
        catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.BlobNotFound)
        {
            return null;
        }
        catch (RequestFailedException e) when (e.Status == 416)
        {
            throw new EndOfStreamException("The stored content is shorter than it must be.", e);
        }
    }

    public async Task<StoredBlob?> FindAsync(BlobKey key, CancellationToken ct)
    {
        try
        {
            var found = (await Blob(key).GetPropertiesAsync(cancellationToken: ct)).Value;
            return new StoredBlob(key, found.ContentLength, found.LastModified);
        }
        catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.BlobNotFound)
        {
            return null;
        }
    }

    public Task DeleteAsync(BlobKey key, CancellationToken ct) => Blob(key).DeleteIfExistsAsync(cancellationToken: ct);

    public async IAsyncEnumerable<StoredBlob> ListAsync([EnumeratorCancellation] CancellationToken ct)
    {
        var options = new GetBlobsOptions { Prefix = _prefix };
        await foreach (var item in _container.GetBlobsAsync(options, ct))
        {
            if (BlobKey.TryParsePath(item.Name[_prefix.Length..], out var key))
                yield return new StoredBlob(key.Value, item.Properties.ContentLength ?? 0, item.Properties.LastModified ?? default);
        }
    }

    private BlobClient Blob(BlobKey key) => _container.GetBlobClient(_prefix + key.Path);

    private static BlobContainerClient CreateClient(AzureBlobConnection connection)
    {
        var account = connection.Emulator ? EmulatorAccount : connection.Account!;
        var service = connection.ServiceUrl
            ?? new Uri(connection.Emulator ? $"http://127.0.0.1:10000/{account}" : $"https://{account}.blob.core.windows.net");
        var container = new Uri($"{service.ToString().TrimEnd('/')}/{connection.Container}");
        if (connection.Emulator)
            return new BlobContainerClient(container, new StorageSharedKeyCredential(account, EmulatorKey));
        if (connection.Key is { } key)
            return new BlobContainerClient(container, new StorageSharedKeyCredential(account, key));
        return connection.ManagedIdentity
            ? new BlobContainerClient(container, new ManagedIdentityCredential(ManagedIdentityId.SystemAssigned))
            : new BlobContainerClient(container,
                new ClientSecretCredential(connection.TenantId, connection.PrincipalId, connection.PrincipalSecret));
    }
}
