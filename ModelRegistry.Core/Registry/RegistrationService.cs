using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Artifacts;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Identity;
using ModelRegistry.Core.Webhooks;

namespace ModelRegistry.Core.Registry;

/// <summary>What a version is made of.</summary>
public sealed record NewModelVersion(string ModelName, string Source)
{
    public string RunId { get; init; } = "";
    public string LoggedModelId { get; init; } = "";
    public string RunLink { get; init; } = "";
    public string Description { get; init; } = "";
    public IReadOnlyList<Tag> Tags { get; init; } = [];
    /// <summary>The same key of the same user asks for the same version, whenever it comes.</summary>
    public string? IdempotencyKey { get; init; }
    /// <summary>See <see cref="RecentRequests"/>.</summary>
    public string? Connection { get; init; }
}

/// <param name="IsRepeat">The version was there already: the request had been sent before.</param>
public sealed record Registration(ModelVersion Version, bool IsRepeat);

/// <summary>
/// Registers versions: gives the next number, pins the files and writes the history, in one transaction. Numbers have
/// no gaps and are never used again, however many register at the same time.
/// </summary>
public sealed class RegistrationService(RegistryWork work, SourceResolver sources, RecentRequests requests)
{
    private const string PromptTag = RegisteredModelService.PromptTag;

    public async Task<Registration> RegisterAsync(NewModelVersion request, CancellationToken ct)
    {
        RegistryRules.RequireModelName("name", request.ModelName);
        RegistryRules.RequireDescription(request.Description);
        NameRules.RequireMaxLength("run_link", request.RunLink, ModelVersion.MaxRunLinkLength);
        var key = request.IdempotencyKey;
        if (key is not null && (key.Length is 0 or > ModelVersion.MaxIdempotencyKeyLength || key.Any(char.IsControl)))
        {
            throw new InvalidArgumentException("Idempotency-Key",
                $"Idempotency-Key must have 1 to {ModelVersion.MaxIdempotencyKeyLength} printable characters.");
        }

        var tags = RegistryRules.Distinct(request.Tags);
        var source = VersionSource.Parse(request.Source, ofPrompt: tags.Exists(t => t.Key == PromptTag));
        using var visit = requests.Enter(Fingerprint(request, tags), request.Connection, ct);
        await work.GetModelAsync(request.ModelName, Permission.Edit, ct);
        var resolved = await sources.ResolveAsync(source, request, ct);
        return await WriteAsync(request, resolved, tags, visit, ct);
    }

    private async Task<Registration> WriteAsync(
        NewModelVersion request, ResolvedSource source, List<Tag> tags, RecentRequests.Visit visit, CancellationToken ct)
    {
        var db = work.Db;
        await using var write = await db.BeginWriteAsync(ct);
        var model = await work.LockModelAsync(request.ModelName, Permission.Edit, ct);
        if (request.IdempotencyKey is { } key && await FindByKeyAsync(key, request, ct) is { } same)
            return new Registration(same, IsRepeat: true);

        var now = work.NowMs;
        var version = new ModelVersion
        {
            VersionUuid = Guid.NewGuid(),
            ModelId = model.Id,
            Model = model,
            Number = ++model.LastVersion,
            Stage = ModelStage.Experiment,
            StageName = model.Stages.First.Name,
            Status = ModelVersionStatus.Ready,
            Description = request.Description,
            Source = request.Source,
            StorageLocation = source.StorageLocation,
            RunUuid = source.RunId,
            RunLink = request.RunLink,
            LoggedModelUuid = source.LoggedModelId,
            CreatedMs = now,
            UpdatedMs = now,
            CreatedBy = work.User.Id,
            IdempotencyKey = request.IdempotencyKey,
        };
        await PinAsync(version, source, ct);
        if (request.IdempotencyKey is null && visit.MayBeRepeat && await FindRepeatedAsync(version, tags, ct) is { } repeated)
            return new Registration(repeated, IsRepeat: true);

        foreach (var tag in tags.OrderBy(t => t.Key, StringComparer.Ordinal))
            version.Tags.Add(new ModelVersionTag { Key = tag.Key, Value = tag.Value });
        model.UpdatedMs = now;
        db.Add(version);
        await SaveAsync(request, ct);
        db.Add(new StageTransition
        {
            ModelId = model.Id,
            VersionId = version.Id,
            Number = version.Number,
            To = ModelStage.Experiment,
            ToName = version.StageName,
            AtMs = now,
            UserId = work.User.Id,
        });
        work.Record(version, "created", null, new
        {
            version.Source,
            version.RunUuid,
            version.LoggedModelUuid,
            version.Digest,
            version.FileCount,
            version.SizeBytes,
            version.Description,
            Tags = tags.ToDictionary(t => t.Key, t => Tag.Audited(t.Value)),
        });
        await work.TellAsync(RegistryEvent.VersionCreated(model.Name, version.Number, tags.Exists(t => t.Key == PromptTag),
            version.Source, version.RunUuid, [.. tags.Select(t => t.AsPair())], version.Description), ct);
        await db.SaveChangesAsync(ct);
        await write.CommitAsync(ct);
        return new Registration(version, IsRepeat: false);
    }

