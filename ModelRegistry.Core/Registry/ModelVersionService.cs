using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Artifacts;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Holds;
using ModelRegistry.Core.Identity;
using ModelRegistry.Core.Webhooks;

namespace ModelRegistry.Core.Registry;

/// <summary>A version that was made from a logged model.</summary>
public sealed record LoggedModelRegistration(string LoggedModelId, string ModelName, int Number);

/// <summary>Finds, describes, tags, promotes and deletes versions. <see cref="RegistrationService"/> makes them.</summary>
public sealed class ModelVersionService(RegistryWork work, UseLog uses)
{
    public Task<ModelVersion> GetAsync(string name, int number, CancellationToken ct) => work.GetVersionAsync(name, number, ct);

    /// <summary>For those who load it: this is its last use from then on.</summary>
    public async Task<ModelVersion> GetForUseAsync(string name, int number, CancellationToken ct)
    {
        var version = await GetAsync(name, number, ct);
        await uses.RecordAsync(ArtifactRoots.OfVersion(version.VersionUuid), ct);
        return version;
    }

    /// <summary>The versions that were made from these logged models, oldest first; those that the caller may see.</summary>
    public async Task<IReadOnlyList<LoggedModelRegistration>> RegistrationsAsync(
        IReadOnlyCollection<string> loggedModelIds, CancellationToken ct)
    {
        var versions = await work.Db.ModelVersions.AsNoTracking()
            .Where(v => loggedModelIds.Contains(v.LoggedModelUuid) && v.DeletedMs == null && v.Model.DeletedMs == null)
            .OrderBy(v => v.Id).Select(v => new { v.LoggedModelUuid, v.Number, v.Model }).ToListAsync(ct);
        return [.. versions.Where(v => work.User.May(Permission.Read, v.Model.AsSecurable()))
            .Select(v => new LoggedModelRegistration(v.LoggedModelUuid, v.Model.Name, v.Number))];
    }

    public async Task<ModelVersion> UpdateDescriptionAsync(string name, int number, string description, CancellationToken ct)
    {
        RegistryRules.RequireDescription(description);
        await using (var write = await work.Db.BeginWriteAsync(ct))
        {
            var version = await work.LockVersionAsync(name, number, Permission.Edit, ct);
            if (version.Description != description)
                work.Record(version, "description-changed", new { version.Description }, new { description });
            version.Description = description;
            version.UpdatedMs = work.NowMs;
            await work.Db.SaveChangesAsync(ct);
            await write.CommitAsync(ct);
        }

        return await GetAsync(name, number, ct);
    }

    /// <summary>To a stage by its name; the name of one of the four is that stage, or the default of what counts as it.</summary>
    /// <param name="archiveExisting">The other versions of that stage go to Archived.</param>
    public Task<ModelVersion> TransitionAsync(
        string name, int number, string stage, bool archiveExisting, string? reason, CancellationToken ct) =>
        TransitionAsync(name, number, archiveExisting, reason, version =>
        {
            var to = version.Model.Stages.Get("stage", stage);
            if (archiveExisting && !to.IsActive)
            {
                throw new InvalidArgumentException("archiveExisting",
                    $"Only the versions of a stage that maps to Staging or Production can be archived for a newcomer; '{to}' is none.");
            }

            return (to, () => HoldersAsync(version, to, ct));
        }, ct);

    /// <summary>
    /// For those who know the four only. A version that counts as this already stays where it is; another one goes to
    /// the default of what counts as it.
    /// </summary>
    /// <param name="archiveExisting">All others that count as this go to Archived: to the caller they are in one stage.</param>
    public Task<ModelVersion> TransitionAsync(
        string name, int number, ModelStage kind, bool archiveExisting, string? reason, CancellationToken ct)
    {
        if (archiveExisting && kind is not (ModelStage.Staging or ModelStage.Production))
        {
            throw new InvalidArgumentException("archive_existing_versions", "Model version transition cannot archive existing "
                + $"model versions because '{kind}' is not an Active stage. Valid stages are ['Staging', 'Production']");
        }

        return TransitionAsync(name, number, archiveExisting, reason, version =>
            (version.Stage == kind ? version.InStage : version.Model.Stages.Get("stage", kind), () => HoldersAsync(version, kind, ct)), ct);
    }

