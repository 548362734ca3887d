using Microsoft.Playwright;
using ModelRegistry.Core.Identity;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Browser;

/// <summary>The whole way of a version into Production, by the hands of three people.</summary>
[Collection(BrowserCollection.Name)]
public sealed class PromotingInTheBrowserTests(SampleApp registry)
{
    [SkippableFact]
    public async Task An_officer_writes_a_policy_a_member_asks_another_approves_and_the_stage_moves()
    {
        Chromium.SkipWhereMissing();
        var name = Any.Name("gated");
        var client = registry.App.AdminClient;
        (await client.MlflowPostAsync("registered-models/create", new { name })).Ok();
        (await client.MlflowPostAsync("model-versions/create", new
        {
            name,
            source = $"mlflow-artifacts:/{registry.Sample.Experiment}/{registry.Sample.Run}/artifacts/model",
            run_id = registry.Sample.Run,
        })).Ok();
        var policy = Any.Name("Gate");

        await using (var officer = await SignInAsync(RegistryRole.GovernanceOfficer, "Olga Officer"))
        {
            var page = officer.Page;
            await officer.GoAsync("/governance/promotion");
            await page.GetByText("New policy").ClickAsync();
            await page.GetByLabel("Name", new() { Exact = true }).FillAsync(policy);
            await page.GetByRole(AriaRole.Textbox, new() { Name = "Models", Exact = true }).FillAsync(name);
            await page.GetByLabel("Metrics").FillAsync("auc is good");
            await page.GetByLabel("The files themselves").CheckAsync();
            await page.GetByLabel("Approvals", new() { Exact = true }).FillAsync("1");
            await page.GetByLabel("From").FillAsync("role member");
            await page.GetByRole(AriaRole.Button, new() { Name = "Create policy" }).ClickAsync();
            // A mistake is said, and nothing that was typed is lost.
            await Assertions.Expect(page.GetByText("is no rule for a metric").First).ToBeVisibleAsync();
            await Assertions.Expect(page.GetByLabel("Name", new() { Exact = true })).ToHaveValueAsync(policy);
            await page.GetByLabel("Metrics").FillAsync("auc >= 0.1");
            await page.GetByRole(AriaRole.Button, new() { Name = "Create policy" }).ClickAsync();
            await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("it holds from now on");
            await page.GetByRole(AriaRole.Link, new() { Name = $"Try it: {policy}" }).ClickAsync();
            await Assertions.Expect(page.GetByRole(AriaRole.Region, new() { Name = $"Dry run of {policy}" })).ToContainTextAsync("One approval from members.");
            await officer.ScreenshotAsync("promotion-policies-tried-light-1280");
        }

        string address;
        await using (var member = await SignInAsync(RegistryRole.Member, "Mia Member"))
        {
            var page = member.Page;
            await member.GoAsync($"/models/{name}/versions/1");
            await Assertions.Expect(page.Locator("aside")).ToContainTextAsync("Nobody has approved it.");
            await page.GetByRole(AriaRole.Button, new() { Name = "Ask for approval" }).First.ClickAsync();
            await page.Locator("#ask-reason").FillAsync("Best on the March data");
            await page.Locator("#ask button[type=submit]").ClickAsync();
            await Assertions.Expect(page.Locator("h1")).ToContainTextAsync("→ Production");
            await Assertions.Expect(page.GetByText("You asked for it: somebody else decides.")).ToBeVisibleAsync();
            await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Approve", Exact = true })).ToHaveCountAsync(0);
            address = new Uri(page.Url).AbsolutePath;
        }

        await using (var other = await SignInAsync(RegistryRole.Member, "Ned Next"))
        {
            var page = other.Page;
            await other.GoAsync("/");
            await Assertions.Expect(page.Locator("#rail .count")).ToHaveTextAsync("1");
            await page.Locator("#rail").GetByRole(AriaRole.Link, new() { Name = "Approvals" }).ClickAsync();
            await Assertions.Expect(page.Locator("table")).ToContainTextAsync("waits for you");
            await other.ScreenshotAsync("approvals-light-1280");
            await page.GetByRole(AriaRole.Link, new() { Name = $"{name} version 1" }).ClickAsync();
            new Uri(page.Url).AbsolutePath.ShouldBe(address);
            await page.GetByLabel("Comment").FillAsync("Looked at the run");
            await other.ScreenshotAsync("approval-light-1280");
            await other.ShouldBeAccessibleAsync();
            await page.GetByRole(AriaRole.Button, new() { Name = "Approve", Exact = true }).ClickAsync();
            await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("Version 1 is now at Production");
            await other.GoAsync($"/models/{name}/versions/1");
            await Assertions.Expect(page.Locator("h1 + .tone")).ToHaveTextAsync("Production");
            await other.GoAsync($"/governance/history?model={name}");
            await Assertions.Expect(page.Locator("tbody tr")).ToContainTextAsync("Ned Next");
            other.ShouldBeClean();
        }
    }

    private async Task<BrowserSession> SignInAsync(RegistryRole role, string displayName)
    {
        var user = await registry.App.UserAsync(role, password: SampleApp.Password, displayName: displayName);
        var session = await registry.OpenAnonymousAsync();
        await session.SignInAsync(user.Email, SampleApp.Password);
        return session;
    }
}
