using System.Globalization;
using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Artifacts;
using ModelRegistry.Core.Audit;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Holds;
using ModelRegistry.Core.Identity;

namespace ModelRegistry.Core.Tracking;

/// <summary>
/// Files of experiments, runs and logged models. A location is the experiment's own, then `{run id}/artifacts`,
/// `models/{model id}/artifacts`, or anything else, which is kept for the experiment itself. Runs and models have the
/// permissions of their experiment. Reading asks the database for nothing that is in memory.
/// </summary>
public sealed class ExperimentArtifacts(
    RegistryDbContext db, CurrentUserHolder caller, AuditTrail audit,
    ExperimentCatalog experiments, RunDirectory runs, LoggedModelDirectory models) : IArtifactOwner
{
    private const int RunIdLength = 32;

    public async Task<ArtifactPlace?> FindAsync(ArtifactPath location, ArtifactAccess access, CancellationToken ct)
    {
        var segments = location.Value.Split('/');
        return await FindExperimentAsync(location, segments, ct) is ({ } experiment, var used)
            ? await InExperimentAsync(experiment, segments[used..], location, access, ct)
            : null;
    }

    /// <summary>The top of a run's files.</summary>
    /// <exception cref="NotFoundException">There is no such run, or the user may not know.</exception>
    public async Task<ArtifactPlace> GetRunAsync(string runUuid, ArtifactAccess access, CancellationToken ct)
    {
        var run = await runs.FindAsync(runUuid, ct) ?? throw Missing();
        var experiment = await experiments.FindAsync(run.ExperimentId, ct) ?? throw Missing();
        return await OfRunAsync(experiment, run.Id, runUuid, "", access, Missing, ct);

        NotFoundException Missing() => new("Run", runUuid, $"Run with id={runUuid} not found");
    }

    /// <summary>The top of a logged model's files.</summary>
    /// <exception cref="NotFoundException">There is no such model, or the user may not know.</exception>
    public async Task<ArtifactPlace> GetLoggedModelAsync(string modelUuid, ArtifactAccess access, CancellationToken ct)
    {
        var model = await models.FindAsync(modelUuid, ct) ?? throw LoggedModelDirectory.NotFound(modelUuid);
        var experiment = await experiments.FindAsync(model.ExperimentId, ct) ?? throw LoggedModelDirectory.NotFound(modelUuid);
        return await OfModelAsync(experiment, model.Id, modelUuid, "", access, () => LoggedModelDirectory.NotFound(modelUuid), ct);
    }

    // A number at the start is always that experiment's own place: nobody can take over `5/…` by giving another
    // experiment a location inside of it. Other locations are found by their longest beginning, the oldest first.
    private async Task<(ExperimentInfo? Experiment, int Used)> FindExperimentAsync(
        ArtifactPath location, string[] segments, CancellationToken ct)
    {
        if (long.TryParse(segments[0], NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            && segments[0] == id.ToString(CultureInfo.InvariantCulture))
        {
            var numbered = await experiments.FindAsync(id, ct);
            return numbered?.ArtifactLocation == ArtifactLocation.OfExperiment(id) ? (numbered, 1) : default;
        }

        var beginnings = location.Ancestors().Append(location.Value)
            .SelectMany(p => new[] { ArtifactLocations.Scheme + p, ArtifactLocations.Scheme + p + "/" }).ToList();
        var found = await db.Experiments.Where(e => beginnings.Contains(e.ArtifactLocation))
            .OrderByDescending(e => e.ArtifactLocation.Length).ThenBy(e => e.Id)
            .Select(e => new { e.Id, e.ArtifactLocation }).FirstOrDefaultAsync(ct);
        return found is null
            ? default
            : (await experiments.FindAsync(found.Id, ct), found.ArtifactLocation.TrimEnd('/').Count(c => c == '/'));
    }

    private async Task<ArtifactPlace?> InExperimentAsync(
        ExperimentInfo experiment, string[] rest, ArtifactPath location, ArtifactAccess access, CancellationToken ct)
    {
        if (rest is [{ Length: RunIdLength } runUuid, "artifacts", ..]
            && await runs.FindAsync(runUuid, ct) is { } run && run.ExperimentId == experiment.Id)
        {
            return await OfRunAsync(experiment, run.Id, runUuid, string.Join('/', rest[2..]), access, Missing, ct);
        }

        if (rest is ["models", ['m', '-', ..] modelUuid, "artifacts", ..]
            && await models.FindAsync(modelUuid, ct) is { } model && model.ExperimentId == experiment.Id)
        {
            return await OfModelAsync(experiment, model.Id, modelUuid, string.Join('/', rest[3..]), access, Missing, ct);
        }

        Require(experiment, access, Missing);
        return Place(experiment, ArtifactRoots.OfExperiment(experiment.Id), string.Join('/', rest), experiment.ArtifactLocation,
            // A held run keeps its own files, not those beside it.
            (_, _) => Task.FromResult(HeldThing.Experiment(experiment.Id, experiment.Securable.Name) with { WithParts = false }));

        NotFoundException Missing() => ArtifactLocations.NotFound(location);
    }

    private async Task<ArtifactPlace> OfRunAsync(ExperimentInfo experiment, long id, string runUuid, string path,
        ArtifactAccess access, Func<NotFoundException> missing, CancellationToken ct)
    {
        Require(experiment, access, missing);
        if (access != ArtifactAccess.Read)
            await RequireWritableAsync(id, runUuid, access, missing, ct);
        return Place(experiment, ArtifactRoots.OfRun(runUuid), path, ArtifactLocation.OfRun(experiment.ArtifactLocation, runUuid),
            (_, _) => Task.FromResult(HeldThing.Run(id, experiment.Id, runUuid)));
    }

    // From a run in the trash files may still be taken away; an archived one stays as it is.
    private async Task RequireWritableAsync(long id, string runUuid, ArtifactAccess access, Func<NotFoundException> missing, CancellationToken ct)
    {
        var lifecycle = await db.Runs.Where(r => r.Id == id).Select(r => (Lifecycle?)r.Lifecycle).FirstOrDefaultAsync(ct) ?? throw missing();
        if (lifecycle == Lifecycle.Archived)
            throw new ConflictException("run", runUuid, $"The run {runUuid} is archived: take it out of the archive to change it.");
        if (lifecycle == Lifecycle.Deleted && access == ArtifactAccess.Write)
            throw NotActive("run", runUuid);
    }

    private async Task<ArtifactPlace> OfModelAsync(ExperimentInfo experiment, long id, string modelUuid, string path,
        ArtifactAccess access, Func<NotFoundException> missing, CancellationToken ct)
    {
        Require(experiment, access, missing);
        if (access == ArtifactAccess.Write && await db.LoggedModels.AnyAsync(m => m.Id == id && m.DeletedMs != null, ct))
            throw NotActive("logged model", modelUuid);
        return Place(experiment, ArtifactRoots.OfLoggedModel(modelUuid), path,
            ArtifactLocation.OfLoggedModel(experiment.ArtifactLocation, modelUuid),
            (context, token) => LoggedModelDirectory.AsHeldAsync(context, id, token));
    }

    private void Require(ExperimentInfo experiment, ArtifactAccess access, Func<NotFoundException> missing)
    {
        caller.User.Require(access switch
        {
            ArtifactAccess.Read => Permission.Read,
            ArtifactAccess.Write => Permission.Edit,
            _ => Permission.Manage,
        }, experiment.Securable, missing);
        if (access == ArtifactAccess.Write && experiment.Lifecycle == Lifecycle.Deleted)
            throw NotActive("experiment", experiment.Id.ToString(CultureInfo.InvariantCulture));
    }

    private ArtifactPlace Place(ExperimentInfo experiment, string rootKey, string path, string rootUri,
        Func<RegistryDbContext, CancellationToken, Task<HeldThing>> held) =>
        new(rootKey, path, caller.User.Id)
        {
            RootUri = rootUri,
            RequireNotHeld = async (context, token) => await context.RequireNotHeldAsync(await held(context, token), token),
            RecordDeletion = (context, files) => audit.Record(context, new AuditEntry("artifact.deleted", "artifact", rootKey)
            {
                Before = new { Path = path, Files = files },
                Scope = AuditEntry.ScopeOf(SecurableKind.Experiment, experiment.Id),
            }),
        };

    private static ConflictException NotActive(string noun, string id) =>
        new(noun, id, $"The {noun} {id} must be in the 'active' state. Current state is deleted.");
}
