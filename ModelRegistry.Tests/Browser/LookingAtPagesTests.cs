using Microsoft.Playwright;

namespace ModelRegistry.Tests.Browser;

/// <summary>Each page with a team's data: nothing fails, nothing is refused by the policy, anybody can read it, and it
/// fits a desk and a hand, by day and by night.</summary>
[Collection(BrowserCollection.Name)]
public sealed class LookingAtPagesTests(SampleApp registry)
{
    // Each theme and each width once, the second in the same tab; all four, and each anew, where pictures are wanted.
    private static readonly (ColorScheme Theme, int Width)[] Looks =
        [(ColorScheme.Light, 1280), (ColorScheme.Dark, 390), (ColorScheme.Dark, 1280), (ColorScheme.Light, 390)];

    public static TheoryData<string, string> Pages => new()
    {
        { "home", "/" },
        { "gallery", "/gallery" },
        { "experiments", "/experiments" },
        { "experiments-no-match", "/experiments?filter=nothing-has-this-name" },
        { "experiments-trash", "/experiments?view=deleted" },
        { "experiment-runs", "/experiments/{experiment}" },
        { "experiment-filtered", "/experiments/{experiment}?filter=metrics.auc+%3E+0.6&sort=-metrics.auc&column=metrics.auc&column=params.learning_rate&column=tags.team" },
        { "experiment-filter-wrong", "/experiments/{experiment}?filter=metrics.auc+%3E%3E+0.6" },
        { "experiment-about", "/experiments/{experiment}?tab=about" },
        { "experiment-empty", "/experiments/{empty}" },
        { "run", "/runs/{run}" },
        { "run-metrics", "/runs/{run}?tab=metrics&smooth=0.6" },
        { "run-params", "/runs/{run}?tab=params" },
        { "run-tags", "/runs/{run}?tab=tags" },
        { "run-data", "/runs/{run}?tab=data" },
        { "run-models", "/runs/{run}?tab=models" },
        { "run-files", "/runs/{run}?tab=files" },
        { "run-file-table", "/runs/{run}?tab=files&path=reports%2Fsample.csv" },
        { "run-file-image", "/runs/{run}?tab=files&path=plots%2Fheatmap.png" },
        { "run-file-binary", "/runs/{run}?tab=files&path=model%2Fmodel.pkl" },
        { "run-parent", "/runs/{parent}" },
        { "compare", "/compare?runs={runs}" },
        { "compare-differences", "/compare?runs={runs}&diff=true" },
        { "compare-curves", "/compare?runs={runs}&tab=curves" },
        { "compare-parallel", "/compare?runs={runs}&tab=parallel" },
        { "compare-scatter", "/compare?runs={runs}&tab=scatter" },
        { "models", "/models" },
        { "model", "/models/churn" },
        { "model-edit", "/models/churn?edit=description" },
        { "model-activity", "/models/churn?tab=activity" },
        { "model-stages", "/models/churn/stages" },
        { "model-stages-own", "/models/fraud%20scoring/stages" },
        { "model-staged", "/models/fraud%20scoring" },
        { "model-empty", "/models/demand-forecast" },
        { "version", "/models/churn/versions/3" },
        { "version-space", "/models/fraud%20scoring/versions/1" },
        { "version-files", "/models/churn/versions/3/files?path=requirements.txt" },
        { "version-activity", "/models/churn/versions/2?tab=activity" },
        { "version-diff", "/models/churn/versions/3/diff/2" },
        { "datasets", "/datasets" },
        { "datasets-no-match", "/datasets?q=nothing-has-this-name" },
        { "dataset-versions", "{dataset}" },
        { "dataset-runs", "{dataset}&tab=runs" },
        { "search", "/search?q=churn" },
        { "search-runs", "/search?q=otter" },
        { "search-empty", "/search" },
        { "activity", "/audit" },
        { "approvals", "/governance/approvals" },
        { "approval", "/governance/approvals/1" },
        { "promotion", "/governance/promotion?try=1" },
        { "promotion-edit", "/governance/promotion?edit=1" },
        { "history", "/governance/history" },
        { "inventory", "/governance/inventory" },
        { "access", "/governance/access?kind=model&object=churn" },
        { "notices", "/notices" },
        { "notices-unread", "/notices?show=unread" },
        { "teams", "/admin/teams?team=1" },
    };

    [SkippableTheory, MemberData(nameof(Pages))]
    public async Task Every_page_is_clean_accessible_and_fits(string name, string address)
    {
        await using var session = await registry.OpenAsync(Looks[0].Theme, Looks[0].Width);
        var response = await session.GoAsync(Fill(address));
        response.Status.ShouldBe(200, address);
        await session.WaitForChartsAsync();
        await session.ShouldFitAsync();
        await session.ShouldBeAccessibleAsync();
        await session.LookAsync(Looks[1].Theme, Looks[1].Width);
        await session.ShouldFitAsync();
        await session.ShouldHaveContrastAsync();
        session.ShouldBeClean();
        if (BrowserSession.TakesScreenshots)
            await TakePicturesAsync(name, address);
    }

    private async Task TakePicturesAsync(string name, string address)
    {
        foreach (var (theme, width) in Looks)
        {
            await using var session = await registry.OpenAsync(theme, width);
            await session.GoAsync(Fill(address));
            await session.WaitForChartsAsync();
            await session.ScreenshotAsync($"{name}-{theme.ToString().ToLowerInvariant()}-{width}");
            await session.ShouldFitAsync();
        }
    }

    [SkippableTheory]
    [InlineData("/nothing-is-here", 404)]
    [InlineData("/models/no-such-model", 404)]
    [InlineData("/runs/00000000000000000000000000000000", 404)]
    [InlineData("/experiments/99999", 404)]
    public async Task What_is_missing_is_said_in_a_page(string address, int status)
    {
        await using var session = await registry.OpenAsync();
        var response = await session.GoAsync(address);
        response.Status.ShouldBe(status);
        await Assertions.Expect(session.Page.Locator("h1")).ToHaveTextAsync("There is nothing here");
        await session.ScreenshotAsync("missing-light-1280");
        await session.ShouldBeAccessibleAsync();
    }

    private string Fill(string address) => address
        .Replace("{experiment}", registry.Sample.Experiment)
        .Replace("{empty}", registry.Sample.EmptyExperiment)
        .Replace("{run}", registry.Sample.Run)
        .Replace("{parent}", registry.Sample.ParentRun)
        .Replace("{dataset}", "/datasets/uses?name=customers-2026-03&digest=9f2c41aa")
        .Replace("{runs}", string.Join(',', registry.Sample.Runs.SkipLast(1).TakeLast(5)));
}
