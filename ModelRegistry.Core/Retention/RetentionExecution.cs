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

/// <summary>
/// Carries out an approved run: only what its report lists, each item in a transaction that decides on it again with what
/// is true at that moment. What has become protected stays, and the run says why.
/// </summary>
public sealed class RetentionExecution(
    RegistryDbContext db, FactsReader facts, ModelVersionService versions, RunLifecycleService runs, AuditTrail audit, TimeProvider time)
{
    private const int BatchSize = 50;
    private const int NewerPage = 50;

    /// <param name="renew">Called between batches; false where another one has taken over.</param>
    public async Task<(int Done, int Kept)> RunAsync(long runId, Func<Task<bool>> renew, CancellationToken ct)
    {
        var (done, kept) = (0, 0);
        while (await renew())
        {
            var lines = await db.RetentionItems.AsNoTracking()
                .Where(i => i.RunId == runId && i.Action != RetentionAction.Keep && i.State == RetentionItemState.Pending)
                .OrderBy(i => i.Line).Take(BatchSize).Select(i => i.Line).ToListAsync(ct);
            if (lines.Count == 0)
            {
                await CompleteAsync(runId, ct);
                return (done, kept);
            }

            facts.Refresh();
            foreach (var line in lines)
            {
                switch (await DoAsync(runId, line, ct))
                {
                    case RetentionItemState.Done:
                        done++;
                        break;
                    case RetentionItemState.Kept:
                        kept++;
                        break;
                    case null:
                        return (done, kept);
                }
            }
        }

        return (done, kept);
    }

    /// <summary>One item. Null where the run is over.</summary>
    internal async Task<RetentionItemState?> DoAsync(long runId, int line, CancellationToken ct)
    {
        db.ChangeTracker.Clear();
        try
        {
            await using var write = await db.BeginDestructiveAsync(ct);
            var item = await db.RetentionItems.AsNoTracking().FirstAsync(i => i.RunId == runId && i.Line == line, ct);
            var policy = await db.RetentionPolicies.AsNoTracking().FirstAsync(p => db.RetentionRuns.Any(r => r.Id == runId && r.PolicyId == p.Id), ct);
            // Held to the end: a stop or an edit of the policy, which cancels its runs, comes before this item or after it.
            var open = await db.RetentionRuns.Where(r => r.Id == runId && r.State == RetentionRunState.Running)
                .ExecuteUpdateAsync(set => set.SetProperty(r => r.Expected, r => r.Expected), ct);
            if (open == 0)
                return null;
            var run = await db.RetentionRuns.AsNoTracking().FirstAsync(r => r.Id == runId, ct);
            if (!policy.IsEnabled || policy.Version != run.PolicyVersion)
                return null;
            // Nor does an owner object meanwhile; who did before it comes first.
            var pending = await db.RetentionItems.Where(i => i.RunId == runId && i.Line == line && i.State == RetentionItemState.Pending)
                .ExecuteUpdateAsync(set => set.SetProperty(i => i.State, i => i.State), ct);
            if (pending == 0)
                return item.State;
            var (state, outcome, endedMs) = await DecideAndActAsync(run, policy, item, ct);
            await db.RetentionItems.Where(i => i.RunId == runId && i.Line == line).ExecuteUpdateAsync(set => set
                .SetProperty(i => i.State, state).SetProperty(i => i.Outcome, outcome).SetProperty(i => i.EndedMs, endedMs), ct);
            await write.CommitAsync(ct);
            return state;
        }
        catch (Exception e) when (e is RegistryException or DbException or DbUpdateException && !ct.IsCancellationRequested)
        {
            // Unknown means keep: the item is left alone and reported; the next may be another matter.
            await KeepAsync(runId, line, e is RegistryException ? e.Message : "It could not be read or changed.", ct);
            return RetentionItemState.Kept;
        }
    }

    private async Task<(RetentionItemState State, string? Outcome, long EndedMs)> DecideAndActAsync(
        RetentionRun run, RetentionPolicy policy, RetentionItem item, CancellationToken ct)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        // Whoever moves an alias or a stage of the model holds this row: they come before the decision or after the deed.
        if (item.Subject == RetentionSubject.ModelVersions)
        {
            await db.RegisteredModels.Where(m => db.ModelVersions.Any(v => v.Id == item.ItemId && v.ModelId == m.Id))
                .ExecuteUpdateAsync(set => set.SetProperty(m => m.LastVersion, m => m.LastVersion), ct);
        }

        var engine = new RuleEngine(await RetentionPolicyService.RulesAsync(db, also: null, ct), UtcDay.Of(now));
        if (await facts.ReadOneAsync(item.Subject, item.ItemId, inTrash: false, ct) is not { } found)
            return (RetentionItemState.Kept, "It is not there any more.", now);
        await CountNewerAsync(engine, found, ct);
        var decision = engine.Decide(found);
        if (decision.Action != item.Action || decision.PolicyId != run.PolicyId)
            return (RetentionItemState.Kept, $"R{(int)decision.Rule}: {decision.Text}", now);
        var reason = string.Create(CultureInfo.InvariantCulture, $"Retention run {run.Id}: policy '{policy.Name}' version {policy.Version}, approved by user {run.ApprovedBy}");
        return (RetentionItemState.Done, null, item.Action == RetentionAction.Delete
            ? await DeleteAsync(found, reason, ct)
            : await ArchiveAsync(found, reason, ct));
    }

    // The newest of its container are counted first, where a rule counts.
    private async Task CountNewerAsync(RuleEngine engine, ItemFacts item, CancellationToken ct)
    {
        long? below = null;
        while (engine.HasRoom(item))
        {
            var page = await facts.ReadAsync(
                new FactsQuery(item.Subject) { ContainerId = item.ContainerId, Above = item.Id, Below = below, Take = NewerPage }, ct);
            foreach (var newer in page)
                engine.Decide(newer);
            if (page.Count < NewerPage)
                return;
            below = page[^1].Id;
        }
    }

    private async Task<long> DeleteAsync(ItemFacts item, string reason, CancellationToken ct)
    {
        switch (item.Subject)
        {
            case RetentionSubject.ModelVersions:
                var (model, number) = RegistryWork.ParseVersionId(item.Name)!.Value;
                return await versions.TrashAsync(model, number, reason, ct);
            case RetentionSubject.Runs:
                return await runs.TrashAsync(item.Name, reason, ct);
            default:
                return await TrashFilesAsync(item, reason, ct);
        }
    }

    private async Task<long> ArchiveAsync(ItemFacts item, string reason, CancellationToken ct)
    {
        if (item.Subject == RetentionSubject.Runs)
            return await runs.ArchiveAsync(item.Name, reason, ct);
        var (model, number) = RegistryWork.ParseVersionId(item.Name)!.Value;
        return await versions.ArchiveAsync(model, number, reason, ct);
    }

    // The tree gets another key: the run has no files from then on, and all of them come back with one change.
    private async Task<long> TrashFilesAsync(ItemFacts item, string reason, CancellationToken ct)
    {
        await db.RequireNotHeldAsync(HeldThing.Run(item.Id, item.ContainerId, item.Name), ct);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var key = ArtifactRoots.OfRun(item.Name);
        if (await ArtifactRoots.LockAsync(db, key, ct) is { } root)
        {
            var trashed = string.Create(CultureInfo.InvariantCulture, $"{TrashService.FilesPrefix}{root}/{key}");
            await db.ArtifactRoots.Where(r => r.Id == root)
                .ExecuteUpdateAsync(set => set.SetProperty(r => r.Key, trashed).SetProperty(r => r.DeletedMs, now), ct);
        }

        audit.Record(db, new AuditEntry("artifact.deleted", "artifact", key)
        {
            Before = new { item.Bytes },
            Reason = reason,
            Scope = AuditEntry.ScopeOf(SecurableKind.Experiment, item.ContainerId),
        });
        await db.SaveChangesAsync(ct);
        return now;
    }

    private async Task KeepAsync(long runId, int line, string outcome, CancellationToken ct)
    {
        db.ChangeTracker.Clear();
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var shown = NameRules.Truncate(outcome, 500);
        await db.RetentionItems.Where(i => i.RunId == runId && i.Line == line && i.State == RetentionItemState.Pending)
            .ExecuteUpdateAsync(set => set.SetProperty(i => i.State, RetentionItemState.Kept).SetProperty(i => i.Outcome, shown)
                .SetProperty(i => i.EndedMs, now), ct);
    }

    private async Task CompleteAsync(long runId, CancellationToken ct)
    {
        var counts = await db.RetentionItems.Where(i => i.RunId == runId && i.Action != RetentionAction.Keep)
            .GroupBy(i => i.State).Select(g => new { g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Key, g => g.Count, ct);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var message = string.Create(CultureInfo.InvariantCulture, $"{counts.GetValueOrDefault(RetentionItemState.Done)} done, "
            + $"{counts.GetValueOrDefault(RetentionItemState.Kept)} kept, {counts.GetValueOrDefault(RetentionItemState.Objected)} objected to.");
        await using var write = await db.BeginWriteAsync(ct);
        var ended = await db.RetentionRuns.Where(r => r.Id == runId && r.State == RetentionRunState.Running)
            .ExecuteUpdateAsync(set => set.SetProperty(r => r.State, RetentionRunState.Done).SetProperty(r => r.Message, message)
                .SetProperty(r => r.EndedMs, now), ct);
        if (ended == 0)
            return;
        audit.Record(db, new AuditEntry("retention-run.done", RetentionRunService.Noun, runId.ToString(CultureInfo.InvariantCulture))
        {
            After = new { Result = message },
        });
        await db.SaveChangesAsync(ct);
        await write.CommitAsync(ct);
    }
}
