using System.Net;
using System.Security.Cryptography;
using System.Text;
using ModelRegistry.Core.Data;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Artifacts;

public sealed class KeepingRunFilesTests(RealServers apps) : IClassFixture<RealServers>
{
    [SkippableTheory, OnEachDatabase]
    public async Task A_file_comes_back_as_it_went_up(DatabaseProvider provider)
    {
        var run = await StartAsync(provider);
        var bytes = RandomNumberGenerator.GetBytes(2_500_000);

        (await run.PutAsync("model/weights.bin", bytes)).Ok().Text.ShouldBe("{}");
        using var response = await run.GetAsync("model/weights.bin");

        (await response.Content.ReadAsByteArrayAsync()).ShouldBe(bytes);
        response.Content.Headers.ContentLength.ShouldBe(bytes.Length);
        response.Headers.ETag!.Tag.ShouldBe($"\"{Convert.ToHexStringLower(SHA256.HashData(bytes))}\"");
        response.Content.Headers.LastModified!.Value.ShouldBe(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(1));
    }

    [SkippableTheory, OnEachDatabase]
    public async Task An_upload_over_a_file_replaces_it(DatabaseProvider provider)
    {
        var run = await StartAsync(provider);
        (await run.PutAsync("a.txt", "one")).Ok();
        (await run.PutAsync("a.txt", "two")).Ok();
        (await run.PutAsync("a.txt", "two")).Ok();

        (await run.ReadAsync("a.txt")).ShouldBe("two");
        (await run.ListAsync()).ShouldBe(["a.txt"]);
    }

    [SkippableTheory, OnEachDatabase]
    public async Task An_empty_file_in_chunks_is_a_file(DatabaseProvider provider)
    {
        var run = await StartAsync(provider);
        (await run.PutAsync("empty.bin", new StreamContent(new UnknownLength()))).Ok();

        (await run.ReadAsync("empty.bin")).ShouldBe("");
        var files = (await run.Http.MlflowGetAsync($"artifacts/list?run_id={run.Run}")).Ok()["files"];
        files[0].GetProperty("file_size").GetInt64().ShouldBe(0);
    }

    // The names as they stand in the address, and as they are meant.
    public static TheoryData<string, string> Names => new()
    {
        { "a%20b.txt", "a b.txt" }, { "%C3%BC.txt", "ü.txt" }, { "100%25.txt", "100%.txt" }, { "a%23b.txt", "a#b.txt" }, { "c%3Fd", "c?d" },
        { "a+b", "a+b" }, { "x;y=1", "x;y=1" }, { "dir/a%2Bb", "dir/a+b" }, { "emoji-%F0%9F%8E%89", "emoji-🎉" }, { "%61bc", "abc" },
        { "deep%2Fer", "deep/er" }, { "a%25b", "a%b" },
    };

