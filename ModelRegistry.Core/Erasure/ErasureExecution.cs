using System.Data.Common;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Audit;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Holds;
using ModelRegistry.Core.Identity;
using ModelRegistry.Core.Registry;
using ModelRegistry.Core.Retention;
using ModelRegistry.Core.Tracking;

namespace ModelRegistry.Core.Erasure;

/// <summary>
/// Carries out approved cases: each thing goes into the trash and is purged at once, by the same code and behind the same
/// questions as everything else. What something keeps is left alone and says why, and is tried again each time.
/// </summary>
public sealed class ErasureExecution(
    RegistryDbContext db, FactsReader facts, TrashPurge purge, RegisteredModelService models, ModelVersionService versions, ExperimentService experiments,
    RunLifecycleService runs, LoggedModelService loggedModels, UserService users, AuditTrail audit, RetentionClockwork clock, TimeProvider time)
{
    private static readonly TimeSpan LeaseTime = TimeSpan.FromMinutes(5);

    private readonly string _holder = Guid.NewGuid().ToString("N");

    /// <summary>Returns how many things and people are gone. None where destructive jobs rest: what keeps a thing to a day is
    /// told by the clock.</summary>
    public async Task<int> RunAsync(CancellationToken ct)
    {
        if (await clock.LookAsync(ct) is not null)
            return 0;
        var gone = 0;
        foreach (var id in await db.ErasureCases.Where(c => c.State == ErasureState.Approved).OrderBy(c => c.Id).Select(c => c.Id).ToListAsync(ct))
        {
            var lease = string.Create(CultureInfo.InvariantCulture, $"erasure-case-{id}");
            if (!await Lease.TryTakeAsync(db, lease, _holder, LeaseTime, time, ct))
                continue;
            gone += await CarryOutAsync(id, () => Lease.TryTakeAsync(db, lease, _holder, LeaseTime, time, ct), ct);
            await Lease.ReleaseAsync(db, lease, _holder, ct);
        }

        return gone;
    }

    private async Task<int> CarryOutAsync(long id, Func<Task<bool>> renew, CancellationToken ct)
    {
        var gone = 0;
        var lines = await db.ErasureItems.Where(i => i.CaseId == id && i.State == ErasureItemState.Pending).OrderBy(i => i.Line)
            .Select(i => i.Line).ToListAsync(ct);
        foreach (var line in lines)
        {
            // Withdrawn or restricted meanwhile: the rest stays.
            var erased = await renew() ? await db.ErasureCases.AsNoTracking().FirstAsync(c => c.Id == id, ct) : null;
            if (erased is not { State: ErasureState.Approved })
                return gone;
            var item = await db.ErasureItems.AsNoTracking().FirstAsync(i => i.CaseId == id && i.Line == line, ct);
            if (item.State == ErasureItemState.Pending && await DoAsync(erased, item, ct))
                gone++;
        }

        gone += await ErasePersonAsync(id, ct);
        await CloseAsync(id, ct);
        return gone;
    }

    private async Task<bool> DoAsync(ErasureCase erased, ErasureItem item, CancellationToken ct)
    {
        facts.Refresh();
        var keeps = await TryAsync(() => EraseAsync(new Work(erased), item.Target, item.TargetId, ct), ct);
        var of = db.ErasureItems.Where(i => i.CaseId == item.CaseId && i.Line == item.Line && i.State == ErasureItemState.Pending);
        if (keeps is not null)
        {
            var shown = NameRules.Truncate(keeps, 500);
            if (item.Outcome != shown)
                await of.ExecuteUpdateAsync(set => set.SetProperty(i => i.Outcome, shown), ct);
            return false;
        }

        // The name may be the name of a person.
        var (now, pseudonym) = (Now(), PurgeCertificate.Pseudonym(item.TargetId.ToString(CultureInfo.InvariantCulture)));
        await of.ExecuteUpdateAsync(set => set.SetProperty(i => i.State, ErasureItemState.Erased).SetProperty(i => i.EndedMs, now)
            .SetProperty(i => i.Outcome, (string?)null).SetProperty(i => i.Name, pseudonym), ct);
        return true;
    }

    // Null where it is gone; otherwise what keeps it. Unknown means keep.
    private async Task<string?> TryAsync(Func<Task<string?>> erase, CancellationToken ct)
    {
        db.ChangeTracker.Clear();
        try
        {
            return await erase();
        }
        catch (Exception e) when (e is RegistryException or DbException or DbUpdateException && !ct.IsCancellationRequested)
        {
            return e is RegistryException ? e.Message : "It could not be read or changed.";
        }
        finally
        {
            db.ChangeTracker.Clear();
        }
    }

    private Task<string?> EraseAsync(Work work, HoldTarget target, long id, CancellationToken ct) => target switch
    {
        HoldTarget.ModelVersion => VersionAsync(work, id, ct),
        HoldTarget.RegisteredModel => ModelAsync(work, id, ct),
        HoldTarget.Run => RunAsync(work, id, ct),
        HoldTarget.LoggedModel => LoggedModelAsync(work, id, ct),
        _ => ExperimentAsync(work, id, ct),
    };

    private async Task<string?> VersionAsync(Work work, long id, CancellationToken ct)
    {
        var version = await db.ModelVersions.AsNoTracking().Where(v => v.Id == id)
            .Select(v => new { v.Model.Name, v.Number, v.DeletedMs }).FirstOrDefaultAsync(ct);
        if (version is null)
            return null;
        if (version.DeletedMs is null)
            await versions.DeleteAsync(version.Name, version.Number, work.Reason, ct);
        return await PurgeAsync(work, TrashKind.ModelVersion, [id], ct);
    }

    private async Task<string?> ModelAsync(Work work, long id, CancellationToken ct)
    {
        var model = await db.RegisteredModels.AsNoTracking().Where(m => m.Id == id).Select(m => new { m.Name, m.DeletedMs }).FirstOrDefaultAsync(ct);
        if (model is null)
            return null;
        if (model.DeletedMs is null)
            await models.DeleteAsync(model.Name, work.Reason, ct);
        return await PurgeAsync(work, TrashKind.ModelVersion, await db.ModelVersions.Where(v => v.ModelId == id).Select(v => v.Id).ToListAsync(ct), ct)
            ?? await PurgeAsync(work, TrashKind.RegisteredModel, [id], ct);
    }

    // With the files that were thrown away before, and the logged models that it made.
    private async Task<string?> RunAsync(Work work, long id, CancellationToken ct)
    {
        var run = await db.Runs.AsNoTracking().Where(r => r.Id == id).Select(r => new { r.RunUuid, r.Lifecycle }).FirstOrDefaultAsync(ct);
        if (run is null)
            return null;
        foreach (var made in await db.LoggedModels.Where(m => m.SourceRunUuid == run.RunUuid).Select(m => m.Id).ToListAsync(ct))
        {
            if (await LoggedModelAsync(work, made, ct) is { } keeps)
                return keeps;
        }

        if (run.Lifecycle != Lifecycle.Deleted)
            await runs.DeleteAsync(run.RunUuid, ct);
        return await PurgeAsync(work, TrashKind.RunFiles, await FilesAsync(run.RunUuid, ct), ct) ?? await PurgeAsync(work, TrashKind.Run, [id], ct);
    }

    private async Task<string?> LoggedModelAsync(Work work, long id, CancellationToken ct)
    {
        var model = await db.LoggedModels.AsNoTracking().Where(m => m.Id == id).Select(m => new { m.ModelUuid, m.DeletedMs }).FirstOrDefaultAsync(ct);
        if (model is null)
            return null;
        if (model.DeletedMs is null)
            await loggedModels.DeleteAsync(model.ModelUuid, ct);
        return await PurgeAsync(work, TrashKind.LoggedModel, [id], ct);
    }

    private async Task<string?> ExperimentAsync(Work work, long id, CancellationToken ct)
    {
        var experiment = await db.Experiments.AsNoTracking().Where(e => e.Id == id).Select(e => new { e.Lifecycle }).FirstOrDefaultAsync(ct);
        if (experiment is null)
            return null;
        if (id == 0)
            return "The first experiment is always there: name its runs instead.";
        if (experiment.Lifecycle != Lifecycle.Deleted)
            await experiments.DeleteAsync(id, ct);
        if (await PurgeAsync(work, TrashKind.LoggedModel, await db.LoggedModels.Where(m => m.ExperimentId == id).Select(m => m.Id).ToListAsync(ct), ct) is { } kept)
            return kept;
        foreach (var run in await db.Runs.AsNoTracking().Where(r => r.ExperimentId == id).Select(r => new { r.Id, r.RunUuid }).ToListAsync(ct))
        {
            if ((await PurgeAsync(work, TrashKind.RunFiles, await FilesAsync(run.RunUuid, ct), ct)
                ?? await PurgeAsync(work, TrashKind.Run, [run.Id], ct)) is { } keeps)
            {
                return keeps;
            }
        }

        return await PurgeAsync(work, TrashKind.Experiment, [id], ct);
    }

    private Task<List<long>> FilesAsync(string runUuid, CancellationToken ct) =>
        db.ArtifactRoots.Where(r => r.DeletedMs != null && r.Key.EndsWith(runUuid)).Select(r => r.Id).ToListAsync(ct);

    private async Task<string?> PurgeAsync(Work work, TrashKind kind, IReadOnlyList<long> ids, CancellationToken ct)
    {
        foreach (var id in ids)
        {
            if (await purge.EraseAsync(kind, id, work.Proof, ct) is { } keeps)
                return keeps.Length > 0 ? keeps : "It is not in the trash any more.";
        }

        return null;
    }

    private async Task<int> ErasePersonAsync(long id, CancellationToken ct)
    {
        var erased = await db.ErasureCases.AsNoTracking().FirstAsync(c => c.Id == id, ct);
        if (erased is not { State: ErasureState.Approved, PersonId: { } person, PersonErasedMs: null })
            return 0;
        var keeps = await TryAsync(async () =>
        {
            await users.EraseAsync(person, ct);
            return null;
        }, ct);
        long? at = keeps is null ? Now() : null;
        var shown = keeps is null ? null : NameRules.Truncate(keeps, 500);
        await db.ErasureCases.Where(c => c.Id == id)
            .ExecuteUpdateAsync(set => set.SetProperty(c => c.PersonErasedMs, at).SetProperty(c => c.PersonOutcome, shown), ct);
        return keeps is null ? 1 : 0;
    }

    private async Task CloseAsync(long id, CancellationToken ct)
    {
        await using var write = await db.BeginWriteAsync(ct);
        var now = Now();
        var closed = await db.ErasureCases
            .Where(c => c.Id == id && c.State == ErasureState.Approved && (c.PersonId == null || c.PersonErasedMs != null)
                && !db.ErasureItems.Any(i => i.CaseId == id && i.State == ErasureItemState.Pending))
            .ExecuteUpdateAsync(set => set.SetProperty(c => c.State, ErasureState.Done).SetProperty(c => c.ClosedMs, now)
                .SetProperty(c => c.ClosedBy, 0L), ct);
        if (closed == 0)
            return;
        audit.Record(db, new AuditEntry("erasure-case.done", ErasureService.Noun, id.ToString(CultureInfo.InvariantCulture))
        {
            After = new
            {
                Erased = await db.ErasureItems.CountAsync(i => i.CaseId == id && i.State == ErasureItemState.Erased, ct),
                Restricted = await db.ErasureItems.CountAsync(i => i.CaseId == id && i.State == ErasureItemState.Restricted, ct),
            },
        });
        await db.SaveChangesAsync(ct);
        await write.CommitAsync(ct);
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();

    private sealed record Work(ErasureCase Case)
    {
        public string Reason { get; } = string.Create(CultureInfo.InvariantCulture, $"Erasure case {Case.Id}, approved by user {Case.ApprovedBy}");
        public ErasureProof Proof { get; } = new(Case.Id, Case.OpenedBy, Case.ApprovedBy ?? 0);
    }
}
