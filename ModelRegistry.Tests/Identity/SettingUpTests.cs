using System.Net;
using System.Text.RegularExpressions;
using ModelRegistry.Core.Data;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Identity;

public sealed partial class SettingUpTests
{
    private const string Password = "pale blue harbour light";

    [SkippableTheory, OnEachDatabase]
    public async Task The_link_of_the_console_makes_the_first_admin_and_dies(DatabaseProvider provider)
    {
        await using var app = await RegistryApp.StartAsync(provider, new RegistryAppOptions { IsEmpty = true });
        using var browser = app.BrowserClient();
        var link = Link(app);
        (await browser.GetPageAsync("/account/signin")).ShouldContain("Nobody can sign in yet");

        using var made = await Submit(browser, link);

        made.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        (await browser.GetPageAsync("/admin/users")).ShouldContain("ada@example.org");
        (await browser.GetAsync(link)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        using var second = app.BrowserClient();
        await second.SignInAsync("ADA@example.org", Password);
        app.LogText.ShouldNotContain(link.Split('=')[1]);
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Of_set_ups_at_the_same_time_one_makes_an_admin(DatabaseProvider provider)
    {
        await using var app = await RegistryApp.StartAsync(provider, new RegistryAppOptions { IsEmpty = true });
        var link = Link(app);
        var browsers = Enumerable.Range(0, 4).Select(_ => app.BrowserClient()).ToList();
        var tokens = await Task.WhenAll(browsers.Select(b => b.GetPageAsync(link)));

        var answers = await Task.WhenAll(browsers.Select((b, i) => b.PostFormAsync(link,
            [.. Fields($"user{i}@example.org"), ("__RequestVerificationToken", Browsing.FormToken(tokens[i]))])));

        answers.Count(a => a.StatusCode == HttpStatusCode.Redirect).ShouldBe(1);
        answers.Count(a => a.StatusCode == HttpStatusCode.NotFound).ShouldBe(3);
    }

    [Fact]
    public async Task Without_the_code_or_with_a_wrong_one_there_is_no_such_page()
    {
        await using var app = await RegistryApp.StartAsync(options: new RegistryAppOptions { IsEmpty = true });
        using var browser = app.BrowserClient();

        (await browser.GetAsync("/setup")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await browser.GetAsync("/setup?code=" + new string('a', 26))).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await browser.GetAsync("/setup?code=" + new string('a', 200))).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_weak_password_is_said_at_its_field_and_the_link_lives_on()
    {
        await using var app = await RegistryApp.StartAsync(options: new RegistryAppOptions { IsEmpty = true });
        using var browser = app.BrowserClient();

        using var refused = await browser.SubmitAsync(Link(app), null, ("Input.Email", "ada@example.org"),
            ("Input.Password", "Password1234"), ("Input.Repeat", "Password1234"));

        var html = await refused.Content.ReadAsStringAsync();
        html.ShouldContain("one of those that are tried first");
        html.ShouldContain("value=\"ada@example.org\"");
        (await Submit(browser, Link(app))).StatusCode.ShouldBe(HttpStatusCode.Redirect);
    }

    private static Task<HttpResponseMessage> Submit(HttpClient browser, string link) =>
        browser.SubmitAsync(link, null, Fields("ada@example.org"));

    private static (string, string)[] Fields(string email) =>
        [("Input.Email", email), ("Input.Password", Password), ("Input.Repeat", Password)];

    private static string Link(RegistryApp app) => LinkPattern().Match(app.ConsoleText).Value;

    [GeneratedRegex("/setup\\?code=[a-z0-9]+")]
    private static partial Regex LinkPattern();
}
