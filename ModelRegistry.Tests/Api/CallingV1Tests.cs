using System.Net;
using System.Text;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Api;

/// <summary>What holds for every noun under /api/v1.</summary>
public sealed class CallingV1Tests(RegistryApps apps) : IClassFixture<RegistryApps>
{
    public static TheoryData<string, string> Mistakes => new()
    {
        { """{"name":"a","descriptoin":"x"}""", "descriptoin" },
        { """{"name":"a","name":"b"}""", "name" },
        { """{"Name":"a"}""", "Name" },
        { """{"description":"x"}""", "name" },
        { """{"name":7}""", "name" },
        { """{"name":null}""", "name" },
        { """{"name":["a"]}""", "name" },
        { """{"name":"a\u0000b"}""", "name" },
        { """{"name":"a\ud800b"}""", "name" },
        { """{"name":""}""", "name" },
        { """{"name":"two\nlines"}""", "name" },
        { "{\"name\":\"" + new string('n', 101) + "\"}", "name" },
        { """["name"]""", "body" },
        { "null", "body" },
        { "7", "body" },
        { """{"name":"a",}""", "body" },
        { """{"name":"a"} {}""", "body" },
        { "{", "body" },
        { "", "body" },
        { new string('[', 10_000), "body" },
    };

    [Theory, MemberData(nameof(Mistakes))]
    public async Task A_mistake_in_the_body_is_refused_and_named(string body, string field)
    {
        var app = await apps.On(DatabaseProvider.Sqlite);

        var answer = (await app.AdminClient.V1PostAsync("teams", body)).ShouldBeRefused(HttpStatusCode.BadRequest, field);

        answer.Text.ShouldNotContain("ModelRegistry.");
        answer.Text.ShouldNotContain("System.");
    }

    [Fact]
    public async Task A_body_is_json_and_says_so()
    {
        var app = await apps.On(DatabaseProvider.Sqlite);

        using var form = new StringContent("name=a", Encoding.UTF8, "application/x-www-form-urlencoded");
        (await app.AdminClient.V1PostAsync("teams", form)).ShouldBeRefused(HttpStatusCode.UnsupportedMediaType, "Content-Type");
        (await app.AdminClient.V1PostAsync("teams", null)).ShouldBeRefused(HttpStatusCode.UnsupportedMediaType);
    }

    [Fact]
    public async Task What_is_not_there_and_what_may_not_be_done_is_said_in_the_same_form()
    {
        var app = await apps.On(DatabaseProvider.Sqlite);
        using var anonymous = app.AnonymousClient();

        (await anonymous.V1GetAsync("teams")).ShouldBeRefused(HttpStatusCode.Unauthorized);
        (await app.AdminClient.V1GetAsync("no-such-noun")).ShouldBeRefused(HttpStatusCode.NotFound);
        (await app.AdminClient.V1GetAsync("teams/999999")).ShouldBeRefused(HttpStatusCode.NotFound);
        (await app.AdminClient.V1GetAsync("teams/abc")).ShouldBeRefused(HttpStatusCode.NotFound);
        (await app.AdminClient.V1SendAsync(HttpMethod.Put, "teams", null)).ShouldBeRefused(HttpStatusCode.MethodNotAllowed);
        using var viewer = await app.ClientAsync(RegistryRole.Viewer);
        (await viewer.V1PostAsync("teams", new { name = "x" })).ShouldBeRefused(HttpStatusCode.Forbidden);
    }

    [Theory]
    [InlineData("maxResults=0"), InlineData("maxResults=1001"), InlineData("maxResults=-1"), InlineData("maxResults=ten"), InlineData("maxResults=1.5")]
    [InlineData("pageToken=abc"), InlineData("pageToken=eyJRIjoxfQ")]
    public async Task A_bad_page_is_refused_and_named(string query)
    {
        var app = await apps.On(DatabaseProvider.Sqlite);

        (await app.AdminClient.V1GetAsync("teams?" + query)).ShouldBeRefused(HttpStatusCode.BadRequest, query.Split('=')[0]);
    }

