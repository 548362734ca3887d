using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ModelRegistry.Core.Artifacts;
using ModelRegistry.Core.Artifacts.Storage;
using ModelRegistry.Core.Artifacts.Storage.Disk;
using ModelRegistry.Core.Data;
using ModelRegistry.Tests.Data;

namespace ModelRegistry.Tests.Artifacts;

/// <summary>A database and a disk store below the edge, whose store a test can trip up and whose clock it can move.</summary>
internal sealed class ArtifactDatabase : IAsyncDisposable
{
    private readonly MigratedDatabase _database;

    private ArtifactDatabase(MigratedDatabase database, string folder, TrippedStore store, ShiftedTime time)
    {
        (_database, Folder, Store, Time) = (database, folder, store, time);
    }

    public string Folder { get; }
    public TrippedStore Store { get; }
    public ShiftedTime Time { get; }

    public static async Task<ArtifactDatabase> CreateAsync(
        DatabaseProvider provider, TimeSpan? grace = null, Action<IServiceCollection>? services = null)
    {
        var folder = Directory.CreateTempSubdirectory("mreg-blobs-").FullName;
        var store = new TrippedStore(new DiskArtifactStore(folder));
        var time = new ShiftedTime();
        var options = new StorageOptions(new DiskConnection(folder), "", grace ?? TimeSpan.FromHours(2));
        var database = await MigratedDatabase.CreateAsync(provider, added =>
        {
            added.AddSingleton<TimeProvider>(time);
            added.AddArtifacts(options);
            added.AddSingleton<IArtifactStore>(s => new ArtifactStoreGuard(store, s.GetRequiredService<ILogger<ArtifactStoreGuard>>()));
            services?.Invoke(added);
        });
        return new ArtifactDatabase(database, folder, store, time);
    }

    public Task<ArtifactContent> UploadAsync(string root, string path, string text) => InScopeAsync(s =>
        s.GetRequiredService<ArtifactService>().UploadAsync(new ArtifactPlace(root, path, 1),
            new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text)), UploadAnnouncement.None, default));

    public Task<int> DeleteAsync(string root, string path) => InScopeAsync(s =>
        s.GetRequiredService<ArtifactService>().DeleteAsync(new ArtifactPlace(root, path, 1), default));

    public Task<string?> ReadAsync(string root, string path) => InScopeAsync(async s =>
    {
        var artifacts = s.GetRequiredService<ArtifactService>();
        if (await artifacts.FindAsync(new ArtifactPlace(root, path, 1), default) is not { } content)
            return null;
        await using var stream = await artifacts.OpenReadAsync(content, 0, content.SizeBytes, default);
        return await new StreamReader(stream).ReadToEndAsync();
    });

    public Task<PinnedFiles> PinAsync(Guid version, string root, string? path = null) => InScopeAsync(async s =>
    {
        var db = s.GetRequiredService<RegistryDbContext>();
        await using var transaction = await db.BeginWriteAsync(default);
        var pinned = await ArtifactPins.PinAsync(db, version, root, path is null ? null : ArtifactPath.Parse(path), default);
        await transaction.CommitAsync(default);
        return pinned;
    });

    public Task<BlobRemovalReport> RemoveAsync(int limit = 1000) => InScopeAsync(s => s.GetRequiredService<BlobRemoval>().RunAsync(limit, default));

    public Task<BlobRemovalReport> RemoveOrphansAsync() => InScopeAsync(s => s.GetRequiredService<BlobRemoval>().RemoveOrphansAsync(default));

    public Task<List<string>> FindingsAsync(bool fast = false) => InScopeAsync(async s =>
    {
        var found = new List<string>();
        var report = await s.GetRequiredService<ArtifactVerification>().RunAsync(fast, f => found.Add($"{f.Sha256} {f.Message}"), default);
        report.Findings.ShouldBe(found.Count);
        return found;
    });

    public Task<int> CountBlobRowsAsync() => InScopeAsync(s => s.GetRequiredService<RegistryDbContext>().ArtifactBlobs.CountAsync());

    public List<string> StoredFiles() =>
        [.. Directory.GetFiles(Path.Combine(Folder, "blobs"), "*", SearchOption.AllDirectories)];

    public async Task<T> InScopeAsync<T>(Func<IServiceProvider, Task<T>> action)
    {
        await using var scope = _database.Services.CreateAsyncScope();
        return await action(scope.ServiceProvider);
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}

/// <summary>The real clock, moved.</summary>
internal sealed class ShiftedTime : TimeProvider
{
    public TimeSpan Shift { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Shift;
}

/// <summary>A store that does something else first, where a test says so.</summary>
internal sealed class TrippedStore(IArtifactStore inner) : IArtifactStore
{
    public Func<Task>? BeforePut { get; set; }
    public Func<Task>? AfterPut { get; set; }
    public Func<Task>? BeforeDelete { get; set; }
    public Func<Task>? AfterDelete { get; set; }

    public string Display => inner.Display;

    public async Task PutAsync(StagedFile file, CancellationToken ct)
    {
        await (BeforePut?.Invoke() ?? Task.CompletedTask);
        await inner.PutAsync(file, ct);
        await (AfterPut?.Invoke() ?? Task.CompletedTask);
    }

    public async Task DeleteAsync(BlobKey key, CancellationToken ct)
    {
        await (BeforeDelete?.Invoke() ?? Task.CompletedTask);
        await inner.DeleteAsync(key, ct);
        await (AfterDelete?.Invoke() ?? Task.CompletedTask);
    }

    public Task<Stream?> OpenReadAsync(BlobKey key, long offset, long length, CancellationToken ct) =>
        inner.OpenReadAsync(key, offset, length, ct);

    public Task<StoredBlob?> FindAsync(BlobKey key, CancellationToken ct) => inner.FindAsync(key, ct);

    public IAsyncEnumerable<StoredBlob> ListAsync(CancellationToken ct) => inner.ListAsync(ct);
}
