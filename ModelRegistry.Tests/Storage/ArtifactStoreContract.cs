using System.Security.Cryptography;
using ModelRegistry.Core.Artifacts.Storage;

namespace ModelRegistry.Tests.Storage;

/// <summary>What every driver promises. A driver's test class gives it a fresh, empty store and nothing else.</summary>
public abstract class ArtifactStoreContract : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mreg-store-").FullName;
    private IArtifactStore _store = null!;

    protected string Folder => _folder;

    protected ArtifactStaging Staging { get; private set; } = null!;

    protected virtual string StagingDirectory => Path.Combine(_folder, "staging");

    /// <summary>Skips where the backend is not configured.</summary>
    protected abstract Task<IArtifactStore> CreateAsync();

    public async Task InitializeAsync()
    {
        Staging = new ArtifactStaging(StagingDirectory);
        try
        {
            _store = await CreateAsync();
        }
        catch (SkipException)
        {
            // Each test skips by itself, so that it is seen.
        }
    }

    public virtual async Task DisposeAsync()
    {
        if (_store is not null)
        {
            await foreach (var blob in _store.ListAsync(default))
                await _store.DeleteAsync(blob.Key, default);
        }

        Directory.Delete(_folder, recursive: true);
    }

    [SkippableTheory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4095)]
    [InlineData(1024 * 1024)]
    [InlineData(20 * 1024 * 1024 + 7)]
    public async Task What_was_put_is_read_back(int size)
    {
        var store = await StoreAsync();
        var bytes = RandomNumberGenerator.GetBytes(size);
        var key = await PutAsync(store, bytes);

        key.ShouldBe(BlobKey.Of(SHA256.HashData(bytes)));
        (await ReadAsync(store, key, 0, size)).ShouldBe(bytes);
        var found = (await store.FindAsync(key, default)).ShouldNotBeNull();
        found.Key.ShouldBe(key);
        found.SizeBytes.ShouldBe(size);
        found.ModifiedAt.ShouldBe(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(5));
    }

    [SkippableTheory]
    [InlineData(0, 1)]
    [InlineData(0, 1000)]
    [InlineData(999, 1)]
    [InlineData(100, 500)]
    [InlineData(500, 0)]
    public async Task A_part_is_read_by_offset_and_length(int offset, int length)
    {
        var store = await StoreAsync();
        var bytes = RandomNumberGenerator.GetBytes(1000);
        var key = await PutAsync(store, bytes);

        (await ReadAsync(store, key, offset, length)).ShouldBe(bytes[offset..(offset + length)]);
    }

    [SkippableFact]
    public async Task More_than_there_is_ends_with_an_exception_and_never_in_silence()
    {
        var store = await StoreAsync();
        var key = await PutAsync(store, RandomNumberGenerator.GetBytes(1000));

        await Should.ThrowAsync<EndOfStreamException>(() => ReadAsync(store, key, 500, 501));
    }

    [SkippableFact]
    public async Task Nothing_is_found_where_nothing_was_put()
    {
        var store = await StoreAsync();
        var key = BlobKey.Of(RandomNumberGenerator.GetBytes(32));

        (await store.FindAsync(key, default)).ShouldBeNull();
        (await store.OpenReadAsync(key, 0, 10, default)).ShouldBeNull();
        await store.DeleteAsync(key, default);
    }

    [SkippableFact]
    public async Task A_deleted_blob_is_gone_and_others_stay()
    {
        var store = await StoreAsync();
        var gone = await PutAsync(store, RandomNumberGenerator.GetBytes(10));
        var stays = await PutAsync(store, RandomNumberGenerator.GetBytes(10));

        await store.DeleteAsync(gone, default);
        await store.DeleteAsync(gone, default);

        (await store.FindAsync(gone, default)).ShouldBeNull();
        (await store.FindAsync(stays, default)).ShouldNotBeNull();
        (await ListAsync(store)).ShouldBe([stays]);
    }

    [SkippableFact]
    public async Task Putting_the_same_content_again_changes_nothing()
    {
        var store = await StoreAsync();
        var bytes = RandomNumberGenerator.GetBytes(100_000);
        var key = await PutAsync(store, bytes);

        (await PutAsync(store, bytes)).ShouldBe(key);

        (await ListAsync(store)).ShouldBe([key]);
        (await ReadAsync(store, key, 0, bytes.Length)).ShouldBe(bytes);
    }

    [SkippableFact]
    public async Task The_same_content_from_many_at_once_is_one_whole_blob()
    {
        var store = await StoreAsync();
        var bytes = RandomNumberGenerator.GetBytes(300_000);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => PutAsync(store, bytes))));

        (await ListAsync(store)).Count.ShouldBe(1);
        (await ReadAsync(store, BlobKey.Of(SHA256.HashData(bytes)), 0, bytes.Length)).ShouldBe(bytes);
    }

    [SkippableFact]
    public async Task All_blobs_are_listed()
    {
        var store = await StoreAsync();
        var keys = new List<BlobKey>();
        for (var i = 0; i < 25; i++)
            keys.Add(await PutAsync(store, BitConverter.GetBytes(i)));

        (await ListAsync(store)).OrderBy(k => k.Hex).ShouldBe(keys.OrderBy(k => k.Hex));
    }

    [SkippableFact]
    public async Task An_open_stream_gives_the_whole_blob_or_fails_when_it_is_deleted_meanwhile()
    {
        var store = await StoreAsync();
        var bytes = RandomNumberGenerator.GetBytes(3_000_000);
        var key = await PutAsync(store, bytes);
        await using var stream = (await store.OpenReadAsync(key, 0, bytes.Length, default)).ShouldNotBeNull();
        var read = new byte[bytes.Length];
        await stream.ReadExactlyAsync(read.AsMemory(0, 1000));

        await store.DeleteAsync(key, default);

        try
        {
            await stream.ReadExactlyAsync(read.AsMemory(1000));
            read.ShouldBe(bytes);
        }
        catch (Exception e) when (e is not ShouldAssertException)
        {
            // Said, so nobody takes the part for the whole.
        }
    }

    [SkippableFact]
    public async Task A_display_name_tells_the_driver()
    {
        var store = await StoreAsync();

        store.Display.ShouldNotBeNullOrWhiteSpace();
    }

    protected async Task<IArtifactStore> StoreAsync() => _store ?? await CreateAsync();

    protected async Task<BlobKey> PutAsync(IArtifactStore store, byte[] bytes)
    {
        using var staged = await Staging.ReceiveAsync(new MemoryStream(bytes), bytes.Length, default);
        await store.PutAsync(staged, default);
        return staged.Key;
    }

    protected static async Task<byte[]> ReadAsync(IArtifactStore store, BlobKey key, long offset, long length)
    {
        await using var stream = (await store.OpenReadAsync(key, offset, length, default)).ShouldNotBeNull();
        var copy = new MemoryStream();
        await stream.CopyToAsync(copy);
        return copy.ToArray();
    }

    private static async Task<List<BlobKey>> ListAsync(IArtifactStore store)
    {
        var keys = new List<BlobKey>();
        await foreach (var blob in store.ListAsync(default))
            keys.Add(blob.Key);
        return keys;
    }
}
