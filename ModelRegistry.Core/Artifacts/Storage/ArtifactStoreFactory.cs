using ModelRegistry.Core.Artifacts.Storage.AzureBlob;
using ModelRegistry.Core.Artifacts.Storage.Disk;
using ModelRegistry.Core.Artifacts.Storage.InMemory;
using ModelRegistry.Core.Artifacts.Storage.S3;

namespace ModelRegistry.Core.Artifacts.Storage;

/// <summary>The driver of a connection.</summary>
public static class ArtifactStoreFactory
{
    public static IArtifactStore Create(StorageConnection connection, TimeProvider time) => connection switch
    {
        DiskConnection disk => new DiskArtifactStore(disk.Path),
        InMemoryConnection => new InMemoryArtifactStore(time),
        S3Connection s3 => new S3ArtifactStore(s3),
        AzureBlobConnection azure => new AzureBlobArtifactStore(azure),
        _ => throw new InvalidOperationException($"There is no driver for {connection.GetType().Name}."),
    };
}
