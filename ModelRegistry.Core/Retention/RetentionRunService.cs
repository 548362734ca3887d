using System.Globalization;
using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Audit;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;

namespace ModelRegistry.Core.Retention;

/// <summary>Begins background work at once that would begin within a minute anyhow.</summary>
public interface IRetentionWake
{
    void Wake();
}

public sealed record RunRow(RetentionRun Run, string PolicyName, RetentionSummary? Summary, string RequestedBy, string? ApprovedBy)
{
    public IReadOnlyList<string> Brakes => Summary?.Brakes() ?? [];
}

/// <summary>How far a run has come.</summary>
public sealed record RunProgress(int Done, int Kept, int Objected, int Waiting);

/// <summary>Asks for previews and runs, approves and stops them, and reads their reports. The work itself is the jobs'.</summary>
public sealed class RetentionRunService(
    RegistryDbContext db, CurrentUserHolder caller, AuditTrail audit, TimeProvider time, PeopleDirectory people, IRetentionWake wake)
{
    public const string Noun = "retention-run";

    /// <summary>A report of what the policy would do, enabled or not.</summary>
    public async Task<RunRow> PreviewAsync(long policyId, CancellationToken ct)
    {
        caller.User.Require(InstanceRight.Govern);
        var policy = await db.RetentionPolicies.AsNoTracking().FirstOrDefaultAsync(p => p.Id == policyId, ct)
            ?? throw RetentionPolicyService.NotFound(policyId);
        var open = await db.RetentionRuns.AsNoTracking().Where(r => r.PolicyId == policyId && r.IsPreview
            && r.PolicyVersion == policy.Version && r.State == RetentionRunState.Evaluating).FirstOrDefaultAsync(ct);
        if (open is null)
        {
            open = NewRun(policy, isPreview: true, caller.User.Id);
            db.Add(open);
            await db.SaveChangesAsync(ct);
        }

        wake.Wake();
        return (await RowsAsync([open], ct))[0];
    }

    /// <summary>A report that can be approved, and is then carried out.</summary>
    public async Task<RunRow> RequestAsync(long policyId, CancellationToken ct)
    {
        caller.User.Require(InstanceRight.Govern);
        await using var write = await db.BeginWriteAsync(ct);
        await db.RetentionPolicies.Where(p => p.Id == policyId).ExecuteUpdateAsync(set => set.SetProperty(p => p.Version, p => p.Version), ct);
        var policy = await db.RetentionPolicies.AsNoTracking().FirstOrDefaultAsync(p => p.Id == policyId, ct)
            ?? throw RetentionPolicyService.NotFound(policyId);
        if (!policy.IsEnabled)
            throw new ConflictException(RetentionPolicyService.Noun, policy.Name, "The policy is disabled: look at its preview, then enable it.");
        if (await db.RetentionRuns.AnyAsync(r => r.PolicyId == policyId && !r.IsPreview && r.State < RetentionRunState.Done, ct))
            throw new ConflictException(Noun, policy.Name, "There is a run of this policy that is not over. Approve or stop that one.");
        var run = NewRun(policy, isPreview: false, caller.User.Id);
        db.Add(run);
        await db.SaveChangesAsync(ct);
        Record(run, "requested", new { policy.Name, policy.Version }, null);
        await db.SaveChangesAsync(ct);
        await write.CommitAsync(ct);
        wake.Wake();
        return (await RowsAsync([run], ct))[0];
    }

    public async Task<RunRow> GetAsync(long id, CancellationToken ct)
    {
        RequireReading();
        return (await RowsAsync([await FindAsync(id, ct)], ct))[0];
    }

    /// <summary>Newest first.</summary>
    public async Task<Page<RunRow>> ListAsync(long? policyId, bool withPreviews, int maxResults, string? pageToken, CancellationToken ct)
    {
        RequireReading();
        var text = $"{policyId}|{withPreviews}";
        var runs = db.RetentionRuns.AsNoTracking().Where(r => withPreviews || !r.IsPreview);
        if (policyId is { } policy)
            runs = runs.Where(r => r.PolicyId == policy);
        if (PageToken.TryDecode<long>(pageToken, text, out var last))
            runs = runs.Where(r => r.Id < last);
        var found = await runs.OrderByDescending(r => r.Id).Take(maxResults + 1).ToListAsync(ct);
        var rows = found.Take(maxResults).ToList();
        return new Page<RunRow>(await RowsAsync(rows, ct), found.Count > rows.Count ? PageToken.Encode(rows[^1].Id, text) : null);
    }

    /// <summary>Lines of the report, in its order.</summary>
    public async Task<Page<RetentionItem>> ItemsAsync(long id, RetentionAction? action, int maxResults, string? pageToken, CancellationToken ct)
    {
        RequireReading();
        await FindAsync(id, ct);
        var text = $"{id}|{action}";
        var items = db.RetentionItems.AsNoTracking().Where(i => i.RunId == id);
        if (action is { } wanted)
            items = items.Where(i => i.Action == wanted);
        if (PageToken.TryDecode<int>(pageToken, text, out var last))
            items = items.Where(i => i.Line > last);
        var found = await items.OrderBy(i => i.Line).Take(maxResults + 1).ToListAsync(ct);
        var rows = found.Take(maxResults).ToList();
        return new Page<RetentionItem>(rows, found.Count > rows.Count ? PageToken.Encode(rows[^1].Line, text) : null);
    }

    public async Task<RunProgress> ProgressAsync(long id, CancellationToken ct)
    {
        RequireReading();
        var counts = await db.RetentionItems.Where(i => i.RunId == id && i.Action != RetentionAction.Keep)
            .GroupBy(i => i.State).Select(g => new { g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Key, g => g.Count, ct);
        return new RunProgress(counts.GetValueOrDefault(RetentionItemState.Done), counts.GetValueOrDefault(RetentionItemState.Kept),
            counts.GetValueOrDefault(RetentionItemState.Objected), counts.GetValueOrDefault(RetentionItemState.Pending));
    }

    /// <summary>
    /// Lets a run happen. By somebody who neither asked for it nor wrote the policy; bound to the report that they saw.
    /// </summary>
    /// <param name="digest">Of the report.</param>
    /// <param name="sawBrakes">Must be said where the report is out of the ordinary.</param>
    public async Task<RunRow> ApproveAsync(long id, string digest, bool sawBrakes, string? comment, CancellationToken ct)
    {
        caller.User.Require(InstanceRight.Govern);
        NameRules.RequireMaxLength("comment", comment ?? "", 2000);
        await using var write = await db.BeginWriteAsync(ct);
        var run = await LockAsync(id, ct);
        if (run.State != RetentionRunState.WaitingForApproval)
            throw new ConflictException(Noun, Name(id), $"Run {id} does not wait for an approval: {Words(run.State)}.");
        var policy = await db.RetentionPolicies.AsNoTracking().FirstAsync(p => p.Id == run.PolicyId, ct);
        if (run.RequestedBy == caller.User.Id || policy.AuthorId == caller.User.Id)
            throw new ForbiddenException("Permission denied: whoever wrote the policy or asked for the run cannot approve it. Ask somebody else.");
        if (digest != run.Digest)
            throw new InvalidArgumentException("digest", "This is not the digest of the run's report. Read the report again before you approve it.");
        if (!sawBrakes && RetentionSummary.FromJson(run.Summary)!.Brakes() is { Count: > 0 } brakes)
            throw new InvalidArgumentException("acknowledge", $"Say that you have seen this: {string.Join(" ", brakes)}");
        var now = Now();
        run.State = RetentionRunState.Approved;
        run.ApprovedBy = caller.User.Id;
        run.ApprovedMs = now;
        // Owners were told when the report was ready; they have their days from then.
        run.DueMs = (run.EvaluatedMs ?? now) + (RetentionDefinition.FromJson(policy.Definition)?.WaitDays ?? RetentionDefinition.MaxDays) * 86_400_000L;
        Record(run, "approved", new { run.Digest, run.DueMs }, comment);
        await db.SaveChangesAsync(ct);
        await write.CommitAsync(ct);
        wake.Wake();
        return (await RowsAsync([run], ct))[0];
    }

    /// <summary>Ends a run before the next item. What was done stays done.</summary>
    public async Task<RunRow> StopAsync(long id, string? reason, CancellationToken ct)
    {
        caller.User.Require(InstanceRight.Govern);
        NameRules.RequireMaxLength("reason", reason ?? "", 1000);
        await using var write = await db.BeginWriteAsync(ct);
        var run = await LockAsync(id, ct);
        if (run.State is RetentionRunState.Report or >= RetentionRunState.Done)
            throw new ConflictException(Noun, Name(id), $"Run {id} is over: {Words(run.State)}.");
        run.State = RetentionRunState.Stopped;
        run.StopRequestedBy = caller.User.Id;
        run.EndedMs = Now();
        run.Message = string.IsNullOrWhiteSpace(reason) ? "Stopped." : $"Stopped: {reason.Trim()}"[..Math.Min(1000, reason.Trim().Length + 9)];
        Record(run, "stopped", null, reason);
        await db.SaveChangesAsync(ct);
        await write.CommitAsync(ct);
        return (await RowsAsync([run], ct))[0];
    }

    /// <summary>What of the caller's is due in runs that are not over.</summary>
    public async Task<IReadOnlyList<RetentionItem>> DueOfOwnerAsync(CancellationToken ct)
    {
        var me = caller.User.Id;
        return await (
            from run in db.RetentionRuns
            where !run.IsPreview && (run.State == RetentionRunState.WaitingForApproval || run.State == RetentionRunState.Approved)
            join item in db.RetentionItems on run.Id equals item.RunId
            where item.OwnerId == me && item.Action != RetentionAction.Keep && item.State == RetentionItemState.Pending
            orderby item.RunId, item.Line
            select item).AsNoTracking().Take(200).ToListAsync(ct);
    }

    /// <summary>The owner says that it shall stay: the run leaves it alone.</summary>
    public async Task ObjectAsync(long id, int line, string reason, CancellationToken ct)
    {
        caller.User.RequireScope(TokenScope.Write);
        if (string.IsNullOrWhiteSpace(reason))
            throw new InvalidArgumentException("reason", "Say why it shall stay.");
        NameRules.RequireMaxLength("reason", reason, 400);
        await using var write = await db.BeginWriteAsync(ct);
        var item = await db.RetentionItems.AsNoTracking().FirstOrDefaultAsync(i => i.RunId == id && i.Line == line, ct);
        if (item is null || (item.OwnerId != caller.User.Id && !caller.User.May(InstanceRight.Govern)))
            throw new NotFoundException("retention-item", $"{id}/{line}");
        var outcome = $"Objection: {reason.Trim()}";
        var now = Now();
        var changed = await db.RetentionItems.Where(i => i.RunId == id && i.Line == line && i.State == RetentionItemState.Pending
                && i.Action != RetentionAction.Keep)
            .ExecuteUpdateAsync(set => set.SetProperty(i => i.State, RetentionItemState.Objected).SetProperty(i => i.Outcome, outcome)
                .SetProperty(i => i.EndedMs, now), ct);
        if (changed == 0)
            throw new ConflictException("retention-item", item.Name, $"{item.Name} is not waiting any more.");
        audit.Record(db, new AuditEntry("retention-run.objected", Noun, Name(id)) { After = new { item.Name }, Reason = reason });
        await db.SaveChangesAsync(ct);
        await write.CommitAsync(ct);
    }

    /// <summary>Why destructive jobs rest; null where they do not.</summary>
    public async Task<string?> PausedBecauseAsync(CancellationToken ct)
    {
        RequireReading();
        return await db.RetentionClocks.Select(c => c.PausedBecause).SingleAsync(ct);
    }

    /// <summary>Somebody has looked at the clock.</summary>
    public async Task ResumeAsync(string reason, CancellationToken ct)
    {
        caller.User.Require(InstanceRight.Govern);
        if (string.IsNullOrWhiteSpace(reason))
            throw new InvalidArgumentException("reason", "Say why the clock is right.");
        NameRules.RequireMaxLength("reason", reason, 2000);
        await using var write = await db.BeginWriteAsync(ct);
        var now = Now();
        await db.RetentionClocks.ExecuteUpdateAsync(set => set.SetProperty(c => c.PausedBecause, (string?)null).SetProperty(c => c.SeenMs, now), ct);
        audit.Record(db, new AuditEntry("retention.resumed", "retention", "jobs") { Reason = reason });
        await db.SaveChangesAsync(ct);
        await write.CommitAsync(ct);
        wake.Wake();
    }

    public static string Words(RetentionRunState state) => state switch
    {
        RetentionRunState.Evaluating => "it is being evaluated",
        RetentionRunState.Report => "it is a preview",
        RetentionRunState.WaitingForApproval => "it waits for an approval",
        RetentionRunState.Approved => "it is approved",
        RetentionRunState.Running => "it is running",
        RetentionRunState.Done => "it is done",
        RetentionRunState.Stopped => "it was stopped",
        RetentionRunState.Cancelled => "it was cancelled",
        _ => "it failed",
    };

    internal RetentionRun NewRun(RetentionPolicy policy, bool isPreview, long requestedBy) => new()
    {
        PolicyId = policy.Id,
        PolicyVersion = policy.Version,
        IsPreview = isPreview,
        State = RetentionRunState.Evaluating,
        RequestedBy = requestedBy,
        CreatedMs = Now(),
    };

    private void RequireReading() => caller.User.Require(InstanceRight.ViewAudit);

    private async Task<RetentionRun> FindAsync(long id, CancellationToken ct) =>
        await db.RetentionRuns.AsNoTracking().FirstOrDefaultAsync(r => r.Id == id, ct) ?? throw new NotFoundException(Noun, Name(id));

    private async Task<RetentionRun> LockAsync(long id, CancellationToken ct)
    {
        db.ChangeTracker.Clear();
        var held = await db.RetentionRuns.Where(r => r.Id == id).ExecuteUpdateAsync(set => set.SetProperty(r => r.Expected, r => r.Expected), ct);
        return held == 0 ? throw new NotFoundException(Noun, Name(id)) : await db.RetentionRuns.FirstAsync(r => r.Id == id, ct);
    }

    private async Task<IReadOnlyList<RunRow>> RowsAsync(IReadOnlyList<RetentionRun> runs, CancellationToken ct)
    {
        var ids = runs.Select(r => r.PolicyId).Distinct().ToList();
        var names = await db.RetentionPolicies.AsNoTracking().Where(p => ids.Contains(p.Id)).ToDictionaryAsync(p => p.Id, p => p.Name, ct);
        await people.LoadAsync(runs.SelectMany(r => new[] { r.RequestedBy, r.ApprovedBy ?? 0 }), ct);
        return [.. runs.Select(r => new RunRow(r, names.GetValueOrDefault(r.PolicyId, ""), RetentionSummary.FromJson(r.Summary),
            people.NameOf(r.RequestedBy), r.ApprovedBy is { } by ? people.NameOf(by) : null))];
    }

    private void Record(RetentionRun run, string change, object? after, string? reason) =>
        audit.Record(db, new AuditEntry($"{Noun}.{change}", Noun, Name(run.Id)) { After = after, Reason = reason });

    private static string Name(long id) => id.ToString(CultureInfo.InvariantCulture);

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
