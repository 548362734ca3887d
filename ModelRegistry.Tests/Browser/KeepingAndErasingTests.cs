using System.Globalization;
using Microsoft.Playwright;
using ModelRegistry.Core.Identity;
using ModelRegistry.Tests.Registry;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Browser;

/// <summary>Locks, erasure cases and the monthly list, as officers work with them.</summary>
[Collection(BrowserCollection.Name)]
public sealed class KeepingAndErasingTests
{
    [SkippableFact]
    public async Task Officers_lock_bypass_erase_restrict_and_look_at_what_was_forgotten()
    {
        Chromium.SkipWhereMissing();
        await using var app = await RegistryApp.StartAsync(options: new RegistryAppOptions { UseKestrel = true });
        var client = app.AdminClient;
        (await client.MlflowPostAsync("registered-models/create", new { name = "churn" })).Ok();
        var (experiment, run) = await client.RunAsync();
        await client.UploadAsync($"{experiment}/{run}/artifacts/m/weights.bin", "weights");
        for (var i = 0; i < 3; i++)
            await client.VersionAsync("churn", $"runs:/{run}/m");
        var ada = await OfficerAsync(app, "Ada Lovelace", RegistryRole.GovernanceOfficer | RegistryRole.RetentionBypass);
        var grace = await OfficerAsync(app, "Grace Hopper", RegistryRole.GovernanceOfficer);
        await ada.GoAsync("/governance/locks");
        await ada.ShouldLookWellAsync("governance-locks-empty");

        // From the version's page.
        await ada.GoAsync("/models/churn/versions/3");
        await ada.Page.GetByLabel("Keep this model version").ClickAsync();
        await ada.Page.GetByRole(AriaRole.Link, new() { Name = "Lock until a day" }).ClickAsync();
        await Assertions.Expect(ada.Page.GetByLabel("Name or id")).ToHaveValueAsync("churn/3");
        await ada.Page.GetByLabel("Until the end of").First.FillAsync(Day(60));
        await ada.Page.GetByLabel("Reason").First.FillAsync("Contract with the bank");
        await ada.ShouldLookWellAsync("governance-locks-form");
        await ada.ClickButtonAsync("Place lock");
        await Assertions.Expect(ada.Page.GetByRole(AriaRole.Status)).ToContainTextAsync("churn/3 is locked");
        await ada.Page.GetByRole(AriaRole.Button, new() { Name = "Ask to bypass the lock on churn/3" }).ClickAsync();
        var dialog = ada.Page.Locator("dialog[open]");
        await dialog.GetByLabel("Reason").FillAsync("Placed on the wrong version");
        await dialog.GetByLabel("This lock is to be bypassed").CheckAsync();
        await ada.ScreenshotAsync("governance-locks-bypass-light-1280");
        await dialog.Locator("button[type=submit]").ClickAsync();
        await Assertions.Expect(ada.Page.GetByRole(AriaRole.Status)).ToContainTextAsync("until another officer agrees");
        await grace.GoAsync("/governance/locks");
        await grace.ShouldLookWellAsync("governance-locks");
        await grace.GoAsync("/models/churn/versions/3");
        await grace.ShouldLookWellAsync("governance-locked-version");
        await SeeWhatKeepsRunsAndExperimentsAsync(grace, experiment, run);
        await grace.GoAsync("/governance/inventory");
        await grace.ShouldLookWellAsync("governance-inventory");
        await grace.GoAsync("/governance/review");
        await grace.ShouldLookWellAsync("governance-review");

        // A case for two versions: one goes, the locked one is restricted.
        await grace.GoAsync("/governance/erasure");
        await grace.ShouldLookWellAsync("governance-erasure-empty");
        await grace.Page.GetByText("Open a case").ClickAsync();
        await grace.Page.GetByLabel("Reference").FillAsync("DSR-2026-041");
        await grace.Page.GetByLabel("Reason").FillAsync("Consent withdrawn");
        await grace.Page.GetByLabel("Things (one on each line)").FillAsync("version churn/1\nversion churn/3");
        await grace.ShouldLookWellAsync("governance-erasure-form");
        await grace.ClickButtonAsync("Open case");
        var address = grace.Page.Url;
        await ada.Page.GotoAsync(address);
        await ada.ClickButtonAsync("Agree");
        await ada.Page.Locator("dialog[open] button[type=submit]").ClickAsync();
        (await app.EraseAsync()).ShouldBe(1);
        await grace.Page.ReloadAsync();
        await grace.ShouldLookWellAsync("governance-erasure-case");
        await grace.Page.GetByRole(AriaRole.Button, new() { Name = "Restrict churn/3" }).ClickAsync();
        await grace.Page.Locator("dialog[open]").GetByLabel("Legal basis").FillAsync("Art. 17(3)(b)");
        await grace.Page.Locator("dialog[open]").GetByLabel("Look at it again on").FillAsync(Day(90));
        await grace.ScreenshotAsync("governance-erasure-restrict-light-1280");
        await grace.Page.Locator("dialog[open] button[type=submit]").ClickAsync();
        await Assertions.Expect(grace.Page.GetByRole(AriaRole.Status)).ToContainTextAsync("kept on that basis");
        await app.EraseAsync();
        await grace.GoAsync("/governance/erasure");
        await grace.ShouldLookWellAsync("governance-erasure");
        ada.ShouldBeClean();
        grace.ShouldBeClean();
        await ada.DisposeAsync();
        await grace.DisposeAsync();
    }