    private async Task<ModelVersion> TransitionAsync(string name, int number, bool archiveExisting, string? reason,
        Func<ModelVersion, (VersionStage To, Func<Task<List<ModelVersion>>> Holders)> find, CancellationToken ct)
    {
        var db = work.Db;
        await using (var write = await db.BeginWriteAsync(ct))
        {
            var version = await work.LockVersionAsync(name, number, Permission.Promote, ct);
            var (to, holders) = find(version);
            var replaced = archiveExisting ? await holders() : [];
            // A repeated request finds the stage as it left it: nothing happened, so the history has nothing to add.
            if (version.InStage != to || replaced.Count > 0)
            {
                await work.Gate.RequireAsync(version.Model, Moves(version, to, replaced), ct);
                await ApplyAsync(version, to, replaced, reason, ct);
                await db.SaveChangesAsync(ct);
                await write.CommitAsync(ct);
            }
        }

        return await GetAsync(name, number, ct);
    }

    /// <summary>The other versions that are in the stage, tracked.</summary>
    internal Task<List<ModelVersion>> HoldersAsync(ModelVersion version, VersionStage stage, CancellationToken ct) =>
        HoldersAsync(version, work.Db.ModelVersions.Where(v => v.Stage == stage.Kind && v.StageName == stage.Name), ct);

    private Task<List<ModelVersion>> HoldersAsync(ModelVersion version, ModelStage kind, CancellationToken ct) =>
        HoldersAsync(version, work.Db.ModelVersions.Where(v => v.Stage == kind), ct);

    private static async Task<List<ModelVersion>> HoldersAsync(ModelVersion version, IQueryable<ModelVersion> versions, CancellationToken ct)
    {
        var holders = await versions.Where(v => v.ModelId == version.ModelId && v.Id != version.Id && v.DeletedMs == null)
            .OrderBy(v => v.Number).ToListAsync(ct);
        foreach (var other in holders)
            other.Model = version.Model;
        return holders;
    }

    /// <summary>Everything that a transition moves, for the gate.</summary>
    internal static List<VersionMove> Moves(ModelVersion version, VersionStage to, IReadOnlyList<ModelVersion> replaced)
    {
        var moves = new List<VersionMove>();
        var archived = version.Model.Stages.Archived;
        foreach (var (moved, stage) in replaced.Select(r => (r, archived)).Append((version, to)).Where(m => m.Item1.InStage != m.Item2))
        {
            moves.Add(new VersionMove(moved, MoveTarget.To(moved.InStage), IsLeaving: true));
            moves.Add(new VersionMove(moved, MoveTarget.To(stage)));
        }

        return moves;
    }

    /// <summary>For those who have asked the gate; in their transaction.</summary>
    internal async Task ApplyAsync(
        ModelVersion version, VersionStage to, IReadOnlyList<ModelVersion> replaced, string? reason, CancellationToken ct)
    {
        var now = work.NowMs;
        foreach (var other in replaced)
            await MoveAsync(other, version.Model.Stages.Archived, now, reason, ct);
        if (version.InStage != to)
            await MoveAsync(version, to, now, reason, ct);
        version.Model.UpdatedMs = now;
    }

    /// <summary>
    /// Takes a version out of sight, for good as far as clients go: its number is never used again and its aliases go
    /// with it. The row, its history and its files stay until retention removes them.
    /// </summary>
    public async Task DeleteAsync(string name, int number, string? reason, CancellationToken ct)
    {
        await using var write = await work.Db.BeginDestructiveAsync(ct);
        await TrashAsync(name, number, reason, ct);
        await write.CommitAsync(ct);
    }

