using System.Net;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Identity;

public sealed class SigningInTests(RegistryApps apps) : IClassFixture<RegistryApps>
{
    private const string Password = "pale blue harbour light";

    [SkippableTheory, OnEachDatabase]
    public async Task A_page_asks_to_sign_in_and_is_shown_after_it(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var user = await app.UserAsync(RegistryRole.Viewer, password: Password);
        using var browser = app.BrowserClient();

        using var asked = await browser.GetAsync("/account/profile");
        var signIn = asked.Headers.Location!.ToString();
        signIn.ShouldEndWith("/account/signin?returnUrl=%2Faccount%2Fprofile");
        using var answer = await browser.SubmitAsync(signIn, null, ("Input.Email", user.Email), ("Input.Password", Password));

        answer.Headers.Location!.ToString().ShouldBe("/account/profile");
        (await browser.GetPageAsync("/account/profile")).ShouldContain(user.Email);
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Five_wrong_passwords_lock_the_account_for_the_page_and_for_programs(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var user = await app.UserAsync(RegistryRole.Viewer, password: Password);
        using var browser = app.BrowserClient();
        (await Basic(app, user)).ShouldBe(HttpStatusCode.NotFound);

        for (var i = 0; i < 5; i++)
            (await Try(browser, user.Email, $"wrong password {i}")).ShouldBe(HttpStatusCode.BadRequest);

        (await Try(browser, user.Email, Password)).ShouldBe(HttpStatusCode.BadRequest);
        (await Basic(app, user)).ShouldBe(HttpStatusCode.Unauthorized);
        // A lock is against guessed passwords: programs with a token go on.
        (await user.Client.GetAsync("/api/2.0/mlflow/none")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Guesses_at_the_same_time_are_counted_too(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var user = await app.UserAsync(RegistryRole.Viewer, password: Password);
        using var browser = app.BrowserClient();
        var token = Browsing.FormToken(await browser.GetPageAsync("/account/signin"));

        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => browser.PostFormAsync("/account/signin",
            ("Input.Email", user.Email), ("Input.Password", $"wrong {i}"), ("__RequestVerificationToken", token))));

        (await Try(browser, user.Email, Password)).ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task The_answer_for_an_unknown_user_is_that_for_a_wrong_password()
    {
        var app = await apps.On(DatabaseProvider.Sqlite);
        var user = await app.UserAsync(RegistryRole.Viewer, password: Password);
        using var browser = app.BrowserClient();

        var known = await Refusal(browser, user.Email);
        var unknown = await Refusal(browser, $"{new string('x', user.Email.Length - 12)}@example.org");

        unknown.ShouldBe(known);
    }

    [Theory]
    [InlineData("//evil.example.org")]
    [InlineData("/\\evil.example.org")]
    [InlineData("https://evil.example.org")]
    [InlineData("/%09/evil.example.org")]
    [InlineData("javascript:alert(1)")]
    public async Task Sign_in_leads_to_no_other_site(string returnUrl)
    {
        var app = await apps.On(DatabaseProvider.Sqlite);
        var user = await app.UserAsync(RegistryRole.Viewer, password: Password);
        using var browser = app.BrowserClient();

        using var answer = await browser.SubmitAsync("/account/signin?returnUrl=" + Uri.EscapeDataString(returnUrl), null,
            ("Input.Email", user.Email), ("Input.Password", Password), ("ReturnUrl", returnUrl));

        var target = new Uri(new Uri("http://here.example.org"), answer.Headers.Location!);
        target.Host.ShouldBe("here.example.org");
        target.Scheme.ShouldBe("http");
    }

    [SkippableTheory, OnEachDatabase]
    public async Task A_session_that_was_signed_out_is_over_even_for_a_copy_of_its_cookie(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var user = await app.UserAsync(RegistryRole.Viewer, password: Password);
        using var browser = app.AnonymousClient();
        var cookie = await CookieAsync(browser, user.Email);
        using var other = app.BrowserClient();
        await other.SignInAsync(user.Email, Password);
        (await StatusWith(browser, cookie)).ShouldBe(HttpStatusCode.OK);

        using var page = new HttpRequestMessage(HttpMethod.Get, "/account/profile");
        page.Headers.Add("Cookie", cookie);
        using var shown = await browser.SendAsync(page);
        var form = shown.Headers.GetValues("Set-Cookie").First(c => c.StartsWith("modelregistry-form", StringComparison.Ordinal)).Split(';')[0];
        using var signOut = new HttpRequestMessage(HttpMethod.Post, "/account/signout")
        {
            Content = new FormUrlEncodedContent([KeyValuePair.Create("__RequestVerificationToken",
                Browsing.FormToken(await shown.Content.ReadAsStringAsync()))]),
        };
        signOut.Headers.Add("Cookie", $"{cookie}; {form}");
        (await browser.SendAsync(signOut)).StatusCode.ShouldBe(HttpStatusCode.Redirect);

        (await StatusWith(browser, cookie)).ShouldBe(HttpStatusCode.Redirect);
        (await other.GetAsync("/account/profile")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Changing_the_password_ends_the_other_sessions_only(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var user = await app.UserAsync(RegistryRole.Viewer, password: Password);
        using var one = app.BrowserClient();
        using var other = app.BrowserClient();
        await one.SignInAsync(user.Email, Password);
        await other.SignInAsync(user.Email, Password);
        (await Basic(app, user)).ShouldBe(HttpStatusCode.NotFound);

        using var changed = await one.SubmitAsync("/account/password", null, ("Input.Current", Password),
            ("Input.Password", "another harbour, darker"), ("Input.Repeat", "another harbour, darker"));

        changed.StatusCode.ShouldBe(HttpStatusCode.Redirect, await changed.Content.ReadAsStringAsync());
        (await one.GetAsync("/account/profile")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await other.GetAsync("/account/profile")).StatusCode.ShouldBe(HttpStatusCode.Redirect);
        (await Basic(app, user)).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task The_cookie_is_for_the_server_only_and_for_this_site()
    {
        var app = await apps.On(DatabaseProvider.Sqlite);
        var user = await app.UserAsync(RegistryRole.Viewer, password: Password);
        using var browser = app.AnonymousClient();

        var header = await SetCookieAsync(browser, user.Email);

        header.ShouldContain("httponly");
        header.ShouldContain("samesite=lax");
        header.ShouldContain("path=/");
        header.ShouldNotContain("domain=");
    }

    [Fact]
    public async Task Behind_https_the_cookie_is_secure_and_bound_to_the_host()
    {
        await using var app = await RegistryApp.StartAsync(options: new RegistryAppOptions
        {
            Settings = { ["PublicUrl"] = "https://registry.example.org" },
        });
        var user = await app.UserAsync(RegistryRole.Viewer, password: Password);
        using var browser = app.AnonymousClient();
        browser.BaseAddress = new Uri("https://localhost");

        var header = await SetCookieAsync(browser, user.Email);

        header.ShouldStartWith("__Host-modelregistry-session=");
        header.ShouldContain("secure");
    }

    [Fact]
    [Trait("Case", "F11")]
    public async Task A_cookie_opens_no_api_and_a_token_opens_no_page()
    {
        var app = await apps.On(DatabaseProvider.Sqlite);
        var user = await app.UserAsync(RegistryRole.Admin, password: Password);
        using var browser = app.BrowserClient();
        await browser.SignInAsync(user.Email, Password);

        (await browser.MlflowGetAsync("experiments/get?experiment_id=0"))
            .ShouldBeRefused(HttpStatusCode.Unauthorized, "UNAUTHENTICATED");
        (await user.Client.GetAsync("/admin/users")).StatusCode.ShouldBe(HttpStatusCode.Redirect);
    }

    [Theory]
    [InlineData("/account/signin")]
    [InlineData("/account/signout")]
    [InlineData("/account/password")]
    [InlineData("/account/tokens?handler=Create")]
    [InlineData("/admin/users?handler=Create")]
    public async Task A_form_of_another_site_is_refused(string address)
    {
        var app = await apps.On(DatabaseProvider.Sqlite);
        using var browser = await app.SignedInAsync(RegistryRole.Admin);

        using var answer = await browser.PostFormAsync(address, ("Input.Name", "x"), ("Input.Email", "x@example.org"));

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    private static async Task<HttpStatusCode> Try(HttpClient browser, string email, string password)
    {
        using var answer = await browser.SubmitAsync("/account/signin", null, ("Input.Email", email), ("Input.Password", password));
        return answer.StatusCode;
    }

    private static async Task<string> Refusal(HttpClient browser, string email)
    {
        using var answer = await browser.SubmitAsync("/account/signin", null, ("Input.Email", email), ("Input.Password", "wrong one here"));
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var html = await answer.Content.ReadAsStringAsync();
        return html.Replace(email, "").Replace(Browsing.FormToken(html), "");
    }

    private static async Task<HttpStatusCode> Basic(RegistryApp app, TestUser user)
    {
        using var client = app.AnonymousClient();
        client.DefaultRequestHeaders.Authorization = new("Basic",
            Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"{user.Email}:{Password}")));
        return (await client.MlflowGetAsync("no-such-call")).Status;
    }

    private static async Task<string> CookieAsync(HttpClient browser, string email) =>
        (await SetCookieAsync(browser, email)).Split(';')[0];

    private static async Task<string> SetCookieAsync(HttpClient browser, string email)
    {
        using var shown = await browser.GetAsync("/account/signin");
        var form = shown.Headers.GetValues("Set-Cookie").First(c => c.Contains("modelregistry-form")).Split(';')[0];
        using var request = new HttpRequestMessage(HttpMethod.Post, "/account/signin")
        {
            Content = new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["Input.Email"] = email,
                ["Input.Password"] = Password,
                ["__RequestVerificationToken"] = Browsing.FormToken(await shown.Content.ReadAsStringAsync()),
            }),
        };
        request.Headers.Add("Cookie", form);
        using var answer = await browser.SendAsync(request);
        return answer.Headers.GetValues("Set-Cookie").First(c => c.Contains("modelregistry-session"));
    }

    private static async Task<HttpStatusCode> StatusWith(HttpClient browser, string cookie)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/account/profile");
        request.Headers.Add("Cookie", cookie);
        using var answer = await browser.SendAsync(request);
        return answer.StatusCode;
    }
}
