using System.Globalization;
using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Artifacts;
using ModelRegistry.Core.Audit;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;

namespace ModelRegistry.Core.Tracking;

/// <summary>
/// Files of experiments, runs and logged models. A location is the experiment's own, then `{run id}/artifacts`,
/// `models/{model id}/artifacts`, or anything else, which is kept for the experiment itself. Runs and models have the
/// permissions of their experiment.
/// </summary>
public sealed class ExperimentArtifacts(RegistryDbContext db, CurrentUserHolder caller, AuditTrail audit) : IArtifactOwner
{
    private sealed record Owner(long Id, string Name, string Location, long OwnerId, bool IsPrivate, Lifecycle Lifecycle)
    {
        public Securable AsSecurable() => new(SecurableKind.Experiment, Id, Name, OwnerId, IsPrivate);
    }

    public async Task<ArtifactPlace?> FindAsync(ArtifactPath location, ArtifactAccess access, CancellationToken ct)
    {
        var segments = location.Value.Split('/');
        foreach (var (experiment, used) in await CandidatesAsync(location, segments, ct))
        {
            if (await InExperimentAsync(experiment, segments[used..], location, access, ct) is { } place)
                return place;
        }

        return null;
    }

    /// <summary>The top of a run's files.</summary>
    /// <exception cref="NotFoundException">There is no such run, or the user may not know.</exception>
    public async Task<ArtifactPlace> GetRunAsync(string runUuid, ArtifactAccess access, CancellationToken ct)
    {
        var run = await RunAsync(runUuid, ct) ?? throw Missing();
        return Allow(run.Experiment, access, ArtifactRoots.OfRun(runUuid), "", Missing, run.Lifecycle, $"run {runUuid}",
            $"{run.Experiment.Location}/{runUuid}/artifacts");

        NotFoundException Missing() => new("Run", runUuid, $"Run with id={runUuid} not found");
    }

    /// <summary>The top of a logged model's files.</summary>
    /// <exception cref="NotFoundException">There is no such model, or the user may not know.</exception>
    public async Task<ArtifactPlace> GetLoggedModelAsync(string modelUuid, ArtifactAccess access, CancellationToken ct)
    {
        var model = await LoggedModelAsync(modelUuid, ct) ?? throw Missing();
        return Allow(model.Experiment, access, ArtifactRoots.OfLoggedModel(modelUuid), "", Missing,
            model.Deleted ? Lifecycle.Deleted : Lifecycle.Active, $"logged model {modelUuid}", model.Uri);

        NotFoundException Missing() => new("Logged model", modelUuid, $"Logged model with ID '{modelUuid}' not found.");
    }

