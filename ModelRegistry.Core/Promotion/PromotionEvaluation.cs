using System.Globalization;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Identity;
using ModelRegistry.Core.Registry;

namespace ModelRegistry.Core.Promotion;

public enum CheckKind
{
    Movers,
    Metric,
    Tag,
    Description,
    GitCommit,
    Dataset,
    Environment,
    Files,
    Approvals,
}

/// <param name="Rule">What is asked for, in words.</param>
/// <param name="Found">What is there, in words.</param>
public sealed record CheckResult(long PolicyId, string Policy, CheckKind Kind, string Rule, bool IsMet, string Found);

/// <summary>The answer of all policies that cover a move, check by check.</summary>
public sealed record PromotionEvaluation(MoveTarget Target, IReadOnlyList<CheckResult> Checks)
{
    public bool IsMet => Checks.All(c => c.IsMet);

    /// <summary>Only people are missing: an approval, or somebody who may make the move.</summary>
    public bool OnlyPeopleAreMissing => Checks.All(c => c.IsMet || c.Kind is CheckKind.Movers or CheckKind.Approvals);
}

/// <summary>Everything that a policy judges a move by.</summary>
/// <param name="Holder">The version that has the stage or alias now; null where none has, or the version itself.</param>
/// <param name="Movers">Who makes the move; any of them will do. Null where nobody does it: then it is not asked.</param>
/// <param name="Approvers">Who approved this move of this very version, the requester left out.</param>
public sealed record MoveFacts(
    RegisteredModel Model, VersionEvidence Version, VersionEvidence? Holder, IReadOnlyList<Person>? Movers, IReadOnlyList<Person> Approvers);

/// <summary>Judges a move by a policy. A pure function: the same facts give the same answer, and nothing is changed.</summary>
public static class PromotionEvaluator
{
    public static IEnumerable<CheckResult> Evaluate(PromotionPolicy policy, MoveFacts facts, Func<SubjectSet, string> words)
    {
        var rules = PromotionRules.Parse(policy.Rules);
        if (Movers(policy, rules, facts, words) is { } movers)
            yield return movers;
        foreach (var rule in rules.Requires)
            yield return Required(policy, rule, facts.Version);
        foreach (var rule in rules.Tags)
            yield return Tagged(policy, rule, facts.Version.Version);
        foreach (var rule in rules.Metrics)
        {
            if (rule.Min is not null || rule.Max is not null)
                yield return Threshold(policy, rule, facts.Version);
            if (rule.BetterThanHolder is not null)
                yield return AgainstHolder(policy, rule, facts);
        }

        if (rules.Approvals is { } approvals)
            yield return Approved(policy, approvals, facts, words);
    }

    /// <summary>The part that counts for taking a version away too; null where it is not asked.</summary>
    public static CheckResult? Movers(PromotionPolicy policy, PromotionRules rules, MoveFacts facts, Func<SubjectSet, string> words) =>
        rules.Movers is not { } set || facts.Movers is not { } movers
            ? null
            : Result(policy, CheckKind.Movers, $"Only {words(set)} may move {policy.TargetText}.", movers.Any(set.Includes),
                movers.Any(set.Includes) ? "You are one of them." : "You are none of them.");

    /// <summary>Who may decide under this rule.</summary>
    public static bool MayApprove(ApprovalRule rule, RegisteredModel model, Person person) => rule.From.IsEmpty
        ? person.User.May(Permission.Approve, model.AsSecurable())
        : rule.From.Includes(person);

    private static CheckResult Approved(PromotionPolicy policy, ApprovalRule rule, MoveFacts facts, Func<SubjectSet, string> words)
    {
        var count = facts.Approvers.Where(a => MayApprove(rule, facts.Model, a)).DistinctBy(a => a.User.Id).Count();
        var from = rule.From.IsEmpty ? "people with the permission to approve" : words(rule.From);
        return Result(policy, CheckKind.Approvals,
            rule.Count == 1 ? $"One approval from {from}." : $"{rule.Count} approvals from {from}.", count >= rule.Count,
            count switch { 0 => "Nobody has approved it.", 1 => "One has approved it.", _ => $"{count} have approved it." });
    }

    private static CheckResult Required(PromotionPolicy policy, Requirement rule, VersionEvidence v) => rule switch
    {
        Requirement.Description => Result(policy, CheckKind.Description, "The version has a description.",
            v.Version.Description.Trim().Length > 0, v.Version.Description.Trim().Length > 0 ? "It has one." : "It has none."),
        Requirement.GitCommit => Result(policy, CheckKind.GitCommit, "The run names a git commit without uncommitted changes.",
            v.GitCommit is { Length: > 0 } && !v.IsDirty, !v.HasRun ? "No run of this registry made it."
                : v.GitCommit is not { Length: > 0 } commit ? "The run names no commit."
                : v.IsDirty ? "There were uncommitted changes." : Told(v, $"Commit {Short(commit)}.")),
        Requirement.Dataset => Result(policy, CheckKind.Dataset, "The run names a data set with a digest.",
            v.Datasets.Any(d => d.Digest.Length > 0), v.Datasets.Count == 0 ? "It names none."
                : Told(v, string.Join(", ", v.Datasets.Select(d => $"{d.Name} ({Short(d.Digest)})")) + ".")),
        Requirement.Environment => Result(policy, CheckKind.Environment,
            "conda.yaml, python_env.yaml or requirements.txt is among its files.", v.EnvironmentFiles.Count > 0,
            v.EnvironmentFiles.Count > 0 ? string.Join(", ", v.EnvironmentFiles) + "." : "None of them is."),
        _ => Result(policy, CheckKind.Files, "Its files are kept here, with a digest.", v.Version.Digest is not null,
            v.Version.Digest is { } digest ? $"Digest {Short(digest)}." : "They are kept elsewhere."),
    };

