using System.Collections.Concurrent;
using ModelRegistry.Core.Artifacts;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;
using ModelRegistry.Tests.Artifacts;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Jobs;

public sealed class RemovingUnreferencedBlobsTests
{
    private static readonly TimeSpan Later = TimeSpan.FromHours(3);

    [SkippableTheory, OnEachDatabase]
    public async Task What_nothing_refers_to_goes_after_its_time_and_the_rest_stays(DatabaseProvider provider)
    {
        await using var files = await ArtifactDatabase.CreateAsync(provider);
        await files.UploadAsync("run/1", "kept", "kept");
        await files.UploadAsync("run/1", "old", "old");
        await files.UploadAsync("run/1", "over", "first");
        await files.DeleteAsync("run/1", "old");
        await files.UploadAsync("run/1", "over", "second");
        (await files.RemoveAsync()).Blobs.ShouldBe(0);

        files.Time.Shift += Later;
        await files.UploadAsync("run/1", "young", "young");
        await files.DeleteAsync("run/1", "young");
        var report = await files.RemoveAsync();

        report.Blobs.ShouldBe(2);
        report.Bytes.ShouldBe("old".Length + "first".Length);
        report.Finished.ShouldBeTrue();
        (await files.ReadAsync("run/1", "kept")).ShouldBe("kept");
        (await files.ReadAsync("run/1", "over")).ShouldBe("second");
        files.StoredFiles().Count.ShouldBe(3);
        (await files.CountBlobRowsAsync()).ShouldBe(3);
        (await files.FindingsAsync()).ShouldBeEmpty();
    }

    [SkippableTheory, OnEachDatabase]
    [Trait("Case", "L19")]
    public async Task A_version_keeps_what_its_run_no_longer_has(DatabaseProvider provider)
    {
        await using var files = await ArtifactDatabase.CreateAsync(provider);
        await files.UploadAsync("run/1", "model/MLmodel", "v1");
        await files.UploadAsync("run/1", "model/data/x", "x1");
        var version = Guid.NewGuid();
        var pinned = await files.PinAsync(version, "run/1", "model");

        await files.UploadAsync("run/1", "model/MLmodel", "v2");
        await files.DeleteAsync("run/1", "model/data");
        files.Time.Shift += Later;
        await files.RemoveAsync();

        pinned.FileCount.ShouldBe(2);
        (await files.ReadAsync(ArtifactRoots.OfVersion(version), "MLmodel")).ShouldBe("v1");
        (await files.ReadAsync(ArtifactRoots.OfVersion(version), "data/x")).ShouldBe("x1");
        (await files.ReadAsync("run/1", "model/MLmodel")).ShouldBe("v2");
        (await files.FindingsAsync()).ShouldBeEmpty();
    }

    [SkippableTheory, OnEachDatabase]
    public async Task A_run_has_an_end_and_the_next_goes_on(DatabaseProvider provider)
    {
        await using var files = await ArtifactDatabase.CreateAsync(provider);
        for (var i = 0; i < 5; i++)
            await files.UploadAsync("run/1", $"d/{i}", $"{i}");
        await files.DeleteAsync("run/1", "d");
        files.Time.Shift += Later;

        var first = await files.RemoveAsync(limit: 3);
        var second = await files.RemoveAsync(limit: 3);

        (first.Blobs, first.Finished).ShouldBe((3, false));
        (second.Blobs, second.Finished).ShouldBe((2, true));
        files.StoredFiles().ShouldBeEmpty();
    }

    [SkippableTheory, OnEachDatabase]
    public async Task A_crash_at_any_step_is_made_good_by_the_next_run(DatabaseProvider provider)
    {
        await using var files = await ArtifactDatabase.CreateAsync(provider);
        for (var n = 0; n < 4; n++)
        {
            await files.UploadAsync("run/1", "d/a", "a");
            await files.UploadAsync("run/1", "d/b", "b");
            await files.UploadAsync("run/1", "d/c", "c");
            await files.DeleteAsync("run/1", "d");
            files.Time.Shift += Later;
            var calls = 0;
            var fail = n;
            files.Store.BeforeDelete = () => calls++ == fail / 2 && fail % 2 == 0 ? throw new IOException("cut") : Task.CompletedTask;
            files.Store.AfterDelete = () => calls - 1 == fail / 2 && fail % 2 == 1 ? throw new IOException("cut") : Task.CompletedTask;

            await Should.ThrowAsync<UnavailableException>(() => files.RemoveAsync());
            files.Store.BeforeDelete = files.Store.AfterDelete = null;
            (await files.FindingsAsync()).ShouldBeEmpty();
            await files.RemoveAsync();

            files.StoredFiles().ShouldBeEmpty();
            (await files.CountBlobRowsAsync()).ShouldBe(0);
        }
    }

    [SkippableTheory, OnEachDatabase]
    [Trait("Case", "L20")]
    public async Task Equal_content_that_comes_in_during_a_removal_waits_and_is_kept(DatabaseProvider provider)
    {
        await using var files = await ArtifactDatabase.CreateAsync(provider);
        await files.UploadAsync("run/1", "a", "same");
        await files.DeleteAsync("run/1", "a");
        files.Time.Shift += Later;
        Task<ArtifactContent>? upload = null;
        files.Store.BeforeDelete = async () =>
        {
            upload = files.UploadAsync("run/2", "b", "same");
            await Task.Delay(300);
            upload.IsCompleted.ShouldBeFalse();
        };

        (await files.RemoveAsync()).Blobs.ShouldBe(1);
        await upload.ShouldNotBeNull();

        (await files.ReadAsync("run/2", "b")).ShouldBe("same");
        (await files.FindingsAsync()).ShouldBeEmpty();
    }

