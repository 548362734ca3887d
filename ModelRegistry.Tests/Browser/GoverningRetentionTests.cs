using Microsoft.Playwright;
using ModelRegistry.Core.Identity;
using ModelRegistry.Tests.Artifacts;
using ModelRegistry.Tests.Registry;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Browser;

/// <summary>What governance officers do, from a hold and a policy to a certificate, in two browsers.</summary>
[Collection(BrowserCollection.Name)]
public sealed class GoverningRetentionTests
{
    [SkippableFact]
    public async Task Two_officers_write_preview_approve_carry_out_restore_and_prove()
    {
        Chromium.SkipWhereMissing();
        var time = new ShiftedTime();
        await using var app = await RegistryApp.StartAsync(options: new RegistryAppOptions
        {
            UseKestrel = true,
            Clock = time,
            Settings = new() { ["Jobs:Enabled"] = "true", ["Jobs:Workers"] = "1" },
        });
        var client = app.AdminClient;
        (await client.MlflowPostAsync("registered-models/create", new { name = "churn" })).Ok();
        var (experiment, run) = await client.RunAsync();
        await client.UploadAsync($"{experiment}/{run}/artifacts/m/weights.bin", "weights");
        for (var i = 0; i < 5; i++)
            await client.VersionAsync("churn", $"runs:/{run}/m");
        await client.SetAliasAsync("churn", "champion", "2");
        await app.RunRetentionAsync();
        time.Shift += TimeSpan.FromDays(40);
        await app.RunRetentionAsync();

        var (ada, adaEmail) = await OfficerAsync(app, "Ada Lovelace");
        var (grace, graceEmail) = await OfficerAsync(app, "Grace Hopper");

        // A hold.
        await ada.GoAsync("/governance/holds");
        await ada.ShouldLookWellAsync("governance-holds-empty");
        await ada.Page.GetByText("Place a hold").ClickAsync();
        await ada.Page.GetByLabel("Name or id").FillAsync("churn/1");
        await ada.Page.GetByLabel("Matter").FillAsync("2026-017 Example v. Example");
        await ada.Page.GetByLabel("Reason").FillAsync("Asked for by the court");
        await ada.ClickButtonAsync("Place hold");
        await Assertions.Expect(ada.Page.GetByRole(AriaRole.Status)).ToContainTextAsync("churn/1 is held");
        await ada.ShouldLookWellAsync("governance-holds");

        // The clock moved: nothing goes before somebody has looked.
        await ada.GoAsync("/governance/policies");
        await ada.ShouldLookWellAsync("governance-policies-paused");
        await ada.Page.GetByLabel("Why the clock is right").FillAsync("The server was moved");
        await ada.ClickButtonAsync("Go on");

        // A policy, read back, saved disabled, previewed, enabled.
        await ada.ClickAsync(ada.Page.GetByRole(AriaRole.Link, new() { Name = "New policy" }));
        await ada.Page.GetByLabel("Name", new() { Exact = true }).FillAsync("Old versions of churn");
        await ada.Page.GetByLabel("Model (for runs").FillAsync("churn");
        await ada.Page.GetByLabel("Delete after (days)").FillAsync("30");
        await ada.Page.GetByLabel("Keep the newest").FillAsync("1");
        await ada.Page.GetByLabel("Days that owners have").FillAsync("0");
        await ada.ClickButtonAsync("Read it back");
        await Assertions.Expect(ada.Page.Locator(".explain")).ToContainTextAsync("Delete versions of the model churn 30 days after they were registered");
        await ada.ShouldLookWellAsync("governance-policy-new");
        await ada.ClickButtonAsync("Save disabled");
        await Assertions.Expect(ada.Page.Locator(".title-line")).ToContainTextAsync("disabled");
        await ada.ClickButtonAsync("Preview");
        await WaitForAsync(ada, "section[aria-label='Preview']", "would be deleted");
        await Assertions.Expect(ada.Page.Locator("section[aria-label='Preview']")).ToContainTextAsync("legal hold");
        await Assertions.Expect(ada.Page.Locator("section[aria-label='Preview']")).ToContainTextAsync("in use");
        await ada.ShouldLookWellAsync("governance-policy-preview");
        await ada.Page.GetByRole(AriaRole.Link, new() { Name = "The whole report" }).ClickAsync();
        var dryRun = await DownloadAsync(ada, "Report (CSV)");
        dryRun.ShouldContain("churn/3,delete,R7");
        await ada.Page.GoBackAsync();
        await ada.ClickButtonAsync("Enable");
        await Assertions.Expect(ada.Page.Locator(".title-line")).ToContainTextAsync("enabled");
        await ada.ShouldLookWellAsync("governance-policy");

        // A run, which its author cannot approve.
        await ada.ClickButtonAsync("Ask for a run");
        await WaitForAsync(ada, ".title-line", "waits for approval");
        await Assertions.Expect(ada.Page.Locator("main")).ToContainTextAsync("Why can't I approve this?");
        await Assertions.Expect(ada.Page.GetByRole(AriaRole.Button, new() { Name = "Approve" })).ToHaveCountAsync(0);
        await ada.ShouldLookWellAsync("governance-run-waiting");
        var address = new Uri(ada.Page.Url).PathAndQuery;
        // Nothing has changed since the dry run: the run would do the same, byte for byte.
        (await DownloadAsync(ada, "Report (CSV)")).ShouldBe(dryRun);

        await grace.GoAsync(address);
        await grace.Page.GetByRole(AriaRole.Button, new() { Name = "Approve" }).First.ClickAsync();
        await grace.Page.Locator("#approve-run button[type=submit]").ClickAsync();
        await WaitForAsync(grace, ".title-line", "done");
        await Assertions.Expect(grace.Page.Locator("main")).ToContainTextAsync("2 done, 0 kept");
        await grace.ShouldLookWellAsync("governance-run-done");
        await grace.GoAsync("/governance/policies?view=runs");
        await grace.ShouldLookWellAsync("governance-runs");

        // One comes back, the other is purged and leaves a certificate.
        await grace.GoAsync("/governance/trash");
        await grace.ShouldLookWellAsync("governance-trash");
        await grace.ClickButtonAsync("Restore churn/3");
        await Assertions.Expect(grace.Page.GetByRole(AriaRole.Status)).ToContainTextAsync("churn/3 is back");
        time.Shift += TimeSpan.FromDays(31);
        await app.RunRetentionAsync();
        // Sessions do not last a month.
        await ada.SignInAsync(adaEmail, SampleApp.Password);
        await grace.SignInAsync(graceEmail, SampleApp.Password);
        await grace.GoAsync("/governance/policies");
        await grace.Page.GetByLabel("Why the clock is right").FillAsync("A month went by");
        await grace.ClickButtonAsync("Go on");
        (await app.PurgeTrashAsync()).Purged.ShouldBe(1);
        await grace.GoAsync("/governance/trash?view=certificates");
        await Assertions.Expect(grace.Page.Locator("table")).ToContainTextAsync("churn/4");
        await Assertions.Expect(grace.Page.Locator("table")).ToContainTextAsync("approved by Grace Hopper");
        await grace.ShouldLookWellAsync("governance-certificates");
        await grace.GoAsync("/governance/trash?view=due");
        await grace.ShouldLookWellAsync("governance-due-empty");
        await grace.GoAsync("/governance/trash?view=archived");
        await grace.ShouldLookWellAsync("governance-archive-empty");

        // The hold is released with a reason.
        await ada.GoAsync("/governance/holds");
        await ada.Page.GetByRole(AriaRole.Button, new() { Name = "Release the hold on churn/1" }).ClickAsync();
        await ada.Page.Locator("dialog[open]").GetByLabel("Reason").FillAsync("Settled");
        await ada.Page.Locator("dialog[open] button[type=submit]").ClickAsync();
        await Assertions.Expect(ada.Page.GetByRole(AriaRole.Status)).ToContainTextAsync("is released");

        // How it stood, and that the record of all this is whole.
        await ada.GoAsync("/governance/history");
        await ada.Page.GetByRole(AriaRole.Textbox, new() { Name = "Model", Exact = true }).FillAsync("churn");
        await ada.ClickButtonAsync("Show");
        await Assertions.Expect(ada.Page.Locator("tbody tr")).ToContainTextAsync("champion");
        await ada.GoAsync("/audit");
        await ada.ClickButtonAsync("Verify the chain");
        await Assertions.Expect(ada.Page.GetByText("The chain is intact")).ToBeVisibleAsync();
        await Assertions.Expect(ada.Page.Locator("main table")).ToContainTextAsync("Settled");
        await ada.ShouldLookWellAsync("governance-audit-verified");
        ada.ShouldBeClean();
        grace.ShouldBeClean();
        await ada.DisposeAsync();
        await grace.DisposeAsync();
    }

