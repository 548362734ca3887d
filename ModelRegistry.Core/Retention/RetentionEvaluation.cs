using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Core.Retention;

/// <summary>
/// Looks at everything that a policy is about and writes a report, a page at a time, so that memory stays flat. Changes
/// nothing else. One that was cut off begins anew.
/// </summary>
public sealed class RetentionEvaluation(RegistryDbContext db, FactsReader facts, RetentionNotices notices, TimeProvider time)
{
    /// <param name="renew">Called between pages; false where another one has taken over.</param>
    public async Task RunAsync(long runId, Func<Task<bool>> renew, CancellationToken ct)
    {
        db.ChangeTracker.Clear();
        var run = await db.RetentionRuns.AsNoTracking().FirstOrDefaultAsync(r => r.Id == runId && r.State == RetentionRunState.Evaluating, ct);
        if (run is null)
            return;
        await db.RetentionItems.Where(i => i.RunId == runId).ExecuteDeleteAsync(ct);
        var text = await db.RetentionPolicyVersions.AsNoTracking()
            .FirstAsync(v => v.PolicyId == run.PolicyId && v.Version == run.PolicyVersion, ct);
        if (RetentionDefinition.FromJson(text.Definition) is not { } definition)
        {
            await EndAsync(runId, RetentionRunState.Failed, "The stored policy cannot be read.", ct);
            return;
        }

        var today = UtcDay.Of(time.GetUtcNow().ToUnixTimeMilliseconds());
        var rule = new RetentionRule(run.PolicyId, definition);
        var engine = new RuleEngine(await RetentionPolicyService.RulesAsync(db, rule, ct), today);
        facts.Refresh();
        var expected = await facts.CountAsync(definition.Subject, ct);
        var lines = new Lines(run, today);
        long? below = null;
        var seen = 0;
        while (await renew())
        {
            var page = await facts.ReadAsync(new FactsQuery(definition.Subject) { Below = below }, ct);
            foreach (var item in page)
            {
                // Each is decided on, for the rules that count the newest; reported is what the policy is about.
                var decision = engine.Decide(item);
                if (rule.Covers(item) != false)
                    db.Add(lines.Add(item, decision));
            }

            seen += page.Count;
            await db.SaveChangesAsync(ct);
            db.ChangeTracker.Clear();
            await db.RetentionRuns.Where(r => r.Id == runId).ExecuteUpdateAsync(set => set
                .SetProperty(r => r.Evaluated, seen).SetProperty(r => r.Expected, Math.Max(expected, seen)), ct);
            if (page.Count < FactsReader.PageSize)
            {
                await CompleteAsync(run, lines, today, ct);
                return;
            }

            below = page[^1].Id;
        }
    }

    private async Task CompleteAsync(RetentionRun run, Lines lines, int today, CancellationToken ct)
    {
        var summary = lines.Summary();
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var (state, message) = run.IsPreview ? (RetentionRunState.Report, null)
            : summary.Due == 0 ? (RetentionRunState.Done, "Nothing is due.")
            : (RetentionRunState.WaitingForApproval, (string?)null);
        long? ended = state == RetentionRunState.Done ? now : null;
        var (json, digest) = (summary.ToJson(), lines.Digest());
        await using (var write = await db.BeginWriteAsync(ct))
        {
            var changed = await db.RetentionRuns.Where(r => r.Id == run.Id && r.State == RetentionRunState.Evaluating).ExecuteUpdateAsync(set => set
                .SetProperty(r => r.State, state).SetProperty(r => r.Message, message).SetProperty(r => r.Summary, json)
                .SetProperty(r => r.Digest, digest).SetProperty(r => r.Day, today).SetProperty(r => r.EvaluatedMs, now).SetProperty(r => r.EndedMs, ended), ct);
            if (changed == 1 && state == RetentionRunState.WaitingForApproval)
                await notices.ReadyAsync(run, summary, digest, now, ct);
            await db.SaveChangesAsync(ct);
            await write.CommitAsync(ct);
        }

        // Of a policy's previews the last one is kept, of runs that found nothing their numbers.
        if (run.IsPreview)
        {
            await db.RetentionItems.Where(i => i.RunId < run.Id && db.RetentionRuns.Any(r => r.Id == i.RunId && r.IsPreview && r.PolicyId == run.PolicyId))
                .ExecuteDeleteAsync(ct);
        }
        else if (summary.Due == 0)
        {
            await db.RetentionItems.Where(i => i.RunId == run.Id).ExecuteDeleteAsync(ct);
        }
    }

    private Task<int> EndAsync(long runId, RetentionRunState state, string message, CancellationToken ct)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        return db.RetentionRuns.Where(r => r.Id == runId).ExecuteUpdateAsync(set => set
            .SetProperty(r => r.State, state).SetProperty(r => r.Message, message).SetProperty(r => r.EndedMs, now), ct);
    }

    /// <summary>The report as it grows.</summary>
    private sealed class Lines
    {
        private readonly RetentionRun _run;
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private readonly Dictionary<(RetentionAction, PrecedenceRule, long?), (int Count, long Bytes)> _counts = [];
        private int _line;
        private int _highRisk;

        public Lines(RetentionRun run, int today)
        {
            _run = run;
            _hash.AppendUtf8(RetentionReport.Head(run.PolicyId, run.PolicyVersion, today));
        }

        public RetentionItem Add(ItemFacts item, RetentionDecision decision)
        {
            var line = new RetentionItem
            {
                RunId = _run.Id,
                Line = ++_line,
                Subject = item.Subject,
                ItemId = item.Id,
                Name = item.Name,
                OwnerId = item.OwnerId,
                Bytes = item.Bytes,
                IsHighRisk = item.IsHighRisk,
                Action = decision.Action,
                Rule = decision.Rule,
                Day = decision.Day,
                PolicyId = decision.PolicyId,
                Reason = decision.Text,
            };
            // What another policy takes is that one's to do.
            if (decision.Action != RetentionAction.Keep && decision.PolicyId != _run.PolicyId)
            {
                line.Action = RetentionAction.Keep;
                line.Reason = $"Policy {decision.PolicyId} decides on this: {decision.Text}";
            }

            var key = (line.Action, line.Rule, line.PolicyId);
            var (count, bytes) = _counts.GetValueOrDefault(key);
            _counts[key] = (count + 1, bytes + line.Bytes);
            if (line.Action != RetentionAction.Keep && line.IsHighRisk)
                _highRisk++;
            _hash.AppendUtf8(RetentionReport.Line(line));
            return line;
        }

        public RetentionSummary Summary() => new(
            [.. _counts.OrderByDescending(c => c.Key.Item1).ThenBy(c => c.Key.Item2).ThenBy(c => c.Key.Item3)
                .Select(c => new RuleCount(c.Key.Item1, c.Key.Item2, c.Key.Item3, c.Value.Count, c.Value.Bytes))], _highRisk);

        public string Digest() => Convert.ToHexStringLower(_hash.GetHashAndReset());
    }
}
