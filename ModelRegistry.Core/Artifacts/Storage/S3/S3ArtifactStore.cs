using System.Net;
using System.Runtime.CompilerServices;
using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.CredentialManagement;
using Amazon.S3;
using Amazon.S3.Model;
using ModelRegistry.Core.Common;

namespace ModelRegistry.Core.Artifacts.Storage.S3;

/// <summary>
/// Blobs as objects `{prefix}blobs/ab/cd/abcd…` of one bucket, which must exist. Content is complete in the staging area
/// before it is sent, so an object that is there already costs no transfer, and every part can be sent again.
/// </summary>
public sealed class S3ArtifactStore : IArtifactStore, IDisposable
{
    private const long SmallestPart = 16 * 1024 * 1024;
    private const int MostParts = 9_000;
    private const int PartsAtOnce = 4;

    private readonly AmazonS3Client _client;
    private readonly string _bucket;
    private readonly string _prefix;

    public S3ArtifactStore(S3Connection connection)
    {
        _client = CreateClient(connection);
        _bucket = connection.Bucket;
        _prefix = connection.Prefix + "blobs/";
        Display = $"S3 bucket '{_bucket}'" + (connection.ServiceUrl is { } url ? $" at {url.Host}" : "");
    }

    public string Display { get; }

    public async Task PutAsync(StagedFile file, CancellationToken ct)
    {
        var there = await FindAsync(file.Key, ct);
        if (there?.SizeBytes == file.SizeBytes)
            return;
        // Never over another object, except over one that is damaged.
        var condition = there is null ? "*" : null;
        try
        {
            await SendAsync(file, condition, ct);
        }
        catch (AmazonS3Exception e) when (condition is not null && e.StatusCode is HttpStatusCode.PreconditionFailed or HttpStatusCode.Conflict)
        {
            // Somebody else put the same content in this moment; if it is not there whole, the failure stands.
            if ((await FindAsync(file.Key, ct))?.SizeBytes != file.SizeBytes)
                throw;
        }
        catch (AmazonS3Exception e) when (condition is not null && e.StatusCode == HttpStatusCode.NotImplemented)
        {
            await SendAsync(file, condition: null, ct);
        }
    }

    public async Task<Stream?> OpenReadAsync(BlobKey key, long offset, long length, CancellationToken ct)
    {
        if (length == 0)
            return await FindAsync(key, ct) is null ? null : Stream.Null;
        GetObjectResponse response;
        try
        {
            response = await _client.GetObjectAsync(new GetObjectRequest
            {
                BucketName = _bucket,
                Key = _prefix + key.Path,
                ByteRange = new ByteRange(offset, offset + length - 1),
            }, ct);
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound && e.ErrorCode != "NoSuchBucket")
        {
            return null;
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            throw new EndOfStreamException("The stored content is shorter than it must be.", e);
        }

        if (response.ContentLength == length)
            return new BoundedStream(response.ResponseStream, length);
        response.Dispose();
        throw new EndOfStreamException("The stored content is shorter than it must be.");
    }

