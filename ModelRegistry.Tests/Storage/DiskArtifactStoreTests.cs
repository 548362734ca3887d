using System.Security.Cryptography;
using ModelRegistry.Core.Artifacts.Storage;
using ModelRegistry.Core.Artifacts.Storage.Disk;
using ModelRegistry.Core.Common;

namespace ModelRegistry.Tests.Storage;

public sealed class DiskArtifactStoreTests : ArtifactStoreContract
{
    protected override string StagingDirectory => DiskArtifactStore.StagingIn(Folder);

    protected override Task<IArtifactStore> CreateAsync() => Task.FromResult<IArtifactStore>(new DiskArtifactStore(Folder));

    [Fact]
    public async Task Content_lies_under_its_digest_and_nothing_is_left_in_staging()
    {
        var key = await PutAsync(await StoreAsync(), "hello"u8.ToArray());

        File.ReadAllText(Path.Combine(Folder, "blobs", key.Path)).ShouldBe("hello");
        Directory.GetFileSystemEntries(StagingDirectory).ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task Only_the_servers_user_may_read_what_it_wrote()
    {
        if (OperatingSystem.IsWindows())
            throw new SkipException("Windows has no file modes.");
        var key = await PutAsync(await StoreAsync(), "hello"u8.ToArray());

        File.GetUnixFileMode(Path.Combine(Folder, "blobs", key.Path)).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.GetUnixFileMode(Path.Combine(Folder, "blobs")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [Fact]
    public async Task Equal_content_heals_a_damaged_blob()
    {
        var store = await StoreAsync();
        var bytes = RandomNumberGenerator.GetBytes(1000);
        var key = await PutAsync(store, bytes);
        File.WriteAllText(Path.Combine(Folder, "blobs", key.Path), "damaged");

        await PutAsync(store, bytes);

        (await ReadAsync(store, key, 0, bytes.Length)).ShouldBe(bytes);
    }

    [Fact]
    public async Task Strange_files_in_the_folder_are_no_blobs()
    {
        var store = await StoreAsync();
        var key = await PutAsync(store, "hello"u8.ToArray());
        File.WriteAllText(Path.Combine(Folder, "blobs", key.Hex[..2], "notes.txt"), "x");
        File.WriteAllText(Path.Combine(Folder, "blobs", key.Hex), "in the wrong folder");

        var found = new List<BlobKey>();
        await foreach (var blob in store.ListAsync(default))
            found.Add(blob.Key);

        found.ShouldBe([key]);
    }

    [Fact]
    public async Task A_sender_that_breaks_off_leaves_nothing()
    {
        await Should.ThrowAsync<IOException>(() => Staging.ReceiveAsync(new BrokenStream(3_000_000), null, default));

        Directory.GetFileSystemEntries(StagingDirectory).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_cannot_fit_is_refused_before_the_first_byte()
    {
        await Should.ThrowAsync<StorageFullException>(() => Staging.ReceiveAsync(new BrokenStream(0), long.MaxValue, default));

        Directory.GetFileSystemEntries(StagingDirectory).ShouldBeEmpty();
    }

    [Fact]
    public async Task Old_left_overs_are_swept_and_young_ones_stay()
    {
        var old = Path.Combine(StagingDirectory, "old.upload");
        var young = Path.Combine(StagingDirectory, "young.upload");
        await File.WriteAllTextAsync(old, "x");
        await File.WriteAllTextAsync(young, "x");
        File.SetLastWriteTimeUtc(old, DateTime.UtcNow.AddDays(-2));

        Staging.Sweep(DateTimeOffset.UtcNow.AddDays(-1), default).ShouldBe(1);

        Directory.GetFileSystemEntries(StagingDirectory).ShouldBe([young]);
        File.Delete(young);
    }

    private sealed class BrokenStream(int good) : MemoryStream(new byte[good])
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            await base.ReadAsync(buffer, cancellationToken) is var read and > 0 ? read : throw new IOException("connection reset");
    }
}

public sealed class InMemoryArtifactStoreTests : ArtifactStoreContract
{
    protected override Task<IArtifactStore> CreateAsync() =>
        Task.FromResult<IArtifactStore>(new Core.Artifacts.Storage.InMemory.InMemoryArtifactStore(TimeProvider.System));
}
