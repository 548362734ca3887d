using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Core.Registry;

internal static class RegistryQueries
{
    public static IQueryable<ModelVersion> WithDetails(this IQueryable<ModelVersion> versions) => versions
        .Include(v => v.Model)
        .Include(v => v.Tags.OrderBy(t => t.Key))
        .Include(v => v.Aliases.OrderBy(a => a.Alias));

    /// <summary>The models with tags and aliases, in the order of the ids.</summary>
    public static async Task<List<RegisteredModel>> ModelsAsync(
        this RegistryDbContext db, IReadOnlyCollection<long> ids, CancellationToken ct)
    {
        var list = ids.ToArray();
        var models = await db.RegisteredModels.AsNoTracking().Where(m => EF.Parameter(list).Contains(m.Id)).ToDictionaryAsync(m => m.Id, ct);
        var tags = db.RegisteredModelTags.AsNoTracking().Where(t => EF.Parameter(list).Contains(t.ModelId)).OrderBy(t => t.Key);
        await foreach (var tag in tags.AsAsyncEnumerable().WithCancellation(ct))
            models.GetValueOrDefault(tag.ModelId)?.Tags.Add(tag);
        var aliases = db.RegisteredModelAliases.AsNoTracking().Where(a => EF.Parameter(list).Contains(a.ModelId)).OrderBy(a => a.Alias);
        await foreach (var alias in aliases.AsAsyncEnumerable().WithCancellation(ct))
            models.GetValueOrDefault(alias.ModelId)?.Aliases.Add(alias);
        return [.. ids.Where(models.ContainsKey).Select(id => models[id])];
    }

    /// <summary>The versions with their models (bare), tags and aliases, in the order of the ids. The list of ids is one
    /// parameter, and each table is read once: a page may have thousands.</summary>
    public static async Task<List<ModelVersion>> VersionsAsync(
        this RegistryDbContext db, IReadOnlyCollection<long> ids, CancellationToken ct)
    {
        if (ids.Count == 0)
            return [];
        var list = ids.ToArray();
        var versions = await db.ModelVersions.AsNoTracking().Where(v => EF.Parameter(list).Contains(v.Id)).ToDictionaryAsync(v => v.Id, ct);
        var modelIds = versions.Values.Select(v => v.ModelId).Distinct().ToArray();
        var models = await db.RegisteredModels.AsNoTracking().Where(m => EF.Parameter(modelIds).Contains(m.Id)).ToDictionaryAsync(m => m.Id, ct);
        // What was changed between two of the statements is left as the first one saw it; what went away is left out.
        foreach (var version in versions.Values.ToList())
        {
            if (models.TryGetValue(version.ModelId, out var model))
                version.Model = model;
            else
                versions.Remove(version.Id);
        }

        var tags = db.ModelVersionTags.AsNoTracking().Where(t => EF.Parameter(list).Contains(t.VersionId)).OrderBy(t => t.Key);
        await foreach (var tag in tags.AsAsyncEnumerable().WithCancellation(ct))
            versions.GetValueOrDefault(tag.VersionId)?.Tags.Add(tag);
        var aliases = db.RegisteredModelAliases.AsNoTracking().Where(a => EF.Parameter(list).Contains(a.VersionId)).OrderBy(a => a.Alias);
        await foreach (var alias in aliases.AsAsyncEnumerable().WithCancellation(ct))
            versions.GetValueOrDefault(alias.VersionId)?.Aliases.Add(alias);
        return [.. ids.Where(versions.ContainsKey).Select(id => versions[id])];
    }

    /// <summary>The newest living version of each stage of each model, by model and number.</summary>
    public static async Task<List<ModelVersion>> LatestVersionsAsync(
        this RegistryDbContext db, IReadOnlyCollection<long> modelIds, CancellationToken ct)
    {
        if (modelIds.Count == 0)
            return [];
        var list = modelIds.ToArray();
        var newest = db.ModelVersions.Where(v => EF.Parameter(list).Contains(v.ModelId) && v.DeletedMs == null && v.ArchivedMs == null)
            .GroupBy(v => new { v.ModelId, v.Stage })
            .Select(g => new { g.Key.ModelId, Number = g.Max(v => v.Number) });
        var ids = await newest
            .Join(db.ModelVersions, n => new { n.ModelId, n.Number }, v => new { v.ModelId, v.Number },
                (_, v) => new { v.ModelId, v.Number, v.Id })
            .OrderBy(v => v.ModelId).ThenBy(v => v.Number).Select(v => v.Id).ToListAsync(ct);
        return await db.VersionsAsync(ids, ct);
    }

    public static void AddAliasChange(
        this RegistryDbContext db, RegistryWork work, RegisteredModelAlias alias, int? to, long now, string? reason) =>
        db.Add(new AliasChange
        {
            ModelId = alias.ModelId,
            Alias = alias.Alias,
            FromNumber = alias.Number == 0 ? null : alias.Number,
            ToNumber = to,
            AtMs = now,
            UserId = work.User.Id,
            Reason = reason,
        });
}
