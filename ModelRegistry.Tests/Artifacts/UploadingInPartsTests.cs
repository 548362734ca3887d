using System.Net;
using System.Security.Cryptography;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;
using ModelRegistry.Tests.Api;
using ModelRegistry.Tests.Registry;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Artifacts;

public sealed class UploadingInPartsTests(RealServers apps) : IClassFixture<RealServers>
{
    private const string Invalid = "INVALID_PARAMETER_VALUE";
    private const string Missing = "RESOURCE_DOES_NOT_EXIST";
    private const string Denied = "PERMISSION_DENIED";

    [SkippableTheory, OnEachDatabase]
    public async Task Parts_that_come_in_any_order_and_twice_become_one_file(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var run = await ArtifactTestClient.StartAsync(await app.ClientAsync(RegistryRole.Member));
        var parts = new[] { Bytes(300_000), Bytes(300_000), Bytes(1_234) };
        var upload = await CreateAsync(run, "/home/me/big.bin", parts.Length, "model");

        foreach (var i in new[] { 2, 0, 1, 0 })
            upload.Tags[i] = await SendAsync(app, upload.Urls[i], parts[i]);
        (await run.ListAsync("model")).ShouldBeEmpty();
        (await CompleteAsync(run, upload, "/home/me/big.bin", "model")).Ok().Text.ShouldBe("{}");

        using var response = await run.GetAsync("model/big.bin");
        var whole = parts.SelectMany(p => p).ToArray();
        (await response.Content.ReadAsByteArrayAsync()).ShouldBe(whole);
        response.Headers.ETag!.Tag.ShouldBe($"\"{Convert.ToHexStringLower(SHA256.HashData(whole))}\"");
        upload.Tags[0].ShouldBe($"\"{Convert.ToHexStringLower(SHA256.HashData(parts[0]))}\"");
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Each_step_may_be_sent_again_after_a_lost_answer(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var run = await ArtifactTestClient.StartAsync(app.AdminClient);
        var upload = await CreateAndSendAsync(app, run, "x", "abc", "de");

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => CompleteAsync(run, upload, "x")));
        answers.ShouldAllBe(a => a.Status == HttpStatusCode.OK);
        (await CompleteAsync(run, upload, "x")).Ok();
        (await run.ReadAsync("x")).ShouldBe("abcde");
        (await AbortAsync(run, upload, "x")).ShouldBeRefused(HttpStatusCode.BadRequest, Invalid).Message!.ShouldContain("complete");
        (await PutAsync(app, upload.Urls[0], [1])).ShouldBeRefused(HttpStatusCode.BadRequest, Invalid);
        (await run.ReadAsync("x")).ShouldBe("abcde");
    }

    [SkippableTheory, OnEachDatabase]
    public async Task An_aborted_upload_takes_nothing_more(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var run = await ArtifactTestClient.StartAsync(app.AdminClient);
        var upload = await CreateAndSendAsync(app, run, "x", "abc", "de");

        (await AbortAsync(run, upload, "x")).Ok().Text.ShouldBe("{}");
        (await AbortAsync(run, upload, "x")).Ok();
        (await PutAsync(app, upload.Urls[0], [1])).ShouldBeRefused(HttpStatusCode.BadRequest, Invalid);
        (await CompleteAsync(run, upload, "x")).ShouldBeRefused(HttpStatusCode.BadRequest, Invalid).Message!.ShouldContain("aborted");
        (await run.ListAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_is_missing_or_not_what_was_sent_makes_no_file()
    {
        var app = await apps.On(DatabaseProvider.Sqlite);
        var run = await ArtifactTestClient.StartAsync(app.AdminClient);
        var upload = await CreateAsync(run, "x", 3);
        upload.Tags[0] = await SendAsync(app, upload.Urls[0], [1]);
        upload.Tags[1] = await SendAsync(app, upload.Urls[1], [2]);

        await RefusedAsync("Part 3 of 3 is not named", Part(1), Part(2));
        await RefusedAsync("Part 3 of 3 has not been uploaded", Part(1), Part(2), new { part_number = 3, etag = "" });
        upload.Tags[2] = await SendAsync(app, upload.Urls[2], [3]);
        await RefusedAsync("named twice", Part(1), Part(1), Part(3));
        await RefusedAsync("no part 4", Part(1), Part(2), Part(3), new { part_number = 4, etag = "" });
        await RefusedAsync("no part 0", Part(1), new { part_number = -7, etag = "" });
        await RefusedAsync("ETag", Part(1), Part(2), new { part_number = 3, etag = upload.Tags[0] });
        await RefusedAsync("part_number", Part(1), new { part_number = "x", etag = "" });
        await RefusedAsync("Missing value for required parameter 'parts'");
        // A part that was sent again is another part.
        var before = upload.Tags[1];
        await SendAsync(app, upload.Urls[1], [22]);
        await RefusedAsync("Part 2 is not the one", Part(1), new { part_number = 2, etag = before }, Part(3));
        (await run.ListAsync()).ShouldBeEmpty();

        // A proxy may have taken the header away, or made it a weak one.
        (await CallAsync(run, "complete", "", new
        {
            path = "x",
            upload_id = upload.Id,
            parts = new[] { new { part_number = 3, etag = "W/" + upload.Tags[2] }, new { part_number = 1, etag = "" }, new { part_number = 2, etag = "" } },
        })).Ok();
        (await ReadBytesAsync(run, "x")).ShouldBe([1, 22, 3]);

        object Part(int number) => new { part_number = number, etag = upload.Tags[number - 1], url = upload.Urls[number - 1] };

        async Task RefusedAsync(string message, params object[] parts) =>
            (await CallAsync(run, "complete", "", new { path = "x", upload_id = upload.Id, parts }))
                .ShouldBeRefused(HttpStatusCode.BadRequest, Invalid).Message!.ShouldContain(message);
    }

    [Theory]
    [InlineData("/home/me/a b.bin", "a b.bin")]
    [InlineData(@"C:\Users\me\b.bin", "b.bin")]
    [InlineData(@"..\..\../c.bin", "c.bin")]
    [InlineData("d%41.bin", "d%41.bin")]
    public async Task Only_the_name_at_the_end_of_the_clients_path_counts(string path, string name)
    {
        var app = await apps.On(DatabaseProvider.Sqlite);
        var run = await ArtifactTestClient.StartAsync(app.AdminClient);
        var upload = await CreateAsync(run, path, 1, "model/deep");
        upload.Tags[0] = await SendAsync(app, upload.Urls[0], [1]);

        (await CompleteAsync(run, upload, path, "model/deep")).Ok();

        (await run.ListAsync("model/deep")).ShouldBe([$"model/deep/{name}"]);
    }

    [Theory]
    [InlineData("x", "2f", 1)]
    [InlineData("x/", "", 1)]
    [InlineData("/", "", 1)]
    [InlineData("..", "", 1)]
    [InlineData("a/..", "", 1)]
    [InlineData("a%2f..%2fb", "", 1)]
    [InlineData("NUL", "", 1)]
    [InlineData("x", "..", 1)]
    [InlineData("x", "%2e%2e", 1)]
    [InlineData("x", "%252e%252e", 1)]
    [InlineData("x", "a/", 1)]
    [InlineData("x", "a%5cb", 1)]
    [InlineData("x", "", 0)]
    [InlineData("x", "", -1)]
    [InlineData("x", "", 10_001)]
    [InlineData("x", "", long.MaxValue)]
    public async Task What_could_lead_elsewhere_or_has_no_end_is_refused(string path, string directory, long parts)
    {
        var app = await apps.On(DatabaseProvider.Sqlite);
        var run = await ArtifactTestClient.StartAsync(app.AdminClient);
        if (directory == "2f")
            directory = "%2f";

        foreach (var prefix in new[] { "/api", "/ajax-api" })
        {
            var at = $"{prefix}/2.0/mlflow-artifacts/mpu/create/{run.Location}" + (directory.Length == 0 ? "" : "/" + directory);
            (await run.SendAsync(HttpMethod.Post, at, System.Net.Http.Json.JsonContent.Create(new { path, num_parts = parts })))
                .ShouldBeRefused(HttpStatusCode.BadRequest, Invalid);
        }
    }

    [SkippableTheory, OnEachDatabase]
    [Trait("Case", "F08")]
    public async Task An_upload_is_of_one_place_and_for_those_who_may_write_there(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var run = await ArtifactTestClient.StartAsync(await app.ClientAsync(RegistryRole.Member));
        var other = await ArtifactTestClient.StartAsync(run.Http);
        var viewer = run.As(await app.ClientAsync(RegistryRole.Viewer));
        var upload = await CreateAndSendAsync(app, run, "x", "abc");

        (await CallAsync(viewer, "create", "", new { path = "y", num_parts = 1 })).ShouldBeRefused(HttpStatusCode.Forbidden, Denied);
        (await CompleteAsync(viewer, upload, "x")).ShouldBeRefused(HttpStatusCode.Forbidden, Denied);
        (await AbortAsync(viewer, upload, "x")).ShouldBeRefused(HttpStatusCode.Forbidden, Denied);
        (await CompleteAsync(other, upload, "x")).ShouldBeRefused(HttpStatusCode.NotFound, Missing);
        (await AbortAsync(other, upload, "x")).ShouldBeRefused(HttpStatusCode.NotFound, Missing);
        (await CompleteAsync(run, upload, "y")).ShouldBeRefused(HttpStatusCode.NotFound, Missing);
        (await CompleteAsync(run, upload with { Id = Guid.NewGuid().ToString("N") }, "x")).ShouldBeRefused(HttpStatusCode.NotFound, Missing);
        (await CompleteAsync(run, upload with { Id = "nonsense" }, "x")).ShouldBeRefused(HttpStatusCode.NotFound, Missing);
        (await CompleteAsync(run, upload, "x")).Ok();
        (await other.ListAsync()).ShouldBeEmpty();
    }

    [SkippableTheory, OnEachDatabase]
    public async Task A_deleted_run_takes_neither_parts_nor_their_end(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var run = await ArtifactTestClient.StartAsync(app.AdminClient);
        var upload = await CreateAndSendAsync(app, run, "x", "abc");
        (await run.Http.MlflowPostAsync("runs/delete", new { run_id = run.Run })).Ok();

        (await PutAsync(app, upload.Urls[0], [1])).ShouldBeRefused(HttpStatusCode.BadRequest, Invalid);
        (await CompleteAsync(run, upload, "x")).ShouldBeRefused(HttpStatusCode.BadRequest, Invalid);
        (await CallAsync(run, "create", "", new { path = "x", num_parts = 1 })).ShouldBeRefused(HttpStatusCode.BadRequest, Invalid);
        (await run.ListAsync()).ShouldBeEmpty();
    }

    [SkippableTheory, OnEachDatabase]
    [Trait("Case", "L01")]
    public async Task Files_of_a_run_under_a_hold_are_added_but_neither_overwritten_nor_deleted(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var run = await ArtifactTestClient.StartAsync(app.AdminClient);
        (await run.PutAsync("x", "first")).Ok();
        var upload = await CreateAndSendAsync(app, run, "x", "second");
        var added = await CreateAndSendAsync(app, run, "y", "new");
        var officer = await app.ClientAsync(RegistryRole.GovernanceOfficer);
        (await officer.V1PostAsync("legal-holds", new { kind = "run", @object = run.Run, matter = "m", reason = "r" })).Should(HttpStatusCode.Created);

        (await CompleteAsync(run, upload, "x")).ShouldBeRefused(HttpStatusCode.Conflict, "RESOURCE_CONFLICT").Message!.ShouldContain("legal hold");
        (await run.PutAsync("x", "second")).ShouldBeRefused(HttpStatusCode.Conflict, "RESOURCE_CONFLICT");
        (await run.DeleteAsync("x")).ShouldBeRefused(HttpStatusCode.Conflict, "RESOURCE_CONFLICT");
        (await run.PutAsync("x", "first")).Ok();
        (await CompleteAsync(run, added, "y")).Ok();
        (await run.ReadAsync("x")).ShouldBe("first");
        (await run.ReadAsync("y")).ShouldBe("new");
    }

    [Fact]
    [Trait("Case", "F19")]
    public async Task An_address_is_for_one_part_of_one_upload_and_for_nothing_else()
    {
        var app = await apps.On(DatabaseProvider.Sqlite);
        var run = await ArtifactTestClient.StartAsync(app.AdminClient);
        var upload = await CreateAsync(run, "x", 2);
        (await run.PutAsync("y", "content")).Ok();
        var download = (await PresignAsync(run, "y")).Ok()["url"].GetString()!;
        var address = upload.Urls[0][..upload.Urls[0].IndexOf('=')];
        var ticket = upload.Urls[0][(address.Length + 1)..];

        foreach (var bad in new[]
        {
            address, address + "=", address + "=x", address + "=%ff", $"{address}={ticket}&ticket={ticket}", $"{address}={ticket[..^4]}",
            $"{address}={ticket[..20]}{(ticket[20] == 'A' ? 'B' : 'A')}{ticket[21..]}", $"{address}={new string('A', 5000)}", download,
        })
        {
            (await PutAsync(app, bad, [1])).ShouldBeRefused(HttpStatusCode.Forbidden, Denied).Message!.ShouldNotContain(ticket);
        }

        using var anonymous = app.AnonymousClient();
        (await anonymous.SendJsonAsync(HttpMethod.Get, upload.Urls[0], null)).ShouldBeRefused(HttpStatusCode.Forbidden, Denied);
        (await anonymous.SendJsonAsync(HttpMethod.Post, upload.Urls[0], new { })).Status.ShouldBe(HttpStatusCode.Unauthorized);
        (await anonymous.SendJsonAsync(HttpMethod.Get, $"/api/2.0/mlflow/artifacts/list?run_id={run.Run}&ticket={ticket}", null))
            .Status.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_part_that_is_too_big_is_refused_before_it_is_sent()
    {
        var app = await apps.On(DatabaseProvider.Sqlite);
        var run = await ArtifactTestClient.StartAsync(app.AdminClient);
        var upload = await CreateAsync(run, "x", 1);
        using var client = app.AnonymousClient();
        using var request = new HttpRequestMessage(HttpMethod.Put, upload.Urls[0]) { Content = new ByteArrayContent([1]) };
        request.Content.Headers.ContentLength = 6L * 1024 * 1024 * 1024;
        request.Headers.ExpectContinue = true;

        using var response = await client.SendAsync(request);

        response.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
    }

    [Fact]
    [Trait("Case", "F19")]
    public async Task What_was_taken_from_the_sender_is_taken_from_the_addresses()
    {
        var app = await apps.On(DatabaseProvider.Sqlite);
        var user = await app.UserAsync(RegistryRole.Member);
        var run = await ArtifactTestClient.StartAsync(user.Client);
        var upload = await CreateAndSendAsync(app, run, "x", "abc", "de");
        await app.ExecuteAsync($"UPDATE experiments SET owner_id = 0, is_private = 1 WHERE id = {run.Experiment}");
        await Task.Delay(TimeSpan.FromSeconds(2.1));

        (await PutAsync(app, upload.Urls[0], [1])).ShouldBeRefused(HttpStatusCode.NotFound, Missing);
    }

    [SkippableTheory, OnEachDatabase]
    public async Task A_file_is_read_in_ranges_from_an_address_that_needs_no_credentials(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var run = await ArtifactTestClient.StartAsync(app.AdminClient);
        var bytes = Bytes(100_000);
        (await run.PutAsync("model/a%20b.bin", bytes)).Ok();
        var answer = (await PresignAsync(run, "model/a%20b.bin")).Ok();
        var url = answer["url"].GetString()!;
        answer["file_size"].GetInt64().ShouldBe(bytes.Length);
        using var anonymous = app.AnonymousClient();

        using (var whole = await anonymous.GetAsync(url))
            (await whole.Content.ReadAsByteArrayAsync()).ShouldBe(bytes);
        using (var request = new HttpRequestMessage(HttpMethod.Get, url))
        {
            request.Headers.Range = new System.Net.Http.Headers.RangeHeaderValue(50_000, 99_999);
            using var part = await anonymous.SendAsync(request);
            part.StatusCode.ShouldBe(HttpStatusCode.PartialContent);
            part.Content.Headers.ContentLength.ShouldBe(50_000);
            (await part.Content.ReadAsByteArrayAsync()).ShouldBe(bytes[50_000..]);
        }

        (await run.PutAsync("model/a%20b.bin", "another")).Ok();
        using (var replaced = await anonymous.GetAsync(url))
            (await replaced.ReadAnswerAsync()).ShouldBeRefused(HttpStatusCode.NotFound, Missing);
        (await PresignAsync(run, "model")).ShouldBeRefused(HttpStatusCode.NotFound, Missing);
        (await PresignAsync(run, "nothing")).ShouldBeRefused(HttpStatusCode.NotFound, Missing);
        (await PresignAsync(run, "..%2fx")).ShouldBeRefused(HttpStatusCode.BadRequest, Invalid);
        (await PresignAsync(run.As(anonymous), "model/a%20b.bin")).ShouldBeRefused(HttpStatusCode.Unauthorized, "UNAUTHENTICATED");
    }

    private static byte[] Bytes(int count) => RandomNumberGenerator.GetBytes(count);

    private static Task<ApiAnswer> PresignAsync(ArtifactTestClient run, string path) =>
        run.SendAsync(HttpMethod.Get, $"/api/2.0/mlflow-artifacts/presigned/{run.Location}/{path}");

    private static Task<ApiAnswer> CallAsync(ArtifactTestClient run, string call, string directory, object body) =>
        run.Http.SendJsonAsync(HttpMethod.Post,
            $"/api/2.0/mlflow-artifacts/mpu/{call}/{run.Location}{(directory.Length == 0 ? "" : "/" + directory)}", body);

    private static Task<ApiAnswer> CompleteAsync(ArtifactTestClient run, Upload upload, string path, string directory = "") =>
        CallAsync(run, "complete", directory, new
        {
            path,
            upload_id = upload.Id,
            parts = upload.Tags.Select((etag, i) => new { part_number = i + 1, etag, url = upload.Urls[i] }),
        });

    private static Task<ApiAnswer> AbortAsync(ArtifactTestClient run, Upload upload, string path) =>
        CallAsync(run, "abort", "", new { path, upload_id = upload.Id });

    private static async Task<Upload> CreateAsync(ArtifactTestClient run, string path, int parts, string directory = "")
    {
        var answer = (await CallAsync(run, "create", directory, new { path, num_parts = parts })).Ok();
        var credentials = answer["credentials"].EnumerateArray().ToList();
        credentials.Select(c => c.GetProperty("part_number").GetInt32()).ShouldBe(Enumerable.Range(1, parts));
        return new Upload(answer["upload_id"].GetString()!, [.. credentials.Select(c => c.GetProperty("url").GetString()!)], new string[parts]);
    }

    private static async Task<Upload> CreateAndSendAsync(RegistryApp app, ArtifactTestClient run, string path, params string[] parts)
    {
        var upload = await CreateAsync(run, path, parts.Length);
        for (var i = 0; i < parts.Length; i++)
            upload.Tags[i] = await SendAsync(app, upload.Urls[i], System.Text.Encoding.UTF8.GetBytes(parts[i]));
        return upload;
    }

    // As MLflow's client does: without any credentials.
    private static async Task<string> SendAsync(RegistryApp app, string url, byte[] bytes)
    {
        using var client = app.AnonymousClient();
        using var response = await client.PutAsync(url, new ByteArrayContent(bytes));
        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        return response.Headers.ETag!.ToString();
    }

    private static async Task<ApiAnswer> PutAsync(RegistryApp app, string url, byte[] bytes)
    {
        using var client = app.AnonymousClient();
        return await client.SendJsonAsync(HttpMethod.Put, url, new ByteArrayContent(bytes));
    }

    private static async Task<byte[]> ReadBytesAsync(ArtifactTestClient run, string path)
    {
        using var response = await run.GetAsync(path);
        return await response.Content.ReadAsByteArrayAsync();
    }

    private sealed record Upload(string Id, string[] Urls, string[] Tags);
}
