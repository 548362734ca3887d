using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;
using ModelRegistry.Core.Registry;
using ModelRegistry.Core.Tracking;

namespace ModelRegistry.Core.Lineage;

/// <summary>Where the registry and tracking meet: the runs and logged models that versions are made from.</summary>
public sealed class VersionOrigins(RegistryDbContext db, CurrentUserHolder caller, ExperimentCatalog experiments) : IVersionOrigins
{
    public async Task<VersionOrigin?> FindRunAsync(string runId, CancellationToken ct)
    {
        var run = await db.Runs.AsNoTracking().Where(r => r.RunUuid == runId).Select(r => new { r.ExperimentId }).FirstOrDefaultAsync(ct);
        return run is not null && await FindExperimentAsync(run.ExperimentId, ct) is { } experiment
            ? new VersionOrigin(ArtifactLocation.OfRun(experiment.ArtifactLocation, runId), runId)
            : null;
    }

    public async Task<VersionOrigin?> FindLoggedModelAsync(string modelId, CancellationToken ct)
    {
        var model = await db.LoggedModels.AsNoTracking().Where(m => m.ModelUuid == modelId && m.DeletedMs == null)
            .Select(m => new { m.ExperimentId, m.ArtifactUri, m.SourceRunUuid }).FirstOrDefaultAsync(ct);
        return model is not null && await FindExperimentAsync(model.ExperimentId, ct) is not null
            ? new VersionOrigin(model.ArtifactUri, model.SourceRunUuid)
            : null;
    }

    private async Task<ExperimentInfo?> FindExperimentAsync(long id, CancellationToken ct) =>
        await experiments.FindAsync(id, ct) is { } experiment && caller.User.May(Permission.Read, experiment.Securable)
            ? experiment
            : null;
}
