using System.Net;
using System.Text.Json;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;
using ModelRegistry.Tests.Api;
using ModelRegistry.Tests.Governance;
using ModelRegistry.Tests.Promotion;
using ModelRegistry.Tests.Registry;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Notices;

public sealed class BeingToldTests(RegistryApps apps) : IClassFixture<RegistryApps>
{
    [SkippableTheory, OnEachDatabase]
    public async Task Who_may_decide_is_asked_and_who_asked_is_told_what_became_of_it(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var (officer, asker, stranger) = (await app.UserAsync(RegistryRole.GovernanceOfficer), await app.UserAsync(RegistryRole.Member), await app.UserAsync(RegistryRole.Member));
        var (first, second) = (await app.UserAsync(RegistryRole.Member), await app.UserAsync(RegistryRole.Member));
        var team = await PromotingVersionsTests.TeamAsync(app, first, second, asker);
        var name = await asker.Client.ModelAsync("told");
        await asker.Client.VersionAsync(name);
        await PromotingVersionsTests.PolicyAsync(officer, new { name = Any.Name("p"), models = name, stage = "production", approvals = new { count = 1, from = new { teams = new[] { team } } } });
        var path = $"approvals/{(await asker.Client.V1PostAsync("approvals", new { model = name, version = 1, stage = "production" })).Should(HttpStatusCode.Created)["id"]}";

        foreach (var decider in new[] { first, second })
        {
            var notice = (await NoticesAsync(decider)).ShouldHaveSingleItem();
            notice.GetProperty("kind").GetString().ShouldBe("approval-wanted");
            notice.GetProperty("text").GetString().ShouldBe($"Your decision is asked for: {name} version 1 to Production.");
            notice.GetProperty("path").GetString().ShouldBe($"/governance/{path}");
            notice.GetProperty("by").GetString().ShouldBe(asker.Email);
        }

        foreach (var other in new[] { asker, stranger, officer })
            (await NoticesAsync(other)).ShouldBeEmpty();

        // Nobody reads what somebody else is told.
        var id = (await NoticesAsync(first))[0].GetProperty("id").GetString();
        (await second.Client.V1PostAsync($"notices/{id}/read", null)).ShouldBeRefused(HttpStatusCode.NotFound);
        (await first.Client.V1PostAsync("notices/1/read", null)).ShouldBeRefused(HttpStatusCode.NotFound);
        (await first.Client.V1PostAsync($"notices/{id}/read", null)).Should(HttpStatusCode.OK)["readAt"].ValueKind.ShouldBe(JsonValueKind.String);
        (await NoticesAsync(first, "?unread=true")).ShouldBeEmpty();
        (await NoticesAsync(first)).Count.ShouldBe(1);

        (await first.Client.V1PostAsync(path + "/approve", null)).Should(HttpStatusCode.OK)["state"].GetString().ShouldBe("done");
        (await NoticesAsync(second, "?unread=true")).ShouldBeEmpty("there is nothing to decide any more");
        var told = (await NoticesAsync(asker)).ShouldHaveSingleItem();
        told.GetProperty("kind").GetString().ShouldBe("approval-decided");
        told.GetProperty("text").GetString().ShouldBe($"Done: {name} version 1 to Production.");
        told.GetProperty("by").GetString().ShouldBe(first.Email);

        // One who is told nothing by their own withdrawal; one who is told of a rejection.
        await asker.Client.VersionAsync(name);
        var withdrawn = (await asker.Client.V1PostAsync("approvals", new { model = name, version = 2, stage = "production" })).Should(HttpStatusCode.Created)["id"];
        (await asker.Client.V1PostAsync($"approvals/{withdrawn}/withdraw", null)).Should(HttpStatusCode.OK);
        (await NoticesAsync(asker)).Count.ShouldBe(1);
        (await NoticesAsync(second, "?unread=true")).ShouldBeEmpty();
        var rejected = (await asker.Client.V1PostAsync("approvals", new { model = name, version = 2, stage = "production" })).Should(HttpStatusCode.Created)["id"];
        (await second.Client.V1PostAsync($"approvals/{rejected}/reject", new { comment = "Not yet" })).Should(HttpStatusCode.OK);
        (await NoticesAsync(asker))[0].GetProperty("text").GetString().ShouldStartWith("Rejected:");
        (await asker.Client.V1PostAsync("notices/read-all", null)).Should(HttpStatusCode.NoContent);
        (await NoticesAsync(asker, "?unread=true")).ShouldBeEmpty();
        using var narrow = app.ClientWithToken(await app.TokenAsync(asker.Id, TokenScope.Write));
        (await narrow.V1GetAsync("notices")).ShouldBeRefused(HttpStatusCode.Forbidden);
    }

