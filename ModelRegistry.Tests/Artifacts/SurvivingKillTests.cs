using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Artifacts;

public sealed class SurvivingKillTests : IDisposable
{
    private const int Kills = 5;
    private const int UploadsPerKill = 40;

    private readonly string _folder = Directory.CreateTempSubdirectory("mreg-kill-").FullName;
    private readonly Dictionary<string, string> _settings = new() { ["Jobs__Enabled"] = "false" };

    /// <summary>
    /// 200 uploads in a loop, the server killed in the midst of them again and again. What was answered with 200 is there,
    /// whole; what was not is there whole or not at all; and the files on the disk agree with the database.
    /// </summary>
    [Fact]
    public async Task Every_acknowledged_upload_is_whole_after_kills_at_random_moments()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        using var server = await ServerProcess.CreateAsync(_folder, _settings);
        var run = await ArtifactTestClient.StartAsync(server.Client);
        var sent = new ConcurrentDictionary<string, string>();
        var acknowledged = new ConcurrentDictionary<string, bool>();
        for (var kill = 0; kill < Kills; kill++)
        {
            using var killed = new CancellationTokenSource();
            var uploads = Task.WhenAll(Enumerable.Range(0, 4).Select(worker =>
                UploadAsync(run, $"{kill}-{worker}", new Random(seed + kill * 10 + worker), sent, acknowledged, killed.Token)));
            await Task.WhenAny(uploads, WhenAtLeastAsync(sent, UploadsPerKill * kill + random.Next(UploadsPerKill / 2, UploadsPerKill)));
            await Task.Delay(random.Next(50));
            await server.KillAsync();
            await killed.CancelAsync();
            await uploads;
            await server.StartAsync();
        }

        acknowledged.Count.ShouldBeGreaterThan(Kills * UploadsPerKill / 4, $"seed {seed}");
        foreach (var (path, sha256) in sent)
        {
            using var response = await run.GetAsync(path);
            if (response.StatusCode == HttpStatusCode.NotFound && !acknowledged.ContainsKey(path))
                continue;
            response.StatusCode.ShouldBe(HttpStatusCode.OK, $"seed {seed}, {path}");
            Convert.ToHexString(SHA256.HashData(await response.Content.ReadAsByteArrayAsync())).ShouldBe(sha256, $"seed {seed}, {path}");
        }

        var verified = await CommandLine.RunAsync(_folder, _settings, null, "verify");
        verified.ExitCode.ShouldBe(0, $"seed {seed}: {verified.Out} {verified.Error}");
        verified.Out.ShouldBe("");
    }

    [Fact]
    public async Task Parts_that_were_answered_outlive_a_kill_and_so_do_their_addresses()
    {
        using var server = await ServerProcess.CreateAsync(_folder, _settings);
        var run = await ArtifactTestClient.StartAsync(server.Client);
        var bytes = RandomNumberGenerator.GetBytes(700_000);
        var upload = (await CallAsync("create", new { path = "x", num_parts = 2 })).Ok();
        var urls = upload["credentials"].EnumerateArray().Select(c => c.GetProperty("url").GetString()!).ToList();
        using var stranger = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        (await stranger.PutAsync(urls[0], new ByteArrayContent(bytes[..500_000]))).StatusCode.ShouldBe(HttpStatusCode.OK);

        await server.KillAsync();
        await server.StartAsync();
        (await stranger.PutAsync(urls[1], new ByteArrayContent(bytes[500_000..]))).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await CallAsync("complete", new
        {
            path = "x",
            upload_id = upload["upload_id"].GetString(),
            parts = new[] { new { part_number = 1, etag = "" }, new { part_number = 2, etag = "" } },
        })).Ok();

        using var response = await run.GetAsync("x");
        (await response.Content.ReadAsByteArrayAsync()).ShouldBe(bytes);

        Task<ApiAnswer> CallAsync(string call, object body) =>
            server.Client.SendJsonAsync(HttpMethod.Post, $"/api/2.0/mlflow-artifacts/mpu/{call}/{run.Location}", body);
    }

    [Fact]
    public async Task Verify_lists_what_is_damaged_and_exits_with_1()
    {
        using var server = await ServerProcess.CreateAsync(_folder, _settings);
        var run = await ArtifactTestClient.StartAsync(server.Client);
        (await run.PutAsync("model/a", "some content")).Ok();
        (await run.PutAsync("b", "other content")).Ok();
        var digest = Convert.ToHexStringLower(SHA256.HashData("some content"u8));
        File.WriteAllText(Directory.GetFiles(Path.Combine(_folder, "data", "artifacts"), digest, SearchOption.AllDirectories).Single(), "some cOntent");

        var whole = await CommandLine.RunAsync(_folder, _settings, null, "verify");
        var fast = await CommandLine.RunAsync(_folder, _settings, null, "verify", "--fast");

        whole.ExitCode.ShouldBe(1);
        whole.Out.ShouldStartWith($"{digest} is altered");
        whole.Out.ShouldContain($"run/{run.Run}: model/a");
        whole.Error.ShouldContain("2 files, 2 blobs");
        fast.ExitCode.ShouldBe(0, fast.Out);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static async Task UploadAsync(ArtifactTestClient run, string prefix, Random random,
        ConcurrentDictionary<string, string> sent, ConcurrentDictionary<string, bool> acknowledged, CancellationToken ct)
    {
        for (var i = 0; i < UploadsPerKill && !ct.IsCancellationRequested; i++)
        {
            var path = $"{prefix}/{i}";
            var bytes = new byte[random.Next(4) == 0 ? random.Next(4_000_000) : random.Next(50_000)];
            random.NextBytes(bytes);
            sent[path] = Convert.ToHexString(SHA256.HashData(bytes));
            try
            {
                if ((await run.PutAsync(path, bytes)).Status == HttpStatusCode.OK)
                    acknowledged[path] = true;
            }
            catch (HttpRequestException)
            {
                return;
            }
        }
    }

    private static async Task WhenAtLeastAsync(ConcurrentDictionary<string, string> sent, int count)
    {
        while (sent.Count < count)
            await Task.Delay(5);
    }
}
