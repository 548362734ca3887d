using System.Net;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;
using ModelRegistry.Tests.Api;
using ModelRegistry.Tests.Registry;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Pages;

public sealed class ChangingStagesTests(RegistryApps apps) : IClassFixture<RegistryApps>
{
    [Fact]
    public async Task A_stage_is_renamed_added_and_used_on_the_pages()
    {
        var app = await apps.On(DatabaseProvider.Sqlite);
        using var browser = await app.SignedInAsync(RegistryRole.Admin);
        var name = await app.AdminClient.ModelAsync("paged");
        await app.AdminClient.VersionAsync(name);
        var page = $"/models/{name}/stages";
        (await browser.GetPageAsync(page)).ShouldContain("As every model has them");

        using var saved = await browser.SubmitAsync(page, "Save", [.. Row(0, "Experiment", "Draft", "Experiment", 1), .. Row(1, "Staging", "Staging", "Staging", 2), .. Row(2, "Production", "Production", "Production", 4), .. Row(3, "Archived", "Archived", "Archived", 9), .. Row(4, "", "Canary", "Production", 3), .. Row(5, "", "", "Staging", null)]);
        saved.StatusCode.ShouldBe(HttpStatusCode.Redirect, await saved.Content.ReadAsStringAsync());
        (await app.AdminClient.V1GetAsync($"models/{name}/stages"))["items"].EnumerateArray().Select(s => s.GetProperty("name").GetString())
            .ShouldBe(["Draft", "Staging", "Canary", "Production", "Archived"]);

        // What was typed is still there when it is refused, with the reason.
        using var refused = await browser.SubmitAsync(page, "Save", [.. Row(0, "Draft", "Staging", "Experiment", 1), .. Row(1, "Staging", "Staging", "Staging", 2), .. Row(2, "Archived", "Retired", "Archived", 3)]);
        refused.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var html = await refused.Content.ReadAsStringAsync();
        html.ShouldContain("means what it means for every model");
        html.ShouldContain("value=\"Retired\"");

        using var moved = await browser.SubmitAsync($"/models/{name}/versions/1", "SetStage", [("Stage", "Canary"), ("Reason", "A tenth of it")]);
        moved.StatusCode.ShouldBe(HttpStatusCode.Redirect, await moved.Content.ReadAsStringAsync());
        (await browser.GetPageAsync($"/models/{name}?tab=activity")).ShouldContain("from Draft to Canary");
        (await browser.GetPageAsync($"/models/{name}?stage=Canary")).ShouldContain("Version 1</a>");
        (await browser.GetPageAsync($"/models/{name}?stage=Production")).ShouldNotContain("Version 1</a>");
        (await browser.GetPageAsync($"/models?filter=stage+%3D+%27Canary%27")).ShouldContain(name);
        (await browser.GetPageAsync($"/governance/inventory?q={name}&stage=canary")).ShouldNotContain($"/models/{name}\"");
        (await browser.GetPageAsync($"/governance/inventory?q={name}&stage=Canary")).ShouldContain($"/models/{name}?stage=Canary");
        using var inUse = await browser.SubmitAsync(page, "Reset");
        (await inUse.Content.ReadAsStringAsync()).ShouldContain("is in use by version 1");

        using var viewer = await app.SignedInAsync(RegistryRole.Viewer);
        var seen = await viewer.GetPageAsync(page);
        seen.ShouldContain("The stages of a model are changed by who manages it");
        seen.ShouldNotContain("Save stages");
        using var forbidden = await viewer.SubmitAsync(page, "Save", [.. Row(0, "", "Mine", "Experiment", 1)]);
        forbidden.StatusCode.ShouldNotBe(HttpStatusCode.OK);
        (await app.AdminClient.V1GetAsync($"models/{name}/stages"))["revision"].GetInt32().ShouldBe(1);
    }

    [Fact]
    public async Task The_bell_counts_what_was_not_read_and_leads_there()
    {
        var app = await apps.On(DatabaseProvider.Sqlite);
        var owner = await app.UserAsync(RegistryRole.Member);
        using var officer = await app.SignedInAsync(RegistryRole.GovernanceOfficer);
        var name = await owner.Client.ModelAsync("belled");
        await owner.Client.VersionAsync(name);
        (await officer.GetPageAsync("/notices")).ShouldContain("No notices yet");
        (await app.AdminClient.V1PostAsync("promotion-policies", new { name = Any.Name("p"), models = name, stage = "production", approvals = new { count = 1 } })).Should(HttpStatusCode.Created);
        var request = (await owner.Client.V1PostAsync("approvals", new { model = name, version = 1, stage = "production" })).Should(HttpStatusCode.Created)["id"];

        (await officer.GetPageAsync("/models")).ShouldContain("Notices, 1 unread");
        var html = await officer.GetPageAsync("/notices?show=unread");
        html.ShouldContain($"Your decision is asked for: {name} version 1 to Production.");
        var id = System.Text.RegularExpressions.Regex.Match(html, "name=\"id\" value=\"([^\"]+)\"").Groups[1].Value;
        using var opened = await officer.SubmitAsync("/notices", "Open", ("id", id));
        opened.Headers.Location!.ToString().ShouldBe($"/governance/approvals/{request}");
        (await officer.GetPageAsync("/notices")).ShouldContain("aria-label=\"Notices\"");
        using var all = await officer.SubmitAsync("/notices", "ReadAll");
        all.StatusCode.ShouldBe(HttpStatusCode.Redirect);
    }

    private static (string, string)[] Row(int i, string was, string name, string kind, int? place) =>
    [
        ($"Rows[{i}].Was", was), ($"Rows[{i}].Name", name), ($"Rows[{i}].Kind", kind), ($"Rows[{i}].Position", place?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? ""),
    ];
}
