using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;
using ModelRegistry.Tests.Support;
using ModelRegistry.Web.Hosting;

namespace ModelRegistry.Tests.Security;

public sealed partial class GuardingRoutesTests(RegistryApps apps) : IClassFixture<RegistryApps>
{
    [Fact]
    [Trait("Case", "F02")]
    public async Task No_route_answers_a_stranger_but_those_on_the_list()
    {
        var app = await apps.On(DatabaseProvider.Sqlite);
        using var client = app.AnonymousClient();
        var guarded = app.Routes.Where(r => !r.IsAnonymous).ToList();
        guarded.Count.ShouldBeGreaterThan(50);

        var open = new List<string>();
        foreach (var (method, pattern, _) in guarded)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), Filled().Replace(pattern, "1"));
            using var answer = await client.SendAsync(request);
            var isRefused = answer.StatusCode == HttpStatusCode.Unauthorized
                || (answer.StatusCode == HttpStatusCode.Redirect
                    && answer.Headers.Location!.ToString().Contains("/account/signin", StringComparison.Ordinal));
            if (!isRefused)
                open.Add($"{method} {pattern}: {answer.StatusCode}");
        }

        open.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Case", "F02")]
    public void A_route_without_a_policy_or_open_beside_the_list_stops_the_start(bool anonymous)
    {
        var folder = Directory.CreateTempSubdirectory("mreg-route-").FullName;
        var builder = RegistryHost.CreateBuilder(["--applicationName=ModelRegistry.Web", $"--ConnectionStrings:Registry=Data Source={folder}/r.db",
            $"--Storage:Artifacts=disk://path={folder}/artifacts"]);
        builder.AddRegistry();
        using var app = builder.Build();
        var route = app.MapGet("/forgotten", () => "secret");
        if (anonymous)
            route.AllowAnonymous();

        Should.Throw<InvalidOperationException>(app.UseRegistry).Message.ShouldContain("/forgotten");
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("/api/2.0/mlflow/no-such-call")]
    [InlineData("/API/2.0/MLFLOW/EXPERIMENTS/SEARCH")]
    [InlineData("/ajax-api/3.0/anything")]
    [InlineData("/get-artifact?path=x&run_uuid=y")]
    [InlineData("/model-versions/get-artifact?path=x")]
    [InlineData("/v1/traces")]
    public async Task Programs_are_answered_in_json_never_sent_to_the_sign_in_page(string address)
    {
        var app = await apps.On(DatabaseProvider.Sqlite);
        using var client = app.AnonymousClient();
        client.DefaultRequestHeaders.Add("Cookie", "modelregistry-session=forged");

        (await client.SendJsonAsync(HttpMethod.Post, address, new { })).ShouldBeRefused(HttpStatusCode.Unauthorized, "UNAUTHENTICATED");
    }

    [Fact]
    public async Task A_page_for_admins_is_refused_to_members()
    {
        var app = await apps.On(DatabaseProvider.Sqlite);
        using var browser = await app.SignedInAsync(RegistryRole.Member);

        (await browser.GetAsync("/admin/users")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Theory]
    [InlineData("modelregistry-session=forged")]
    [InlineData("modelregistry-session=")]
    public async Task A_forged_cookie_is_nobody(string cookie)
    {
        var app = await apps.On(DatabaseProvider.Sqlite);
        using var client = app.AnonymousClient();
        client.DefaultRequestHeaders.Add("Cookie", cookie);

        (await client.GetAsync("/account/profile")).StatusCode.ShouldBe(HttpStatusCode.Redirect);
    }

    [GeneratedRegex("\\{[^}]*\\}")]
    private static partial Regex Filled();
}
