using System.Net;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;
using ModelRegistry.Tests.Api;
using ModelRegistry.Tests.Promotion;
using ModelRegistry.Tests.Registry;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Pages;

public sealed class SeeingWhoMayTests(RegistryApps apps) : IClassFixture<RegistryApps>
{
    [SkippableTheory, OnEachDatabase]
    public async Task Everybody_who_may_do_something_is_told_with_the_reason(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var owner = await app.UserAsync(RegistryRole.Member);
        var (friend, stranger) = (await app.UserAsync(RegistryRole.None), await app.UserAsync(RegistryRole.Member));
        var name = await owner.Client.ModelAsync("seen");
        await app.MakePrivateAsync(name);
        var team = await PromotingVersionsTests.TeamAsync(app, friend);
        (await owner.Client.V1PostAsync("grants", new { kind = "registered-model", @object = name, team, permissions = new[] { "edit" } })).Should(HttpStatusCode.Created);
        (await app.AdminClient.V1PostAsync("promotion-policies", new { name = Any.Name("p"), models = name, stage = "production", movers = new { teams = new[] { team } } }))
            .Should(HttpStatusCode.Created);

        using var auditor = await app.SignedInAsync(RegistryRole.Auditor);
        var page = await auditor.GetPageAsync($"/governance/access?kind=model&object={name}");
        page.ShouldContain(owner.Email);
        page.ShouldContain($"Grant to the team {team}");
        page.ShouldContain($"only the team {team} may move it there, or away");
        page.ShouldNotContain(stranger.Email);
        using var member = await app.SignedInAsync(RegistryRole.Member);
        (await member.GetPageAsync($"/governance/access?kind=model&object={name}")).ShouldContain("not found");
    }

    [SkippableTheory, OnEachDatabase]
    public async Task The_inventory_says_what_is_missing(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var owner = await app.UserAsync(RegistryRole.Member);
        var name = await owner.Client.ModelAsync("stock");
        var version = await owner.Client.VersionAsync(name);
        (await owner.Client.TransitionAsync(name, version, "Production")).Ok();
        (await owner.Client.MlflowPostAsync("registered-models/set-tag", new { name, key = "risk_tier", value = "high" })).Ok();
        (await owner.Client.MlflowPostAsync("registered-models/set-tag", new { name, key = "last_review", value = $"{DateTime.UtcNow:yyyy-MM-dd}" })).Ok();

        using var officer = await app.SignedInAsync(RegistryRole.GovernanceOfficer);
        var csv = await officer.GetStringAsync($"/governance/inventory?q={name}&tier=high&format=csv");
        csv.Trim().Split("\r\n")[^1].ShouldMatch($"^{name},.*,high,1,,Production,1,.+,\"description, approval of what is live, origin of what is live\"$");
        using var member = await app.SignedInAsync(RegistryRole.Member);
        (await member.GetAsync("/governance/inventory")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task A_team_is_made_and_filled_on_its_page()
    {
        var app = await apps.On(DatabaseProvider.Sqlite);
        var user = await app.UserAsync(RegistryRole.Viewer);
        using var admin = await app.SignedInAsync(RegistryRole.Admin);
        var name = Any.Name("team");

        using var made = await admin.SubmitAsync("/admin/teams", "Create", ("Name", name));
        made.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        var address = made.Headers.Location!.ToString();
        using var twice = await admin.SubmitAsync("/admin/teams", "Create", ("Name", name));
        twice.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        using var nobody = await admin.SubmitAsync(address, "Add", ("Email", "nobody@example.org"));
        nobody.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        using var added = await admin.SubmitAsync(address, "Add", ("Email", user.Email));
        added.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        (await admin.GetPageAsync(address)).ShouldContain(user.Email);
        using var deleted = await admin.SubmitAsync(address, "Delete");
        (await admin.GetPageAsync("/admin/teams")).ShouldNotContain(address);
    }
}
