using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Artifacts;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Holds;
using ModelRegistry.Core.Identity;

namespace ModelRegistry.Core.Registry;

/// <summary>A model in a list.</summary>
/// <param name="LatestVersions">The newest of each stage, by number.</param>
public sealed record RegisteredModelRow(
    RegisteredModel Model, IReadOnlyList<ModelVersion> LatestVersions, int VersionCount, string OwnerName);

/// <summary>A model with its history.</summary>
/// <param name="Allowed">What the caller may do with it.</param>
public sealed record RegisteredModelOverview(
    RegisteredModel Model, IReadOnlyList<ModelVersion> LatestVersions, int VersionCount, string OwnerName, Permission Allowed)
{
    /// <summary>By what is on the model itself; not on some of its versions only.</summary>
    public required Protection Protection { get; init; }
}

/// <summary>A version with its history.</summary>
/// <param name="Allowed">What the caller may do with its model.</param>
/// <param name="Previous">The number of the version before it; null for the first.</param>
/// <param name="Next">The number of the version after it; null for the newest.</param>
public sealed record ModelVersionOverview(ModelVersion Version, string CreatedByName, Permission Allowed, int? Previous, int? Next)
{
    /// <summary>By what is on it or on its model.</summary>
    public required Protection Protection { get; init; }
    /// <summary>When it was last downloaded or resolved to be loaded; null where it never was.</summary>
    public DateOnly? LastUsed { get; init; }
    /// <summary>How much has happened to it, counted to <see cref="RegistryOverviewService.MaxHistory"/>.</summary>
    public required int HistoryCount { get; init; }
}

/// <summary>A stage or an alias moved; exactly one of the two is set.</summary>
public sealed record HistoryEntry(StageTransition? Stage, AliasChange? Alias, string UserName)
{
    public long AtMs => Stage?.AtMs ?? Alias!.AtMs;
    public string? Reason => Stage is null ? Alias!.Reason : Stage.Reason;
}

/// <summary>What the pages show of models and versions, each in a handful of statements.</summary>
public sealed class RegistryOverviewService(RegistryWork work, RegistrySearch search)
{
    public const int MaxHistory = 200;

    public async Task<Page<RegisteredModelRow>> ListAsync(RegistryQuery query, CancellationToken ct)
    {
        var page = await search.ModelsAsync(query, ct);
        var ids = page.Items.Select(d => d.Model.Id).ToList();
        var counts = await work.Db.ModelVersions.Where(v => ids.Contains(v.ModelId) && v.DeletedMs == null)
            .GroupBy(v => v.ModelId).Select(g => new { g.Key, Count = g.Count() }).ToDictionaryAsync(c => c.Key, c => c.Count, ct);
        var names = await NamesAsync(page.Items.Select(d => d.Model.OwnerId), ct);
        return page.Select(d => new RegisteredModelRow(
            d.Model, d.LatestVersions, counts.GetValueOrDefault(d.Model.Id), names[d.Model.OwnerId]));
    }

    public async Task<RegisteredModelOverview> ModelAsync(string name, CancellationToken ct)
    {
        var db = work.Db;
        // Split: tags times aliases are not read as many rows.
        var model = await db.RegisteredModels.AsNoTracking().AsSplitQuery()
            .Include(m => m.Tags.OrderBy(t => t.Key)).Include(m => m.Aliases.OrderBy(a => a.Alias))
            .FirstOrDefaultAsync(m => m.Name == name && m.DeletedMs == null, ct) ?? throw RegistryWork.ModelNotFound(name);
        work.User.Require(Permission.Read, model.AsSecurable(), () => RegistryWork.ModelNotFound(name));
        var latest = await db.LatestVersionsAsync([model.Id], ct);
        var count = await db.ModelVersions.CountAsync(v => v.ModelId == model.Id && v.DeletedMs == null, ct);
        var names = await NamesAsync([model.OwnerId], ct);
        return new RegisteredModelOverview(model, latest, count, names[model.OwnerId], work.User.On(model.AsSecurable()))
        {
            Protection = await db.ProtectionOfAsync(HeldThing.Model(model.Id, name) with { WithParts = false }, ct),
        };
    }

