using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Holds;
using ModelRegistry.Core.Identity;
using ModelRegistry.Core.Webhooks;

namespace ModelRegistry.Core.Registry;

/// <summary>A model with the newest version of each stage, by ascending number.</summary>
public sealed record RegisteredModelDetails(RegisteredModel Model, IReadOnlyList<ModelVersion> LatestVersions);

/// <summary>Creates, finds, renames, describes, tags and deletes registered models.</summary>
public sealed class RegisteredModelService(RegistryWork work)
{
    /// <summary>MLflow's prompts are models that have this tag with the value `true`.</summary>
    internal const string PromptTag = "mlflow.prompt.is_prompt";

    public async Task<RegisteredModelDetails> CreateAsync(
        string name, string description, IReadOnlyList<Tag> tags, CancellationToken ct)
    {
        RegistryRules.RequireModelName("name", name);
        RegistryRules.RequireDescription(description);
        var distinct = RegistryRules.Distinct(tags);
        var isPrompt = distinct.Any(IsPromptTag);
        var db = work.Db;
        // Before the right to create is asked for: whoever may only add versions learns that the model is there.
        await RefuseTakenAsync(name, isPrompt, ct);
        work.User.Require(InstanceRight.CreateRegisteredModel);

        await using var write = await db.BeginWriteAsync(ct);
        var now = work.NowMs;
        var model = new RegisteredModel
        {
            Name = name,
            Description = description,
            CreatedMs = now,
            UpdatedMs = now,
            OwnerId = work.User.Id,
            IsPrompt = isPrompt,
        };
        foreach (var tag in distinct.OrderBy(t => t.Key, StringComparer.Ordinal))
            model.Tags.Add(new RegisteredModelTag { Key = tag.Key, Value = tag.Value });
        db.Add(model);
        try
        {
            await db.SaveChangesAsync(ct);
        }
        catch (DbUpdateException e) when (db.IsUniqueViolation(e))
        {
            // Another one won the race between our look and our insert.
            db.ChangeTracker.Clear();
            await write.DisposeAsync();
            await RefuseTakenAsync(name, isPrompt, ct);
            throw;
        }

        work.Record(model, "created", null, new
        {
            name,
            description,
            Tags = distinct.ToDictionary(t => t.Key, t => Tag.Audited(t.Value)),
        });
        await work.TellAsync(RegistryEvent.ModelCreated(name, isPrompt, distinct.Select(t => t.AsPair()), description), ct);
        await db.SaveChangesAsync(ct);
        await write.CommitAsync(ct);
        return new RegisteredModelDetails(model, []);
    }

    public async Task<RegisteredModelDetails> GetAsync(string name, CancellationToken ct)
    {
        var model = await work.Db.RegisteredModels.AsNoTracking().AsSingleQuery()
            .Include(m => m.Tags.OrderBy(t => t.Key)).Include(m => m.Aliases.OrderBy(a => a.Alias))
            .FirstOrDefaultAsync(m => m.Name == name && m.DeletedMs == null, ct) ?? throw RegistryWork.ModelNotFound(name);
        work.User.Require(Permission.Read, model.AsSecurable(), () => RegistryWork.ModelNotFound(name));
        var latest = model.LastVersion == 0 ? [] : await work.Db.LatestVersionsAsync([model.Id], ct);
        return new RegisteredModelDetails(model, latest);
    }

    /// <summary>The newest version of each of the stages, or of all where none is named.</summary>
    public async Task<IReadOnlyList<ModelVersion>> LatestVersionsAsync(
        string name, IReadOnlyCollection<ModelStage> stages, CancellationToken ct)
    {
        var model = await work.GetModelAsync(name, Permission.Read, ct);
        var latest = await work.Db.LatestVersionsAsync([model.Id], ct);
        return stages.Count == 0 ? latest : [.. latest.Where(v => stages.Contains(v.Stage))];
    }

