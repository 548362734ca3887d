using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using ModelRegistry.Web.Charts;
using ModelRegistry.Web.Pages.Components;

namespace ModelRegistry.Web.Pages;

/// <summary>Every component in its states, to look at and to test; in Development only.</summary>
public sealed class GalleryPage(TimeProvider time, IWebHostEnvironment environment) : RegistryPage
{
    public static readonly double[] Values = [0.98765432, 0.9, 0.00001234, 0, 1234.5678, 42, -3.14159, 6.02e23, double.NaN];
    public static readonly double[] Curve = [.. Enumerable.Range(1, 40).Select(i => 1.0 / i + 0.05 * Math.Sin(i))];

    public const string Markdown = "# Churn\nPredicts **churn** within 30 days. See [the card](https://example.org).\n\n"
        + "- trained weekly\n- `scikit-learn`\n\n| slice | AUC |\n|---|---|\n| EU | 0.91 |\n\n<script>alert(1)</script>";

    public long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    public FilterBox Filter => new(Table, "runs")
    {
        Keys = ["metrics.loss", "metrics.accuracy", "params.lr", "tags.team", "attributes.status"],
        Examples = [new("metrics.loss < 0.3 AND params.lr = '0.01'", "Good runs with one learning rate")],
    };

    public FilterBox BrokenFilter => Filter with { Noun = "models", Problem = new("Unknown key 'los'.", 8, "a key in quotes") };

    public ColumnPicker Columns => new(Table,
        [new("Metrics", [new("metrics.loss", "loss"), new("metrics.accuracy", "accuracy")]), new("Params", [new("params.lr", "lr")])],
        new HashSet<string> { "metrics.loss" });

    public TagList Tags => new([new("team", "growth"), new("mlflow.user", "ada")]) { MayEdit = true };

    public FileTree Files => new("#content",
    [
        new("data", true, 0) { Children = [new("data/names.json", false, 1_204), new("data/sample.csv", false, 90_133)] },
        new("plots", true, 0), new("MLmodel", false, 712), new("model.pkl", false, 12_400_000),
    ], "MLmodel");

    public DiffTable Diff => new("Parameters", "Version 2", "Version 3",
        [new("alpha", "0.1", "0.1"), new("depth", "6", "8"), new("lr", null, "0.01"), new("seed", "7", null)]);

    public IReadOnlyList<TimelineEntry> Timeline =>
    [
        new(Now - 60_000, "Ada", "moved version 3 from Staging to Production") { Icon = "check", Tone = "green", Reason = "Beat the champion on the March data by 1.2 points." },
        new(Now - 90_000_000, "Grace", "set the alias @challenger to version 3") { Icon = "at" },
        new(Now - 190_000_000, "train-bot", "registered version 3") { Icon = "plus", Tone = "blue" },
    ];

    public override void OnPageHandlerExecuting(PageHandlerExecutingContext context)
    {
        if (!environment.IsDevelopment())
            context.Result = NotFound();
    }

    public IActionResult OnPost() => Done("The form was sent.");

    public IActionResult OnPostToast() => Done("Version 3 is now Production.", undoUrl: "/gallery?handler=Toast");

    public IActionResult OnGetChart() =>
        Plot.LineChart([new("run a", [.. Enumerable.Range(0, 40).Select(i => (double)i)], Curve)]).ToResult();

    public IActionResult OnGetEmptyChart() => Plot.LineChart([]).ToResult();
}
