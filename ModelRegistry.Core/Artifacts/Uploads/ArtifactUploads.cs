using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Artifacts.Storage;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Core.Artifacts.Uploads;

/// <summary>A part as the client names it when it says that all are sent; the tag is the one it got for the part.</summary>
public sealed record SentPart(int Number, string? ETag);

/// <summary>
/// Files in parts. Each part is content of the store like any file's, so it is durable when it is answered, may come
/// twice, in any order and to any node; at the end the parts are read in order and become one file. Nothing is visible
/// before. See docs/decisions/020-uploads-in-parts.md.
/// </summary>
public sealed class ArtifactUploads(
    RegistryDbContext db, ArtifactBlobs blobs, ArtifactStaging staging, ArtifactLocations locations, UploadJoins joins, TimeProvider time)
{
    public const int MaxParts = 10_000;
    public const long MaxPartBytes = 5L * 1024 * 1024 * 1024;
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    /// <exception cref="InvalidArgumentException">The location is no file's, or the number of parts is not allowed.</exception>
    public async Task<ArtifactUpload> CreateAsync(ArtifactPath location, long partCount, CancellationToken ct)
    {
        if (partCount is < 1 or > MaxParts)
        {
            throw new InvalidArgumentException("num_parts", FormattableString.Invariant(
                $"Invalid value {partCount} for parameter 'num_parts' supplied: it must be between 1 and {MaxParts}."));
        }

        var place = await locations.GetAsync(location, ArtifactAccess.Write, ct);
        ArtifactPath.Parse(place.Path);
        var now = time.GetUtcNow();
        var upload = new ArtifactUpload
        {
            UploadUuid = Guid.NewGuid(),
            Location = location.Value,
            PartCount = (int)partCount,
            CreatedMs = now.ToUnixTimeMilliseconds(),
            CreatedBy = place.ActorId,
            ExpiresMs = (now + Lifetime).ToUnixTimeMilliseconds(),
        };
        db.Add(upload);
        await db.SaveChangesAsync(ct);
        db.Entry(upload).State = EntityState.Detached;
        return upload;
    }

    /// <summary>Takes a part in, over one of the same number.</summary>
    /// <exception cref="ConflictException">The upload is over.</exception>
    public async Task<BlobKey> PutPartAsync(Guid uploadUuid, int number, Stream body, long? announced, CancellationToken ct)
    {
        var upload = await db.ArtifactUploads.AsNoTracking().SingleOrDefaultAsync(u => u.UploadUuid == uploadUuid, ct)
            ?? throw Missing(uploadUuid);
        await locations.GetAsync(ArtifactPath.Parse(upload.Location), ArtifactAccess.Write, ct);
        RequireOpen(upload);
        if (number < 1 || number > upload.PartCount)
            throw new InvalidArgumentException("part_number", $"This upload has parts 1 to {upload.PartCount}, no part {number}.");
        using var staged = await staging.ReceiveAsync(body, announced, ct);
        await blobs.PutAsync(staged, ct);

        await using var transaction = await db.BeginWriteAsync(ct);
        // Held before the content's row, as at the end, so that the two never wait for each other.
        if (!await db.TryEndUploadAsync(upload.Id, UploadState.Open, ct))
            throw Over(upload, "it was completed or aborted meanwhile");
        var blob = await blobs.HoldAsync(db, staged.Key, staged.SizeBytes, time.GetUtcNow().ToUnixTimeMilliseconds(), ct);
        await SetPartAsync(new ArtifactUploadPart
        {
            UploadId = upload.Id,
            Number = number,
            BlobId = blob,
            SizeBytes = staged.SizeBytes,
        }, ct);
        await transaction.CommitAsync(ct);
        return staged.Key;
    }

    private async Task SetPartAsync(ArtifactUploadPart part, CancellationToken ct)
    {
        var updated = await db.ArtifactUploadParts.Where(p => p.UploadId == part.UploadId && p.Number == part.Number)
            .ExecuteUpdateAsync(set => set.SetProperty(p => p.BlobId, part.BlobId).SetProperty(p => p.SizeBytes, part.SizeBytes), ct);
        if (updated > 0)
            return;
        db.Add(part);
        await db.SaveChangesAsync(ct);
        db.Entry(part).State = EntityState.Detached;
    }

    /// <summary>Makes the parts one file. Asked again, while it is under way or after, it is done once.</summary>
    /// <exception cref="InvalidArgumentException">The parts that are here are not those that were named.</exception>
    public async Task CompleteAsync(ArtifactPath location, Guid uploadUuid, IReadOnlyList<SentPart> sent, CancellationToken ct)
    {
        var upload = await GetAsync(uploadUuid, location, ct);
        if (upload.State == UploadState.Completed)
            return;
        RequireOpen(upload);
        var parts = await ReadPartsAsync(upload, ct);
        // Completing takes the parts away, and another request may have done it since the state was read.
        if (await db.ArtifactUploads.AnyAsync(u => u.Id == upload.Id && u.State == UploadState.Completed, ct))
            return;
        Compare(upload, parts, sent);
        var place = await locations.GetAsync(location, ArtifactAccess.Write, ct);
        await joins.JoinAsync(upload, place, parts, ct);
    }

    /// <summary>Gives the upload up; its parts are removed later. Done already is no error.</summary>
    public async Task AbortAsync(ArtifactPath location, Guid uploadUuid, CancellationToken ct)
    {
        var upload = await GetAsync(uploadUuid, location, ct);
        await using var transaction = await db.BeginWriteAsync(ct);
        if (await db.TryEndUploadAsync(upload.Id, UploadState.Aborted, ct))
            await db.ArtifactUploadParts.Where(p => p.UploadId == upload.Id).ExecuteDeleteAsync(ct);
        else if (await db.ArtifactUploads.AnyAsync(u => u.Id == upload.Id && u.State == UploadState.Completed, ct))
            throw Over(upload, "it is complete, and its file is there");
        await transaction.CommitAsync(ct);
    }

    /// <summary>The upload that is known at the location, to whoever may write there.</summary>
    private async Task<ArtifactUpload> GetAsync(Guid uploadUuid, ArtifactPath location, CancellationToken ct)
    {
        await locations.GetAsync(location, ArtifactAccess.Write, ct);
        return await db.ArtifactUploads.AsNoTracking()
            .SingleOrDefaultAsync(u => u.UploadUuid == uploadUuid && u.Location == location.Value, ct) ?? throw Missing(uploadUuid);
    }

    private void RequireOpen(ArtifactUpload upload)
    {
        if (upload.State != UploadState.Open)
            throw Over(upload, upload.State == UploadState.Completed ? "it is complete" : "it was aborted");
        if (upload.ExpiresMs <= time.GetUtcNow().ToUnixTimeMilliseconds())
            throw Over(upload, "it has expired");
    }

    private async Task<List<UploadedPart>> ReadPartsAsync(ArtifactUpload upload, CancellationToken ct)
    {
        var found = await (
            from part in db.ArtifactUploadParts
            where part.UploadId == upload.Id
            join blob in db.ArtifactBlobs on part.BlobId equals blob.Id
            orderby part.Number
            select new { part.Number, part.BlobId, part.SizeBytes, blob.Sha256 }).AsNoTracking().ToListAsync(ct);
        return [.. found.Select(p => new UploadedPart(p.Number, p.BlobId, p.SizeBytes, BlobKey.Of(p.Sha256)))];
    }

    // A part that is missing, or that is not what the client sent, would make a file that looks whole.
    private static void Compare(ArtifactUpload upload, List<UploadedPart> parts, IReadOnlyList<SentPart> sent)
    {
        var named = new Dictionary<int, string?>();
        foreach (var part in sent)
        {
            if (part.Number < 1 || part.Number > upload.PartCount)
                throw Wrong($"This upload has parts 1 to {upload.PartCount}, no part {part.Number}.");
            if (!named.TryAdd(part.Number, part.ETag))
                throw Wrong($"Part {part.Number} is named twice.");
        }

        for (var number = 1; number <= upload.PartCount; number++)
        {
            if (!named.TryGetValue(number, out var etag))
                throw Wrong($"Part {number} of {upload.PartCount} is not named.");
            var part = parts.Find(p => p.Number == number) ?? throw Wrong($"Part {number} of {upload.PartCount} has not been uploaded.");
            // A proxy may have taken the header away, or made it a weak one.
            if (!string.IsNullOrEmpty(etag) && !TagOf(etag).Equals(part.Key.Hex, StringComparison.OrdinalIgnoreCase))
                throw Wrong($"Part {number} is not the one with the ETag that was named. It was sent again since, or is another upload's.");
        }

        static InvalidArgumentException Wrong(string message) => new("parts", $"Invalid value for parameter 'parts' supplied: {message}");
    }

    private static ReadOnlySpan<char> TagOf(string etag)
    {
        var tag = etag.AsSpan().Trim();
        return (tag.StartsWith("W/", StringComparison.Ordinal) ? tag[2..] : tag).Trim('"');
    }

    private static NotFoundException Missing(Guid uploadUuid) =>
        new("upload", uploadUuid.ToString("N"), $"Upload with ID '{uploadUuid:N}' not found.");

    private static ConflictException Over(ArtifactUpload upload, string why) =>
        new("upload", upload.UploadUuid.ToString("N"), $"The upload {upload.UploadUuid:N} takes no more: {why}.");
}
