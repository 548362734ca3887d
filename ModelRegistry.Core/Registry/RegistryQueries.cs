using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Core.Registry;

internal static class RegistryQueries
{
    /// <summary>As many ids as every database takes as parameters of one statement.</summary>
    private const int ChunkSize = 500;

    public static IQueryable<ModelVersion> WithDetails(this IQueryable<ModelVersion> versions) => versions
        .Include(v => v.Model)
        .Include(v => v.Tags.OrderBy(t => t.Key))
        .Include(v => v.Aliases.OrderBy(a => a.Alias));

    /// <summary>The models with tags and aliases, in the order of the ids.</summary>
    public static async Task<List<RegisteredModel>> ModelsAsync(
        this RegistryDbContext db, IReadOnlyList<long> ids, CancellationToken ct)
    {
        var found = new Dictionary<long, RegisteredModel>(ids.Count);
        foreach (var chunk in ids.Chunk(ChunkSize))
        {
            var models = db.RegisteredModels.AsNoTracking().AsSplitQuery().Where(m => chunk.Contains(m.Id))
                .Include(m => m.Tags.OrderBy(t => t.Key)).Include(m => m.Aliases.OrderBy(a => a.Alias));
            await foreach (var model in models.AsAsyncEnumerable().WithCancellation(ct))
                found.Add(model.Id, model);
        }

        return [.. ids.Select(id => found.GetValueOrDefault(id)).OfType<RegisteredModel>()];
    }

    /// <summary>The versions with their details, in the order of the ids.</summary>
    public static async Task<List<ModelVersion>> VersionsAsync(
        this RegistryDbContext db, IReadOnlyList<long> ids, CancellationToken ct)
    {
        var found = new Dictionary<long, ModelVersion>(ids.Count);
        foreach (var chunk in ids.Chunk(ChunkSize))
        {
            var versions = db.ModelVersions.AsNoTrackingWithIdentityResolution().AsSplitQuery()
                .Where(v => chunk.Contains(v.Id)).WithDetails();
            await foreach (var version in versions.AsAsyncEnumerable().WithCancellation(ct))
                found.Add(version.Id, version);
        }

        return [.. ids.Select(id => found.GetValueOrDefault(id)).OfType<ModelVersion>()];
    }

    /// <summary>The newest living version of each stage of each model, by model and number.</summary>
    public static async Task<List<ModelVersion>> LatestVersionsAsync(
        this RegistryDbContext db, IReadOnlyCollection<long> modelIds, CancellationToken ct)
    {
        if (modelIds.Count == 0)
            return [];
        var newest = db.ModelVersions.Where(v => modelIds.Contains(v.ModelId) && v.DeletedMs == null)
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