    [Theory, MemberData(nameof(Names))]
    public async Task Names_are_decoded_exactly_once(string encoded, string name)
    {
        var run = await StartAsync(DatabaseProvider.Sqlite);
        (await run.PutAsync(encoded, name)).Ok();

        (await run.ReadAsync(encoded)).ShouldBe(name);
        var directory = name.Contains('/') ? name[..name.IndexOf('/')] : "";
        (await run.ListAsync(directory)).ShouldBe([name]);
        (await run.ProxyListAsync(directory)).ShouldBe([name[(name.LastIndexOf('/') + 1)..]]);
        using var response = await run.GetAsync(encoded);
        response.Content.Headers.ContentDisposition!.FileNameStar.ShouldBe(name[(name.LastIndexOf('/') + 1)..]);
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Listings_show_one_level_sorted_with_directories_read_off_the_paths(DatabaseProvider provider)
    {
        var run = await StartAsync(provider);
        foreach (var path in new[] { "model/MLmodel", "model/data/x", "model.txt", "model-2/a", "model2/b", "z", "a/b/c/d", "model0" })
            (await run.PutAsync(path, path)).Ok();

        (await run.ListAsync()).ShouldBe(["a/", "model/", "model-2/", "model.txt", "model0", "model2/", "z"]);
        (await run.ProxyListAsync()).ShouldBe(["a/", "model/", "model-2/", "model.txt", "model0", "model2/", "z"]);
        (await run.ListAsync("model")).ShouldBe(["model/MLmodel", "model/data/"]);
        (await run.ProxyListAsync("model")).ShouldBe(["MLmodel", "data/"]);
        (await run.ListAsync("model/")).ShouldBe(["model/MLmodel", "model/data/"]);
        (await run.ListAsync("a/b/c")).ShouldBe(["a/b/c/d"]);
        (await run.ListAsync("z")).ShouldBeEmpty();
        (await run.ListAsync("nothing")).ShouldBeEmpty();
        (await run.ProxyListAsync("z")).ShouldBeEmpty();
    }

    [SkippableTheory, OnEachDatabase]
    public async Task A_big_directory_is_one_entry_and_does_not_hide_what_follows(DatabaseProvider provider)
    {
        var run = await StartAsync(provider);
        (await run.PutAsync("zzz", "last")).Ok();
        (await run.PutAsync("big0", "neighbour")).Ok();
        for (var i = 0; i < 260; i++)
            (await run.PutAsync($"big/{i:D3}", "same")).Ok();

        (await run.ListAsync()).ShouldBe(["big/", "big0", "zzz"]);
        (await run.ProxyListAsync("big")).Count.ShouldBe(260);
    }

    [SkippableTheory, OnEachDatabase]
    public async Task A_path_is_a_file_or_a_directory_and_not_both(DatabaseProvider provider)
    {
        var run = await StartAsync(provider);
        (await run.PutAsync("a", "file")).Ok();
        (await run.PutAsync("d/e", "file")).Ok();

        (await run.PutAsync("a/b", "x")).ShouldBeRefused(HttpStatusCode.BadRequest, "INVALID_PARAMETER_VALUE");
        (await run.PutAsync("a/b/c", "x")).ShouldBeRefused(HttpStatusCode.BadRequest, "INVALID_PARAMETER_VALUE");
        (await run.PutAsync("d", "x")).ShouldBeRefused(HttpStatusCode.BadRequest, "INVALID_PARAMETER_VALUE");
        (await run.ReadAsync("a")).ShouldBe("file");
        (await run.ReadAsync("d/e")).ShouldBe("file");
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Deleting_takes_a_file_or_a_directory_and_nothing_beside_it(DatabaseProvider provider)
    {
        var run = await StartAsync(provider);
        foreach (var path in new[] { "model/a", "model/b/c", "model2/a", "model.txt", "modelx" })
            (await run.PutAsync(path, path)).Ok();

        (await run.DeleteAsync("model")).Ok().Text.ShouldBe("{}");
        (await run.DeleteAsync("model")).Ok();
        (await run.DeleteAsync("model.txt")).Ok();

        (await run.ListAsync()).ShouldBe(["model2/", "modelx"]);
    }

    [Fact]
    public async Task The_top_of_a_tree_is_never_deleted()
    {
        var run = await StartAsync(DatabaseProvider.Sqlite);
        (await run.PutAsync("a", "x")).Ok();

        foreach (var path in new[] { "", ".", "%2e", "/", "..", "%2e%2e" })
        {
            var answer = await run.DeleteAsync(path);
            ((int)answer.Status).ShouldBeInRange(400, 405, path);
        }

        (await run.Http.SendJsonAsync(HttpMethod.Delete, $"{ArtifactTestClient.Proxy}/{run.Location}", null))
            .ShouldBeRefused(HttpStatusCode.BadRequest, "INVALID_PARAMETER_VALUE");
        (await run.ReadAsync("a")).ShouldBe("x");
    }

    public static TheoryData<string> BadPaths => new()
    {
        "%2e%2e/%2e%2e/secret.txt", "..%2f..%2fsecret.txt", "%252e%252e%252fx", "%25252e%25252e/x", "%2%0952e", "a%0d%0ab",
        "%c0%ae%c0%ae/x", "a%5cb", "%5c%5chost%5cshare", "C:/x", "C:%5cx", "%2F%2F%2F..%2Fetc", "NUL", "con.txt",
        "a.txt::$DATA", "x%20", "%u002e%u002e/x", "%E2%80%AEa", "%ED%A0%80", "a%23..%2f..%2fx",
    };

    [Theory, MemberData(nameof(BadPaths))]
    public async Task A_path_that_could_lead_elsewhere_is_refused_on_every_route(string path)
    {
        var run = await StartAsync(DatabaseProvider.Sqlite);
        var query = path.Replace("%2%0952e", "%252%0952e");

        (await run.PutAsync(path, "x")).ShouldBeRefused(HttpStatusCode.BadRequest, "INVALID_PARAMETER_VALUE");
        using (var got = await run.GetAsync(path))
            (await got.ReadAnswerAsync()).ShouldBeRefused(HttpStatusCode.BadRequest, "INVALID_PARAMETER_VALUE");
        (await run.DeleteAsync(path)).ShouldBeRefused(HttpStatusCode.BadRequest, "INVALID_PARAMETER_VALUE");
        foreach (var address in new[]
        {
            $"{ArtifactTestClient.Proxy}?path={run.Location}/{query}/x",
            $"/api/2.0/mlflow/artifacts/list?run_id={run.Run}&path={query}/x",
            $"/get-artifact?run_id={run.Run}&path={query}",
        })
        {
            var answer = await run.SendAsync(HttpMethod.Get, address);
            answer.ShouldBeRefused(HttpStatusCode.BadRequest, "INVALID_PARAMETER_VALUE");
            answer.Text.ShouldNotContain("/tmp");
        }

        (await run.ListAsync()).ShouldBeEmpty();
    }

    [Theory, InlineData("a//b"), InlineData("a/"), InlineData("a%2f"), InlineData("./a")]
    public async Task A_file_has_one_name_and_a_directory_is_found_by_each(string path)
    {
        var run = await StartAsync(DatabaseProvider.Sqlite);
        (await run.PutAsync("a/b/x", "x")).Ok();

        // A client may take "./" away before it sends.
        if (path[0] != '.')
            (await run.PutAsync(path, "x")).ShouldBeRefused(HttpStatusCode.BadRequest, "INVALID_PARAMETER_VALUE");
        (await run.SendAsync(HttpMethod.Get, $"/get-artifact?run_id={run.Run}&path={path}")).ShouldBeRefused(HttpStatusCode.BadRequest, "INVALID_PARAMETER_VALUE");
        foreach (var address in new[] { $"{ArtifactTestClient.Proxy}?path={run.Location}/{path}", $"/api/2.0/mlflow/artifacts/list?run_id={run.Run}&path={path}" })
            (await run.SendAsync(HttpMethod.Get, address)).Ok()["files"].GetArrayLength().ShouldBe(1, address);
    }

    [Fact]
    public async Task A_NUL_in_a_path_is_refused()
    {
        var run = await StartAsync(DatabaseProvider.Sqlite);

        // The server refuses it before any route.
        (await run.PutAsync("a%00b", "x")).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await run.SendAsync(HttpMethod.Get, $"/get-artifact?run_id={run.Run}&path=a%00b"))
            .ShouldBeRefused(HttpStatusCode.BadRequest, "INVALID_PARAMETER_VALUE");
        (await run.PutAsync("a%2500b", "x")).ShouldBeRefused(HttpStatusCode.BadRequest, "INVALID_PARAMETER_VALUE");
    }

    [Fact]
    public async Task A_connection_is_kept_over_calls_and_refusals()
    {
        var run = await StartAsync(DatabaseProvider.Sqlite);

        for (var i = 0; i < 20; i++)
        {
            (await run.Http.MlflowPostAsync("runs/set-tag", new { run_id = run.Run, key = "k", value = "v" })).Ok();
            (await run.PutAsync("a", "hello")).Ok();
            (await run.PutAsync("a/b", "hello")).Status.ShouldBe(HttpStatusCode.BadRequest);
        }
    }

    [Fact]
    public async Task A_path_given_twice_is_refused()
    {
        var run = await StartAsync(DatabaseProvider.Sqlite);

        (await run.Http.SendJsonAsync(HttpMethod.Get, $"/get-artifact?run_id={run.Run}&path=a&path=..%2fb", null))
            .ShouldBeRefused(HttpStatusCode.BadRequest, "INVALID_PARAMETER_VALUE");
        (await run.Http.SendJsonAsync(HttpMethod.Get, $"{ArtifactTestClient.Proxy}?path=1&path=2", null))
            .ShouldBeRefused(HttpStatusCode.BadRequest, "INVALID_PARAMETER_VALUE");
    }

    [Theory]
    [InlineData("bytes=0-0", 206, 0, 1)]
    [InlineData("bytes=10-19", 206, 10, 10)]
    [InlineData("bytes=990-", 206, 990, 10)]
    [InlineData("bytes=-1", 206, 999, 1)]
    [InlineData("bytes=-5000", 206, 0, 1000)]
    [InlineData("bytes=0-999999999999", 206, 0, 1000)]
    [InlineData("bytes=1000-", 416, 0, 0)]
    [InlineData("bytes=-0", 416, 0, 0)]
    [InlineData("bytes=0-1,5-6", 200, 0, 1000)]
    public async Task Ranges_are_answered(string range, int status, int offset, int length)
    {
        var run = await StartAsync(DatabaseProvider.Sqlite);
        var bytes = RandomNumberGenerator.GetBytes(1000);
        (await run.PutAsync("x", bytes)).Ok();

        using var response = await run.GetAsync("x", range);

        ((int)response.StatusCode).ShouldBe(status);
        response.Content.Headers.ContentLength.ShouldBe(length);
        (await response.Content.ReadAsByteArrayAsync()).ShouldBe(bytes[offset..(offset + length)]);
        if (status == 206)
            response.Content.Headers.ContentRange!.ToString().ShouldBe($"bytes {offset}-{offset + length - 1}/1000");
        if (status == 416)
            response.Content.Headers.ContentRange!.ToString().ShouldBe("bytes */1000");
    }

    [Fact]
    public async Task Conditions_are_answered()
    {
        var run = await StartAsync(DatabaseProvider.Sqlite);
        (await run.PutAsync("x", "hello")).Ok();
        using var first = await run.GetAsync("x");
        var etag = first.Headers.ETag!.Tag;

        (await Status("If-None-Match", etag)).ShouldBe(HttpStatusCode.NotModified);
        (await Status("If-None-Match", "\"other\"")).ShouldBe(HttpStatusCode.OK);
        (await Status("If-Match", "\"other\"")).ShouldBe(HttpStatusCode.PreconditionFailed);
        (await Status("If-Match", etag)).ShouldBe(HttpStatusCode.OK);
        (await Status("If-Range", etag, "bytes=0-1")).ShouldBe(HttpStatusCode.PartialContent);
        (await Status("If-Range", "\"other\"", "bytes=0-1")).ShouldBe(HttpStatusCode.OK);

        async Task<HttpStatusCode> Status(string header, string value, string? range = null)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"{ArtifactTestClient.Proxy}/{run.Location}/x");
            request.Headers.Add(header, value);
            if (range is not null)
                request.Headers.Add("Range", range);
            using var response = await run.Http.SendAsync(request);
            return response.StatusCode;
        }
    }

    [Fact]
    public async Task Head_tells_the_length_and_sends_no_body()
    {
        var run = await StartAsync(DatabaseProvider.Sqlite);
        (await run.PutAsync("x", "hello")).Ok();

        foreach (var address in new[] { $"{ArtifactTestClient.Proxy}/{run.Location}/x", $"/ajax-api/2.0/mlflow-artifacts/artifacts/{run.Location}/x", $"/get-artifact?run_id={run.Run}&path=x" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Head, address);
            using var response = await run.Http.SendAsync(request);
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
            response.Content.Headers.ContentLength.ShouldBe(5);
        }
    }

    [Theory]
    [InlineData("a.txt", "text/plain")]
    [InlineData("MLmodel", "text/plain")]
    [InlineData("conda.yaml", "text/plain")]
    [InlineData("x.html", "application/octet-stream")]
    [InlineData("x.svg", "application/octet-stream")]
    [InlineData("x.pkl", "application/octet-stream")]
    public async Task No_browser_runs_what_somebody_uploaded(string name, string type)
    {
        var run = await StartAsync(DatabaseProvider.Sqlite);
        using var html = new StringContent("<script>alert(1)</script>", Encoding.UTF8, "text/html");
        (await run.PutAsync(name, html)).Ok();

        using var response = await run.GetAsync(name);

        response.Content.Headers.ContentType!.MediaType.ShouldBe(type);
        response.Content.Headers.ContentDisposition!.DispositionType.ShouldBe("attachment");
        response.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);
        response.Headers.GetValues("Content-Security-Policy").ShouldBe(["sandbox; default-src 'none'"]);
    }

    [Fact]
    public async Task What_is_missing_is_404_and_a_directory_is_no_file()
    {
        var run = await StartAsync(DatabaseProvider.Sqlite);
        (await run.PutAsync("d/x", "hello")).Ok();

        foreach (var path in new[] { "d", "nothing", "d/x/y" })
        {
            using var response = await run.GetAsync(path);
            (await response.ReadAnswerAsync()).ShouldBeRefused(HttpStatusCode.NotFound, "RESOURCE_DOES_NOT_EXIST")
                .Message.ShouldBe($"No such artifact: '{run.Location}/{path}'");
        }

        (await run.Http.MlflowGetAsync("artifacts/list?run_id=nope")).ShouldBeRefused(HttpStatusCode.NotFound, "RESOURCE_DOES_NOT_EXIST")
            .Message.ShouldBe("Run with id=nope not found");
        (await run.Http.MlflowGetAsync("artifacts/list")).ShouldBeRefused(HttpStatusCode.BadRequest, "INVALID_PARAMETER_VALUE");
        (await run.Http.SendJsonAsync(HttpMethod.Get, $"{ArtifactTestClient.Proxy}?path=999999/x", null)).Ok().Text.ShouldBe("{}");
        (await run.Http.SendJsonAsync(HttpMethod.Get, ArtifactTestClient.Proxy, null)).Ok().Text.ShouldBe("{}");
    }

    [Fact]
    public async Task An_announced_digest_that_is_wrong_is_refused_and_nothing_is_kept()
    {
        var run = await StartAsync(DatabaseProvider.Sqlite);
        using var wrong = new StringContent("hello");
        wrong.Headers.Add("Content-Digest", $"sha-256=:{Convert.ToBase64String(SHA256.HashData("other"u8))}:");
        using var right = new StringContent("hello");
        right.Headers.Add("Content-Digest", $"sha-256=:{Convert.ToBase64String(SHA256.HashData("hello"u8))}:");

        (await run.PutAsync("x", wrong)).ShouldBeRefused(HttpStatusCode.BadRequest, "INVALID_PARAMETER_VALUE");
        (await run.ListAsync()).ShouldBeEmpty();
        (await run.PutAsync("x", right)).Ok();
        (await run.ReadAsync("x")).ShouldBe("hello");
    }

    [Fact]
    public async Task The_small_upload_of_the_user_interface_works_up_to_10_MB()
    {
        var run = await StartAsync(DatabaseProvider.Sqlite);
        var address = $"/ajax-api/2.0/mlflow/upload-artifact?run_uuid={run.Run}&path=ui/a.txt";

        var answer = await run.Http.SendJsonAsync(HttpMethod.Post, address, new StringContent("hello"));

        answer.Status.ShouldBe(HttpStatusCode.OK);
        answer.Text.ShouldBe("");
        (await run.ReadAsync("ui/a.txt")).ShouldBe("hello");
        (await run.Http.SendJsonAsync(HttpMethod.Post, address, new ByteArrayContent(new byte[10 * 1024 * 1024 + 1])))
            .ShouldBeRefused(HttpStatusCode.BadRequest, "INVALID_PARAMETER_VALUE");
        (await run.Http.SendJsonAsync(HttpMethod.Post, $"/ajax-api/2.0/mlflow/upload-artifact?run_uuid={run.Run}", new StringContent("x")))
            .Message.ShouldBe("Request must specify path.");
    }

    private async Task<ArtifactTestClient> StartAsync(DatabaseProvider provider) =>
        await ArtifactTestClient.StartAsync((await apps.On(provider)).AdminClient);

    private sealed class UnknownLength : MemoryStream
    {
        public override bool CanSeek => false;
    }
}