    public async Task<StoredBlob?> FindAsync(BlobKey key, CancellationToken ct)
    {
        try
        {
            var head = await _client.GetObjectMetadataAsync(
                new GetObjectMetadataRequest { BucketName = _bucket, Key = _prefix + key.Path }, ct);
            return new StoredBlob(key, head.ContentLength, Utc(head.LastModified));
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    public Task DeleteAsync(BlobKey key, CancellationToken ct) => _client.DeleteObjectAsync(_bucket, _prefix + key.Path, ct);

    public async IAsyncEnumerable<StoredBlob> ListAsync([EnumeratorCancellation] CancellationToken ct)
    {
        var request = new ListObjectsV2Request { BucketName = _bucket, Prefix = _prefix };
        ListObjectsV2Response page;
        do
        {
            page = await _client.ListObjectsV2Async(request, ct);
            foreach (var item in page.S3Objects ?? [])
            {
                if (BlobKey.TryParsePath(item.Key[_prefix.Length..], out var key))
                    yield return new StoredBlob(key.Value, item.Size ?? 0, Utc(item.LastModified));
            }

            request.ContinuationToken = page.NextContinuationToken;
        }
        while (page.IsTruncated == true);
    }

    public void Dispose() => _client.Dispose();

    private static AmazonS3Client CreateClient(S3Connection connection)
    {
        var config = new AmazonS3Config
        {
            ForcePathStyle = connection.ForcePathStyle,
            RequestChecksumCalculation = connection.Checksums ? RequestChecksumCalculation.WHEN_SUPPORTED : RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = connection.Checksums ? ResponseChecksumValidation.WHEN_SUPPORTED : ResponseChecksumValidation.WHEN_REQUIRED,
            MaxErrorRetry = 3,
        };
        if (connection.ServiceUrl is { } url)
        {
            config.ServiceURL = url.ToString();
            config.AuthenticationRegion = connection.Region ?? "us-east-1";
        }
        else
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(connection.Region);
        }

        return Credentials(connection) is { } credentials ? new AmazonS3Client(credentials, config) : new AmazonS3Client(config);
    }

    private static AWSCredentials? Credentials(S3Connection connection)
    {
        if (connection.Key is { } key)
        {
            return connection.SessionToken is { } token
                ? new SessionAWSCredentials(connection.KeyId, key, token)
                : new BasicAWSCredentials(connection.KeyId, key);
        }

        if (connection.Profile is not { } profile)
            return null;
        return new CredentialProfileStoreChain().TryGetAWSCredentials(profile, out var credentials)
            ? credentials
            : throw new ConfigurationException($"Storage:Artifacts: there is no profile '{profile}' in the shared credentials file.");
    }

    private async Task SendAsync(StagedFile file, string? condition, CancellationToken ct)
    {
        if (file.SizeBytes > SmallestPart)
        {
            await SendPartsAsync(file, condition, ct);
            return;
        }

        await using var content = file.OpenRead();
        await _client.PutObjectAsync(new PutObjectRequest
        {
            BucketName = _bucket,
            Key = _prefix + file.Key.Path,
            InputStream = content,
            AutoCloseStream = false,
            IfNoneMatch = condition,
        }, ct);
    }

    private async Task SendPartsAsync(StagedFile file, string? condition, CancellationToken ct)
    {
        var key = _prefix + file.Key.Path;
        var upload = (await _client.InitiateMultipartUploadAsync(
            new InitiateMultipartUploadRequest { BucketName = _bucket, Key = key }, ct)).UploadId;
        try
        {
            var partSize = Math.Max(SmallestPart, (file.SizeBytes + MostParts - 1) / MostParts);
            var parts = new PartETag[(int)((file.SizeBytes + partSize - 1) / partSize)];
            await Parallel.ForAsync(0, parts.Length, new ParallelOptions { MaxDegreeOfParallelism = PartsAtOnce, CancellationToken = ct },
                async (i, token) => parts[i] = await SendPartAsync(file, new UploadPartRequest
                {
                    BucketName = _bucket,
                    Key = key,
                    UploadId = upload,
                    PartNumber = i + 1,
                    PartSize = Math.Min(partSize, file.SizeBytes - i * partSize),
                }, i * partSize, token));
            await _client.CompleteMultipartUploadAsync(new CompleteMultipartUploadRequest
            {
                BucketName = _bucket,
                Key = key,
                UploadId = upload,
                PartETags = [.. parts],
                IfNoneMatch = condition,
            }, ct);
        }
        catch
        {
            // Parts cost money until they are aborted. What fails here is left to the bucket's own rule for that.
            try
            {
                await _client.AbortMultipartUploadAsync(_bucket, key, upload, CancellationToken.None);
            }
            catch (AmazonServiceException)
            {
            }

            throw;
        }
    }

    private async Task<PartETag> SendPartAsync(StagedFile file, UploadPartRequest request, long offset, CancellationToken ct)
    {
        await using var content = file.OpenRead();
        content.Position = offset;
        request.InputStream = content;
        var response = await _client.UploadPartAsync(request, ct);
        return new PartETag(response.PartNumber ?? request.PartNumber ?? 0, response.ETag);
    }

    private static DateTimeOffset Utc(DateTime? time) => time is { } at ? new DateTimeOffset(at.ToUniversalTime()) : DateTimeOffset.MinValue;
}
