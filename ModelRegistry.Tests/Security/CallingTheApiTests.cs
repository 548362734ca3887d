using System.Net;
using System.Text;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Security;

public sealed class CallingTheApiTests(RegistryApps apps) : IClassFixture<RegistryApps>
{
    // No such call: whoever is let in gets 404, whoever is not never learns.
    private const string Path = "/api/2.0/mlflow/no-such-call";

    [SkippableTheory, OnEachDatabase]
    public async Task A_token_is_taken_as_bearer_and_as_basic_password_with_any_user_name(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var user = await app.UserAsync(RegistryRole.Viewer);

        (await Send(app, "Bearer " + user.Token)).Status.ShouldBe(HttpStatusCode.NotFound);
        (await Send(app, "bearer   " + user.Token + " ")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await Send(app, Basic("anybody", user.Token))).Status.ShouldBe(HttpStatusCode.NotFound);
        (await Send(app, Basic("", user.Token))).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [SkippableTheory, OnEachDatabase]
    public async Task The_password_of_an_account_is_taken_as_basic(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var user = await app.UserAsync(RegistryRole.Member, password: "grüne Wiese am Bach");

        (await Send(app, Basic(user.Email, "grüne Wiese am Bach"))).Status.ShouldBe(HttpStatusCode.NotFound);
        (await Send(app, Basic(user.Email, "grüne Wiese am Bach"))).Status.ShouldBe(HttpStatusCode.NotFound);
        (await Send(app, Basic(user.Email, "grüne Wiese am Bacj"))).ShouldBeRefused(HttpStatusCode.Unauthorized, "UNAUTHENTICATED");
    }

    [Fact]
    public async Task Without_credentials_the_answer_is_MLflows_json_and_asks_for_them()
    {
        var app = await apps.On(DatabaseProvider.Sqlite);
        using var client = app.AnonymousClient();
        using var response = await client.GetAsync(Path);

        (await response.ReadAnswerAsync()).ShouldBeRefused(HttpStatusCode.Unauthorized, "UNAUTHENTICATED");
        response.Headers.WwwAuthenticate.ToString().ShouldBe("Basic realm=\"modelregistry\"");
    }

    public static TheoryData<string> BadHeaders => new()
    {
        "Bearer", "Bearer ", "Basic", "Basic !!!", "Basic " + Convert.ToBase64String("no colon"u8), "Negotiate abc",
        "Bearer mreg_", "Bearer " + new string('x', 10_000), "Basic " + Convert.ToBase64String([0xFF, 0xFE, (byte)':', 1]),
        "Basic " + Convert.ToBase64String("a:b\0c"u8), "Bearer " + ApiTokenSecret.Create(), Basic("nobody@example.org", "no such password"),
        Basic(new string('a', 300), "x"), Basic("a", new string('ü', 700)),
    };

    [Theory, MemberData(nameof(BadHeaders))]
    public async Task A_bad_credential_is_401(string header)
    {
        var app = await apps.On(DatabaseProvider.Sqlite);

        (await Send(app, header)).ShouldBeRefused(HttpStatusCode.Unauthorized, "UNAUTHENTICATED");
    }

    [Fact]
    public async Task Two_credentials_or_one_in_the_address_are_401()
    {
        var app = await apps.On(DatabaseProvider.Sqlite);
        var user = await app.UserAsync(RegistryRole.Viewer);

        (await Send(app, "Bearer " + user.Token, "Bearer " + user.Token)).Status.ShouldBe(HttpStatusCode.Unauthorized);
        using var client = app.AnonymousClient();
        (await client.SendJsonAsync(HttpMethod.Get, $"{Path}?access_token={user.Token}&token={user.Token}", null))
            .Status.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData("/health", "OK")]
    [InlineData("/version", "3.11.0")]
    [InlineData("/health/live", "OK")]
    [InlineData("/health/ready", "OK")]
    [Trait("Case", "F16")]
    public async Task Health_and_version_answer_everybody(string path, string text)
    {
        var app = await apps.On(DatabaseProvider.Sqlite);
        using var client = app.AnonymousClient();

        (await client.SendJsonAsync(HttpMethod.Get, path, null)).Ok().Text.ShouldBe(text);
    }

    [Fact]
    [Trait("Case", "F16")]
    public async Task What_everybody_may_ask_tells_nothing_of_the_inside()
    {
        var app = await apps.On(DatabaseProvider.Sqlite);
        using var client = app.AnonymousClient();
        foreach (var path in new[] { "/health", "/health/live", "/health/ready", "/version", "/openapi/v1.json", "/metrics", "/swagger", "/swagger/v1/swagger.json",
            "/health/details", "/.well-known/openid-configuration", "/error/500", "/account/signin" })
        {
            using var answer = await client.GetAsync(path);
            var text = await answer.Content.ReadAsStringAsync() + answer.Headers;
            ((int)answer.StatusCode).ShouldBeLessThan(500, path);
            foreach (var secret in new[] { app.Folder, "Data Source", "registry.db", "ModelRegistry.Core", "Microsoft.", "Password=", Environment.MachineName })
                text.ShouldNotContain(secret, Case.Sensitive, path);
        }
    }

    private static string Basic(string name, string password) =>
        "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}:{password}"));

    private static async Task<ApiAnswer> Send(RegistryApp app, params string[] headers)
    {
        using var client = app.AnonymousClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, Path);
        foreach (var header in headers)
            request.Headers.TryAddWithoutValidation("Authorization", header);
        using var response = await client.SendAsync(request);
        return await response.ReadAnswerAsync();
    }
}
