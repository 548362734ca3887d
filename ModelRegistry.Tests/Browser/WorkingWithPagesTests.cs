using Microsoft.Playwright;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Browser;

/// <summary>What people do every day, done in a browser.</summary>
[Collection(BrowserCollection.Name)]
public sealed class WorkingWithPagesTests(SampleApp registry)
{
    [SkippableFact]
    public async Task From_the_home_page_to_the_curves_of_a_run()
    {
        await using var session = await registry.OpenAsync();
        await session.GoAsync("/");
        await session.Page.Locator(".list a[href^='/runs/']").First.ClickAsync();
        await session.Page.GetByRole(AriaRole.Link, new() { Name = "Metrics" }).First.ClickAsync();
        await session.WaitForChartsAsync();
        (await session.Page.Locator("[data-drawn] .scatterlayer path.js-line").CountAsync()).ShouldBeGreaterThan(0);
        session.ShouldBeClean();
    }

    [SkippableFact]
    public async Task The_links_that_a_client_prints_lead_to_the_run_and_the_version()
    {
        await using var session = await registry.OpenAsync();
        await session.GoAsync($"/#/experiments/{registry.Sample.Experiment}/runs/{registry.Sample.Run}");
        await session.Page.WaitForURLAsync($"**/runs/{registry.Sample.Run}");
        await session.GoAsync("/#/models/churn/versions/3");
        await session.Page.WaitForURLAsync("**/models/churn/versions/3");

        await using var stranger = await registry.OpenAnonymousAsync();
        await stranger.GoAsync($"/#/experiments/{registry.Sample.Experiment}");
        await stranger.Page.WaitForURLAsync(url => url.Contains($"experiments%2F{registry.Sample.Experiment}", StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task A_tag_is_set_on_a_run_and_taken_off()
    {
        await using var session = await registry.OpenAsync();
        var page = session.Page;
        await session.GoAsync($"/runs/{registry.Sample.ParentRun}?tab=tags");
        await page.GetByLabel("Key", new() { Exact = true }).FillAsync("reviewed");
        await page.GetByLabel("Value", new() { Exact = true }).FillAsync("by Ada");
        await page.GetByRole(AriaRole.Button, new() { Name = "Set tag" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("Tag reviewed is set");
        await session.GoAsync($"/runs/{registry.Sample.ParentRun}?tab=tags");
        await Assertions.Expect(page.GetByRole(AriaRole.Rowheader, new() { Name = "reviewed" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Remove tag reviewed" }).ClickAsync();
        await session.GoAsync($"/runs/{registry.Sample.ParentRun}?tab=tags");
        await Assertions.Expect(page.GetByRole(AriaRole.Rowheader, new() { Name = "reviewed" })).ToHaveCountAsync(0);
        session.ShouldBeClean();
    }

    [SkippableFact]
    public async Task An_alias_and_a_stage_are_set_with_a_reason()
    {
        await using var session = await registry.OpenAsync();
        var page = session.Page;
        var version = await NewVersionAsync();
        await session.GoAsync(version);
        await page.GetByRole(AriaRole.Button, new() { Name = "Set alias" }).First.ClickAsync();
        await page.Locator("#set-alias").GetByLabel("Alias").FillAsync("blessed");
        await page.Locator("#set-alias").GetByLabel("Reason").FillAsync("Best on the March data");
        await page.Locator("#set-alias button[type=submit]").ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("@blessed now points at version 1");

        await page.GetByRole(AriaRole.Button, new() { Name = "Move stage" }).ClickAsync();
        await page.Locator("#stage").SelectOptionAsync("Production");
        await page.Locator("#set-stage").GetByLabel("Reason").FillAsync("Approved on Monday");
        await page.Locator("#set-stage button[type=submit]").ClickAsync();
        await Assertions.Expect(page.Locator("h1 + .tone")).ToHaveTextAsync("Production");

        await session.GoAsync(version + "?tab=activity");
        await Assertions.Expect(page.Locator(".timeline")).ToContainTextAsync("moved version 1 from Experiment to Production");
        await Assertions.Expect(page.Locator(".timeline")).ToContainTextAsync("Approved on Monday");
        await Assertions.Expect(page.Locator(".timeline")).ToContainTextAsync("Best on the March data");
        session.ShouldBeClean();
    }

    [SkippableFact]
    public async Task A_refused_alias_shows_the_dialog_again_with_what_was_typed()
    {
        await using var session = await registry.OpenAsync();
        var page = session.Page;
        await session.GoAsync(await NewVersionAsync());
        await page.GetByRole(AriaRole.Button, new() { Name = "Set alias" }).First.ClickAsync();
        await page.Locator("#set-alias").GetByLabel("Alias").FillAsync("v1");
        await page.Locator("#set-alias").GetByLabel("Reason").FillAsync("a try");
        await page.Locator("#set-alias button[type=submit]").ClickAsync();
        await Assertions.Expect(page.Locator("#set-alias .validation-summary-errors")).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator("#set-alias").GetByLabel("Alias")).ToHaveValueAsync("v1");
        await Assertions.Expect(page.Locator("#set-alias").GetByLabel("Reason")).ToHaveValueAsync("a try");
        await session.ScreenshotAsync("dialog-refused-light-1280", wholePage: false);
    }

    [SkippableFact]
    public async Task A_file_of_a_version_is_downloaded_whole()
    {
        await using var session = await registry.OpenAsync();
        await session.GoAsync("/models/churn/versions/3/files?path=requirements.txt");
        var download = await session.Page.RunAndWaitForDownloadAsync(
            () => session.Page.GetByRole(AriaRole.Link, new() { Name = "Download" }).ClickAsync());
        download.SuggestedFilename.ShouldBe("requirements.txt");
        (await File.ReadAllTextAsync(await download.PathAsync())).ShouldBe(SampleFiles.Requirements("1.5.2"));
        session.ShouldBeClean();
    }

    [SkippableFact]
    public async Task Two_runs_are_chosen_and_compared()
    {
        await using var session = await registry.OpenAsync();
        var page = session.Page;
        await session.GoAsync($"/experiments/{registry.Sample.Experiment}");
        await Assertions.Expect(page.Locator(".bulk")).ToBeHiddenAsync();
        await page.Locator("td input[name=runs]").Nth(0).CheckAsync();
        await page.Locator("td input[name=runs]").Nth(1).CheckAsync();
        await Assertions.Expect(page.Locator(".bulk [data-count]")).ToHaveTextAsync("2 selected");
        await page.GetByRole(AriaRole.Button, new() { Name = "Compare" }).ClickAsync();
        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync("Compare 2 runs");
        session.ShouldBeClean();
    }

    [SkippableFact]
    public async Task The_slash_key_searches_and_the_keyboard_reaches_the_content()
    {
        await using var session = await registry.OpenAsync();
        var page = session.Page;
        await session.GoAsync("/models");
        await page.Keyboard.PressAsync("Tab");
        await Assertions.Expect(page.Locator(":focus")).ToHaveTextAsync("Skip to content");
        await page.Keyboard.PressAsync("Enter");
        await page.Keyboard.PressAsync("/");
        await page.Keyboard.TypeAsync("churn");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync("Results for “churn”");
        session.ShouldBeClean();
    }

    [SkippableFact]
    public async Task The_theme_is_switched_at_once_and_remembered()
    {
        await using var session = await registry.OpenAsync(width: 1100);
        var page = session.Page;
        await session.GoAsync("/models");
        await page.GetByLabel("Theme").ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Dark" }).ClickAsync();
        await Assertions.Expect(page.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");
        await session.GoAsync("/experiments");
        await Assertions.Expect(page.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");
    }

    [SkippableFact]
    public async Task On_a_phone_the_rail_is_a_drawer()
    {
        await using var session = await registry.OpenAsync(width: 390);
        var page = session.Page;
        await session.GoAsync("/");
        await Assertions.Expect(page.Locator("#rail")).ToBeHiddenAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Menu" }).ClickAsync();
        await Assertions.Expect(page.Locator("#rail")).ToBeVisibleAsync();
        await session.ScreenshotAsync("drawer-light-390", wholePage: false);
        await page.Locator("#rail").GetByRole(AriaRole.Link, new() { Name = "Models" }).ClickAsync();
        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync("Models");
    }

    [SkippableFact]
    public async Task Without_a_script_pages_read_and_forms_work()
    {
        await using var session = await registry.OpenAsync(scripts: false);
        var page = session.Page;
        await session.GoAsync($"/runs/{registry.Sample.Run}?tab=tags");
        await page.GetByLabel("Key", new() { Exact = true }).FillAsync("plain");
        await page.GetByLabel("Value", new() { Exact = true }).FillAsync("html");
        await page.GetByRole(AriaRole.Button, new() { Name = "Set tag" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("Tag plain is set");
        await session.GoAsync($"/experiments/{registry.Sample.Experiment}?filter=metrics.auc+%3E+0");
        await page.GetByRole(AriaRole.Link, new() { Name = "auc" }).First.ClickAsync();
        await Assertions.Expect(page.Locator("th[aria-sort]")).ToContainTextAsync("auc");
    }

    [SkippableFact]
    public async Task Who_may_only_look_is_told_why_there_is_no_button()
    {
        var viewer = await registry.App.UserAsync(Core.Identity.RegistryRole.Viewer, password: SampleApp.Password);
        await using var session = await registry.OpenAnonymousAsync();
        await session.SignInAsync(viewer.Email, SampleApp.Password);
        await session.GoAsync("/models/churn/versions/3");
        await Assertions.Expect(session.Page.GetByText("Why can't I move it?")).ToBeVisibleAsync();
        await Assertions.Expect(session.Page.GetByRole(AriaRole.Button, new() { Name = "Move stage" })).ToHaveCountAsync(0);
        (await session.GoAsync("/audit")).Status.ShouldBe(403);
    }

    private async Task<string> NewVersionAsync()
    {
        var name = Any.Name("clicked");
        var client = registry.App.AdminClient;
        (await client.MlflowPostAsync("registered-models/create", new { name })).Ok();
        (await client.MlflowPostAsync("model-versions/create", new
        {
            name,
            source = $"mlflow-artifacts:/{registry.Sample.Experiment}/{registry.Sample.Run}/artifacts/model",
            run_id = registry.Sample.Run,
        })).Ok();
        return $"/models/{name}/versions/1";
    }
}
