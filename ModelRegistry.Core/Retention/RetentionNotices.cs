using System.Globalization;
using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Notices;
using ModelRegistry.Core.Webhooks;

namespace ModelRegistry.Core.Retention;

/// <summary>Tells owners, and webhooks, what a report says of theirs: once for each report, as many days ahead as the policy
/// gives them to object. In the transaction that makes the report wait for its approval.</summary>
public sealed class RetentionNotices(RegistryDbContext db, NoticeBoard board, EventOutbox outbox)
{
    private const int Named = 3;

    public async Task ReadyAsync(RetentionRun run, RetentionSummary summary, string digest, long nowMs, CancellationToken ct)
    {
        var policy = await db.RetentionPolicies.AsNoTracking().FirstAsync(p => p.Id == run.PolicyId, ct);
        var waitDays = RetentionDefinition.FromJson(policy.Definition)?.WaitDays ?? RetentionDefinition.MaxDays;
        var notBefore = nowMs + waitDays * 86_400_000L;
        var (archived, deleted) = (summary.Of(RetentionAction.Archive).Count, summary.Of(RetentionAction.Delete).Count);
        await outbox.AddAsync(db, RegistryEvent.RetentionNotice(run.Id, policy.Name, archived, deleted, digest, notBefore), ct);

        var due = db.RetentionItems.AsNoTracking().Where(i => i.RunId == run.Id && i.Action != RetentionAction.Keep);
        var owners = await due.GroupBy(i => new { i.OwnerId, i.Action }).Select(g => new { g.Key.OwnerId, g.Key.Action, Count = g.Count() }).ToListAsync(ct);
        foreach (var owner in owners.GroupBy(o => o.OwnerId))
        {
            var names = await due.Where(i => i.OwnerId == owner.Key).OrderBy(i => i.Line).Take(Named).Select(i => i.Name).ToListAsync(ct);
            await board.AddAsync(db, new NewNotice(NoticeKind.RetentionDue, string.Create(CultureInfo.InvariantCulture, $"retention-run/{run.Id}"),
                Text(policy.Name, owner.ToDictionary(o => o.Action, o => o.Count), names, notBefore), "/governance/trash?view=due"), [owner.Key], ct);
        }
    }

    private static string Text(string policy, Dictionary<RetentionAction, int> counts, List<string> names, long notBeforeMs)
    {
        var total = counts.Values.Sum();
        var acts = new[] { (RetentionAction.Delete, "deleted"), (RetentionAction.Archive, "archived") }.Where(a => counts.ContainsKey(a.Item1))
            .Select(a => string.Create(CultureInfo.InvariantCulture, $"{counts[a.Item1]} {a.Item2}"));
        var day = DateTimeOffset.FromUnixTimeMilliseconds(notBeforeMs).ToString("d MMMM yyyy", CultureInfo.InvariantCulture);
        return $"Of what is yours, {string.Join(" and ", acts)} will be on {day} or later by the policy “{policy}”, once that is approved: "
            + string.Join(", ", names.Select(n => NameRules.Shorten(n, 120))) + (total > names.Count ? string.Create(CultureInfo.InvariantCulture, $" and {total - names.Count} more") : "")
            + ". Object before then if something must stay.";
    }
}
