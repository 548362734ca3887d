using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ModelRegistry.Core.Data;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Security;

/// <summary>
/// Hostile requests. Whatever comes, the answer is quick, in the API's own shape, a client's mistake (never 5xx, which
/// MLflow's clients would send again seven times), and tells nothing about the inside.
/// </summary>
public sealed class AbuseTests(AbuseTests.Server server) : IClassFixture<AbuseTests.Server>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>One of each kind of reader: plain messages, the batch's own reader, searches, nested objects.</summary>
    private static readonly string[] PostRoutes =
    [
        "experiments/create", "experiments/search", "experiments/update", "experiments/delete",
        "experiments/set-experiment-tag", "runs/create", "runs/update", "runs/search", "runs/log-batch", "runs/log-metric",
        "runs/log-parameter", "runs/set-tag", "runs/log-inputs", "runs/log-model",
        "registered-models/create", "registered-models/alias", "model-versions/create", "model-versions/transition-stage",
        "logged-models", "logged-models/search", "no-such/route",
    ];

    private static readonly Dictionary<string, byte[]> Bodies = new()
    {
        ["nothing"] = [],
        ["null"] = "null"u8.ToArray(),
        ["a list"] = "[]"u8.ToArray(),
        ["a number"] = "1"u8.ToArray(),
        ["a string"] = "\"x\""u8.ToArray(),
        ["a string that holds itself"] = "\"\\\"{}\\\"\""u8.ToArray(),
        ["half an object"] = "{"u8.ToArray(),
        ["half a member"] = "{\"name\":"u8.ToArray(),
        ["two objects"] = "{}{}"u8.ToArray(),
        ["a comma too many"] = "{\"name\":\"x\",}"u8.ToArray(),
        ["a comment"] = "{/* x */}"u8.ToArray(),
        ["bytes that are no UTF-8"] = [0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d],
        ["a value that is no UTF-8"] = [.. "{\"name\":\""u8, 0xc3, 0x28, .. "\"}"u8],
        ["UTF-16"] = Encoding.Unicode.GetBytes("{\"name\":\"x\"}"),
        ["zeros"] = new byte[1000],
        ["HTML"] = "<script>alert(1)</script>"u8.ToArray(),
        ["a form"] = "name=x&value=y"u8.ToArray(),
        ["10 MB of ["] = Encoding.ASCII.GetBytes(new string('[', 10_000_000)),
        ["10 MB of {\"a\":"] = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("{\"a\":", 2_000_000))),
        ["10 MB of a string"] = Encoding.ASCII.GetBytes($"{{\"name\":\"{new string('a', 10_000_000)}\"}}"),
        ["a list of 2 million"] = Encoding.ASCII.GetBytes($"{{\"tags\":[{string.Join(',', Enumerable.Repeat("1", 2_000_000))}]}}"),
        ["100 000 members"] = Encoding.ASCII.GetBytes("{" + string.Join(',', Enumerable.Range(0, 100_000).Select(i => $"\"k{i}\":1")) + "}"),
    };

    /// <summary>A search needs no member, and members that it does not know are ignored, as MLflow does.</summary>
    private static readonly string[] PerhapsMessages =
    [
        "nothing", "bytes that are no UTF-8", "a value that is no UTF-8", "10 MB of a string", "a list of 2 million",
        "100 000 members",
    ];

    /// <summary>Values that a member of any name gets, whatever its type should be.</summary>
    private static readonly Dictionary<string, string> Values = new()
    {
        ["null"] = "null",
        ["true"] = "true",
        ["a list"] = "[]",
        ["a list of lists"] = "[[[]]]",
        ["a list of null"] = "[null]",
        ["an object"] = "{}",
        ["a list of objects"] = "[{}]",
        ["an object of null"] = """[{"key":null,"value":null,"timestamp":null}]""",
        ["0"] = "0",
        ["-1"] = "-1",
        ["2^63"] = "9223372036854775808",
        ["1e400"] = "1e400",
        ["NaN"] = "NaN",
        ["Infinity"] = "-Infinity",
        ["a number of 10 000 digits"] = new string('9', 10_000),
        ["empty"] = "\"\"",
        ["spaces"] = "\"   \"",
        ["NUL"] = "\"a\\u0000b\"",
        ["half a surrogate"] = "\"a\\ud800b\"",
        ["surrogates the wrong way round"] = "\"\\udc00\\ud800\"",
        ["controls"] = "\"a\\r\\nSet-Cookie: x=1\\u001b[31m\\u007f\\u2028\\u202e\"",
        ["traversal"] = "\"../../../../etc/passwd\"",
        ["a local file"] = "\"file:///etc/passwd\"",
        ["SQL"] = "\"' OR 1=1; DROP TABLE runs; --\"",
        ["100 000 characters"] = $"\"{new string('x', 100_000)}\"",
        ["a filter of 10 000 clauses"] = $"\"{string.Join(" AND ", Enumerable.Repeat("metrics.a > 1", 10_000))}\"",
        ["10 000 parentheses"] = $"\"{new string('(', 10_000)}\"",
        ["an unfinished filter"] = "\"params.a = 'x\"",
        ["a list of 100 KB filters"] = $"[\"{new string('%', 100_000)}\"]",
        ["template"] = "\"{{7*7}}${7*7}<%= 7 %>\"",
    };

    private static readonly string[] Members =
    [
        "name", "experiment_id", "experiment_ids", "run_id", "run_uuid", "run_ids", "key", "value", "timestamp", "step",
        "metrics", "params", "tags", "filter", "filter_string", "order_by", "max_results", "page_token", "run_view_type",
        "view_type", "status", "start_time", "end_time", "artifact_location", "datasets", "models", "source", "version",
        "stage", "alias", "description", "model_json", "lifecycle_stage", "new_name",
    ];

    public static TheoryData<string> BodyNames => [.. Bodies.Keys];

    public static TheoryData<string> Routes => [.. PostRoutes];

    [Theory, MemberData(nameof(BodyNames))]
    public async Task A_body_that_is_no_message_is_refused(string body)
    {
        // One of each kind of reader is enough for what takes a second to send.
        foreach (var route in Bodies[body].Length > 1_000_000 ? ["runs/search", "runs/log-batch", "model-versions/create", "logged-models"] : PostRoutes)
        {
            using var content = Json(Bodies[body]);
            await ShouldBeHarmlessAsync(HttpMethod.Post, "/api/2.0/mlflow/" + route, content,
                mustRefuse: !PerhapsMessages.Contains(body));
        }
    }

    [Theory, MemberData(nameof(Routes))]
    public async Task A_member_of_the_wrong_kind_never_breaks_anything(string route)
    {
        foreach (var member in Members)
        {
            foreach (var (_, value) in Values)
            {
                using var content = Json(Encoding.UTF8.GetBytes(Valid(member, value)));
                await ShouldBeHarmlessAsync(HttpMethod.Post, "/api/2.0/mlflow/" + route, content);
            }
        }
    }

    [Theory]
    [InlineData("experiments/get?experiment_id=%00")]
    [InlineData("experiments/get?experiment_id=1%000")]
    [InlineData("experiments/get?experiment_id=99999999999999999999")]
    [InlineData("experiments/get?experiment_id=-1")]
    [InlineData("experiments/get?experiment_id=1e3")]
    [InlineData("experiments/get?experiment_id=%D9%A1")]
    [InlineData("experiments/get?experiment_id=0&experiment_id=1")]
    [InlineData("experiments/get?experiment_id[]=0")]
    [InlineData("experiments/get-by-name?experiment_name=%ED%A0%80")]
    [InlineData("experiments/get-by-name?experiment_name=%ff%fe")]
    [InlineData("experiments/get-by-name?experiment_name=%")]
    [InlineData("experiments/get-by-name?=")]
    [InlineData("experiments/get-by-name?&&&")]
    [InlineData("runs/get?run_id=../../etc/passwd")]
    [InlineData("runs/get?run_id=%2e%2e%2f")]
    [InlineData("runs/get?run_id=' OR 1=1--")]
    [InlineData("metrics/get-history?run_id=a&metric_key=%00")]
    [InlineData("metrics/get-history?run_id=a&metric_key=b&max_results=99999999999999999999")]
    [InlineData("metrics/get-history?run_id=a&metric_key=b&page_token=AAAA")]
    [InlineData("metrics/get-history-bulk-interval?run_ids=&metric_key=")]
    [InlineData("metrics/get-history-bulk-interval?run_ids=a&metric_key=b&start_step=x&end_step=-1&max_results=0")]
    [InlineData("experiments/search?max_results=x")]
    [InlineData("experiments/search?max_results=2147483648")]
    [InlineData("experiments/search?max_results=10&page_token=eyJRIjoxLCJLIjpudWxsfQ")]
    [InlineData("experiments/search?max_results=10&page_token=%00")]
    [InlineData("experiments/search?max_results=10&order_by=password_hash")]
    [InlineData("experiments/search?max_results=10&order_by=(select 1)")]
    [InlineData("artifacts/list?run_id=a&path=../..")]
    [InlineData("artifacts/list?run_id=a&path=%00")]
    [InlineData("registered-models/get?name=%00")]
    [InlineData("registered-models/search?filter=name LIKE '%' AND (")]
    [InlineData("model-versions/get?name=a&version=99999999999")]
    [InlineData("model-versions/get?name=a&version=-1")]
    [InlineData("model-versions/get-download-uri?name=../x&version=1")]
    public async Task A_query_that_asks_for_nonsense_is_refused(string address) =>
        await ShouldBeHarmlessAsync(HttpMethod.Get, "/api/2.0/mlflow/" + address, null, mustRefuse: true);

    [Theory]
    [InlineData("/api/2.0/mlflow/artifacts/../../../../etc/passwd")]
    [InlineData("/api/2.0/mlflow/..%2f..%2f..%2fetc%2fpasswd")]
    [InlineData("/api/2.0/mlflow-artifacts/artifacts/..%2f..%2fetc%2fpasswd")]
    [InlineData("/api/2.0/mlflow-artifacts/artifacts/%252e%252e%252fetc%252fpasswd")]
    [InlineData("/api/2.0/mlflow-artifacts/artifacts//etc/passwd")]
    [InlineData("/api/2.0/mlflow-artifacts/artifacts/..%5c..%5cwindows")]
    [InlineData("/api/2.0/mlflow-artifacts/artifacts/a%00b")]
    [InlineData("/api/2.0/mlflow-artifacts/artifacts/%c0%ae%c0%ae/x")]
    [InlineData("/api/2.0/mlflow-artifacts/artifacts?path=../../../etc/passwd")]
    [InlineData("/get-artifact?path=../../../../etc/passwd&run_uuid=a")]
    [InlineData("/model-versions/get-artifact?path=../../../../etc/passwd&name=a&version=1")]
    [InlineData("/appsettings.json")]
    [InlineData("/data/registry.db")]
    [InlineData("/.git/config")]
    [InlineData("/web.config")]
    [InlineData("/ModelRegistry.Web.dll")]
    [InlineData("/ModelRegistry.Web.pdb")]
    [InlineData("/_content/../../appsettings.json")]
    [InlineData("/_content/..%2f..%2fappsettings.json")]
    [InlineData("/%2e%2e/appsettings.json")]
    [InlineData("/api/3.0/mlflow/no-such/route")]
    [InlineData("/graphql")]
    [InlineData("/gateway/mlflow/v1/chat/completions")]
    public async Task A_path_that_leads_out_leads_nowhere(string path) =>
        await ShouldBeHarmlessAsync(HttpMethod.Get, path, null, mustRefuse: true);

    [Theory]
    [InlineData(null)]
    [InlineData("text/plain")]
    [InlineData("text/html")]
    [InlineData("application/xml")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData("application/json-patch+json")]
    public async Task A_body_that_says_to_be_something_else_is_refused(string? type)
    {
        using var content = new ByteArrayContent("""{"name":"x"}"""u8.ToArray());
        if (type is not null)
            content.Headers.TryAddWithoutValidation("Content-Type", type);

        (await ShouldBeHarmlessAsync(HttpMethod.Post, "/api/2.0/mlflow/experiments/create", content, mustRefuse: true))
            .ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_compressed_body_is_not_unpacked()
    {
        using var packed = new MemoryStream();
        await using (var gzip = new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionLevel.Optimal, true))
            await gzip.WriteAsync(new byte[50_000_000]);
        using var content = Json(packed.ToArray());
        content.Headers.ContentEncoding.Add("gzip");

        await ShouldBeHarmlessAsync(HttpMethod.Post, "/api/2.0/mlflow/experiments/create", content, mustRefuse: true);
    }

    [Fact]
    public async Task A_body_over_the_limit_is_refused()
    {
        using var content = Json(new byte[30_000_000]);

        await ShouldBeHarmlessAsync(HttpMethod.Post, "/api/2.0/mlflow/runs/log-batch", content, mustRefuse: true);
    }

    [Theory]
    [InlineData("Authorization", "Bearer")]
    [InlineData("Authorization", "Bearer ")]
    [InlineData("Authorization", "Bearer x y z")]
    [InlineData("Authorization", "Basic !!!")]
    [InlineData("Authorization", "Basic Og==")]
    [InlineData("Authorization", "Basic AAAA")]
    [InlineData("Authorization", "Negotiate abc")]
    [InlineData("Authorization", "Bearer mreg_0000000000_0000000000000000000000000000000000000000000_000000")]
    [InlineData("Cookie", "modelregistry-session=CfDJ8AAAA")]
    [InlineData("Cookie", "modelregistry-session=%00; modelregistry-session=x")]
    [InlineData("X-Forwarded-User", "admin")]
    [InlineData("X-Remote-User", "admin")]
    [InlineData("X-Original-URL", "/health")]
    [InlineData("X-HTTP-Method-Override", "GET")]
    [Trait("Case", "F17")]
    public async Task A_header_that_pretends_opens_nothing(string name, string value)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/2.0/mlflow/experiments/search?max_results=10");
        request.Headers.TryAddWithoutValidation(name, value);

        using var response = await server.Anonymous.SendAsync(request);

        response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        await ShouldTellNothingAsync(response);
    }

    [Fact]
    public async Task A_token_of_10_KB_is_just_a_wrong_one()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/2.0/mlflow/experiments/search?max_results=10");
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + new string('a', 10_000));

        using var response = await server.Anonymous.SendAsync(request);

        response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData("GET /api/2.0/mlflow/experiments/search HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n")]
    [InlineData("POST /api/2.0/mlflow/experiments/create HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n")]
    [InlineData("POST /api/2.0/mlflow/experiments/create HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n{}\r\n0\r\n\r\n")]
    [InlineData("POST /api/2.0/mlflow/experiments/create HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Length: -1\r\n\r\n")]
    [InlineData("GET /api/2.0/mlflow/experiments/search HTTP/1.1\r\n\r\n")]
    [InlineData("GET /api/2.0/mlflow/\0 HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("GET http://evil.example/api/2.0/mlflow/experiments/search HTTP/1.1\r\nHost: evil.example\r\n\r\n")]
    [InlineData("GET /api/2.0/mlflow/experiments/search HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n\r\n")]
    [InlineData("CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n")]
    [InlineData("TRACE / HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("\u0016\u0003\u0001\u0002\0\u0001\0")]
    public async Task A_request_that_is_no_HTTP_is_refused_by_the_server(string raw)
    {
        using var socket = new System.Net.Sockets.TcpClient();
        await socket.ConnectAsync(server.App.Address.Host, server.App.Address.Port);
        await using var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(raw.Replace("{token}", server.Token, StringComparison.Ordinal)));
        socket.Client.Shutdown(System.Net.Sockets.SocketShutdown.Send);

        using var limit = new CancellationTokenSource(Patience);
        using var reader = new StreamReader(stream);
        var answer = await reader.ReadToEndAsync(limit.Token);

        if (answer.Length > 0)
            answer.ShouldMatch("^HTTP/1.1 (400|401|404|405|411|501) ");
    }

    [Fact]
    public async Task After_all_of_it_the_registry_works()
    {
        using var content = Json("""{"max_results":1}"""u8.ToArray());
        using var response = await server.Client.PostAsync("/api/2.0/mlflow/experiments/search", content);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private async Task<HttpStatusCode> ShouldBeHarmlessAsync(
        HttpMethod method, string address, HttpContent? content, bool mustRefuse = false)
    {
        var watch = Stopwatch.StartNew();
        using var request = new HttpRequestMessage(method, address) { Content = content };
        using var response = await server.Client.SendAsync(request);
        var text = await ShouldTellNothingAsync(response);

        ((int)response.StatusCode).ShouldBeLessThan(500, $"{method} {address}: {text}");
        // Where a page could be, a stranger is sent to sign in.
        var isApi = request.RequestUri!.AbsolutePath.StartsWith("/api/", StringComparison.Ordinal);
        if (mustRefuse && (isApi || response.StatusCode != HttpStatusCode.Redirect))
            ((int)response.StatusCode).ShouldBeInRange(400, 499, $"{method} {address}: {text}");
        if ((int)response.StatusCode >= 400 && isApi && text.Length > 0)
        {
            var error = JsonDocument.Parse(text).RootElement;
            error.GetProperty("error_code").GetString().ShouldNotBeNullOrEmpty(text);
            error.GetProperty("message").GetString()!.Length.ShouldBeLessThan(2000);
        }

        watch.Elapsed.ShouldBeLessThan(Patience, $"{method} {address}");
        return response.StatusCode;
    }

    private async Task<string> ShouldTellNothingAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        text.ShouldNotContain("   at ModelRegistry");
        text.ShouldNotContain("Exception");
        text.ShouldNotContain(server.App.Folder);
        text.ShouldNotContain("root:x:0:0");
        text.ShouldNotContain("SQLite");
        response.Headers.Contains("Server").ShouldBeFalse();
        response.Headers.Contains("X-Powered-By").ShouldBeFalse();
        return text;
    }

    /// <summary>A message that is right in all but one member, so that the member's own check is reached.</summary>
    private static string Valid(string member, string value)
    {
        var members = new Dictionary<string, string>
        {
            ["name"] = "\"abuse\"",
            ["experiment_id"] = "\"0\"",
            ["experiment_ids"] = "[\"0\"]",
            ["run_id"] = "\"0123456789abcdef0123456789abcdef\"",
            ["key"] = "\"k\"",
            ["value"] = "1",
            ["timestamp"] = "1",
            ["max_results"] = "10",
            ["version"] = "\"1\"",
            ["stage"] = "\"Staging\"",
            ["alias"] = "\"best\"",
            ["source"] = "\"runs:/0123456789abcdef0123456789abcdef/model\"",
            [member] = value,
        };
        return "{" + string.Join(',', members.Select(m => $"\"{m.Key}\":{m.Value}")) + "}";
    }

    private static ByteArrayContent Json(byte[] body) =>
        new(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };

    /// <summary>A real server: what Kestrel refuses never reaches a test host.</summary>
    public sealed class Server : IAsyncLifetime
    {
        public RegistryApp App { get; private set; } = null!;
        public HttpClient Client { get; private set; } = null!;
        public HttpClient Anonymous { get; private set; } = null!;
        public string Token { get; private set; } = "";

        public async Task InitializeAsync()
        {
            App = await RegistryApp.StartAsync(DatabaseProvider.Sqlite, new RegistryAppOptions { UseKestrel = true });
            var user = await App.UserAsync(Core.Identity.RegistryRole.Admin);
            (Client, Token, Anonymous) = (user.Client, user.Token, App.AnonymousClient());
        }

        public async Task DisposeAsync()
        {
            Client.Dispose();
            Anonymous.Dispose();
            await App.DisposeAsync();
        }
    }
}