    /// <summary>In a transaction that <see cref="HoldGuard.BeginDestructiveAsync"/> began. Gives the time.</summary>
    internal async Task<long> TrashAsync(string name, int number, string? reason, CancellationToken ct)
    {
        var db = work.Db;
        var version = await work.LockVersionAsync(name, number, Permission.Manage, ct);
        await db.RequireNotHeldAsync(HeldThing.Version(version.Id, version.ModelId, RegistryWork.VersionId(name, number)), ct);
        // One time for all: it tells what comes back together.
        var now = work.NowMs;
        var aliases = await db.RegisteredModelAliases.Where(a => a.VersionId == version.Id).OrderBy(a => a.Alias).ToListAsync(ct);
        await work.Gate.RequireAsync(version.Model,
            [.. aliases.Select(a => MoveTarget.At(a.Alias)).Append(MoveTarget.To(version.InStage))
                .Select(t => new VersionMove(version, t, IsLeaving: true))], ct);
        foreach (var alias in aliases)
            await AliasService.RemoveAsync(work, version.Model, alias, now, reason, ct);
        work.Record(version, "deleted",
            new { Stage = version.StageName, version.Source, version.RunUuid, version.Digest, Aliases = aliases.Select(a => a.Alias) }, null, reason);
        if (!version.Model.IsPrompt)
            await work.TellAsync(RegistryEvent.VersionDeleted(name, number), ct);
        version.DeletedMs = now;
        version.UpdatedMs = now;
        version.Model.UpdatedMs = now;
        await db.SaveChangesAsync(ct);
        return now;
    }

    /// <summary>Read only and out of lists, in the caller's transaction. Gives the time.</summary>
    internal async Task<long> ArchiveAsync(string name, int number, string reason, CancellationToken ct)
    {
        var version = await work.LockVersionAsync(name, number, Permission.Manage, ct);
        if (version.ArchivedMs is { } already)
            return already;
        var now = work.NowMs;
        version.ArchivedMs = now;
        version.UpdatedMs = now;
        version.Model.UpdatedMs = now;
        work.Record(version, "archived", new { Stage = version.StageName }, null, reason);
        await work.Db.SaveChangesAsync(ct);
        return now;
    }

    public async Task SetTagAsync(string name, int number, Tag tag, CancellationToken ct)
    {
        RegistryRules.RequireTag(tag);
        var db = work.Db;
        await using var write = await db.BeginWriteAsync(ct);
        var version = await work.LockVersionAsync(name, number, Permission.Edit, ct);
        var existing = await db.ModelVersionTags.FirstOrDefaultAsync(t => t.VersionId == version.Id && t.Key == tag.Key, ct);
        if (existing?.Value == tag.Value)
            return;
        work.Record(version, "tag-set", existing is null ? null : new { tag.Key, Value = Tag.Audited(existing.Value) },
            new { tag.Key, Value = Tag.Audited(tag.Value) });
        if (existing is null)
            db.Add(new ModelVersionTag { VersionId = version.Id, Key = tag.Key, Value = tag.Value });
        else
            existing.Value = tag.Value;
        await work.TellAsync(RegistryEvent.VersionTagSet(name, number, version.Model.IsPrompt, tag.Key, tag.Value), ct);
        await db.SaveChangesAsync(ct);
        await write.CommitAsync(ct);
    }

    /// <summary>It is no mistake if the tag is not there.</summary>
    public async Task DeleteTagAsync(string name, int number, string key, CancellationToken ct)
    {
        var db = work.Db;
        await using var write = await db.BeginWriteAsync(ct);
        var version = await work.LockVersionAsync(name, number, Permission.Edit, ct);
        var existing = await db.ModelVersionTags.FirstOrDefaultAsync(t => t.VersionId == version.Id && t.Key == key, ct);
        if (existing is null)
            return;
        work.Record(version, "tag-deleted", new { key, Value = Tag.Audited(existing.Value) }, null);
        db.Remove(existing);
        await work.TellAsync(RegistryEvent.VersionTagDeleted(name, number, version.Model.IsPrompt, key), ct);
        await db.SaveChangesAsync(ct);
        await write.CommitAsync(ct);
    }

    private async Task MoveAsync(ModelVersion version, VersionStage to, long now, string? reason, CancellationToken ct)
    {
        if (!version.Model.IsPrompt)
        {
            await work.TellAsync(RegistryEvent.StageChanged(
                version.Model.Name, version.Number,
                (version.Stage.ToString(), version.StageName), (to.Kind.ToString(), to.Name)), ct);
        }

        work.Record(version, "stage-changed", version.InStage.Audited, to.Audited, reason);
        work.Db.Add(new StageTransition
        {
            ModelId = version.ModelId,
            VersionId = version.Id,
            Number = version.Number,
            From = version.Stage,
            FromName = version.StageName,
            To = to.Kind,
            ToName = to.Name,
            AtMs = now,
            UserId = work.User.Id,
            Reason = reason,
        });
        (version.Stage, version.StageName) = (to.Kind, to.Name);
        version.UpdatedMs = now;
    }
}
