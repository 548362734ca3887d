using System.Globalization;
using System.Text.RegularExpressions;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Identity;
using ModelRegistry.Core.Promotion;
using ModelRegistry.Core.Registry;

namespace ModelRegistry.Web.Pages.Promotion;

/// <summary>Policies in the lines that people type and read: from the form to rules, back, and in words.</summary>
public sealed partial class PolicyText(UserDirectory directory, PeopleDirectory names)
{
    public static readonly IReadOnlyList<(Requirement Requirement, string Text)> Requirements =
    [
        (Requirement.Description, "A description"),
        (Requirement.GitCommit, "A git commit, without uncommitted changes"),
        (Requirement.Dataset, "A data set with its digest"),
        (Requirement.Environment, "An environment file"),
        (Requirement.Files, "The files themselves, kept here with a digest"),
    ];

    /// <summary>What can be chosen; others are typed.</summary>
    public static readonly IReadOnlyList<string> Targets = [nameof(ModelStage.Production), nameof(ModelStage.Staging), nameof(ModelStage.Archived)];

    public async Task<PromotionRules> RulesAsync(PolicyForm form, CancellationToken ct)
    {
        var movers = await SetAsync("movers", form.Movers, ct);
        return new PromotionRules
        {
            Movers = movers.IsEmpty ? null : movers,
            Metrics = [.. Lines(form.Metrics).Select(Metric)],
            Tags = [.. Lines(form.Tags).Select(Tag)],
            Requires = [.. form.Requires.Where(Enum.IsDefined).Distinct()],
            Approvals = form.Approvals == 0 ? null : new ApprovalRule(form.Approvals) { From = await SetAsync("approvers", form.Approvers, ct) },
        };
    }

    public async Task<PolicyForm> FormAsync(PromotionPolicy policy, CancellationToken ct)
    {
        var rules = PromotionRules.Parse(policy.Rules);
        return new PolicyForm
        {
            Id = policy.Id,
            Name = policy.Name,
            Models = policy.ModelPattern,
            Target = policy.StagePattern is null ? "alias" : Targets.Contains(policy.StagePattern) ? policy.StagePattern : "stage",
            Stage = policy.StagePattern,
            Alias = policy.AliasPattern,
            Movers = await TextAsync(rules.Movers, ct),
            Metrics = string.Join('\n', rules.Metrics.SelectMany(Lines)),
            Tags = string.Join('\n', rules.Tags.Select(t => t.Values.Count == 0 ? t.Key : $"{t.Key} = {string.Join(" | ", t.Values)}")),
            Requires = [.. rules.Requires],
            Approvals = rules.Approvals?.Count ?? 0,
            Approvers = await TextAsync(rules.Approvals?.From, ct),
            IsEnabled = policy.IsEnabled,
        };
    }

    public static IEnumerable<string> ReadBack(PromotionPolicy policy, Func<SubjectSet, string> words)
    {
        var rules = PromotionRules.Parse(policy.Rules);
        if (rules.Movers is { } movers)
            yield return $"only {words(movers)} may move it there, or away";
        foreach (var rule in rules.Requires)
            yield return Requirements.First(r => r.Requirement == rule).Text;
        foreach (var tag in rules.Tags)
            yield return tag.Values.Count == 0 ? $"the tag {tag.Key}" : $"the tag {tag.Key} with {string.Join(" or ", tag.Values)}";
        foreach (var line in rules.Metrics.SelectMany(Lines))
            yield return line.Replace("than holder", "than that of the version that is there, on the same data");
        if (rules.Approvals is { } approvals)
        {
            yield return (approvals.Count == 1 ? "one approval" : $"{approvals.Count} approvals")
                + $" from {(approvals.From.IsEmpty ? "people with the permission to approve" : words(approvals.From))}, never of who asks";
        }
    }

