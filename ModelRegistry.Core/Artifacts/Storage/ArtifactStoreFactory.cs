using ModelRegistry.Core.Artifacts.Storage.Disk;
using ModelRegistry.Core.Artifacts.Storage.InMemory;

namespace ModelRegistry.Core.Artifacts.Storage;

/// <summary>The driver of a connection.</summary>
public static class ArtifactStoreFactory
{
    public static IArtifactStore Create(StorageConnection connection, TimeProvider time) => connection switch
    {
        DiskConnection disk => new DiskArtifactStore(disk.Path),
        InMemoryConnection => new InMemoryArtifactStore(time),
        _ => throw new InvalidOperationException($"There is no driver for {connection.GetType().Name}."),
    };
}
