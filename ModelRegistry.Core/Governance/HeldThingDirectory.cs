using System.Globalization;
using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Holds;
using ModelRegistry.Core.Registry;
using ModelRegistry.Core.Tracking;

namespace ModelRegistry.Core.Governance;

/// <summary>Finds what a hold or lock can be on by its public id, in the trash too: what is there can still be destroyed.</summary>
public sealed class HeldThingDirectory(RegistryDbContext db)
{
    /// <exception cref="NotFoundException">There is no such thing.</exception>
    public async Task<HeldThing> GetAsync(HoldTarget target, string publicId, CancellationToken ct) =>
        await (target switch
        {
            HoldTarget.RegisteredModel => ModelAsync(publicId, ct),
            HoldTarget.ModelVersion => VersionAsync(publicId, ct),
            HoldTarget.Experiment => ExperimentAsync(publicId, ct),
            HoldTarget.Run => RunAsync(publicId, ct),
            _ => LoggedModelAsync(publicId, ct),
        }) ?? throw new NotFoundException(HoldGuard.Noun(target), publicId);

    // A name may have been given again: the living one first, then the one that was deleted last.
    private async Task<HeldThing?> ModelAsync(string name, CancellationToken ct) =>
        await db.RegisteredModels.AsNoTracking().Where(m => m.Name == name).OrderBy(m => m.DeletedMs != null).ThenByDescending(m => m.Id)
            .Select(m => (long?)m.Id).FirstOrDefaultAsync(ct) is { } id ? HeldThing.Model(id, name) : null;

    private async Task<HeldThing?> VersionAsync(string publicId, CancellationToken ct)
    {
        if (RegistryWork.ParseVersionId(publicId) is not var (name, number))
            return null;
        var found = await db.ModelVersions.AsNoTracking().Where(v => v.Number == number && v.Model.Name == name)
            .OrderBy(v => v.Model.DeletedMs != null).ThenByDescending(v => v.ModelId)
            .Select(v => new { v.Id, v.ModelId }).FirstOrDefaultAsync(ct);
        return found is null ? null : HeldThing.Version(found.Id, found.ModelId, publicId);
    }

    private async Task<HeldThing?> ExperimentAsync(string publicId, CancellationToken ct) =>
        long.TryParse(publicId, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            && await db.Experiments.AnyAsync(e => e.Id == id, ct)
            ? HeldThing.Experiment(id, id.ToString(CultureInfo.InvariantCulture))
            : null;

    private async Task<HeldThing?> RunAsync(string uuid, CancellationToken ct) =>
        await db.Runs.AsNoTracking().Where(r => r.RunUuid == uuid).Select(r => new { r.Id, r.ExperimentId }).FirstOrDefaultAsync(ct) is { } run
            ? HeldThing.Run(run.Id, run.ExperimentId, uuid)
            : null;

    private async Task<HeldThing?> LoggedModelAsync(string uuid, CancellationToken ct)
    {
        var id = await db.LoggedModels.AsNoTracking().Where(m => m.ModelUuid == uuid).Select(m => (long?)m.Id).FirstOrDefaultAsync(ct);
        return id is null ? null : await LoggedModelDirectory.AsHeldAsync(db, id.Value, ct);
    }
}
