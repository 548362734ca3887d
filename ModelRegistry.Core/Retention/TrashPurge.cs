using System.Data.Common;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Artifacts;
using ModelRegistry.Core.Audit;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Holds;
using ModelRegistry.Core.Identity;
using ModelRegistry.Core.Registry;
using ModelRegistry.Core.Tracking;

namespace ModelRegistry.Core.Retention;

/// <summary>The erasure case that something is purged for, and the two people behind it.</summary>
internal sealed record ErasureProof(long CaseId, long OpenedBy, long ApprovedBy);

/// <param name="Purged">What is gone, for good.</param>
/// <param name="Kept">What would have gone, and why it did not.</param>
public sealed record PurgeReport(int Purged, IReadOnlyList<string> Kept, string? PausedBecause);

/// <summary>
/// Removes for good what lay in the trash for its time. Each thing in one transaction that looks again whether anything
/// keeps it, removes its rows, and leaves a certificate; its bytes go when nothing else refers to them, by the removal of
/// unreferenced blobs. What is under a hold when its turn comes stays whole.
/// </summary>
public sealed class TrashPurge(
    RegistryDbContext db, FactsReader facts, AuditTrail audit, RetentionClockwork clock, RetentionOptions options, RunDirectory runs, TimeProvider time,
    PurgeLedger ledger)
{
    private const int LongestReport = 100;

    // Committed, and not in the ledger yet.
    private readonly List<PurgeCertificate> _certified = [];
    private PurgeCertificate? _certificate;
    private ErasureProof? _erasure;

    /// <summary>At most so many things; the rest waits for the next run.</summary>
    public async Task<PurgeReport> RunAsync(int limit, CancellationToken ct)
    {
        if (await clock.LookAsync(ct) is { } paused)
            return new PurgeReport(0, [], paused);
        if (await ledger.PauseWhereForgottenAsync(ct) is { } forgotten)
            return new PurgeReport(0, [], forgotten);
        await ledger.RequireWritableAsync(ct);
        var before = Now() - options.TrashDays * 86_400_000L;
        var purged = 0;
        var kept = new List<string>();
        // Parts before what they are parts of.
        foreach (var kind in new[] { TrashKind.ModelVersion, TrashKind.LoggedModel, TrashKind.RunFiles, TrashKind.Run, TrashKind.RegisteredModel, TrashKind.Experiment })
        {
            long last = 0;
            while (purged < limit)
            {
                var ids = await Due(kind, before).Where(id => id > last).OrderBy(id => id).Take(100).ToListAsync(ct);
                if (ids.Count == 0)
                    break;
                facts.Refresh();
                foreach (var id in ids.Take(limit - purged))
                {
                    var keeps = await PurgeAsync(kind, id, before, ct);
                    if (keeps is null)
                        purged++;
                    else if (keeps.Length > 0 && kept.Count < LongestReport)
                        kept.Add(keeps);
                    last = id;
                }

                // One that dies before this is made up for by the next one's comparison.
                await ledger.PurgedAsync(_certified, ct);
                _certified.Clear();
            }
        }

        return new PurgeReport(purged, kept, null);
    }

    /// <summary>One thing in the trash at once, however long it has been there: two people agreed. What else keeps it does so
    /// here too. As <see cref="PurgeAsync"/>.</summary>
    internal async Task<string?> EraseAsync(TrashKind kind, long id, ErasureProof proof, CancellationToken ct)
    {
        await ledger.RequireWritableAsync(ct);
        _erasure = proof;
        try
        {
            var keeps = await PurgeAsync(kind, id, long.MaxValue, ct);
            await ledger.PurgedAsync(_certified, ct);
            _certified.Clear();
            return keeps;
        }
        finally
        {
            _erasure = null;
        }
    }

    /// <summary>One thing. Null where it is gone; otherwise why it stays, empty where it is no longer to go.</summary>
    internal async Task<string?> PurgeAsync(TrashKind kind, long id, long before, CancellationToken ct)
    {
        db.ChangeTracker.Clear();
        try
        {
            await using var write = await db.BeginDestructiveAsync(ct);
            if (!await Due(kind, before).AnyAsync(one => one == id, ct))
                return "";
            var keeps = kind switch
            {
                TrashKind.ModelVersion => await VersionAsync(id, ct),
                TrashKind.Run => await RunAsync(id, ct),
                TrashKind.LoggedModel => await LoggedModelAsync(id, ct),
                TrashKind.RunFiles => await RunFilesAsync(id, ct),
                TrashKind.RegisteredModel => await ModelAsync(id, ct),
                _ => await ExperimentAsync(id, ct),
            };
            if (keeps is not null)
                return keeps;
            await db.SaveChangesAsync(ct);
            await write.CommitAsync(ct);
            _certified.Add(_certificate!);
            return null;
        }
        catch (HeldException e)
        {
            return e.Message;
        }
        catch (Exception e) when (e is DbException or DbUpdateException && !ct.IsCancellationRequested)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{TrashService.WordOf(kind)} {id}: something else still refers to it.");
        }
    }

    private IQueryable<long> Due(TrashKind kind, long before) => kind switch
    {
        TrashKind.ModelVersion => db.ModelVersions.Where(v => v.DeletedMs < before).Select(v => v.Id),
        TrashKind.RegisteredModel => db.RegisteredModels.Where(m => m.DeletedMs < before).Select(m => m.Id),
        TrashKind.Run => db.Runs.Where(r => r.Lifecycle == Lifecycle.Deleted && r.DeletedMs < before).Select(r => r.Id),
        TrashKind.LoggedModel => db.LoggedModels.Where(m => m.DeletedMs < before
            || db.Experiments.Any(e => e.Id == m.ExperimentId && e.DeletedMs < before)).Select(m => m.Id),
        TrashKind.RunFiles => db.ArtifactRoots.Where(r => r.DeletedMs < before).Select(r => r.Id),
        // The first experiment is always there.
        _ => db.Experiments.Where(e => e.Id != 0 && e.Lifecycle == Lifecycle.Deleted && e.DeletedMs < before).Select(e => e.Id),
    };

    private async Task<string?> VersionAsync(long id, CancellationToken ct)
    {
        var version = await db.ModelVersions.AsNoTracking().Include(v => v.Model).FirstAsync(v => v.Id == id, ct);
        var name = RegistryWork.VersionId(version.Model.Name, version.Number);
        await db.RequireNotHeldAsync(HeldThing.Version(id, version.ModelId, name), ct);
        if (await KeptByRulesAsync(RetentionSubject.ModelVersions, id, ct) is { } kept)
            return kept;
        var (files, bytes) = await RemoveTreeAsync(version.FilesKey, ct);
        await db.ModelVersionTags.Where(t => t.VersionId == id).ExecuteDeleteAsync(ct);
        await db.ModelVersions.Where(v => v.Id == id).ExecuteDeleteAsync(ct);
        await CertifyAsync(new PurgeCertificate
        {
            Kind = RegistryWork.VersionNoun,
            Name = name,
            ObjectUuid = version.VersionUuid.ToString("D"),
            Digest = version.Digest,
            Files = files,
            Bytes = bytes,
            CreatedMs = version.CreatedMs,
            DeletedMs = version.DeletedMs ?? 0,
        }, RetentionSubject.ModelVersions, id, AuditEntry.ScopeOf(SecurableKind.RegisteredModel, version.ModelId), ct);
        return null;
    }

    private async Task<string?> RunAsync(long id, CancellationToken ct)
    {
        var run = await db.Runs.AsNoTracking().FirstAsync(r => r.Id == id, ct);
        await db.RequireNotHeldAsync(HeldThing.Run(id, run.ExperimentId, run.RunUuid), ct);
        if (await KeptByRulesAsync(RetentionSubject.Runs, id, ct) is { } kept)
            return kept;
        var (files, bytes) = await RemoveTreeAsync(ArtifactRoots.OfRun(run.RunUuid), ct);
        await db.MetricPoints.Where(p => p.RunId == id).ExecuteDeleteAsync(ct);
        await db.LatestMetrics.Where(m => m.RunId == id).ExecuteDeleteAsync(ct);
        await db.Params.Where(p => p.RunId == id).ExecuteDeleteAsync(ct);
        await db.RunTags.Where(t => t.RunId == id).ExecuteDeleteAsync(ct);
        await db.RunContributors.Where(c => c.RunId == id).ExecuteDeleteAsync(ct);
        await db.DatasetInputTags.Where(t => t.RunId == id).ExecuteDeleteAsync(ct);
        await db.DatasetInputs.Where(i => i.RunId == id).ExecuteDeleteAsync(ct);
        await db.RunModels.Where(m => m.RunId == id).ExecuteDeleteAsync(ct);
        await db.Runs.Where(r => r.Id == id).ExecuteDeleteAsync(ct);
        await CertifyAsync(new PurgeCertificate
        {
            Kind = "run",
            Name = run.RunUuid,
            ObjectUuid = run.RunUuid,
            Files = files,
            Bytes = bytes,
            CreatedMs = run.StartMs,
            DeletedMs = run.DeletedMs ?? 0,
        }, RetentionSubject.Runs, id, AuditEntry.ScopeOf(SecurableKind.Experiment, run.ExperimentId), ct);
        runs.Forget(run.RunUuid);
        return null;
    }

    private async Task<string?> RunFilesAsync(long id, CancellationToken ct)
    {
        var root = await db.ArtifactRoots.AsNoTracking().FirstAsync(r => r.Id == id, ct);
        var uuid = root.Key[^32..];
        var run = await db.Runs.AsNoTracking().FirstOrDefaultAsync(r => r.RunUuid == uuid, ct);
        if (run is not null)
        {
            await db.RequireNotHeldAsync(HeldThing.Run(run.Id, run.ExperimentId, uuid), ct);
            if (await KeptByRulesAsync(RetentionSubject.RunFiles, run.Id, ct, run.Lifecycle == Lifecycle.Deleted) is { } kept)
                return kept;
        }

        var (files, bytes) = await RemoveTreeAsync(root.Key, ct);
        await CertifyAsync(new PurgeCertificate
        {
            Kind = "run-files",
            Name = uuid,
            ObjectUuid = uuid,
            Files = files,
            Bytes = bytes,
            CreatedMs = run?.StartMs ?? 0,
            DeletedMs = root.DeletedMs ?? 0,
        }, RetentionSubject.RunFiles, run?.Id ?? 0, run is null ? null : AuditEntry.ScopeOf(SecurableKind.Experiment, run.ExperimentId), ct);
        return null;
    }

    private async Task<string?> LoggedModelAsync(long id, CancellationToken ct)
    {
        var model = await db.LoggedModels.AsNoTracking().FirstAsync(m => m.Id == id, ct);
        await db.RequireNotHeldAsync(await LoggedModelDirectory.AsHeldAsync(db, id, ct), ct);
        if (await db.ModelVersions.AnyAsync(v => v.LoggedModelUuid == model.ModelUuid, ct))
            return $"logged-model {model.ModelUuid}: a registered version was made from it.";
        if (await IsDamagedAsync(ArtifactRoots.OfLoggedModel(model.ModelUuid), ct))
            return $"logged-model {model.ModelUuid}: its stored content failed a check.";
        var (files, bytes) = await RemoveTreeAsync(ArtifactRoots.OfLoggedModel(model.ModelUuid), ct);
        await db.LoggedModelMetrics.Where(m => m.LoggedModelId == id).ExecuteDeleteAsync(ct);
        await db.LoggedModelParams.Where(p => p.LoggedModelId == id).ExecuteDeleteAsync(ct);
        await db.LoggedModelTags.Where(t => t.LoggedModelId == id).ExecuteDeleteAsync(ct);
        await db.RunModels.Where(m => m.LoggedModelId == id).ExecuteDeleteAsync(ct);
        await db.LoggedModels.Where(m => m.Id == id).ExecuteDeleteAsync(ct);
        await CertifyAsync(new PurgeCertificate
        {
            Kind = "logged-model",
            Name = model.ModelUuid,
            ObjectUuid = model.ModelUuid,
            Files = files,
            Bytes = bytes,
            CreatedMs = model.CreatedMs,
            // By itself, or with its experiment.
            DeletedMs = model.DeletedMs ?? await db.Experiments.Where(e => e.Id == model.ExperimentId).Select(e => e.DeletedMs).FirstOrDefaultAsync(ct) ?? 0,
        }, null, id, AuditEntry.ScopeOf(SecurableKind.Experiment, model.ExperimentId), ct);
        return null;
    }

    private async Task<string?> ModelAsync(long id, CancellationToken ct)
    {
        var model = await db.RegisteredModels.AsNoTracking().FirstAsync(m => m.Id == id, ct);
        await db.RequireNotHeldAsync(HeldThing.Model(id, model.Name), ct);
        if (await db.ModelVersions.AnyAsync(v => v.ModelId == id, ct))
            return $"registered-model {model.Name}: it still has versions.";
        await db.RegisteredModelTags.Where(t => t.ModelId == id).ExecuteDeleteAsync(ct);
        await RemoveGrantsAsync(SecurableKind.RegisteredModel, id, ct);
        await db.RegisteredModels.Where(m => m.Id == id).ExecuteDeleteAsync(ct);
        await CertifyAsync(new PurgeCertificate
        {
            Kind = RegistryWork.ModelNoun,
            Name = model.Name,
            ObjectUuid = id.ToString(CultureInfo.InvariantCulture),
            CreatedMs = model.CreatedMs,
            DeletedMs = model.DeletedMs ?? 0,
        }, null, id, AuditEntry.ScopeOf(SecurableKind.RegisteredModel, id), ct);
        return null;
    }

    private async Task<string?> ExperimentAsync(long id, CancellationToken ct)
    {
        var experiment = await db.Experiments.AsNoTracking().FirstAsync(e => e.Id == id, ct);
        await db.RequireNotHeldAsync(HeldThing.Experiment(id, experiment.Name), ct);
        if (await db.Runs.AnyAsync(r => r.ExperimentId == id, ct) || await db.LoggedModels.AnyAsync(m => m.ExperimentId == id, ct))
            return $"experiment {experiment.Name}: it still has runs or logged models.";
        if (await IsDamagedAsync(ArtifactRoots.OfExperiment(id), ct))
            return $"experiment {experiment.Name}: its stored content failed a check.";
        var (files, bytes) = await RemoveTreeAsync(ArtifactRoots.OfExperiment(id), ct);
        await db.DatasetInputs.Where(i => db.Datasets.Any(d => d.Id == i.DatasetId && d.ExperimentId == id)).ExecuteDeleteAsync(ct);
        await db.Datasets.Where(d => d.ExperimentId == id).ExecuteDeleteAsync(ct);
        await db.ExperimentTags.Where(t => t.ExperimentId == id).ExecuteDeleteAsync(ct);
        await RemoveGrantsAsync(SecurableKind.Experiment, id, ct);
        await db.Experiments.Where(e => e.Id == id).ExecuteDeleteAsync(ct);
        await ChangeStamp.BumpAsync(db, ChangeStamp.Experiments, ct);
        await CertifyAsync(new PurgeCertificate
        {
            Kind = "experiment",
            Name = experiment.Name,
            ObjectUuid = id.ToString(CultureInfo.InvariantCulture),
            Files = files,
            Bytes = bytes,
            CreatedMs = experiment.CreatedMs,
            DeletedMs = experiment.DeletedMs ?? 0,
        }, null, id, AuditEntry.ScopeOf(SecurableKind.Experiment, id), ct);
        return null;
    }

    // R1 to R6 with what is true now.
    private async Task<string?> KeptByRulesAsync(RetentionSubject subject, long id, CancellationToken ct, bool inTrash = true)
    {
        if (await facts.ReadOneAsync(subject, id, inTrash, ct) is not { } item)
            return string.Create(CultureInfo.InvariantCulture, $"{RetentionReport.WordOf(subject)} {id}: it could not be read.");
        var engine = new RuleEngine(await RetentionPolicyService.RulesAsync(db, also: null, ct), UtcDay.Of(Now()));
        return engine.KeepsFromPurge(item) is { } keeps ? $"{RetentionReport.WordOf(subject)} {item.Name}: R{(int)keeps.Rule}, {keeps.Text}" : null;
    }

    private Task<bool> IsDamagedAsync(string rootKey, CancellationToken ct) => (
        from root in db.ArtifactRoots
        where root.Key == rootKey
        join file in db.ArtifactFiles on root.Id equals file.RootId
        join blob in db.ArtifactBlobs on file.BlobId equals blob.Id
        where blob.DamagedMs != null
        select blob.Id).AnyAsync(ct);

    private async Task<(int Files, long Bytes)> RemoveTreeAsync(string key, CancellationToken ct)
    {
        await db.LastUses.Where(u => u.Key == key).ExecuteDeleteAsync(ct);
        if (await ArtifactRoots.LockAsync(db, key, ct) is not { } root)
            return (0, 0);
        var bytes = await db.ArtifactFiles.Where(f => f.RootId == root).SumAsync(f => f.SizeBytes, ct);
        // What the files held may go when it has been without any for its time, counted from now.
        var now = Now();
        await db.ArtifactBlobs.Where(b => db.ArtifactFiles.Any(f => f.RootId == root && f.BlobId == b.Id))
            .ExecuteUpdateAsync(set => set.SetProperty(b => b.TouchedMs, now), ct);
        var files = await db.ArtifactFiles.Where(f => f.RootId == root).ExecuteDeleteAsync(ct);
        await db.ArtifactRoots.Where(r => r.Id == root).ExecuteDeleteAsync(ct);
        return (files, bytes);
    }

    // A new thing of that name must not inherit them.
    private async Task RemoveGrantsAsync(SecurableKind kind, long id, CancellationToken ct)
    {
        if (await db.Grants.Where(g => g.Kind == kind && g.ObjectId == id).ExecuteDeleteAsync(ct) > 0)
            await ChangeStamp.BumpAsync(db, ChangeStamp.Access, ct);
    }

    private async Task CertifyAsync(PurgeCertificate certificate, RetentionSubject? subject, long itemId, AuditScope? scope, CancellationToken ct)
    {
        certificate.CertificateUuid = Guid.NewGuid();
        certificate.PurgedMs = Now();
        if (_erasure is { } erasure)
        {
            certificate.ErasureCaseId = erasure.CaseId;
            (certificate.RequestedBy, certificate.ApprovedBy) = (erasure.OpenedBy, erasure.ApprovedBy);
            // The name may be the name of a person.
            certificate.Name = PurgeCertificate.Pseudonym(certificate.ObjectUuid);
        }
        else if (subject is { } of && await db.RetentionItems.AsNoTracking().Where(i => i.Subject == of && i.ItemId == itemId
                && i.Action == RetentionAction.Delete && i.State == RetentionItemState.Done && i.EndedMs == certificate.DeletedMs)
            .OrderByDescending(i => i.RunId).Select(i => (long?)i.RunId).FirstOrDefaultAsync(ct) is { } runId)
        {
            var run = await db.RetentionRuns.AsNoTracking().FirstAsync(r => r.Id == runId, ct);
            certificate.RunId = runId;
            certificate.PolicyId = run.PolicyId;
            certificate.PolicyVersion = run.PolicyVersion;
            certificate.ReportDigest = run.Digest;
            certificate.RequestedBy = run.RequestedBy;
            certificate.ApprovedBy = run.ApprovedBy;
        }

        db.Add(certificate);
        _certificate = certificate;
        audit.Record(db, new AuditEntry($"{certificate.Kind}.purged", certificate.Kind, certificate.Name[..Math.Min(300, certificate.Name.Length)])
        {
            Before = new { certificate.Digest, certificate.Files, certificate.Bytes },
            After = new { Certificate = certificate.CertificateUuid, certificate.RunId, certificate.ErasureCaseId },
            Scope = scope,
        });
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
