using System.Globalization;
using System.IO.Enumeration;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Registry;

namespace ModelRegistry.Core.Retention;

/// <summary>A policy as the engine uses it. A null definition is one that could not be read.</summary>
public sealed record RetentionRule(long PolicyId, RetentionDefinition? Definition)
{
    /// <summary>Narrower scopes come first when a date of deletion is chosen: a named model or experiment, then any other
    /// condition, then everything.</summary>
    public int Level => Definition is not { } d ? 0
        : d.Experiment is not null || (d.Name is { } name && !name.Contains('*')) ? 1
        : d.MatchesEverything ? 3 : 2;

    /// <summary>Whether the rule is about the item; null where that cannot be known.</summary>
    public bool? Covers(ItemFacts item)
    {
        if (Definition is not { } d)
            return null;
        if (d.Subject != item.Subject
            || (d.Name is { } name && !FileSystemName.MatchesSimpleExpression(Escape(name), item.ContainerName, ignoreCase: false))
            || (d.Experiment is { } experiment && experiment != item.ContainerId.ToString(CultureInfo.InvariantCulture)))
        {
            return false;
        }

        if (d.Stage is { } stage)
        {
            if (item.Stage is null)
                return null;
            if (!StagePattern.Covers(stage, item.Stage))
                return false;
        }

        if (d.Tag is not { } tag)
            return true;
        if (item.Tags is not { } tags)
            return null;
        return tags.TryGetValue(tag, out var value) && (d.TagValue is null || value == d.TagValue);
    }

    // Only * is special to us.
    private static string Escape(string pattern) => pattern.Replace("\\", "\\\\").Replace("?", "\\?");

    /// <summary>The day that periods of this rule are counted from; null where there is none yet.</summary>
    internal int? Start(ItemFacts item) => Definition?.Trigger switch
    {
        RetentionTrigger.Created => item.CreatedDay,
        RetentionTrigger.Finalised => item.FinalisedDay,
        RetentionTrigger.Retired => item.RetiredDay,
        // What never was used begins when it could have been.
        RetentionTrigger.LastUsed => item.LastUsedDay > item.FinalisedDay ? item.LastUsedDay : item.FinalisedDay,
        RetentionTrigger.Event => item.Tags?.GetValueOrDefault(Definition.EventTag!) is { } text && RuleEngine.TryDay(text, out var day) ? day : null,
        _ => null,
    };
}

/// <summary>
/// The precedence of docs/governance.md as a function: from the facts of an item, the rules and the day to what happens
/// to it and why. It reads nothing and keeps nothing but the counts of keep-last rules, so items of a container are
/// given to it from the newest to the oldest.
/// </summary>
public sealed class RuleEngine(IReadOnlyList<RetentionRule> rules, int today)
{
    /// <summary>Tags of an item that set its own dates.</summary>
    public const string KeepUntilTag = "retention.keep-until";
    public const string DeleteOnTag = "retention.delete-on";

    private readonly Dictionary<(long PolicyId, long ContainerId), int> _counted = [];

    public RetentionDecision Decide(ItemFacts item)
    {
        if (Protection(item) is { } protection)
            return protection;
        var matching = rules.Where(r => r.Covers(item) == true).ToList();
        // Counted for each item that is not protected, before anything else decides: what is kept anyhow by age still is
        // one of the newest.
        var keepLast = CountedIn(item, matching);
        if (Retention(item, matching) is { } retained)
            return retained;
        if (keepLast is { } by)
        {
            return new(RetentionAction.Keep, PrecedenceRule.KeepLast, null, by.PolicyId,
                $"One of the newest {by.Definition!.KeepLast} that nothing else protects.");
        }

        return Due(item, matching);
    }

    /// <summary>Whether a rule that counts the newest of the item's container could still keep it.</summary>
    public bool HasRoom(ItemFacts item) => rules.Any(r => r.Covers(item) == true && r.Definition?.KeepLast is { } last
        && _counted.GetValueOrDefault((r.PolicyId, item.ContainerId)) < last);

    /// <summary>What keeps an item that is in the trash from being purged; null where nothing does. Rules that count the
    /// newest do not count it.</summary>
    public RetentionDecision? KeepsFromPurge(ItemFacts item) =>
        Protection(item) ?? Retention(item, [.. rules.Where(r => r.Covers(item) == true)]);