    [SkippableTheory, OnEachDatabase]
    public async Task The_same_key_is_the_same_request(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var (name, key) = (Any.Name("team"), Any.Name());

        var first = (await app.AdminClient.V1PostAsync("teams", new { name }, key)).Should(HttpStatusCode.Created);
        var again = (await app.AdminClient.V1PostAsync("teams", new { name }, key)).Should(HttpStatusCode.Created);

        first.IsReplayed.ShouldBeFalse();
        again.IsReplayed.ShouldBeTrue();
        again.Text.ShouldBe(first.Text);
        again.Location.ShouldBe(first.Location);
        again.ContentType.ShouldBe(first.ContentType);
        (await app.AdminClient.V1PostAsync("teams", new { name })).ShouldBeRefused(HttpStatusCode.Conflict, "name");
        (await app.AdminClient.V1PostAsync("teams", new { name = name + "2" }, key))
            .ShouldBeRefused(HttpStatusCode.UnprocessableEntity, "Idempotency-Key");
    }

    [SkippableTheory, OnEachDatabase]
    public async Task What_was_refused_may_be_sent_again_with_its_key(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var key = Any.Name();
        var name = Any.Name("team");
        var blocking = (await app.AdminClient.V1PostAsync("teams", new { name })).Should(HttpStatusCode.Created);

        (await app.AdminClient.V1PostAsync("teams", new { name }, key)).ShouldBeRefused(HttpStatusCode.Conflict);
        (await app.AdminClient.V1DeleteAsync($"teams/{blocking["id"]}")).Should(HttpStatusCode.NoContent);

        (await app.AdminClient.V1PostAsync("teams", new { name }, key)).Should(HttpStatusCode.Created).IsReplayed.ShouldBeFalse();
    }

    [SkippableTheory, OnEachDatabase]
    public async Task A_key_that_comes_many_times_at_once_is_done_once(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var (name, key) = (Any.Name("team"), Any.Name());

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => app.AdminClient.V1PostAsync("teams", new { name }, key)));

        answers.Count(a => a is { Status: HttpStatusCode.Created, IsReplayed: false }).ShouldBe(1);
        answers.ShouldAllBe(a => a.Status == HttpStatusCode.Created || a.Status == HttpStatusCode.Conflict);
        (await app.AdminClient.V1AllAsync("teams", 1000)).Count(t => t.GetProperty("name").GetString() == name).ShouldBe(1);
    }

    [Fact]
    public async Task A_key_is_its_users_own()
    {
        var app = await apps.On(DatabaseProvider.Sqlite);
        var (name, key) = (Any.Name("team"), Any.Name());
        var other = await app.ClientAsync(RegistryRole.Admin);
        (await app.AdminClient.V1PostAsync("teams", new { name }, key)).Should(HttpStatusCode.Created);

        (await other.V1PostAsync("teams", new { name }, key)).ShouldBeRefused(HttpStatusCode.Conflict, "name");
        (await other.V1PostAsync("teams", new { name = name + "2" }, new string('k', 256))).ShouldBeRefused(HttpStatusCode.BadRequest, "Idempotency-Key");
    }

    [Fact]
    public async Task The_contract_can_be_read_by_everybody_and_names_every_noun()
    {
        var app = await apps.On(DatabaseProvider.Sqlite);
        using var anonymous = app.AnonymousClient();

        var contract = (await anonymous.SendJsonAsync(HttpMethod.Get, "/openapi/v1.json", null)).Ok();

        var paths = contract["paths"].EnumerateObject().Select(p => p.Name).ToList();
        paths.ShouldAllBe(p => p.StartsWith("/api/v1/"));
        foreach (var noun in new[] { "teams", "grants", "access", "webhooks" })
            paths.ShouldContain(p => p.StartsWith("/api/v1/" + noun));
        contract["components"].GetProperty("securitySchemes").GetProperty("token").GetProperty("scheme").GetString().ShouldBe("bearer");
        contract["components"].GetProperty("schemas").GetProperty("ObjectKind").ToString().ShouldContain("registered-model");
    }
}
