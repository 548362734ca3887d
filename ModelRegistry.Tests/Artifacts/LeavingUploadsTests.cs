using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ModelRegistry.Core.Artifacts;
using ModelRegistry.Core.Artifacts.Storage;
using ModelRegistry.Core.Artifacts.Uploads;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;
using ModelRegistry.Tests.Storage;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Artifacts;

/// <summary>What becomes of uploads in parts that nobody ends, and of parts that are joined.</summary>
public sealed class LeavingUploadsTests
{
    private static readonly ArtifactPath Location = ArtifactPath.Parse("run/x");

    [SkippableTheory, OnEachDatabase]
    public async Task Parts_of_an_open_upload_stay_and_those_of_one_that_was_left_go(DatabaseProvider provider)
    {
        await using var files = await ArtifactDatabase.CreateAsync(provider, services: s => s.AddScoped<IArtifactOwner, OneRun>());
        var upload = await CreateAsync(files, 2);
        await PutAsync(files, upload, 1, "abc");
        files.Time.Shift += TimeSpan.FromHours(20);
        await RemoveAsync(files);
        files.StoredFiles().Count.ShouldBe(1);
        await PutAsync(files, upload, 2, "de");

        files.Time.Shift += TimeSpan.FromHours(5);
        await Should.ThrowAsync<ConflictException>(() => PutAsync(files, upload, 1, "late"));
        files.Time.Shift += TimeSpan.FromHours(7);
        await RemoveAsync(files);

        files.StoredFiles().ShouldBeEmpty();
        (await files.InScopeAsync(s => s.GetRequiredService<RegistryDbContext>().ArtifactUploads.CountAsync())).ShouldBe(0);
        (await files.FindingsAsync()).ShouldBeEmpty();
    }

    [SkippableTheory, OnEachDatabase]
    public async Task When_the_file_is_whole_its_parts_take_no_room_any_more(DatabaseProvider provider)
    {
        await using var files = await ArtifactDatabase.CreateAsync(provider, services: s => s.AddScoped<IArtifactOwner, OneRun>());
        await files.UploadAsync("run", "same", "abc");
        var upload = await CreateAsync(files, 3);
        await PutAsync(files, upload, 1, "abc");
        await PutAsync(files, upload, 2, "abc");
        await PutAsync(files, upload, 3, "de");
        (await files.CountBlobRowsAsync()).ShouldBe(2);

        await files.InScopeAsync(async s =>
        {
            await s.GetRequiredService<ArtifactUploads>().CompleteAsync(Location, upload, [new(1, null), new(2, ""), new(3, null)], default);
            return 0;
        });
        for (var i = 0; i < 200 && await files.CountBlobRowsAsync() > 2; i++)
            await Task.Delay(20);

        // What another file is, stays.
        (await files.ReadAsync("run", "same")).ShouldBe("abc");
        (await files.ReadAsync("run", "x")).ShouldBe("abcabcde");
        files.StoredFiles().Count.ShouldBe(2);
        (await files.FindingsAsync()).ShouldBeEmpty();
    }

    [SkippableTheory, OnEachDatabase]
    public async Task A_join_that_ends_after_an_abort_makes_no_file(DatabaseProvider provider)
    {
        await using var files = await ArtifactDatabase.CreateAsync(provider, services: s => s.AddScoped<IArtifactOwner, OneRun>());
        var upload = await CreateAsync(files, 1);
        await PutAsync(files, upload, 1, "abc");
        files.Store.AfterPut = () => files.InScopeAsync(async s =>
        {
            await s.GetRequiredService<ArtifactUploads>().AbortAsync(Location, upload, default);
            return 0;
        });

        await Should.ThrowAsync<ConflictException>(() => files.InScopeAsync(async s =>
        {
            await s.GetRequiredService<ArtifactUploads>().CompleteAsync(Location, upload, [new(1, null)], default);
            return 0;
        }));

        (await files.ReadAsync("run", "x")).ShouldBeNull();
    }

    [Fact]
    public async Task Where_parts_are_switched_off_clients_are_told_in_the_words_they_know()
    {
        await using var app = await RegistryApp.StartAsync(options: new RegistryAppOptions { Settings = { ["Storage:Multipart"] = "false" } });
        var run = await ArtifactTestClient.StartAsync(app.AdminClient);
        foreach (var (method, call, words) in new[]
        {
            (HttpMethod.Post, "mpu/create", "Multipart upload is not supported for the current artifact repository"),
            (HttpMethod.Get, "presigned", "Multipart download is not supported for the current artifact repository"),
        })
        {
            (await run.Http.SendJsonAsync(method, $"/api/2.0/mlflow-artifacts/{call}/{run.Location}/x", method == HttpMethod.Get ? null : new { path = "x", num_parts = 2 }))
                .ShouldBeRefused(HttpStatusCode.NotImplemented, "NOT_IMPLEMENTED").Message.ShouldBe(words);
        }
    }

