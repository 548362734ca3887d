using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Holds;

namespace ModelRegistry.Core.Tracking;

/// <summary>A logged model's number and experiment never change: once known they are served from memory. Singleton.</summary>
public sealed class LoggedModelDirectory(IServiceScopeFactory scopes)
{
    private const int MaxEntries = 100_000;

    private readonly ConcurrentDictionary<string, (long Id, long ExperimentId)> _models = new(StringComparer.Ordinal);

    public async ValueTask<(long Id, long ExperimentId)?> FindAsync(string modelUuid, CancellationToken ct)
    {
        if (_models.TryGetValue(modelUuid, out var known))
            return known;
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<RegistryDbContext>();
        var found = await db.LoggedModels.AsNoTracking().Where(m => m.ModelUuid == modelUuid)
            .Select(m => new { m.Id, m.ExperimentId }).FirstOrDefaultAsync(ct);
        if (found is null)
            return null;
        if (_models.Count >= MaxEntries)
            _models.Clear();
        return _models[modelUuid] = (found.Id, found.ExperimentId);
    }

    /// <summary>A hold on its experiment or on the run that made it keeps it too.</summary>
    public static async Task<HeldThing> AsHeldAsync(RegistryDbContext db, long id, CancellationToken ct)
    {
        var model = await db.LoggedModels.AsNoTracking().Where(m => m.Id == id).Select(m => new
        {
            m.ModelUuid,
            m.ExperimentId,
            Maker = db.Runs.Where(r => r.RunUuid == m.SourceRunUuid).Select(r => (long?)r.Id).FirstOrDefault(),
        }).FirstAsync(ct);
        return HeldThing.LoggedModel(id, model.ExperimentId, model.Maker, model.ModelUuid);
    }

    public static NotFoundException NotFound(string modelUuid) =>
        new("logged model", modelUuid, $"Logged model with ID '{modelUuid}' not found.");
}
