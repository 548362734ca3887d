using Amazon.Runtime;
using Amazon.S3;
using ModelRegistry.Core.Artifacts.Storage;
using ModelRegistry.Core.Artifacts.Storage.S3;

namespace ModelRegistry.Tests.Storage;

/// <summary>On the store that MODELREGISTRY_TEST_S3 names; `./test-services.sh` starts one.</summary>
public sealed class S3ArtifactStoreTests : ArtifactStoreContract
{
    private const string Variable = "MODELREGISTRY_TEST_S3";

    protected override async Task<IArtifactStore> CreateAsync()
    {
        var text = Environment.GetEnvironmentVariable(Variable);
        Skip.If(string.IsNullOrWhiteSpace(text), $"S3 is not configured: set {Variable} to a connection string.");
        var connection = (S3Connection)StorageConnectionString.Parse($"{text};prefix=test-{Guid.NewGuid():N}", "/");
        using var client = new AmazonS3Client(new BasicAWSCredentials(connection.KeyId, connection.Key), new AmazonS3Config
        {
            ServiceURL = connection.ServiceUrl?.ToString(),
            ForcePathStyle = connection.ForcePathStyle,
            AuthenticationRegion = connection.Region,
        });
        await client.PutBucketAsync(connection.Bucket);
        return new S3ArtifactStore(connection);
    }
}
