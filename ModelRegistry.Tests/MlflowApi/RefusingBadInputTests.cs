using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ModelRegistry.Core.Data;
using ModelRegistry.Tests.MlflowApi.Conformance;
using ModelRegistry.Tests.Registry;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.MlflowApi;

/// <summary>Whatever is sent, the answer is a 4xx in MLflow's form, soon, and the connection lives on.</summary>
public sealed class RefusingBadInputTests(RealServers apps) : IClassFixture<RealServers>
{
    private const string Create = "/api/2.0/mlflow/experiments/create";

    private static readonly Dictionary<string, string> Bodies = new()
    {
        ["10 MB of open strings"] = "{\"name\":\"" + new string('x', 10_000_000),
        ["10 MB of NaN"] = string.Concat(Enumerable.Repeat("NaN", 3_300_000)),
        ["a JSON string in a JSON string"] = "\"\\\"{}\\\"\"",
        ["a string with half a surrogate pair"] = "\"\\ud800\"",
        ["a number"] = "5",
        ["null"] = "null",
        ["two objects"] = "{\"name\":\"a\"}{}",
        ["a comment"] = "{\"name\":\"a\"/*x*/}",
        ["a comma at the end"] = "{\"name\":\"a\",}",
        ["a name with NUL"] = "{\"name\":\"a\\u0000b\"}",
        ["a name with half a surrogate pair"] = "{\"name\":\"a\\ud800b\"}",
        ["a name that is an object"] = "{\"name\":{\"name\":\"a\"}}",
        ["a member name with half a surrogate pair"] = "{\"\\udc00\":1}",
        ["a page token of nothing but zeros"] = "{\"name\":5,\"page_token\":\"AAAA\"}",
        ["64 levels more than anybody needs"] = "{\"name\":5,\"x\":" + new string('[', 70) + new string(']', 70) + "}",
    };

    // By name: a case that holds 10 MB is carried through every report.
    public static TheoryData<string> BodyNames => [.. Bodies.Keys];