    /// <summary>`2026-03-31`, alone or before a time.</summary>
    internal static bool TryDay(string text, out int day)
    {
        var parsed = DateOnly.TryParseExact(text.Length > 10 && text[10] == 'T' ? text[..10] : text, "yyyy-MM-dd",
            CultureInfo.InvariantCulture, DateTimeStyles.None, out var date);
        day = parsed ? UtcDay.Of(date) : 0;
        return parsed;
    }

    // R1 to R5, in this order.
    private RetentionDecision? Protection(ItemFacts item)
    {
        if (item.IsHeld is null || item.HasAlias is null || item.IsReferenced is null || item.IsDamaged is null
            || item.IsPendingApproval is null || item.IsFinished is null || item.Tags is null
            || (item.Stage is null && item.Subject == RetentionSubject.ModelVersions))
        {
            return Keep(PrecedenceRule.Unknown, "Something that could protect it could not be read.");
        }

        if (rules.FirstOrDefault(r => r.Covers(item) is null) is { } unclear)
            return Keep(PrecedenceRule.Unknown, "A policy could not be read, and it may be about this.", unclear.PolicyId);
        if (item.Tags.TryGetValue(KeepUntilTag, out var until) && !TryDay(until, out _))
            return Keep(PrecedenceRule.Unknown, $"Its tag {KeepUntilTag} is not a date like 2030-12-31.");
        if (item.Tags.TryGetValue(DeleteOnTag, out var goes) && !TryDay(goes, out _))
            return Keep(PrecedenceRule.Unknown, $"Its tag {DeleteOnTag} is not a date like 2030-12-31.");
        if (item.IsDamaged.Value)
            return Keep(PrecedenceRule.Unknown, "Its stored content failed a check; what is damaged is never removed by a rule.");
        if (item.IsHeld.Value)
            return Keep(PrecedenceRule.LegalHold, "It is under a legal hold.");
        if (item.ComplianceUntilDay >= today)
            return Keep(PrecedenceRule.ComplianceRetention, $"A compliance lock keeps it until {Shown(item.ComplianceUntilDay.Value)}.", day: item.ComplianceUntilDay);
        if (item.GovernanceUntilDay >= today)
            return Keep(PrecedenceRule.GovernanceRetention, $"A governance lock keeps it until {Shown(item.GovernanceUntilDay.Value)}.", day: item.GovernanceUntilDay);
        if (item.HasAlias.Value)
            return Keep(PrecedenceRule.InUse, "An alias points at it.");
        if (item.Stage?.Kind == ModelStage.Production && !item.IsInTrash)
            return Keep(PrecedenceRule.InUse, $"It is in {item.Stage}.");
        if (item.IsPendingApproval.Value)
            return Keep(PrecedenceRule.InUse, "An approval is asked for it.");
        if (item.IsReferenced.Value)
            return Keep(PrecedenceRule.InUse, "Something that is kept was made from it.");
        return item.LastUsedDay is { } used && rules.Where(r => r.Definition!.ProtectUsedDays >= today - used && r.Covers(item) == true)
                .OrderByDescending(r => r.Definition!.ProtectUsedDays).ThenBy(r => r.PolicyId).FirstOrDefault() is { } by
            ? Keep(PrecedenceRule.InUse, $"It was used on {Shown(used)}.", by.PolicyId, used + by.Definition!.ProtectUsedDays) : null;
    }

    // R9: finished items only; protected ones were answered before and take no place.
    private RetentionRule? CountedIn(ItemFacts item, List<RetentionRule> matching)
    {
        if (item.IsFinished != true)
            return null;
        RetentionRule? keeps = null;
        foreach (var rule in matching.Where(r => r.Definition!.KeepLast is not null).OrderBy(r => r.PolicyId))
        {
            var key = (rule.PolicyId, item.ContainerId);
            var before = _counted.GetValueOrDefault(key);
            _counted[key] = before + 1;
            if (before < rule.Definition!.KeepLast)
                keeps ??= rule;
        }

        return keeps;
    }

    // R6, and R11 for a period that has no beginning yet.
    private RetentionDecision? Retention(ItemFacts item, List<RetentionRule> matching)
    {
        // What was thrown away unfinished never will be.
        if (item is { IsFinished: not true, IsInTrash: false })
            return Keep(PrecedenceRule.MissingDate, "It is not finished.");
        var (day, by) = (int.MinValue, (long?)null);
        if (item.Tags!.TryGetValue(KeepUntilTag, out var label) && TryDay(label, out var labelled))
            day = labelled;
        foreach (var rule in matching.OrderBy(r => r.PolicyId))
        {
            if (rule.Definition!.RetainUntil is { } date)
                Raise(UtcDay.Of(date), rule);
            if (rule.Definition.RetainDays is not { } days)
                continue;
            if (rule.Start(item) is not { } start)
            {
                return Keep(PrecedenceRule.MissingDate,
                    $"It is retained from a day that is not known yet ({Describe(rule.Definition)}).", rule.PolicyId);
            }

            Raise((int)Math.Min((long)start + days, int.MaxValue), rule);
        }

        return day >= today
            ? Keep(PrecedenceRule.Retained, $"Retained until {Shown(day)}.", by, day)
            : null;

        void Raise(int until, RetentionRule rule)
        {
            if (until > day)
                (day, by) = (until, rule.PolicyId);
        }
    }

