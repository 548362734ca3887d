using Microsoft.AspNetCore.Mvc;
using ModelRegistry.Core.Registry;
using ModelRegistry.Core.Tracking;
using ModelRegistry.Web.Charts;
using ModelRegistry.Web.Pages.Components;

namespace ModelRegistry.Web.Pages.Compare;

/// <summary>A row of the comparison: one key, and its value in each run.</summary>
public sealed record ComparedRow(string Key, IReadOnlyList<string?> Values)
{
    public IReadOnlyList<double?> Numbers { get; init; } = [];

    public bool Differs => Values.Distinct().Count() > 1;
}

/// <summary>Runs side by side: what differs, their curves over each other, and their figures as coordinates.</summary>
public sealed class ComparePage(RunService runs, RegistryOverviewService models) : RegistryPage
{
    private const int MaxAxes = 10;

    public IReadOnlyList<RunRecord> Runs { get; private set; } = [];
    public IReadOnlyList<string> Missing { get; private set; } = [];
    public IReadOnlyList<ComparedRow> Params { get; private set; } = [];
    public IReadOnlyList<ComparedRow> Metrics { get; private set; } = [];
    public IReadOnlyList<ComparedRow> Facts { get; private set; } = [];

    public IReadOnlyList<string> Ids => [.. Table.All("runs").SelectMany(r => r.Split(',', StringSplitOptions.RemoveEmptyEntries))
        .Distinct().Take(ChartRoutes.MaxRuns)];

    public string Tab => Table.Get("tab") is "curves" or "parallel" or "scatter" ? Table.Get("tab")! : "table";
    public bool DifferencesOnly => Table.Get("diff") == "true";
    public CurveOptions Curves => CurveOptions.Read(Request);

    /// <summary>The keys of the scatter plot's axes.</summary>
    public string? X => Table.Get("xkey") ?? (NumericKeys.Count > 1 ? NumericKeys[1] : Y);
    public string? Y => Table.Get("ykey") ?? (NumericKeys.Count > 0 ? NumericKeys[0] : null);

    public IReadOnlyList<string> NumericKeys => [.. Metrics.Concat(Params)
        .Where(r => r.Numbers.Count(n => n is { } v && double.IsFinite(v)) > 1).Select(r => r.Key).Distinct()];

    public async Task<IActionResult> OnGetAsync(CancellationToken ct)
    {
        if (Table.All("versions").Count > 0)
            return LocalRedirect(await OfVersionsAsync(ct));
        // One address for one comparison, however it was put together.
        if (Table.All("runs").Count > 1)
            return LocalRedirect(Table.With("runs", string.Join(',', Ids)));
        await LoadAsync(ct);
        return Page();
    }

    public async Task<IActionResult> OnGetParallelAsync(CancellationToken ct)
    {
        await LoadAsync(ct);
        return ComparisonCharts.Parallel(Runs, Axes(), Metrics.Concat(Params).ToList()).ToResult();
    }

    public async Task<IActionResult> OnGetScatterAsync(CancellationToken ct)
    {
        await LoadAsync(ct);
        return ComparisonCharts.Scatter(Runs, Row(X), Row(Y)).ToResult();
    }

    /// <summary>Two versions of one model have a page of their own; others are compared by the runs that made them.</summary>
    private async Task<string> OfVersionsAsync(CancellationToken ct)
    {
        var versions = Table.All("versions").SelectMany(v => v.Split(',', StringSplitOptions.RemoveEmptyEntries)).Distinct()
            .Select(RegistryWork.ParseVersionId).OfType<(string Name, int Number)>().Take(ChartRoutes.MaxRuns).ToList();
        if (versions.Count == 1 && int.TryParse(Table.Get("with"), out var other))
            return $"{Urls.Version(versions[0].Name, versions[0].Number)}/diff/{other}";
        if (versions.Count == 2 && versions[0].Name == versions[1].Name)
            return $"{Urls.Version(versions[0].Name, versions.Max(v => v.Number))}/diff/{versions.Min(v => v.Number)}";
        var made = new List<string>();
        foreach (var (name, number) in versions)
        {
            if ((await models.VersionAsync(name, number, ct)).Version.RunUuid is { Length: > 0 } run)
                made.Add(run);
        }

        return $"/compare?runs={string.Join(',', made.Distinct())}";
    }

    private ComparedRow? Row(string? key) => Metrics.Concat(Params).FirstOrDefault(r => r.Key == key);

    private IReadOnlyList<string> Axes() => [.. Params.Where(r => r.Differs).Concat(Metrics.Where(r => r.Differs))
        .Where(r => !r.Key.StartsWith("system/", StringComparison.Ordinal)).Select(r => r.Key).Distinct().Take(MaxAxes)];

    private async Task LoadAsync(CancellationToken ct)
    {
        var found = await runs.GetAsync(Ids, ct);
        (Runs, Missing) = (found, [.. Ids.Except(found.Select(r => r.Run.RunUuid))]);
        Params = Rows(found, r => r.Params.Select(p => (p.Key, p.Value, Number(p.Value))));
        Metrics = Rows(found, r => r.Metrics.Select(m => (m.Key, Figures.Exact(m.Value), (double?)m.Value)));
        Facts =
        [
            new("Commit", [.. found.Select(r => r.Tag(WellKnownTags.GitCommit))]),
            new("Branch", [.. found.Select(r => r.Tag(WellKnownTags.GitBranch))]),
            new("Source", [.. found.Select(r => r.Tag(WellKnownTags.SourceName))]),
            new("Data sets", [.. found.Select(r => r.Datasets.Count == 0
                ? null
                : string.Join(", ", r.Datasets.Select(d => $"{d.Name} ({d.Digest})").Order()))]),
        ];
    }

    private static List<ComparedRow> Rows(
        List<RunRecord> runs, Func<RunRecord, IEnumerable<(string Key, string Value, double? Number)>> read)
    {
        var maps = runs.Select(r => read(r).ToDictionary(v => v.Key)).ToList();
        return [.. maps.SelectMany(m => m.Keys).Distinct().Order(StringComparer.Ordinal).Select(key => new ComparedRow(
            key, [.. maps.Select(m => m.TryGetValue(key, out var v) ? v.Value : null)])
        {
            Numbers = [.. maps.Select(m => m.TryGetValue(key, out var v) ? v.Number : null)],
        })];
    }

    private static double? Number(string text) =>
        double.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : null;
}
