using System.Net;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Security;

public sealed class RevokingTokensTests(RegistryApps apps) : IClassFixture<RegistryApps>
{
    private const string Password = "pale blue harbour light";

    [SkippableTheory, OnEachDatabase]
    public async Task A_token_made_on_the_page_works_is_shown_once_and_stops_when_revoked(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        using var browser = await app.SignedInAsync(RegistryRole.Member);

        using var made = await browser.SubmitAsync("/account/tokens", "Create",
            ("Input.Name", "laptop"), ("Input.Scopes", "read"), ("Input.ExpiresDays", "30"));
        var html = await made.Content.ReadAsStringAsync();
        var token = System.Text.RegularExpressions.Regex.Match(html, "mreg_[0-9A-Za-z]{8}_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}").Value;

        html.ShouldContain("MLFLOW_TRACKING_URI=http://localhost");
        using var client = app.ClientWithToken(token);
        (await Status(client)).ShouldBe(HttpStatusCode.NotFound);
        var list = await browser.GetPageAsync("/account/tokens");
        list.ShouldNotContain(token);
        list.ShouldContain(token[..13]);
        var id = System.Text.RegularExpressions.Regex.Match(list, "name=\"id\" value=\"(\\d+)\"").Groups[1].Value;
        using var revoked = await browser.SubmitAsync("/account/tokens", "Revoke", ("id", id));
        revoked.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        (await client.MlflowGetAsync("no-such-call"))
            .ShouldBeRefused(HttpStatusCode.Unauthorized, "UNAUTHENTICATED").Message!.ShouldContain("was revoked");
        app.LogText.ShouldNotContain(token);
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Another_node_refuses_a_revoked_token_within_seconds(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        await using var other = await app.StartAnotherNodeAsync();
        var user = await app.UserAsync(RegistryRole.Member, password: Password);
        using var there = other.ClientWithToken(user.Token);
        (await Status(there)).ShouldBe(HttpStatusCode.NotFound);
        using var browser = app.BrowserClient();
        await browser.SignInAsync(user.Email, Password);
        var id = System.Text.RegularExpressions.Regex.Match(
            await browser.GetPageAsync("/account/tokens"), "name=\"id\" value=\"(\\d+)\"").Groups[1].Value;

        (await browser.SubmitAsync("/account/tokens", "Revoke", ("id", id))).StatusCode.ShouldBe(HttpStatusCode.Redirect);

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(15));
        while (await Status(there) != HttpStatusCode.Unauthorized)
            await Task.Delay(500, limit.Token);
    }

    [Fact]
    public async Task Someone_elses_token_cannot_be_revoked()
    {
        var app = await apps.On(DatabaseProvider.Sqlite);
        var user = await app.UserAsync(RegistryRole.Member, password: Password);
        using var owner = app.BrowserClient();
        await owner.SignInAsync(user.Email, Password);
        var id = System.Text.RegularExpressions.Regex.Match(
            await owner.GetPageAsync("/account/tokens"), "name=\"id\" value=\"(\\d+)\"").Groups[1].Value;
        using var other = await app.SignedInAsync(RegistryRole.Admin);

        (await other.SubmitAsync("/account/tokens", "Revoke", ("id", id))).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await Status(user.Client)).ShouldBe(HttpStatusCode.NotFound);
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Disabling_the_owner_ends_tokens_and_sessions_at_once(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var user = await app.UserAsync(RegistryRole.Member, password: Password);
        using var browser = app.BrowserClient();
        await browser.SignInAsync(user.Email, Password);
        (await Status(user.Client)).ShouldBe(HttpStatusCode.NotFound);
        using var admin = await app.SignedInAsync(RegistryRole.Admin);

        (await admin.SubmitAsync("/admin/users", "Disable", ("id", $"{user.Id}"))).StatusCode.ShouldBe(HttpStatusCode.Redirect);

        (await Status(user.Client)).ShouldBe(HttpStatusCode.Unauthorized);
        (await browser.GetAsync("/account/profile")).StatusCode.ShouldBe(HttpStatusCode.Redirect);
        (await admin.SubmitAsync("/admin/users", "Enable", ("id", $"{user.Id}"))).StatusCode.ShouldBe(HttpStatusCode.Redirect);
        (await Status(user.Client)).ShouldBe(HttpStatusCode.NotFound);
    }

    [SkippableTheory, OnEachDatabase]
    public async Task A_token_gives_no_more_than_its_owner_has_now(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var user = await app.UserAsync(RegistryRole.Member);
        (await user.Client.MlflowPostAsync("experiments/create", new { name = Any.Name() })).Ok();
        using var admin = await app.SignedInAsync(RegistryRole.Admin);

        (await admin.SubmitAsync("/admin/users", "Roles", ("id", $"{user.Id}"), ("roles", "Viewer")))
            .StatusCode.ShouldBe(HttpStatusCode.Redirect);

        (await user.Client.MlflowPostAsync("experiments/create", new { name = Any.Name() }))
            .ShouldBeRefused(HttpStatusCode.Forbidden, "PERMISSION_DENIED");
    }

    [SkippableTheory, OnEachDatabase]
    public async Task A_read_token_of_an_admin_changes_nothing(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        using var client = await app.ClientAsync(RegistryRole.Admin, TokenScope.Read);

        (await client.MlflowPostAsync("experiments/create", new { name = Any.Name() }))
            .ShouldBeRefused(HttpStatusCode.Forbidden, "PERMISSION_DENIED");
        (await client.MlflowGetAsync("experiments/get?experiment_id=0")).Ok();
    }

    [Fact]
    public async Task A_token_ends_with_its_time_in_memory_too()
    {
        var clock = new AdvancedClock();
        await using var app = await RegistryApp.StartAsync(options: new RegistryAppOptions { Clock = clock });
        var user = await app.UserAsync(RegistryRole.Member);
        (await Status(user.Client)).ShouldBe(HttpStatusCode.NotFound);

        clock.Advance(TimeSpan.FromDays(366));

        (await user.Client.MlflowGetAsync("no-such-call"))
            .ShouldBeRefused(HttpStatusCode.Unauthorized, "UNAUTHENTICATED").Message!.ShouldContain("expired");
    }

    private static async Task<HttpStatusCode> Status(HttpClient client) => (await client.MlflowGetAsync("no-such-call")).Status;
}