    private static async Task SeeWhatKeepsRunsAndExperimentsAsync(BrowserSession officer, string experiment, string run)
    {
        await officer.GoAsync($"/runs/{run}");
        await officer.Page.GetByLabel("Keep this run").ClickAsync();
        await officer.ScreenshotAsync("governance-keep-run-light-1280");
        await officer.Page.GetByRole(AriaRole.Link, new() { Name = "Place a hold" }).ClickAsync();
        await officer.Page.GetByLabel("Matter").FillAsync("2026-017 Example v. Example");
        await officer.Page.GetByLabel("Reason").First.FillAsync("Asked for by the court");
        await officer.ClickButtonAsync("Place hold");
        await officer.GoAsync($"/experiments/{experiment}");
        await officer.Page.GetByLabel("Keep this experiment").ClickAsync();
        await officer.Page.GetByRole(AriaRole.Link, new() { Name = "Lock until a day" }).ClickAsync();
        await officer.Page.GetByLabel("Until the end of").First.FillAsync(Day(90));
        await officer.Page.GetByLabel("Reason").First.FillAsync("Internal rule 12");
        await officer.ClickButtonAsync("Place lock");

        await officer.GoAsync($"/experiments/{experiment}");
        await Assertions.Expect(officer.Page.GetByRole(AriaRole.Link, new() { Name = $"locked until {Day(90)}", Exact = true })).ToBeVisibleAsync();
        await officer.ShouldLookWellAsync("governance-locked-experiment");
        await officer.GoAsync($"/runs/{run}");
        await Assertions.Expect(officer.Page.GetByRole(AriaRole.Link, new() { Name = $"locked until {Day(90)} with its experiment" })).ToBeVisibleAsync();
        await officer.ShouldLookWellAsync("governance-held-run");
        await officer.Page.GetByRole(AriaRole.Link, new() { Name = "held", Exact = true }).ClickAsync();
        await Assertions.Expect(officer.Page.GetByRole(AriaRole.Region, new() { Name = "Holds" })).ToContainTextAsync("2026-017 Example v. Example");
        await officer.ShouldLookWellAsync("governance-holds-of-a-run");
        await officer.Page.GetByRole(AriaRole.Link, new() { Name = "Show all" }).ClickAsync();
        await Assertions.Expect(officer.Page.GetByRole(AriaRole.Region, new() { Name = "Holds" })).ToBeVisibleAsync();
    }

    private static string Day(int days) => DateTime.UtcNow.AddDays(days).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static async Task<BrowserSession> OfficerAsync(RegistryApp app, string name, RegistryRole roles)
    {
        var user = await app.UserAsync(roles, password: SampleApp.Password, displayName: name);
        var session = await BrowserSession.OpenAsync(await BrowserSession.ContextAsync(app.Address));
        await session.SignInAsync(user.Email, SampleApp.Password);
        return session;
    }
}