    [Theory, MemberData(nameof(BodyNames))]
    public async Task A_body_that_makes_no_sense_is_refused(string what)
    {
        var app = await apps.On(DatabaseProvider.Sqlite);
        var watch = Stopwatch.StartNew();

        var answer = await PostAsync(app, Create, Encoding.UTF8.GetBytes(Bodies[what]));

        answer.ShouldBeRefused(HttpStatusCode.BadRequest, "INVALID_PARAMETER_VALUE");
        answer.Message!.Length.ShouldBeLessThan(1000, what);
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(20), what);
        (await app.AdminClient.MlflowGetAsync("experiments/get?experiment_id=0")).Ok();
    }

    [Fact]
    public async Task Messages_are_plain_text_in_the_answer()
    {
        var answer = await PostAsync(await apps.On(DatabaseProvider.Sqlite), Create, "{\"name\":5,\"x\":\"<ü>\"}"u8.ToArray());

        // As MLflow writes it: people and tests read the raw text.
        answer.Text.ShouldContain("Invalid value 5 for parameter 'name' supplied");
    }

    [Fact]
    public async Task A_byte_order_mark_is_none_of_it()
    {
        var app = await apps.On(DatabaseProvider.Sqlite);

        foreach (var path in new[] { "experiments/search", "runs/search" })
            (await PostAsync(app, "/api/2.0/mlflow/" + path, [0xEF, 0xBB, 0xBF, .. "{\"max_results\":1}"u8])).Ok();
        (await PostAsync(app, Create, [0xEF, 0xBB, 0xBF, .. "[]"u8])).ShouldBeRefused(HttpStatusCode.BadRequest, "INVALID_PARAMETER_VALUE");
    }

    [Fact]
    public async Task Bytes_that_are_not_UTF8_are_refused()
    {
        var app = await apps.On(DatabaseProvider.Sqlite);

        (await PostAsync(app, Create, [.. "{\"name\":\""u8, 0xFF, 0xFE, .. "\"}"u8])).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await PostAsync(app, Create, [0xFF, 0xFE, 0x7B, 0x00, 0x7D, 0x00])).Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_body_beyond_the_limit_is_refused()
    {
        var app = await apps.On(DatabaseProvider.Sqlite);

        var answer = await PostAsync(app, Create, Encoding.UTF8.GetBytes("{\"name\":\"" + new string('x', 26 * 1024 * 1024) + "\"}"));

        answer.ShouldBeRefused(HttpStatusCode.BadRequest, "INVALID_PARAMETER_VALUE");
        answer.Message.ShouldBe("The request body may have 24 MiB at most.");
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData("application/jsonp")]
    public async Task Another_content_type_than_JSON_is_refused(string type)
    {
        var app = await apps.On(DatabaseProvider.Sqlite);
        using var content = new ByteArrayContent("{\"name\":\"a\"}"u8.ToArray());
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);

        (await app.AdminClient.SendJsonAsync(HttpMethod.Post, Create, content)).ShouldBeRefused(HttpStatusCode.BadRequest, "INVALID_PARAMETER_VALUE");
        foreach (var path in new[] { "runs/log-batch", "runs/search" })
        {
            using var other = new ByteArrayContent("{}"u8.ToArray());
            other.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
            (await app.AdminClient.SendJsonAsync(HttpMethod.Post, "/api/2.0/mlflow/" + path, other))
                .ShouldBeRefused(HttpStatusCode.BadRequest, "INVALID_PARAMETER_VALUE");
        }
    }

    [SkippableTheory, OnEachDatabase]
    public async Task A_filter_of_100_KB_is_answered_soon(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        string[] filters =
        [
            string.Join(" AND ", Enumerable.Repeat("metrics.a > 1", 6000)),
            new string('(', 100_000),
            "params.a = '" + new string('x', 100_000) + "'",
            "params.a LIKE '" + new string('%', 100_000) + "'",
            "tags.`" + new string('k', 100_000) + "` = 'x'",
            string.Join(" OR ", Enumerable.Repeat("tags.a LIKE '%_%_%_%'", 4000)),
            "run_id IN (" + string.Join(',', Enumerable.Repeat("'a'", 25_000)) + ")",
            string.Concat(Enumerable.Repeat("NOT ", 25_000)),
        ];
        foreach (var filter in filters)
        {
            var watch = Stopwatch.StartNew();

            var answer = await app.AdminClient.MlflowPostAsync("runs/search", new { experiment_ids = new[] { "0" }, filter });

            ((int)answer.Status).ShouldBeOneOf(200, 400);
            watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(5), filter[..40]);
        }
    }

    public static TheoryData<string> Queries => new()
    {
        "experiments/get?experiment_id=%00", "experiments/get?experiment_id=%FF", "experiments/get?experiment_id=1&experiment_id=2",
        "experiments/get?experiment_id=99999999999999999999999999", "experiments/get?experiment_id=-1", "experiments/get?experiment_id=+1",
        "experiments/get-by-name?experiment_name=a%00b", "runs/get?run_id=" + "%C3%28", "experiments/search?max_results=1e400",
        "experiments/search?page_token=%00", "experiments/search?filter=%00", "experiments/search?filter=%ED%A0%80",
        "metrics/get-history?run_id=a&metric_key=a%00", "metrics/get-history?run_id=a&metric_key=b&max_results=-1",
        "metrics/get-history-bulk-interval?run_ids=a&metric_key=b&max_results=0", "experiments/search?order_by=%00",
    };

    [Theory, MemberData(nameof(Queries))]
    public async Task A_query_that_makes_no_sense_is_refused(string query)
    {
        var app = await apps.On(DatabaseProvider.Sqlite);

        var answer = await app.AdminClient.MlflowGetAsync(query);

        ((int)answer.Status).ShouldBeOneOf(400, 404);
        answer.ErrorCode.ShouldBeOneOf("INVALID_PARAMETER_VALUE", "RESOURCE_DOES_NOT_EXIST");
    }

    /// <summary>Every call with a body that the conformance cases know, with each of its members spoilt in each way.</summary>
    [SkippableTheory, OnEachDatabase]
    public async Task No_member_of_the_wrong_kind_is_the_servers_failure(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        JsonNode?[] Spoils() =>
        [
            null, 5, -1, 1.5, 1e300, true, "", "\0", "a\0b", "x'; DROP TABLE runs; --", new string('x', 70_000), "9223372036854775808",
            new JsonArray(), new JsonArray(1), new JsonArray(new JsonArray()), new JsonArray((JsonNode?)null), new JsonObject(),
            new JsonArray(new JsonObject()), new JsonArray(new JsonObject { ["key"] = "k", ["value"] = 5 }),
            new JsonArray(new JsonObject { ["key"] = "k", ["value"] = "1" }, new JsonObject { ["key"] = "k", ["value"] = "2" }), "\u202e", "😀",
        ];
        var failures = new List<string>();
        foreach (var @case in Scenario.All.SelectMany(s => s.Cases).Where(c => c.Body is ['{', ..] && c.Mlflow.Status == 200)
            .GroupBy(c => (c.Method, c.Path)).Select(g => g.MaxBy(c => c.Body!.Length)!))
        {
            var path = @case.Path.Replace("$", "x", StringComparison.Ordinal);
            if (!TryParse(@case.Body!, out var body))
                continue;
            foreach (var member in body.Select(m => m.Key).ToList())
            {
                foreach (var spoilt in Spoils())
                {
                    var sent = (JsonObject)body.DeepClone();
                    sent[member] = spoilt;
                    var answer = await app.AdminClient.SendJsonAsync(new HttpMethod(@case.Method), path, sent);
                    if ((int)answer.Status is >= 500 or 401 or 403 or 408 or 429)
                        failures.Add($"{@case.Method} {path} {member}={Shorten(spoilt?.ToJsonString() ?? "null")}: {answer.Status} {Shorten(answer.Text)}");
                    else if (answer.Status != HttpStatusCode.OK && answer.ErrorCode is null)
                        failures.Add($"{@case.Method} {path} {member}: {answer.Status} without a code");
                }
            }
        }

        failures.ShouldBeEmpty(string.Join('\n', failures.Take(50)));
    }

    [Fact]
    public async Task What_the_server_itself_fails_at_is_told_as_JSON_and_logged()
    {
        await using var app = await RegistryApp.StartAsync();
        await app.ExecuteAsync("ALTER TABLE webhooks RENAME TO gone");

        var answer = await app.AdminClient.MlflowGetAsync("webhooks");

        answer.ShouldBeRefused(HttpStatusCode.InternalServerError, "INTERNAL_ERROR");
        answer.Text.ShouldNotContain("webhooks");
        app.LogText.ShouldContain("no such table: webhooks");
    }

    private static bool TryParse(string body, out JsonObject parsed)
    {
        parsed = [];
        try
        {
            parsed = (JsonObject)JsonNode.Parse(new Variables().Replace(body))!;
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static string Shorten(string text) => text.Length <= 200 ? text : text[..200] + "…";

    private static async Task<ApiAnswer> PostAsync(RegistryApp app, string address, byte[] body)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return await app.AdminClient.SendJsonAsync(HttpMethod.Post, address, content);
    }
}
