using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Artifacts.Storage;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Core.Artifacts.Uploads;

/// <summary>A part as it is kept.</summary>
public sealed record UploadedPart(int Number, long BlobId, long SizeBytes, BlobKey Key);

/// <summary>
/// The end of an upload: its parts, read one after another, become the file. Two at once, on two nodes, do the work twice
/// and make one file: the row of the upload lets one through.
/// </summary>
public sealed class UploadJoin(
    RegistryDbContext db, ArtifactService artifacts, ArtifactBlobs blobs, ArtifactStaging staging, BlobRemoval removal)
{
    public async Task RunAsync(ArtifactUpload upload, ArtifactPlace place, IReadOnlyList<UploadedPart> parts, CancellationToken ct)
    {
        var size = parts.Sum(p => p.SizeBytes);
        using var staged = await staging.ReceiveAsync([.. parts.Select(Open)], size, ct);
        if (staged.SizeBytes != size)
            throw new UnavailableException("The stored parts of this upload are damaged. Please send the file again.");
        if (await artifacts.KeepAsync(place, staged, EndAsync, ct) is null
            && !await db.ArtifactUploads.AnyAsync(u => u.Id == upload.Id && u.State == UploadState.Completed, ct))
        {
            throw Changed("it was aborted or has expired meanwhile");
        }

        async Task<bool> EndAsync(CancellationToken token)
        {
            if (!await db.TryEndUploadAsync(upload.Id, UploadState.Completed, token))
                return false;
            var kept = await db.ArtifactUploadParts.Where(p => p.UploadId == upload.Id).OrderBy(p => p.Number)
                .Select(p => p.BlobId).ToListAsync(token);
            if (!kept.SequenceEqual(parts.Select(p => p.BlobId)))
                throw Changed("a part was sent again meanwhile");
            await db.ArtifactUploadParts.Where(p => p.UploadId == upload.Id).ExecuteDeleteAsync(token);
            return true;
        }

        ConflictException Changed(string why) =>
            new("upload", upload.UploadUuid.ToString("N"), $"The upload {upload.UploadUuid:N} cannot be completed: {why}.");
    }

    /// <summary>The file is there twice until its parts go: they do not wait for the hour of the removal.</summary>
    public Task RemovePartsAsync(IReadOnlyList<UploadedPart> parts, CancellationToken ct) =>
        removal.RemoveNowAsync(parts.Select(p => p.BlobId).Distinct().Order(), ct);

    private Func<CancellationToken, ValueTask<Stream>> Open(UploadedPart part) => async ct => await blobs.OpenReadAsync(
        new ArtifactContent(part.Key, part.SizeBytes, 0, FormattableString.Invariant($"part {part.Number}")), 0, part.SizeBytes, ct);
}

internal static class UploadStates
{
    /// <summary>Gives an open upload another state, and holds its row until the transaction ends; false where it is not
    /// open. With <see cref="UploadState.Open"/> it is only held.</summary>
    public static async Task<bool> TryEndUploadAsync(this RegistryDbContext db, long id, UploadState state, CancellationToken ct) =>
        await db.ArtifactUploads.Where(u => u.Id == id && u.State == UploadState.Open)
            .ExecuteUpdateAsync(set => set.SetProperty(u => u.State, state), ct) == 1;
}