    // A number at the start is always that experiment's own place: nobody can take over `5/…` by giving another
    // experiment a location inside of it. Other locations are found by their longest beginning.
    private async Task<List<(Owner Experiment, int Used)>> CandidatesAsync(
        ArtifactPath location, string[] segments, CancellationToken ct)
    {
        if (long.TryParse(segments[0], NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            && segments[0] == id.ToString(CultureInfo.InvariantCulture))
        {
            var own = ArtifactLocations.Scheme + segments[0];
            return [.. (await OwnersAsync(db.Experiments.Where(e => e.Id == id && e.ArtifactLocation == own), ct)).Select(e => (e, 1))];
        }

        var beginnings = location.Ancestors().Append(location.Value).Select(p => ArtifactLocations.Scheme + p).ToList();
        return [.. (await OwnersAsync(db.Experiments.Where(e => beginnings.Contains(e.ArtifactLocation)), ct))
            .OrderByDescending(e => e.Location.Length).ThenBy(e => e.Id)
            .Select(e => (e, e.Location.Count(c => c == '/')))];
    }

    private async Task<ArtifactPlace?> InExperimentAsync(
        Owner experiment, string[] rest, ArtifactPath location, ArtifactAccess access, CancellationToken ct)
    {
        if (rest is [var runUuid, "artifacts", ..] && runUuid.Length == 32
            && await RunAsync(runUuid, ct) is { } run && run.Experiment.Id == experiment.Id)
        {
            return Allow(experiment, access, ArtifactRoots.OfRun(runUuid), string.Join('/', rest[2..]), Missing,
                run.Lifecycle, $"run {runUuid}", $"{experiment.Location}/{runUuid}/artifacts");
        }

        if (rest is ["models", var modelUuid, "artifacts", ..] && modelUuid.StartsWith("m-", StringComparison.Ordinal)
            && await LoggedModelAsync(modelUuid, ct) is { } model && model.Experiment.Id == experiment.Id)
        {
            return Allow(experiment, access, ArtifactRoots.OfLoggedModel(modelUuid), string.Join('/', rest[3..]), Missing,
                model.Deleted ? Lifecycle.Deleted : Lifecycle.Active, $"logged model {modelUuid}", model.Uri);
        }

        return Allow(experiment, access, ArtifactRoots.OfExperiment(experiment.Id), string.Join('/', rest), Missing,
            Lifecycle.Active, $"experiment {experiment.Id}", experiment.Location);

        NotFoundException Missing() => ArtifactLocations.NotFound(location);
    }

    private ArtifactPlace Allow(Owner experiment, ArtifactAccess access, string rootKey, string path,
        Func<NotFoundException> missing, Lifecycle lifecycle, string noun, string uri)
    {
        caller.User.Require(access switch
        {
            ArtifactAccess.Read => Permission.Read,
            ArtifactAccess.Write => Permission.Edit,
            _ => Permission.Manage,
        }, experiment.AsSecurable(), missing);
        if (access == ArtifactAccess.Write && (lifecycle == Lifecycle.Deleted || experiment.Lifecycle == Lifecycle.Deleted))
        {
            var deleted = lifecycle == Lifecycle.Deleted ? noun : $"experiment {experiment.Id}";
            throw new ConflictException("artifact", path,
                $"The {deleted} must be in the 'active' state. Current state is deleted.");
        }

        return new ArtifactPlace(rootKey, path, caller.User.Id)
        {
            RootUri = uri,
            RecordDeletion = (context, files) => audit.Record(context, new AuditEntry("artifact.deleted", "artifact", $"{rootKey}:{path}")
            {
                Before = new { Files = files },
                Scope = AuditEntry.ScopeOf(SecurableKind.Experiment, experiment.Id),
            }),
        };
    }

    private static Task<List<Owner>> OwnersAsync(IQueryable<Experiment> experiments, CancellationToken ct) => experiments
        .Select(e => new Owner(e.Id, e.Name, e.ArtifactLocation, e.OwnerId, e.IsPrivate, e.Lifecycle)).ToListAsync(ct);

    private async Task<(Owner Experiment, Lifecycle Lifecycle)?> RunAsync(string runUuid, CancellationToken ct)
    {
        var found = await (
            from run in db.Runs
            where run.RunUuid == runUuid
            join e in db.Experiments on run.ExperimentId equals e.Id
            select new { run.Lifecycle, Owner = new Owner(e.Id, e.Name, e.ArtifactLocation, e.OwnerId, e.IsPrivate, e.Lifecycle) })
            .FirstOrDefaultAsync(ct);
        return found is null ? null : (found.Owner, found.Lifecycle);
    }

    private async Task<(Owner Experiment, bool Deleted, string Uri)?> LoggedModelAsync(string modelUuid, CancellationToken ct)
    {
        var found = await (
            from model in db.LoggedModels
            where model.ModelUuid == modelUuid
            join e in db.Experiments on model.ExperimentId equals e.Id
            select new
            {
                Deleted = model.DeletedMs != null,
                model.ArtifactUri,
                Owner = new Owner(e.Id, e.Name, e.ArtifactLocation, e.OwnerId, e.IsPrivate, e.Lifecycle),
            }).FirstOrDefaultAsync(ct);
        return found is null ? null : (found.Owner, found.Deleted, found.ArtifactUri);
    }
}
