using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore.Storage;

namespace ModelRegistry.Core.Data;

/// <summary>The transaction of one change; rolled back when it is disposed without a commit.</summary>
public sealed class WriteTransaction(IDbContextTransaction transaction, SemaphoreSlim? gate) : IAsyncDisposable
{
    private SemaphoreSlim? _gate = gate;

    public Task CommitAsync(CancellationToken ct) => transaction.CommitAsync(ct);

    public async ValueTask DisposeAsync()
    {
        try
        {
            await transaction.DisposeAsync();
        }
        finally
        {
            Interlocked.Exchange(ref _gate, null)?.Release();
        }
    }
}

/// <summary>
/// One writer slot per SQLite database and process, shared by the contexts and the tracking writer. SQLite has one
/// writer anyway; waiting here is fair and costs nothing, waiting in its busy handler is neither.
/// </summary>
public static class SqliteWriteGate
{
    private static readonly ConcurrentDictionary<string, SemaphoreSlim> Gates = new();

    public static SemaphoreSlim For(string connectionString) =>
        Gates.GetOrAdd(connectionString, static _ => new SemaphoreSlim(1, 1));
}