    private static async Task<(BrowserSession Session, string Email)> OfficerAsync(RegistryApp app, string name)
    {
        var user = await app.UserAsync(RegistryRole.GovernanceOfficer, password: SampleApp.Password, displayName: name);
        var session = await BrowserSession.OpenAsync(await BrowserSession.ContextAsync(app.Address));
        await session.SignInAsync(user.Email, SampleApp.Password);
        return (session, user.Email);
    }

    private static async Task<string> DownloadAsync(BrowserSession session, string link)
    {
        var file = await session.Page.RunAndWaitForDownloadAsync(() => session.Page.GetByRole(AriaRole.Link, new() { Name = link }).ClickAsync());
        return await File.ReadAllTextAsync(await file.PathAsync());
    }

    /// <summary>A job does it: the page shows it when it is loaded again.</summary>
    private static async Task WaitForAsync(BrowserSession session, string at, string text)
    {
        for (var i = 0; i < 60; i++)
        {
            if (await session.Page.Locator(at).First.InnerTextAsync() is { } shown && shown.Contains(text, StringComparison.Ordinal))
                return;
            await Task.Delay(500);
            await session.Page.ReloadAsync();
        }

        throw new ShouldAssertException($"'{text}' did not appear: {await session.Page.Locator("main").InnerTextAsync()}");
    }
}