    /// <summary>The versions go with it; their numbers, histories and pinned files stay theirs.</summary>
    public async Task<RegisteredModelDetails> RenameAsync(string name, string newName, CancellationToken ct)
    {
        RegistryRules.RequireModelName("new_name", newName);
        var db = work.Db;
        await using (var write = await db.BeginDestructiveAsync(ct))
        {
            var model = await work.LockModelAsync(name, Permission.Manage, ct);
            if (newName != name)
            {
                await db.RequireNotHeldAsync(HeldThing.Model(model.Id, name), ct);
                if (await db.RegisteredModels.AnyAsync(m => m.Name == newName && m.DeletedMs == null, ct))
                    throw Taken(newName);
                await work.Gate.RequireRenameAsync(model, newName, ct);
                // Recorded under the old name: whoever looks for that name finds where it went.
                work.Record(model, "renamed", new { name }, new { Name = newName });
                if (!model.IsPrompt)
                    await work.TellAsync(RegistryEvent.ModelRenamed(name, newName), ct);
                model.Name = newName;
                model.UpdatedMs = work.NowMs;
                try
                {
                    await db.SaveChangesAsync(ct);
                }
                catch (DbUpdateException e) when (db.IsUniqueViolation(e))
                {
                    throw Taken(newName);
                }

                await db.ModelVersions.Where(v => v.ModelId == model.Id && v.DeletedMs == null)
                    .ExecuteUpdateAsync(set => set.SetProperty(v => v.UpdatedMs, model.UpdatedMs), ct);
                await write.CommitAsync(ct);
            }
        }

        return await GetAsync(newName, ct);
    }

    public async Task<RegisteredModelDetails> UpdateDescriptionAsync(string name, string description, CancellationToken ct)
    {
        RegistryRules.RequireDescription(description);
        await using (var write = await work.Db.BeginWriteAsync(ct))
        {
            var model = await work.LockModelAsync(name, Permission.Edit, ct);
            if (model.Description != description)
                work.Record(model, "description-changed", new { model.Description }, new { description });
            model.Description = description;
            model.UpdatedMs = work.NowMs;
            await work.Db.SaveChangesAsync(ct);
            await write.CommitAsync(ct);
        }

        return await GetAsync(name, ct);
    }

    /// <summary>A private model is seen only by its owner, by those with a grant, and by those who oversee everything.</summary>
    public async Task SetPrivateAsync(string name, bool isPrivate, string? reason, CancellationToken ct)
    {
        await using var write = await work.Db.BeginWriteAsync(ct);
        var model = await work.LockModelAsync(name, Permission.Manage, ct);
        if (model.IsPrivate == isPrivate)
            return;
        work.Record(model, "visibility-changed", new { model.IsPrivate }, new { isPrivate }, reason);
        model.IsPrivate = isPrivate;
        await work.Db.SaveChangesAsync(ct);
        await write.CommitAsync(ct);
    }

    /// <summary>
    /// Takes the model and its versions out of sight and gives the name free. Nothing is destroyed: rows, history and
    /// pinned files stay until retention removes them.
    /// </summary>
    public async Task DeleteAsync(string name, string? reason, CancellationToken ct)
    {
        var db = work.Db;
        await using var write = await db.BeginDestructiveAsync(ct);
        var model = await work.LockModelAsync(name, Permission.Manage, ct);
        await db.RequireNotHeldAsync(HeldThing.Model(model.Id, name), ct);
        var now = work.NowMs;
        var aliases = await db.RegisteredModelAliases.Where(a => a.ModelId == model.Id).OrderBy(a => a.Alias).ToListAsync(ct);
        await RequireMayLeaveAsync(model, aliases, ct);
        foreach (var alias in aliases)
            db.AddAliasChange(work, alias, to: null, now, reason);
        db.RemoveRange(aliases);
        var versions = await db.ModelVersions.Where(v => v.ModelId == model.Id && v.DeletedMs == null)
            .OrderBy(v => v.Number).Select(v => new { v.Number, v.Stage }).ToListAsync(ct);
        await db.ModelVersions.Where(v => v.ModelId == model.Id && v.DeletedMs == null)
            .ExecuteUpdateAsync(set => set.SetProperty(v => v.DeletedMs, now), ct);
        work.Record(model, "deleted", new
        {
            name,
            Versions = versions.Count,
            InProduction = versions.Where(v => v.Stage == ModelStage.Production).Select(v => v.Number),
            Aliases = aliases.ToDictionary(a => a.Alias, a => a.Number),
        }, null, reason);
        if (!model.IsPrompt)
            await work.TellAsync(RegistryEvent.ModelDeleted(name), ct);
        model.DeletedMs = now;
        await db.SaveChangesAsync(ct);
        await write.CommitAsync(ct);
    }