    private async Task PinAsync(ModelVersion version, ResolvedSource source, CancellationToken ct)
    {
        if (source.FilesKey is not { } filesKey)
            return;
        var pinned = await ArtifactPins.PinAsync(work.Db, version.VersionUuid, filesKey, source.FilesPath, ct);
        // Nothing is there (yet): the version points at the place as MLflow's do, and has no digest to promise.
        if (pinned.FileCount == 0)
            return;
        version.Digest = pinned.Digest;
        version.FileCount = pinned.FileCount;
        version.SizeBytes = pinned.SizeBytes;
        version.StorageLocation = VersionArtifacts.LocationOf(version.VersionUuid);
    }

    private async Task SaveAsync(NewModelVersion request, CancellationToken ct)
    {
        try
        {
            await work.Db.SaveChangesAsync(ct);
        }
        catch (DbUpdateException e) when (work.Db.IsUniqueViolation(e) && request.IdempotencyKey is not null)
        {
            // The same key was used for another model at this very moment.
            throw KeyUsed(request.IdempotencyKey);
        }
    }

    private async Task<ModelVersion?> FindByKeyAsync(string key, NewModelVersion request, CancellationToken ct)
    {
        var userId = work.User.Id;
        var version = await work.Db.ModelVersions.AsNoTracking().AsSingleQuery().WithDetails()
            .FirstOrDefaultAsync(v => v.CreatedBy == userId && v.IdempotencyKey == key, ct);
        if (version is null)
            return null;
        if (version.Model.DeletedMs is not null || version.Model.Name != request.ModelName || version.Source != request.Source)
            throw KeyUsed(key);
        return version.DeletedMs is null
            ? version
            : throw new ConflictException(RegistryWork.VersionNoun, RegistryWork.VersionId(request.ModelName, version.Number),
                $"The version that was made with this Idempotency-Key, {RegistryWork.VersionId(request.ModelName, version.Number)}, has been deleted.");
    }

    // The newest version of the model is word for word what is asked for, nobody has touched it, and it is young: then
    // the answer was lost and the client has sent its request again.
    private async Task<ModelVersion?> FindRepeatedAsync(ModelVersion wanted, List<Tag> tags, CancellationToken ct)
    {
        if (wanted.RunUuid.Length == 0 && wanted.LoggedModelUuid.Length == 0)
            return null;
        var since = wanted.CreatedMs - (long)RecentRequests.Window.TotalMilliseconds;
        var last = await work.Db.ModelVersions.AsNoTracking().AsSingleQuery().WithDetails()
            .FirstOrDefaultAsync(v => v.ModelId == wanted.ModelId && v.Number == wanted.Number - 1 && v.DeletedMs == null
                && v.CreatedBy == wanted.CreatedBy && v.CreatedMs >= since && v.UpdatedMs == v.CreatedMs
                && v.Stage == ModelStage.Experiment && v.IdempotencyKey == null, ct);
        var isSame = last is not null && last.Source == wanted.Source && last.RunUuid == wanted.RunUuid
            && last.LoggedModelUuid == wanted.LoggedModelUuid && last.RunLink == wanted.RunLink
            && last.Description == wanted.Description && last.Digest == wanted.Digest && last.Aliases.Count == 0
            && last.Tags.Select(t => new Tag(t.Key, t.Value)).ToHashSet().SetEquals(tags);
        return isSame ? last : null;
    }

    private string Fingerprint(NewModelVersion request, List<Tag> tags) => Convert.ToHexString(SHA256.HashData(
        Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new object[]
        {
            work.User.Id, work.User.TokenId ?? 0, request.ModelName, request.Source, request.RunId, request.LoggedModelId,
            request.RunLink, request.Description, request.IdempotencyKey ?? "", tags.OrderBy(t => t.Key, StringComparer.Ordinal),
        }))));

    private static InvalidArgumentException KeyUsed(string key) => new("Idempotency-Key", string.Create(
        CultureInfo.InvariantCulture, $"The Idempotency-Key '{key}' was used for another request; take a new one for each version."));
}
