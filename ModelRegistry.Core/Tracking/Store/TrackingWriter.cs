using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using ModelRegistry.Core.Common;

namespace ModelRegistry.Core.Tracking.Store;

/// <summary>
/// The one writer of runs in this process: many requests share a transaction, each is answered after its commit. While
/// one group is made durable the next one gathers, so the rate does not depend on the disk's latency. Singleton.
/// </summary>
public sealed class TrackingWriter : IDisposable
{
    /// <summary>More would make the first of a group wait for too long.</summary>
    private const int MaxGroup = 256;
    private const int MaxPointsPerGroup = 20_000;

    private readonly Channel<RunWrite> _queue = Channel.CreateBounded<RunWrite>(
        new BoundedChannelOptions(4096) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });
    private readonly ITrackingStore _store;
    private readonly ILogger<TrackingWriter> _logger;
    private readonly Thread _thread;

    internal TrackingWriter(ITrackingStore store, ILogger<TrackingWriter> logger)
    {
        _store = store;
        _logger = logger;
        // A thread of its own: it waits for the disk, and a pool thread that waits is one that answers nobody.
        _thread = new Thread(Run) { IsBackground = true, Name = "tracking-writer" };
        _thread.Start();
    }

    /// <summary>Returns when the write is durable.</summary>
    /// <exception cref="RegistryException">The write was refused; nothing of it is stored.</exception>
    public async Task WriteAsync(RunWrite write, CancellationToken ct)
    {
        if (!_queue.Writer.TryWrite(write))
            await _queue.Writer.WriteAsync(write, ct);
        // From here on it happens: a caller who goes away does not take it back.
        await write.Done.Task;
    }

    public void Dispose()
    {
        _queue.Writer.TryComplete();
        _thread.Join();
        _store.Dispose();
    }

    private void Run()
    {
        var group = new List<RunWrite>(MaxGroup);
        var reader = _queue.Reader;
        while (reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            var points = 0;
            while (group.Count < MaxGroup && points < MaxPointsPerGroup && reader.TryRead(out var write))
            {
                group.Add(write);
                points += write.Points.Count;
            }

            Write(group);
            group.Clear();
        }
    }

    private void Write(List<RunWrite> group)
    {
        try
        {
            _store.Write(group);
        }
        catch (Exception e)
        {
            if (group.Count == 1)
            {
                Log.WriteFailed(_logger, e);
                group[0].Failure = new UnavailableException("The registry could not store this now. Try again.", e);
            }
            else
            {
                // One bad request must not harm the others: each on its own.
                Log.GroupFailed(_logger, group.Count, e);
                foreach (var write in group)
                    Write([write]);
                return;
            }
        }

        foreach (var write in group)
        {
            if (write.Failure is { } failure)
                write.Done.TrySetException(failure);
            else
                write.Done.TrySetResult();
        }
    }
}