    [SkippableTheory]
    [InlineData("memory")]
    [InlineData("S3")]
    [InlineData("Azure")]
    public async Task Parts_become_a_file_on_every_store(string store)
    {
        var place = store switch
        {
            "S3" => await S3ArtifactStoreTests.PrepareAsync(),
            "Azure" => await AzureBlobArtifactStoreTests.PrepareAsync(),
            _ => "inmemory://",
        };
        await using var app = await RegistryApp.StartAsync(options: new RegistryAppOptions
        {
            UseKestrel = true,
            Settings = { ["Storage:Artifacts"] = place },
        });
        var run = await ArtifactTestClient.StartAsync(app.AdminClient);
        var upload = (await CallAsync("create", new { path = "x", num_parts = 2 })).Ok();
        using var anonymous = app.AnonymousClient();
        var tags = new List<string>();
        foreach (var (credential, i) in upload["credentials"].EnumerateArray().Select((c, i) => (c, i)))
        {
            using var part = await anonymous.PutAsync(new Uri(credential.GetProperty("url").GetString()!).PathAndQuery, new StringContent($"part {i};"));
            tags.Add(part.Headers.ETag!.Tag);
        }

        (await CallAsync("complete", new
        {
            path = "x",
            upload_id = upload["upload_id"].GetString(),
            parts = tags.Select((etag, i) => new { part_number = i + 1, etag }),
        })).Ok();

        (await run.ReadAsync("x")).ShouldBe("part 0;part 1;");

        Task<ApiAnswer> CallAsync(string call, object body) =>
            run.Http.SendJsonAsync(HttpMethod.Post, $"/api/2.0/mlflow-artifacts/mpu/{call}/{run.Location}", body);
    }

    [Fact]
    [Trait("Case", "F19")]
    public async Task Addresses_are_below_the_public_one_and_expire()
    {
        var clock = new ShiftedTime();
        await using var app = await RegistryApp.StartAsync(options: new RegistryAppOptions
        {
            Settings = { ["PublicUrl"] = "https://registry.example.org/ml" },
            UseKestrel = true,
            Clock = clock,
        });
        var run = await ArtifactTestClient.StartAsync(app.AdminClient);
        var at = $"/api/2.0/mlflow-artifacts/mpu/create/{run.Location}";
        var url = (await run.Http.SendJsonAsync(HttpMethod.Post, at, new { path = "x", num_parts = "1" })).Ok()["credentials"][0].GetProperty("url").GetString()!;
        url.ShouldStartWith("https://registry.example.org/ml/api/2.0/mlflow-artifacts/transfer?ticket=");
        var local = url["https://registry.example.org/ml".Length..];
        using var anonymous = app.AnonymousClient();

        (await anonymous.PutAsync(local, new StringContent("abc"))).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await run.PutAsync("y", "content")).Ok();
        var download = (await run.Http.SendJsonAsync(HttpMethod.Get, $"/api/2.0/mlflow-artifacts/presigned/{run.Location}/y", null)).Ok()["url"].GetString()!["https://registry.example.org/ml".Length..];
        (await anonymous.GetStringAsync(download)).ShouldBe("content");
        clock.Shift = TimeSpan.FromMinutes(16);
        (await anonymous.GetAsync(download)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        clock.Shift = TimeSpan.FromHours(25);
        (await anonymous.PutAsync(local, new StringContent("abc"))).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    private static Task<Guid> CreateAsync(ArtifactDatabase files, int parts) => files.InScopeAsync(async s =>
        (await s.GetRequiredService<ArtifactUploads>().CreateAsync(Location, parts, default)).UploadUuid);

    private static Task<BlobKey> PutAsync(ArtifactDatabase files, Guid upload, int number, string text) => files.InScopeAsync(s =>
        s.GetRequiredService<ArtifactUploads>().PutPartAsync(
            upload, number, new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text)), announced: null, default));

    // As the job does.
    private static Task<BlobRemovalReport> RemoveAsync(ArtifactDatabase files) => files.InScopeAsync(async s =>
    {
        await s.GetRequiredService<UploadExpiry>().RunAsync(default);
        return await s.GetRequiredService<BlobRemoval>().RunAsync(1000, default);
    });

    private sealed class OneRun : IArtifactOwner
    {
        public Task<ArtifactPlace?> FindAsync(ArtifactPath location, ArtifactAccess access, CancellationToken ct) =>
            Task.FromResult<ArtifactPlace?>(new ArtifactPlace("run", location.Value["run/".Length..], 1));
    }
}
