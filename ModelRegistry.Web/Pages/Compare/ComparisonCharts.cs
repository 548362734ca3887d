using ModelRegistry.Core.Tracking;
using ModelRegistry.Web.Charts;
using ModelRegistry.Web.Pages.Components;

namespace ModelRegistry.Web.Pages.Compare;

/// <summary>The charts over many runs.</summary>
internal static class ComparisonCharts
{
    public static Plot Parallel(IReadOnlyList<RunRecord> runs, IReadOnlyList<string> axes, IReadOnlyList<ComparedRow> rows)
    {
        var places = axes.Select(a => Places(rows.First(r => r.Key == a))).ToList();
        var texts = axes.Select(a => rows.First(r => r.Key == a)).ToList();
        return Plot.Parallel(axes,
        [
            .. runs.Select((run, i) => new ParallelLine(run.Run.Name, [.. places.Select(p => p[i])],
                [.. texts.Select(t => $"{Escape(t.Key)}: {Escape(Shown(t, i))}")])),
        ]);
    }

    public static Plot Scatter(IReadOnlyList<RunRecord> runs, ComparedRow? x, ComparedRow? y)
    {
        if (x is null || y is null)
            return Plot.ScatterChart([], "", "");
        var series = runs.Select((run, i) => (run.Run.Name, X: x.Numbers[i], Y: y.Numbers[i]))
            .Where(p => p is { X: not null, Y: not null }).Select(p => new Series(p.Name, [p.X!.Value], [p.Y!.Value])).ToList();
        return Plot.ScatterChart(series, x.Key, y.Key);
    }

    // From 0 for the lowest to 1 for the highest; words in the order of the alphabet.
    private static double?[] Places(ComparedRow row)
    {
        var numbers = row.Numbers.Select(n => n is { } v && double.IsFinite(v) ? v : (double?)null).ToList();
        if (row.Values.Where((v, i) => v is not null && row.Numbers[i] is null).Any())
        {
            var words = row.Values.OfType<string>().Distinct().Order(StringComparer.Ordinal).ToList();
            numbers = [.. row.Values.Select(v => v is null ? (double?)null : words.IndexOf(v))];
        }

        double? low = numbers.Min(), high = numbers.Max();
        return [.. numbers.Select(n => n is { } v ? high > low ? (v - low!.Value) / (high!.Value - low.Value) : 0.5 : (double?)null)];
    }

    private static string Shown(ComparedRow row, int run) => row.Numbers[run] is { } number
        ? Figures.Metric(number)
        : row.Values[run] ?? "—";

    // The library reads some HTML in its labels.
    private static string Escape(string text) => text.Replace("<", "‹").Replace(">", "›");
}