    private static CheckResult Tagged(PromotionPolicy policy, TagRule rule, ModelVersion version)
    {
        var tag = version.Tags.Find(t => t.Key == rule.Key);
        return Result(policy, CheckKind.Tag,
            rule.Values.Count == 0 ? $"The version has the tag {rule.Key}."
                : $"The version's tag {rule.Key} is {string.Join(" or ", rule.Values.Select(v => $"“{v}”"))}.",
            tag is not null && (rule.Values.Count == 0 || rule.Values.Contains(tag.Value)),
            tag is null ? "It has no such tag." : $"It is “{NameRules.Shorten(tag.Value, 100)}”.");
    }

    private static CheckResult Threshold(PromotionPolicy policy, MetricRule rule, VersionEvidence version)
    {
        var values = Of(version, rule);
        var bounds = (rule.Min, rule.Max) switch
        {
            ({ } min, { } max) => $"from {Text(min)} to {Text(max)}",
            ({ } min, null) => $"{Text(min)} or more",
            var (_, max) => $"{Text(max!.Value)} or less",
        };
        // NaN is neither above nor below anything, so it never passes.
        var met = values.Count > 0 && values.TrueForAll(m => (rule.Min is null || m.Value >= rule.Min) && (rule.Max is null || m.Value <= rule.Max));
        return Result(policy, CheckKind.Metric, $"{rule.Metric}{On(rule)} is {bounds}.", met, Measured(version, rule, values));
    }

    private static CheckResult AgainstHolder(PromotionPolicy policy, MetricRule rule, MoveFacts facts)
    {
        var higher = rule.BetterThanHolder == Direction.Higher;
        var by = rule.Margin > 0 ? $" by {Text(rule.Margin)} or more" : "";
        var text = $"{rule.Metric}{On(rule)} is {(rule.Margin > 0 ? higher ? "higher" : "lower" : higher ? "at least as high" : "at least as low")}"
            + $"{(rule.Margin > 0 ? " than" : " as")} that of the version in {policy.TargetText} now{by}, on the same data.";
        if (facts.Holder is not { } holder)
            return Result(policy, CheckKind.Metric, text, true, "No other version is there.");
        var (mine, theirs) = (Of(facts.Version, rule), Of(holder, rule));
        var pairs = (from m in mine
                     where m.Dataset is { Digest.Length: > 0 }
                     join t in theirs on m.Dataset!.Digest equals t.Dataset?.Digest
                     select (Mine: m, Theirs: t)).ToList();
        if (pairs.Count == 0)
        {
            var reason = mine.Count == 0 ? $"It has no {rule.Metric}."
                : theirs.Count == 0 ? $"Version {holder.Version.Number}, which is there now, has no {rule.Metric}."
                : $"It was not measured on a data set (by digest) that version {holder.Version.Number} was measured on.";
            return Result(policy, CheckKind.Metric, text, false, reason);
        }

        var met = pairs.TrueForAll(p => higher ? p.Mine.Value >= p.Theirs.Value + rule.Margin : p.Mine.Value <= p.Theirs.Value - rule.Margin);
        return Result(policy, CheckKind.Metric, text, met, facts.Version.IsRunReadable && holder.IsRunReadable
            ? string.Join("; ", pairs.Select(p => $"{Text(p.Mine.Value)} against {Text(p.Theirs.Value)} of version {holder.Version.Number} on {p.Mine.Dataset!.Name}")) + "."
            : Hidden);
    }

    private const string Hidden = "Its run is not open to you, so its figures are not told.";

    private static List<Measurement> Of(VersionEvidence version, MetricRule rule) =>
        [.. version.Measurements.Where(m => m.Metric == rule.Metric && (rule.Dataset is null || m.Dataset?.Name == rule.Dataset))];

    private static string Measured(VersionEvidence version, MetricRule rule, List<Measurement> values) => values.Count == 0
        ? version.HasRun ? $"It has no {rule.Metric}{On(rule)}." : "No run of this registry made it."
        : Told(version, string.Join("; ", values.Select(m => Text(m.Value) + (m.Dataset is { } d ? $" on {d.Name}" : ""))) + ".");

    private static string Told(VersionEvidence version, string text) => version.IsRunReadable ? text : Hidden;

    private static string On(MetricRule rule) => rule.Dataset is { } name ? $" on {name}" : "";

    private static string Text(double value) => value.ToString("G6", CultureInfo.InvariantCulture);

    private static string Short(string text) => text.Length <= 12 ? text : text[..12];

    private static CheckResult Result(PromotionPolicy policy, CheckKind kind, string rule, bool met, string found) =>
        new(policy.Id, policy.Name, kind, rule, met, found);
}