    /// <summary>Of a model that the caller may read: newest first, at most <see cref="MaxHistory"/>.</summary>
    public Task<IReadOnlyList<HistoryEntry>> HistoryAsync(RegisteredModel model, CancellationToken ct) => HistoryAsync(
        work.Db.StageTransitions.Where(t => t.ModelId == model.Id), work.Db.AliasChanges.Where(c => c.ModelId == model.Id), ct);

    /// <summary>Of a version of such a model; of aliases the changes that gave them to it or took them from it.</summary>
    public Task<IReadOnlyList<HistoryEntry>> HistoryAsync(ModelVersion version, CancellationToken ct) =>
        HistoryAsync(MovesOf(version), AliasChangesOf(version), ct);

    public async Task<ModelVersionOverview> VersionAsync(string name, int number, CancellationToken ct)
    {
        var db = work.Db;
        var version = await work.GetVersionAsync(name, number, ct);
        var others = db.ModelVersions.Where(v => v.ModelId == version.ModelId && v.DeletedMs == null);
        var previous = await others.Where(v => v.Number < number).MaxAsync(v => (int?)v.Number, ct);
        var next = await others.Where(v => v.Number > number).MinAsync(v => (int?)v.Number, ct);
        var names = await NamesAsync([version.CreatedBy], ct);
        var key = ArtifactRoots.OfVersion(version.VersionUuid);
        var used = await db.LastUses.Where(u => u.Key == key).Select(u => (int?)u.Day).FirstOrDefaultAsync(ct);
        return new ModelVersionOverview(
            version, names[version.CreatedBy], work.User.On(version.Model.AsSecurable()), previous, next)
        {
            Protection = await db.ProtectionOfAsync(HeldThing.Version(version.Id, version.ModelId, name), ct),
            LastUsed = used is { } day ? UtcDay.ToDate(day) : null,
            HistoryCount = Math.Min(MaxHistory,
                await MovesOf(version).Select(t => t.Id).Concat(AliasChangesOf(version).Select(c => c.Id)).CountAsync(ct)),
        };
    }

    private IQueryable<StageTransition> MovesOf(ModelVersion version) => work.Db.StageTransitions.Where(t => t.VersionId == version.Id);

    private IQueryable<AliasChange> AliasChangesOf(ModelVersion version) => work.Db.AliasChanges
        .Where(c => c.ModelId == version.ModelId && (c.FromNumber == version.Number || c.ToNumber == version.Number));

    private async Task<IReadOnlyList<HistoryEntry>> HistoryAsync(
        IQueryable<StageTransition> transitions, IQueryable<AliasChange> changes, CancellationToken ct)
    {
        var stages = await transitions.AsNoTracking().OrderByDescending(t => t.AtMs).ThenByDescending(t => t.Id).Take(MaxHistory).ToListAsync(ct);
        var aliases = await changes.AsNoTracking().OrderByDescending(c => c.AtMs).ThenByDescending(c => c.Id).Take(MaxHistory).ToListAsync(ct);
        var names = await NamesAsync(stages.Select(t => t.UserId).Concat(aliases.Select(c => c.UserId)), ct);
        return [.. stages.Select(t => new HistoryEntry(t, null, names[t.UserId]))
            .Concat(aliases.Select(c => new HistoryEntry(null, c, names[c.UserId])))
            .OrderByDescending(e => e.AtMs).Take(MaxHistory)];
    }

    private async Task<Dictionary<long, string>> NamesAsync(IEnumerable<long> userIds, CancellationToken ct)
    {
        var ids = userIds.Distinct().ToList();
        var names = await work.Db.Users.AsNoTracking().Where(u => ids.Contains(u.Id))
            .ToDictionaryAsync(u => u.Id, u => u.DisplayName.Length > 0 ? u.DisplayName : u.UserName ?? "", ct);
        foreach (var id in ids)
            names.TryAdd(id, CurrentUser.System.Name);
        return names;
    }
}