    [SkippableTheory, OnEachDatabase]
    public async Task A_token_that_ends_is_told_of_a_week_ahead_and_written_down_when_it_has(DatabaseProvider provider)
    {
        var clock = new AdvancedClock();
        await using var app = await RegistryApp.StartAsync(provider, new RegistryAppOptions { Clock = clock });
        var user = await app.UserAsync(RegistryRole.Viewer);
        var token = await app.TokenAsync(user.Id, TokenScope.Read, days: 90);
        await app.TokenAsync(user.Id, TokenScope.Read, days: 3);
        await app.ExpireTokensAsync();
        (await NoticesAsync(user)).ShouldBeEmpty();

        clock.Advance(TimeSpan.FromDays(84));
        await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => app.ExpireTokensAsync()).Select(t => t.ContinueWith(_ => { }, TaskScheduler.Default)));
        await app.ExpireTokensAsync();
        var unread = await NoticesAsync(user, "?unread=true");
        unread.Select(n => n.GetProperty("kind").GetString()).ShouldBe(["token-expired", "token-expires"], ignoreOrder: true, "one ended meanwhile, one will");
        unread.ShouldAllBe(n => n.GetProperty("path").GetString() == "/account/tokens");
        using var client = app.ClientWithToken(token);
        (await client.V1GetAsync("notices")).Should(HttpStatusCode.OK);

        clock.Advance(TimeSpan.FromDays(7));
        (await client.V1GetAsync("notices")).Status.ShouldBe(HttpStatusCode.Unauthorized);
        await app.ExpireTokensAsync();
        await app.ExpireTokensAsync();
        (await NoticesAsync(user)).Count(n => n.GetProperty("kind").GetString() == "token-expired").ShouldBe(2);
        (await NoticesAsync(user, "?unread=true")).ShouldNotContain(n => n.GetProperty("kind").GetString() == "token-expires");
        var events = (await app.AdminClient.V1GetAsync("audit-events?action=token.expired")).Should(HttpStatusCode.OK)["items"].EnumerateArray().ToList();
        events.Count.ShouldBe(2);
        events.ShouldAllBe(e => e.GetProperty("after").GetProperty("user_id").GetInt64() == user.Id);
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Owners_are_told_once_what_of_theirs_will_go_and_when(DatabaseProvider provider)
    {
        await using var app = await RetentionApp.StartAsync(provider);
        var owner = await app.App.UserAsync(RegistryRole.Member);
        var name = await owner.Client.ModelAsync("due");
        for (var i = 0; i < 5; i++)
            await owner.Client.VersionAsync(name);
        var policy = await app.EnabledPolicyAsync(new { name = Any.Name("p"), subject = "model-versions", model = name, keepLast = 1, deleteAfterDays = 30, waitDays = 14 });
        await app.PassAsync(40);
        (await NoticesAsync(owner)).ShouldBeEmpty("a preview tells nobody");
        var run = await app.RequestAsync(policy);
        run.GetProperty("state").GetString().ShouldBe("waiting-for-approval");
        await app.App.RunRetentionAsync();

        var notice = (await NoticesAsync(owner)).ShouldHaveSingleItem();
        notice.GetProperty("kind").GetString().ShouldBe("retention-due");
        notice.GetProperty("path").GetString().ShouldBe("/governance/trash?view=due");
        var text = notice.GetProperty("text").GetString()!;
        text.ShouldContain("4 deleted");
        text.ShouldContain($"{name}/4, {name}/3, {name}/2 and 1 more");
        text.ShouldContain((DateTimeOffset.UtcNow + TimeSpan.FromDays(54)).ToString("d MMMM yyyy", System.Globalization.CultureInfo.InvariantCulture));
    }

    internal static async Task<List<JsonElement>> NoticesAsync(TestUser user, string query = "") =>
        [.. (await user.Client.V1GetAsync("notices" + query)).Should(HttpStatusCode.OK)["items"].EnumerateArray()];
}
