using Azure.Storage;
using Azure.Storage.Blobs;
using ModelRegistry.Core.Artifacts.Storage;
using ModelRegistry.Core.Artifacts.Storage.AzureBlob;

namespace ModelRegistry.Tests.Storage;

/// <summary>On the store that MODELREGISTRY_TEST_AZURE names; `./test-services.sh` starts the emulator.</summary>
public sealed class AzureBlobArtifactStoreTests : ArtifactStoreContract
{
    private const string Variable = "MODELREGISTRY_TEST_AZURE";

    protected override async Task<IArtifactStore> CreateAsync() =>
        new AzureBlobArtifactStore((AzureBlobConnection)StorageConnectionString.Parse(await PrepareAsync(), "/"));

    /// <summary>A place of its own in a container that exists.</summary>
    public static async Task<string> PrepareAsync()
    {
        var text = Environment.GetEnvironmentVariable(Variable);
        Skip.If(string.IsNullOrWhiteSpace(text), $"Azure is not configured: set {Variable} to a connection string.");
        var place = $"{text};prefix=test-{Guid.NewGuid():N}";
        var connection = (AzureBlobConnection)StorageConnectionString.Parse(place, "/");
        if (connection.Emulator)
            await CreateContainerAsync(connection);
        return place;
    }

    private static async Task CreateContainerAsync(AzureBlobConnection connection)
    {
        var address = connection.ServiceUrl ?? new Uri("http://127.0.0.1:10000/devstoreaccount1");
        // The account that every emulator has.
        var credential = new StorageSharedKeyCredential("devstoreaccount1",
            "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==");
        await new BlobContainerClient(new Uri($"{address}/{connection.Container}"), credential).CreateIfNotExistsAsync();
    }
}