    // R7 and R18. A period of n days is over when n whole days have passed after the day that it began on.
    private RetentionDecision Due(ItemFacts item, List<RetentionRule> matching)
    {
        if (item.Tags!.TryGetValue(DeleteOnTag, out var label) && TryDay(label, out var labelled) && matching.Exists(r => r.Definition!.DeleteAfterDays is not null))
        {
            // The label moves the date that a policy gives; alone it deletes nothing.
            var policy = matching.Where(r => r.Definition!.DeleteAfterDays is not null).OrderBy(r => r.Level).ThenBy(r => r.PolicyId).First();
            if (today >= labelled)
                return new(RetentionAction.Delete, PrecedenceRule.DeleteRule, labelled, policy.PolicyId, $"Its tag {DeleteOnTag} says {Shown(labelled)}.");
            return Archive(item, matching) ?? Keep(PrecedenceRule.DeleteRule, $"Its tag {DeleteOnTag} says {Shown(labelled)}.", policy.PolicyId, labelled);
        }

        var level = matching.Where(r => r.Definition!.DeleteAfterDays is not null).GroupBy(r => r.Level).OrderBy(g => g.Key).FirstOrDefault();
        var first = level?.Select(r => (Rule: r, Day: DueDay(r.Start(item), r.Definition!.DeleteAfterDays!.Value)))
            .OrderBy(d => d.Day ?? int.MaxValue).ThenBy(d => d.Rule.PolicyId).First();
        if (first is { Day: { } due } && today >= due)
        {
            return new(RetentionAction.Delete, PrecedenceRule.DeleteRule, due, first.Value.Rule.PolicyId,
                $"{first.Value.Rule.Definition!.DeleteAfterDays} days after it was {Describe(first.Value.Rule.Definition)}.");
        }

        if (Archive(item, matching) is { } archive)
            return archive;
        if (first is { Day: null } unknown)
        {
            return Keep(PrecedenceRule.MissingDate,
                $"It goes some days after a day that is not known yet ({Describe(unknown.Rule.Definition!)}).", unknown.Rule.PolicyId);
        }

        return first is { Day: { } later }
            ? Keep(PrecedenceRule.DeleteRule, $"It is due on {Shown(later)}.", first.Value.Rule.PolicyId, later)
            : Keep(PrecedenceRule.NoRule, "No rule says that it goes.");
    }

    private RetentionDecision? Archive(ItemFacts item, List<RetentionRule> matching)
    {
        if (item.IsArchived)
            return null;
        var first = matching.Where(r => r.Definition!.ArchiveAfterDays is not null)
            .Select(r => (Rule: r, Day: DueDay(r.Start(item), r.Definition!.ArchiveAfterDays!.Value)))
            .Where(d => d.Day <= today).OrderBy(d => d.Day).ThenBy(d => d.Rule.PolicyId).FirstOrDefault();
        return first.Rule is null ? null : new(RetentionAction.Archive, PrecedenceRule.ArchiveRule, first.Day, first.Rule.PolicyId,
            $"{first.Rule.Definition!.ArchiveAfterDays} days after it was {Describe(first.Rule.Definition)}.");
    }

    private static int? DueDay(int? start, int days) => start is { } from ? (int)Math.Min((long)from + days + 1, int.MaxValue) : null;

    private static string Describe(RetentionDefinition d) => d.Trigger switch
    {
        RetentionTrigger.Created => "created",
        RetentionTrigger.Finalised => "finished",
        RetentionTrigger.Retired => "retired",
        RetentionTrigger.LastUsed => "last used",
        _ => $"marked with {d.EventTag}",
    };

    private static string Shown(int day) => day is > 2_900_000 or < -700_000
        ? "a far day" : UtcDay.ToDate(day).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static RetentionDecision Keep(PrecedenceRule rule, string text, long? policyId = null, int? day = null) =>
        new(RetentionAction.Keep, rule, day, policyId, text);
}
