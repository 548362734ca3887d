using System.Globalization;
using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Audit;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Holds;
using ModelRegistry.Core.Identity;

namespace ModelRegistry.Core.Tracking;

/// <summary>Creates, finds, renames, deletes and restores experiments and their tags.</summary>
public sealed class ExperimentService(
    RegistryDbContext db, CurrentUserHolder caller, AuditTrail audit, TimeProvider time, ExperimentCatalog catalog,
    ExperimentSearch search)
{
    private const string Noun = "experiment";

    /// <summary>Creates an experiment and gives its id. Names are unique over active and deleted ones.</summary>
    /// <param name="artifactLocation">Null for the registry's own store.</param>
    public async Task<long> CreateAsync(
        string name, string? artifactLocation, IReadOnlyList<(string Key, string Value)> tags, CancellationToken ct)
    {
        caller.User.Require(InstanceRight.CreateExperiment);
        TrackingRules.RequireExperimentName("name", name);
        if (!string.IsNullOrEmpty(artifactLocation))
            ArtifactLocation.Require("artifact_location", artifactLocation);
        foreach (var (key, value) in tags)
            RequireTag(key, value);

        await using var write = await db.BeginWriteAsync(ct);
        if (await db.Experiments.AnyAsync(e => e.Name == name, ct))
            throw Taken(name);
        if (!string.IsNullOrEmpty(artifactLocation))
            await ArtifactLocation.RequireFreeAsync(db, "artifact_location", artifactLocation, ct);
        var id = await db.Experiments.MaxAsync(e => (long?)e.Id, ct) + 1 ?? 1;
        var now = Now();
        var experiment = new Experiment
        {
            Id = id,
            Name = name,
            ArtifactLocation = string.IsNullOrEmpty(artifactLocation) ? ArtifactLocation.OfExperiment(id) : artifactLocation,
            CreatedMs = now,
            UpdatedMs = now,
            OwnerId = caller.User.Id,
        };
        foreach (var tag in tags.GroupBy(t => t.Key).Select(g => g.Last()))
            experiment.Tags.Add(new ExperimentTag { ExperimentId = id, Key = tag.Key, Value = tag.Value });
        db.Add(experiment);
        Record("experiment.created", id, after: new { name, experiment.ArtifactLocation, Tags = experiment.Tags.ToDictionary(t => t.Key, t => t.Value) });
        try
        {
            await SaveAsync(write, id, ct);
        }
        catch (DbUpdateException e) when (db.IsUniqueViolation(e))
        {
            // Another node took the name or the number between our look and our insert: the name is taken, or try again.
            db.ChangeTracker.Clear();
            await write.DisposeAsync();
            if (await db.Experiments.AnyAsync(x => x.Name == name, ct))
                throw Taken(name);
            return await CreateAsync(name, artifactLocation, tags, ct);
        }

        return id;
    }

    /// <summary>Deleted ones too, as MLflow does.</summary>
    public async Task<Experiment> GetAsync(long id, CancellationToken ct)
    {
        var experiment = await db.Experiments.AsNoTracking().Include(e => e.Tags.OrderBy(t => t.Key))
            .FirstOrDefaultAsync(e => e.Id == id, ct) ?? throw NotFound(id);
        caller.User.Require(Permission.Read, experiment.AsSecurable(), () => NotFound(id));
        return experiment;
    }

    public async Task<Experiment> GetByNameAsync(string name, CancellationToken ct)
    {
        var experiment = await db.Experiments.AsNoTracking().Include(e => e.Tags.OrderBy(t => t.Key))
            .FirstOrDefaultAsync(e => e.Name == name, ct) ?? throw NotFoundByName(name);
        caller.User.Require(Permission.Read, experiment.AsSecurable(), () => NotFoundByName(name));
        return experiment;
    }

    /// <summary>The experiments that the caller may read, with their tags.</summary>
    public async Task<Page<Experiment>> SearchAsync(ExperimentQuery query, CancellationToken ct)
    {
        var page = await search.FindAsync(query, caller.User, ct);
        var found = await db.Experiments.AsNoTracking().Include(e => e.Tags.OrderBy(t => t.Key)).AsSplitQuery()
            .Where(e => page.Items.Contains(e.Id)).ToDictionaryAsync(e => e.Id, ct);
        return new Page<Experiment>([.. page.Items.Where(found.ContainsKey).Select(id => found[id])], page.NextPageToken);
    }

    /// <summary>Only the ids, where nothing else of them is wanted.</summary>
    public async Task<IReadOnlyList<long>> SearchIdsAsync(ExperimentQuery query, CancellationToken ct) =>
        (await search.FindAsync(query, caller.User, ct)).Items;

    /// <summary>The names of experiments that the caller may read.</summary>
    public async Task<IReadOnlyDictionary<long, string>> NamesAsync(IEnumerable<long> ids, CancellationToken ct) =>
        (await catalog.ReadableAsync([.. ids.Distinct()], caller.User, ct)).ToDictionary(e => e.Id, e => e.Securable.Name);

    public async Task RenameAsync(long id, string newName, CancellationToken ct)
    {
        TrackingRules.RequireExperimentName("new_name", newName);
        await using var write = await db.BeginDestructiveAsync(ct);
        var experiment = await FindForWriteAsync(id, Permission.Manage, ct);
        RequireActive(experiment);
        if (experiment.Name == newName)
            return;
        await db.RequireNotHeldAsync(HeldThing.Experiment(id, experiment.Name), ct);
        if (await db.Experiments.AnyAsync(e => e.Name == newName, ct))
            throw Taken(newName);
        Record("experiment.renamed", id, before: new { experiment.Name }, after: new { Name = newName });
        experiment.Name = newName;
        experiment.UpdatedMs = Now();
        try
        {
            await SaveAsync(write, id, ct);
        }
        catch (DbUpdateException e) when (db.IsUniqueViolation(e))
        {
            throw Taken(newName);
        }
    }

    /// <summary>Into the trash, with its runs; both come back by <see cref="RestoreAsync"/>.</summary>
    public async Task DeleteAsync(long id, CancellationToken ct)
    {
        await using var write = await db.BeginDestructiveAsync(ct);
        var experiment = await FindForWriteAsync(id, Permission.Manage, ct);
        if (experiment.Lifecycle == Lifecycle.Deleted)
            throw NotFound(id);
        await db.RequireNotHeldAsync(HeldThing.Experiment(id, experiment.Name), ct);
        var now = Now();
        experiment.Lifecycle = Lifecycle.Deleted;
        experiment.DeletedMs = now;
        experiment.UpdatedMs = now;
        var runs = await db.Runs.Where(r => r.ExperimentId == id && r.Lifecycle != Lifecycle.Deleted)
            .ExecuteUpdateAsync(set => set.SetProperty(r => r.Lifecycle, Lifecycle.Deleted).SetProperty(r => r.DeletedMs, now)
                .SetProperty(r => r.DeletedWithExperiment, true).SetProperty(r => r.Version, r => r.Version + 1), ct);
        Record("experiment.deleted", id, before: new { experiment.Name }, after: new { RunsDeletedWithIt = runs });
        await SaveAsync(write, id, ct);
    }

    /// <summary>Brings back the experiment and the runs that went with it, not those deleted before.</summary>
    public async Task RestoreAsync(long id, CancellationToken ct)
    {
        await using var write = await db.BeginWriteAsync(ct);
        var experiment = await FindForWriteAsync(id, Permission.Manage, ct);
        if (experiment.Lifecycle == Lifecycle.Active)
            throw NotFound(id);
        experiment.Lifecycle = Lifecycle.Active;
        experiment.DeletedMs = null;
        experiment.UpdatedMs = Now();
        var runs = await db.Runs.Where(r => r.ExperimentId == id && r.DeletedWithExperiment)
            .ExecuteUpdateAsync(set => set
                .SetProperty(r => r.Lifecycle, r => r.ArchivedMs == null ? Lifecycle.Active : Lifecycle.Archived)
                .SetProperty(r => r.DeletedMs, (long?)null).SetProperty(r => r.DeletedWithExperiment, false)
                .SetProperty(r => r.Version, r => r.Version + 1), ct);
        Record("experiment.restored", id, after: new { experiment.Name, RunsRestoredWithIt = runs });
        await SaveAsync(write, id, ct);
    }

    public async Task SetTagAsync(long id, string key, string value, CancellationToken ct)
    {
        RequireTag(key, value);
        await using var write = await db.BeginWriteAsync(ct);
        var experiment = await FindForWriteAsync(id, Permission.Edit, ct);
        RequireActive(experiment);
        var tag = await db.ExperimentTags.FirstOrDefaultAsync(t => t.ExperimentId == id && t.Key == key, ct);
        Record("experiment.tag-set", id, before: tag is null ? null : new { key, tag.Value }, after: new { key, value });
        if (tag is null)
            db.Add(new ExperimentTag { ExperimentId = id, Key = key, Value = value });
        else
            tag.Value = value;
        await SaveAsync(write, id, ct);
    }

    public async Task DeleteTagAsync(long id, string key, CancellationToken ct)
    {
        await using var write = await db.BeginWriteAsync(ct);
        RequireActive(await FindForWriteAsync(id, Permission.Edit, ct));
        var tag = await db.ExperimentTags.FirstOrDefaultAsync(t => t.ExperimentId == id && t.Key == key, ct)
            ?? throw new NotFoundException("experiment tag", key, $"No tag with name: {key} in experiment with id {id}");
        Record("experiment.tag-deleted", id, before: new { key, tag.Value });
        db.Remove(tag);
        await SaveAsync(write, id, ct);
    }

    public static NotFoundException NotFound(long id) => NotFound(id.ToString(CultureInfo.InvariantCulture));

    public static NotFoundException NotFound(string id) => new(Noun, id, $"No Experiment with id={id} exists");

    private static NotFoundException NotFoundByName(string name) =>
        new(Noun, name, $"Could not find experiment with name '{name}'");

    private static AlreadyExistsException Taken(string name) => new(Noun, name,
        $"Experiment(name={name}) already exists. Names are unique over active and deleted experiments; restore or rename the other one.");

    private static void RequireTag(string key, string value)
    {
        NameRules.RequireKey("key", key, ExperimentTag.MaxKeyLength, "key");
        NameRules.RequireMaxLength("value", value, ExperimentTag.MaxValueLength);
    }

    private static void RequireActive(Experiment experiment)
    {
        if (experiment.Lifecycle != Lifecycle.Active)
        {
            throw new ConflictException(Noun, experiment.Name,
                $"The experiment {experiment.Id} must be in the 'active' state. Current state is deleted.");
        }
    }

    private async Task<Experiment> FindForWriteAsync(long id, Permission permission, CancellationToken ct)
    {
        var experiment = await db.Experiments.FirstOrDefaultAsync(e => e.Id == id, ct) ?? throw NotFound(id);
        caller.User.Require(permission, experiment.AsSecurable(), () => NotFound(id));
        return experiment;
    }

    private void Record(string action, long id, object? before = null, object? after = null) =>
        audit.Record(db, new AuditEntry(action, Noun, id.ToString(CultureInfo.InvariantCulture))
        {
            Before = before,
            After = after,
            Scope = AuditEntry.ScopeOf(SecurableKind.Experiment, id),
        });

    private async Task SaveAsync(WriteTransaction write, long id, CancellationToken ct)
    {
        await db.SaveChangesAsync(ct);
        await ChangeStamp.BumpAsync(db, ChangeStamp.Experiments, ct);
        await write.CommitAsync(ct);
        catalog.Forget(id);
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
