using System.Globalization;
using ModelRegistry.Core.Tracking;
using ModelRegistry.Web.Pages.Components;

namespace ModelRegistry.Web.Pages.Experiments;

/// <summary>A column of the runs table that was chosen: `metrics.loss`, `params.lr` or `tags.team`.</summary>
public sealed record RunColumn(string Key)
{
    private const int DefaultsOfEach = 4;

    public string Name => Key[(Key.IndexOf('.') + 1)..];
    public bool IsMetric => Key.StartsWith("metrics.", StringComparison.Ordinal);
    public bool IsParam => Key.StartsWith("params.", StringComparison.Ordinal);
    public bool IsTag => Key.StartsWith("tags.", StringComparison.Ordinal);
    public string Group => Key[..Math.Max(0, Key.IndexOf('.'))];

    public bool IsKnownKind => IsMetric || IsParam || IsTag;

    public double? MetricOf(RunRecord run) => run.Metrics.Find(m => m.Key == Name)?.Value;

    public string? TextOf(RunRecord run) => (IsParam ? run.Params : run.Tags).Find(p => p.Key == Name).Value;

    /// <summary>As a term of MLflow's order, quoted so that any key will do; null for a key that cannot be quoted.</summary>
    public string? Order(bool descending) => Name.Contains('`')
        ? null
        : $"{Group}.`{Name}` {(descending ? "DESC" : "ASC")}";

    /// <summary>The chosen ones, or the first few of what the runs logged.</summary>
    public static IReadOnlyList<RunColumn> Choose(TableState table, ExperimentKeys keys)
    {
        var chosen = table.All("column").Select(k => new RunColumn(k)).Where(c => c.IsKnownKind).Distinct().Take(60).ToList();
        if (chosen.Count > 0)
            return chosen;
        return
        [
            .. keys.Metrics.Where(m => !m.StartsWith("system/", StringComparison.Ordinal)).Take(DefaultsOfEach)
                .Select(m => new RunColumn("metrics." + m)),
            .. keys.Params.Take(DefaultsOfEach).Select(p => new RunColumn("params." + p)),
        ];
    }
}

/// <summary>What leads from the address of a runs table to the query, and from its rows to a file.</summary>
public static class RunTable
{
    private static readonly string[] Attributes = ["start_time", "run_name", "status", "end_time"];

    public static IReadOnlyList<string> OrderBy(TableState table) => table.Sort switch
    {
        null => [],
        var attribute when Attributes.Contains(attribute) => [$"attributes.{attribute} {(table.Descending ? "DESC" : "ASC")}"],
        var key when new RunColumn(key) is { IsKnownKind: true } column && column.Order(table.Descending) is { } order => [order],
        _ => [],
    };

    public static IReadOnlyList<string> ExportColumns(IReadOnlyList<RunColumn> columns) =>
        ["run_id", "name", "status", "user", "started", "ended", .. columns.Select(c => c.Key)];

    public static object?[] ExportRow(RunRecord run, IReadOnlyList<RunColumn> columns) =>
    [
        run.Run.RunUuid, run.Run.Name, run.Run.Status.ToString(), run.Run.UserName, ReaderClock.Iso(run.Run.StartMs),
        run.Run.EndMs is { } end ? ReaderClock.Iso(end) : null,
        .. columns.Select(c => c.IsMetric ? c.MetricOf(run) : (object?)c.TextOf(run)),
    ];

    /// <summary>The whole text of a column's cell, where only its beginning is shown.</summary>
    public static string Shown(string? text) => text is null ? "—" : text.Length <= 48 ? text : string.Create(
        CultureInfo.InvariantCulture, $"{text[..47]}…");
}
