using System.Net;
using System.Text;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Security;

public sealed class SurroundingsTests(RegistryApps apps) : IClassFixture<RegistryApps>
{
    [Theory]
    [InlineData("/account/signin")]
    [InlineData("/no-such-page")]
    [InlineData("/site.css")]
    public async Task Pages_and_files_tell_browsers_to_run_nothing_foreign(string address)
    {
        var app = await apps.On(DatabaseProvider.Sqlite);
        using var client = await app.SignedInAsync(RegistryRole.Viewer);

        using var answer = await client.GetAsync(address);

        var policy = Header(answer, "Content-Security-Policy");
        policy.ShouldContain("default-src 'self'; script-src 'self'; style-src 'self';");
        policy.ShouldContain("object-src 'none'");
        policy.ShouldContain("frame-ancestors 'none'");
        policy.ShouldNotContain("unsafe");
        Header(answer, "X-Content-Type-Options").ShouldBe("nosniff");
        Header(answer, "X-Frame-Options").ShouldBe("DENY");
        Header(answer, "Referrer-Policy").ShouldBe("same-origin");
        Header(answer, "Cross-Origin-Opener-Policy").ShouldBe("same-origin");
        answer.Headers.Contains("Server").ShouldBeFalse();
        answer.Headers.Contains("Strict-Transport-Security").ShouldBeFalse();
    }

    [Fact]
    public async Task A_page_loads_nothing_inline()
    {
        var app = await apps.On(DatabaseProvider.Sqlite);
        using var client = await app.SignedInAsync(RegistryRole.Admin);

        foreach (var address in new[] { "/", "/account/profile", "/account/tokens", "/account/password", "/admin/users" })
        {
            var html = await client.GetPageAsync(address);
            html.ShouldNotMatch("<script(?![^>]*src=)");
            html.ShouldNotMatch("<style|\\sstyle=|\\son[a-z]+=\"", address);
        }
    }

    [Fact]
    public async Task Answers_to_programs_are_not_guessed_at()
    {
        var app = await apps.On(DatabaseProvider.Sqlite);

        using var answer = await app.AdminClient.GetAsync("/api/2.0/mlflow/experiments/get?experiment_id=0");

        Header(answer, "X-Content-Type-Options").ShouldBe("nosniff");
    }

    [Theory]
    [InlineData("registry.example.org", HttpStatusCode.OK)]
    [InlineData("REGISTRY.example.org:8443", HttpStatusCode.OK)]
    [InlineData("localhost", HttpStatusCode.OK)]
    [InlineData("10.1.2.3:5000", HttpStatusCode.OK)]
    [InlineData("evil.example.com", HttpStatusCode.BadRequest)]
    [InlineData("registry.example.org.evil.example.com", HttpStatusCode.BadRequest)]
    public async Task With_a_public_address_other_names_are_not_served(string host, HttpStatusCode status)
    {
        await using var app = await RegistryApp.StartAsync(options: new RegistryAppOptions
        {
            Settings = { ["PublicUrl"] = "https://registry.example.org" },
        });
        using var client = app.AnonymousClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/account/signin");
        request.Headers.Host = host;

        using var answer = await client.SendAsync(request);

        answer.StatusCode.ShouldBe(status);
        if (status == HttpStatusCode.OK)
            Header(answer, "Strict-Transport-Security").ShouldBe("max-age=31536000");
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("127.0.0.1", true)]
    [InlineData("10.0.0.0/8", false)]
    [InlineData("127.0.0.0/8,::1", true)]
    [Trait("Case", "F17")]
    public async Task An_address_that_a_proxy_names_is_believed_of_known_proxies_only(string known, bool believed)
    {
        await using var app = await RegistryApp.StartAsync(options: new RegistryAppOptions
        {
            UseKestrel = true,
            Settings = { ["ForwardedHeaders:KnownProxies"] = known },
        });
        using var client = app.AnonymousClient();
        client.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.7");

        using var answer = await client.GetAsync("/api/2.0/mlflow/none?x=1");
        using var refused = await client.SendAsync(new HttpRequestMessage(HttpMethod.Get, "/api/2.0/mlflow/none")
        {
            Headers = { { "Authorization", "Bearer nonsense" } },
        });

        app.LogText.Contains("203.0.113.7", StringComparison.Ordinal).ShouldBe(believed);
    }

    [Fact]
    public async Task Many_passwords_from_one_address_are_refused_before_they_are_hashed()
    {
        await using var app = await RegistryApp.StartAsync(options: new RegistryAppOptions
        {
            Settings = { ["Limits:SignInsPerMinute"] = "3" },
        });
        using var client = app.AnonymousClient();
        HttpResponseMessage answer = null!;
        for (var i = 0; i < 4; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/2.0/mlflow/none");
            request.Headers.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"ada{i}@example.org:guess")));
            answer = await client.SendAsync(request);
        }

        (await answer.ReadAnswerAsync()).ShouldBeRefused(HttpStatusCode.TooManyRequests, "REQUEST_LIMIT_EXCEEDED");
        Header(answer, "Retry-After").ShouldBe("60");
        using var browser = app.BrowserClient();
        (await browser.SubmitAsync("/account/signin", null, ("Input.Email", "a@example.org"), ("Input.Password", "x")))
            .StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        // Tokens are no guesses.
        (await app.AdminClient.MlflowGetAsync("experiments/get?experiment_id=0")).Ok();
    }

    [Theory]
    [InlineData("/account/signin", 2_000_000, HttpStatusCode.BadRequest)]
    [InlineData("/api/2.0/mlflow/experiments/create", 2_000_000, HttpStatusCode.BadRequest)]
    [InlineData("/api/2.0/mlflow/experiments/create", 30_000_000, HttpStatusCode.BadRequest)]
    [InlineData("/api/2.0/mlflow/experiments/create", 60_000_000, HttpStatusCode.RequestEntityTooLarge)]
    public async Task A_body_that_is_too_large_is_refused(string address, int size, HttpStatusCode status)
    {
        await using var app = await RegistryApp.StartAsync(options: new RegistryAppOptions { UseKestrel = true });
        var isPage = address.StartsWith("/account", StringComparison.Ordinal);
        using var body = new StringContent(new string(' ', size), Encoding.UTF8,
            isPage ? "application/x-www-form-urlencoded" : "application/json");
        using var client = app.ClientWithToken((await app.UserAsync(RegistryRole.Member)).Token);
        client.DefaultRequestHeaders.ExpectContinue = true;

        using var answer = await client.PostAsync(address, body);

        answer.StatusCode.ShouldBe(status);
    }

    private static string Header(HttpResponseMessage answer, string name) => string.Join(",", answer.Headers.GetValues(name));
}