    private static IEnumerable<string> Lines(string? text) =>
        (text ?? "").Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0);

    private static IEnumerable<string> Lines(MetricRule rule)
    {
        var on = rule.Dataset is null ? "" : $" on {rule.Dataset}";
        if (rule.Min is { } min)
            yield return string.Create(CultureInfo.InvariantCulture, $"{rule.Metric} >= {min:R}{on}");
        if (rule.Max is { } max)
            yield return string.Create(CultureInfo.InvariantCulture, $"{rule.Metric} <= {max:R}{on}");
        if (rule.BetterThanHolder is { } direction)
        {
            var by = rule.Margin > 0 ? string.Create(CultureInfo.InvariantCulture, $" by {rule.Margin:R}") : "";
            yield return $"{rule.Metric} {direction.ToString().ToLowerInvariant()} than holder{by}{on}";
        }
    }

    private static MetricRule Metric(string line)
    {
        if (line.Length > 1000)
            throw new InvalidArgumentException("metrics", "A line may have 1000 characters at most.");
        if (Bound().Match(line) is { Success: true } bound && Number(bound.Groups["n"].Value) is { } n)
        {
            return new MetricRule(bound.Groups["m"].Value)
            {
                Min = bound.Groups["op"].Value is ">=" ? n : null,
                Max = bound.Groups["op"].Value is "<=" ? n : null,
                Dataset = Optional(bound.Groups["d"]),
            };
        }

        var holder = Holder().Match(line);
        var margin = Optional(holder.Groups["n"]) is { } text ? Number(text) : 0;
        return holder.Success && margin is { } by
            ? new MetricRule(holder.Groups["m"].Value)
            {
                BetterThanHolder = holder.Groups["dir"].Value == "higher" ? Direction.Higher : Direction.Lower,
                Margin = by,
                Dataset = Optional(holder.Groups["d"]),
            }
            : throw new InvalidArgumentException("metrics", $"“{Short(line)}” is no rule for a metric. Write for example: auc >= 0.9, loss <= 0.2 on march, "
                + "or auc higher than holder by 0.01.");
    }

    private static TagRule Tag(string line)
    {
        var at = line.IndexOf('=', StringComparison.Ordinal);
        return at < 0
            ? new TagRule(line)
            : new TagRule(line[..at].Trim()) { Values = [.. line[(at + 1)..].Split('|', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)] };
    }

    private async Task<SubjectSet> SetAsync(string field, string? text, CancellationToken ct)
    {
        var set = new SubjectSet();
        foreach (var line in Lines(text))
        {
            if (line.StartsWith("team ", StringComparison.OrdinalIgnoreCase))
            {
                try
                {
                    set = set with { Teams = [.. set.Teams, await directory.GetTeamIdAsync(line[5..].Trim(), ct)] };
                }
                catch (NotFoundException e)
                {
                    throw new InvalidArgumentException(field, e.Message);
                }
            }
            else if (line.StartsWith("role ", StringComparison.OrdinalIgnoreCase))
            {
                set = Enum.TryParse<RegistryRole>(line[5..].Replace("-", "").Trim(), ignoreCase: true, out var role) && Enum.IsDefined(role)
                    ? set with { Roles = set.Roles | role }
                    : throw new InvalidArgumentException(field, $"There is no role “{Short(line[5..].Trim())}”: viewer, member, governance-officer, auditor, admin.");
            }
            else
            {
                set = await directory.FindIdAsync(line, ct) is { } user
                    ? set with { Users = [.. set.Users, user] }
                    : throw new InvalidArgumentException(field, $"There is no user “{Short(line)}”. Teams are written as: team NAME.");
            }
        }

        return set;
    }

    private async Task<string> TextAsync(SubjectSet? set, CancellationToken ct)
    {
        if (set is null)
            return "";
        var (users, teams) = (await names.AddressesAsync(set.Users, ct), await names.TeamsAsync(set.Teams, ct));
        return string.Join('\n',
        [
            .. set.Teams.Where(teams.ContainsKey).Select(t => "team " + teams[t]),
            .. Enum.GetValues<RegistryRole>().Where(r => r != RegistryRole.None && set.Roles.HasFlag(r))
                .Select(r => "role " + (r == RegistryRole.GovernanceOfficer ? "governance-officer" : r.ToString().ToLowerInvariant())),
            .. set.Users.Where(users.ContainsKey).Select(u => users[u]),
        ]);
    }

    private static double? Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var n) && double.IsFinite(n) ? n : null;

    private static string? Optional(Group group) => group.Success && group.Value.Length > 0 ? group.Value.Trim() : null;

    private static string Short(string text) => text.Length <= 80 ? text : text[..80] + "…";

    [GeneratedRegex(@"^(?<m>\S.*?)\s*(?<op>>=|<=)\s*(?<n>\S+)(?:\s+on\s+(?<d>.+))?$")]
    private static partial Regex Bound();

    [GeneratedRegex(@"^(?<m>\S.*?)\s+(?<dir>higher|lower)\s+than\s+holder(?:\s+by\s+(?<n>\S+))?(?:\s+on\s+(?<d>.+))?$")]
    private static partial Regex Holder();
}
