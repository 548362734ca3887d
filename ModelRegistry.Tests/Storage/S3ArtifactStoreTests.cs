using Amazon.Runtime;
using Amazon.S3;
using ModelRegistry.Core.Artifacts.Storage;
using ModelRegistry.Core.Artifacts.Storage.S3;

namespace ModelRegistry.Tests.Storage;

/// <summary>On the store that MODELREGISTRY_TEST_S3 names; `./test-services.sh` starts one.</summary>
public sealed class S3ArtifactStoreTests : ArtifactStoreContract
{
    private const string Variable = "MODELREGISTRY_TEST_S3";

    protected override async Task<IArtifactStore> CreateAsync() =>
        new S3ArtifactStore((S3Connection)StorageConnectionString.Parse(await PrepareAsync(), "/"));

    /// <summary>A place of its own in a bucket that exists.</summary>
    public static async Task<string> PrepareAsync()
    {
        var text = Environment.GetEnvironmentVariable(Variable);
        Skip.If(string.IsNullOrWhiteSpace(text), $"S3 is not configured: set {Variable} to a connection string.");
        var place = $"{text};prefix=test-{Guid.NewGuid():N}";
        var connection = (S3Connection)StorageConnectionString.Parse(place, "/");
        using var client = new AmazonS3Client(new BasicAWSCredentials(connection.KeyId, connection.Key), new AmazonS3Config
        {
            ServiceURL = connection.ServiceUrl?.ToString(),
            ForcePathStyle = connection.ForcePathStyle,
            AuthenticationRegion = connection.Region,
        });
        await client.PutBucketAsync(connection.Bucket);
        return place;
    }
}