    [SkippableTheory, OnEachDatabase]
    public async Task A_whole_removal_between_bytes_and_row_fails_the_upload_and_the_next_one_works(DatabaseProvider provider)
    {
        await using var files = await ArtifactDatabase.CreateAsync(provider);
        await files.UploadAsync("run/1", "a", "same");
        await files.DeleteAsync("run/1", "a");
        files.Time.Shift += Later;
        files.Store.AfterPut = async () =>
        {
            files.Store.AfterPut = null;
            (await files.RemoveAsync()).Blobs.ShouldBe(1);
        };

        await Should.ThrowAsync<UnavailableException>(() => files.UploadAsync("run/2", "b", "same"));

        (await files.ReadAsync("run/2", "b")).ShouldBeNull();
        (await files.FindingsAsync()).ShouldBeEmpty();
        await files.UploadAsync("run/2", "b", "same");
        (await files.ReadAsync("run/2", "b")).ShouldBe("same");
        (await files.FindingsAsync()).ShouldBeEmpty();
    }

    [SkippableTheory, OnEachDatabase]
    [Trait("Case", "L20")]
    public async Task A_pin_during_a_removal_keeps_its_content_or_has_none(DatabaseProvider provider)
    {
        await using var files = await ArtifactDatabase.CreateAsync(provider);
        for (var i = 0; i < 10; i++)
        {
            var root = $"run/{i}";
            await files.UploadAsync(root, "a", $"content {i}");
            files.Time.Shift += Later;
            var version = Guid.NewGuid();
            var pin = Task.Run(() => files.PinAsync(version, root));
            var delete = Task.Run(() => files.DeleteAsync(root, "a"));
            var removal = Task.Run(() => files.RemoveAsync());
            await Task.WhenAll(pin, delete, removal);
            await files.RemoveAsync();

            (await files.ReadAsync(ArtifactRoots.OfVersion(version), "a"))
                .ShouldBe((await pin).FileCount == 0 ? null : $"content {i}");
            (await files.FindingsAsync()).ShouldBeEmpty();
        }
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Uploads_deletions_pins_and_two_removals_at_once_never_leave_a_row_without_bytes(DatabaseProvider provider)
    {
        // No grace at all: what is unreferenced at this moment may go at this moment.
        await using var files = await ArtifactDatabase.CreateAsync(provider, grace: TimeSpan.FromMilliseconds(-1));
        var seed = Environment.TickCount;
        var kept = new ConcurrentDictionary<string, string>();
        var refused = 0;
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(4));
        var work = Enumerable.Range(0, 4).Select(worker => Task.Run(async () =>
        {
            var random = new Random(seed + worker);
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                var (root, text) = ($"run/{worker}-{i % 5}", $"content {random.Next(4)}");
                try
                {
                    kept.TryRemove(root, out _);
                    await files.UploadAsync(root, "a", text);
                    kept[root] = text;
                    if (random.Next(8) == 0)
                        await files.PinAsync(Guid.NewGuid(), root);
                    if (random.Next(3) == 0)
                    {
                        kept.TryRemove(root, out _);
                        await files.DeleteAsync(root, "a");
                    }
                }
                catch (UnavailableException)
                {
                    Interlocked.Increment(ref refused);
                }
            }
        })).Concat(Enumerable.Range(0, 2).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
                await files.RemoveAsync();
        })));
        await Task.WhenAll(work);

        (await files.FindingsAsync()).ShouldBeEmpty($"seed {seed}");
        foreach (var (root, text) in kept)
            (await files.ReadAsync(root, "a")).ShouldBe(text, $"seed {seed}, {root}");
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Objects_that_nothing_knows_go_after_a_day(DatabaseProvider provider)
    {
        await using var files = await ArtifactDatabase.CreateAsync(provider);
        await files.UploadAsync("run/1", "kept", "kept");
        files.Store.AfterPut = () => throw new IOException("cut before the row");
        await Should.ThrowAsync<UnavailableException>(() => files.UploadAsync("run/1", "orphan", "orphan"));
        files.Store.AfterPut = null;
        files.StoredFiles().Count.ShouldBe(2);

        (await files.RemoveOrphansAsync()).Orphans.ShouldBe(0);
        files.Time.Shift += TimeSpan.FromDays(2);
        (await files.RemoveOrphansAsync()).Orphans.ShouldBe(1);

        files.StoredFiles().Count.ShouldBe(1);
        (await files.CountBlobRowsAsync()).ShouldBe(1);
        (await files.ReadAsync("run/1", "kept")).ShouldBe("kept");
    }

    [Fact]
    public async Task Left_over_uploads_go_after_a_day()
    {
        await using var files = await ArtifactDatabase.CreateAsync(DatabaseProvider.Sqlite);
        await files.UploadAsync("run/1", "a", "a");
        File.WriteAllText(Path.Combine(files.Folder, "staging", "left.upload"), "half");

        (await files.RemoveAsync()).Staged.ShouldBe(0);
        files.Time.Shift += TimeSpan.FromDays(2);
        (await files.RemoveAsync()).Staged.ShouldBe(1);
    }
}