    public async Task SetTagAsync(string name, Tag tag, CancellationToken ct)
    {
        RegistryRules.RequireTag(tag);
        var db = work.Db;
        await using var write = await db.BeginWriteAsync(ct);
        var model = await work.LockModelAsync(name, Permission.Edit, ct);
        var existing = await db.RegisteredModelTags.FirstOrDefaultAsync(t => t.ModelId == model.Id && t.Key == tag.Key, ct);
        if (existing?.Value == tag.Value)
            return;
        work.Record(model, "tag-set", existing is null ? null : new { tag.Key, Value = Tag.Audited(existing.Value) },
            new { tag.Key, Value = Tag.Audited(tag.Value) });
        if (existing is null)
            db.Add(new RegisteredModelTag { ModelId = model.Id, Key = tag.Key, Value = tag.Value });
        else
            existing.Value = tag.Value;
        if (tag.Key == PromptTag)
            model.IsPrompt = IsPromptTag(tag);
        if (model.IsPrompt)
            await work.TellAsync(RegistryEvent.PromptTagSet(name, tag.Key, tag.Value), ct);
        await db.SaveChangesAsync(ct);
        await write.CommitAsync(ct);
    }

    /// <summary>It is no mistake if the tag is not there.</summary>
    public async Task DeleteTagAsync(string name, string key, CancellationToken ct)
    {
        var db = work.Db;
        await using var write = await db.BeginWriteAsync(ct);
        var model = await work.LockModelAsync(name, Permission.Edit, ct);
        var existing = await db.RegisteredModelTags.FirstOrDefaultAsync(t => t.ModelId == model.Id && t.Key == key, ct);
        if (existing is null)
            return;
        work.Record(model, "tag-deleted", new { key, Value = Tag.Audited(existing.Value) }, null);
        db.Remove(existing);
        if (model.IsPrompt)
            await work.TellAsync(RegistryEvent.PromptTagDeleted(name, key), ct);
        if (key == PromptTag)
            model.IsPrompt = false;
        await db.SaveChangesAsync(ct);
        await write.CommitAsync(ct);
    }

    // What a policy keeps in place is not taken out of it by deleting all of it. One version of each stage is enough to ask.
    private async Task RequireMayLeaveAsync(RegisteredModel model, List<RegisteredModelAlias> aliases, CancellationToken ct)
    {
        var latest = await work.Db.LatestVersionsAsync([model.Id], ct);
        var pointedAt = await work.Db.VersionsAsync([.. aliases.Select(a => a.VersionId).Distinct()], ct);
        await work.Gate.RequireAsync(model,
        [
            .. latest.Select(v => new VersionMove(v, MoveTarget.To(v.InStage), IsLeaving: true)),
            .. aliases.Select(a => new VersionMove(pointedAt.First(v => v.Id == a.VersionId), MoveTarget.At(a.Alias), IsLeaving: true)),
        ], ct);
    }

    private static bool IsPromptTag(Tag tag) =>
        tag.Key == PromptTag && tag.Value.Equals("true", StringComparison.OrdinalIgnoreCase);

    private static AlreadyExistsException Taken(string name) =>
        RegistryWork.NameTaken(name, $"Registered Model (name={name}) already exists.");

    private async Task RefuseTakenAsync(string name, bool isPrompt, CancellationToken ct)
    {
        var taken = await work.Db.RegisteredModels.AsNoTracking().Where(m => m.Name == name && m.DeletedMs == null)
            .Select(m => new { m.IsPrompt }).FirstOrDefaultAsync(ct);
        if (taken is null)
            return;
        var (ours, theirs) = (isPrompt ? "Prompt" : "Registered Model", taken.IsPrompt ? "Prompt" : "Registered Model");
        throw RegistryWork.NameTaken(name, ours == theirs
            ? $"{ours} (name={name}) already exists."
            : $"Tried to create a {ours.ToLowerInvariant()} with name '{name}', but the name is already taken by a "
                + $"{theirs.ToLowerInvariant()}. A model and a prompt cannot have the same name.");
    }
}
