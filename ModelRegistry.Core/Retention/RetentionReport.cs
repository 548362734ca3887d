using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ModelRegistry.Core.Common;

namespace ModelRegistry.Core.Retention;

/// <summary>How many things, and their bytes, one rule decided on.</summary>
public sealed record RuleCount(RetentionAction Action, PrecedenceRule Rule, long? PolicyId, int Count, long Bytes);

/// <summary>A report in numbers.</summary>
public sealed record RetentionSummary(IReadOnlyList<RuleCount> Rules, int HighRisk)
{
    /// <summary>More than so many at once, or than this part of all that the policy is about, is to be looked at twice.</summary>
    public const int ManyItems = 50;
    public const double LargePart = 0.05;

    public int Total => Rules.Sum(r => r.Count);
    public int Due => Rules.Where(r => r.Action != RetentionAction.Keep).Sum(r => r.Count);

    public (int Count, long Bytes) Of(RetentionAction action) =>
        (Rules.Where(r => r.Action == action).Sum(r => r.Count), Rules.Where(r => r.Action == action).Sum(r => r.Bytes));

    /// <summary>Why an approver must say that they have seen it; empty where nothing is out of the ordinary.</summary>
    public IReadOnlyList<string> Brakes()
    {
        var brakes = new List<string>();
        if (Due > Math.Max(ManyItems, Total * LargePart))
            brakes.Add(string.Create(CultureInfo.InvariantCulture, $"{Due} of the {Total} items that the policy is about would go at once."));
        if (HighRisk > 0)
            brakes.Add(string.Create(CultureInfo.InvariantCulture, $"{HighRisk} of them are of a high risk tier."));
        return brakes;
    }

    public string ToJson() => JsonSerializer.Serialize(this);

    public static RetentionSummary? FromJson(string? text) => text is null ? null : JsonSerializer.Deserialize<RetentionSummary>(text);
}

/// <summary>The report as a CSV file. Its digest is that of the file's bytes, so anybody can check it.</summary>
public static class RetentionReport
{
    private const string Columns = "line,subject,item,action,rule,date,policy,bytes,reason";

    public static string Head(long policyId, int version, int today) => string.Create(CultureInfo.InvariantCulture,
        $"# policy {policyId} version {version} evaluated {UtcDay.ToDate(today):yyyy-MM-dd}\r\n{Columns}\r\n");

    public static string HeadOf(RetentionRun run) => Head(run.PolicyId, run.PolicyVersion, run.Day ?? 0);

    public static string Line(RetentionItem item)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{item.Line},{WordOf(item.Subject)},{Csv.Cell(item.Name)},{WordOf(item.Action)},R{(int)item.Rule},");
        if (item.Day is { } day and > -700_000 and < 2_900_000)
            text.Append(UtcDay.ToDate(day).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        text.Append(CultureInfo.InvariantCulture, $",{item.PolicyId},{item.Bytes},{Csv.Cell(item.Reason)}\r\n");
        return text.ToString();
    }

    public static string WordOf(RetentionAction action) => action switch
    {
        RetentionAction.Delete => "delete",
        RetentionAction.Archive => "archive",
        _ => "keep",
    };

    public static string WordOf(RetentionSubject subject) => subject switch
    {
        RetentionSubject.ModelVersions => "model-version",
        RetentionSubject.Runs => "run",
        _ => "run-files",
    };

    internal static void AppendUtf8(this IncrementalHash hash, string text) => hash.AppendData(Encoding.UTF8.GetBytes(text));
}
