using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ModelRegistry.Core.Common;

namespace ModelRegistry.Core.Artifacts.Uploads;

/// <summary>
/// The joins of this process. A big file takes longer than a client waits for an answer: the work goes on when the client
/// has left, and a client that asks again waits for the same work. Singleton.
/// </summary>
public sealed class UploadJoins(IServiceScopeFactory scopes, ILogger<UploadJoins> logger) : IDisposable
{
    private readonly ConcurrentDictionary<long, Lazy<Task>> _running = new();
    private readonly CancellationTokenSource _stopping = new();

    public Task JoinAsync(ArtifactUpload upload, ArtifactPlace place, IReadOnlyList<UploadedPart> parts, CancellationToken ct) =>
        _running.GetOrAdd(upload.Id, _ => new Lazy<Task>(() => Start(upload, place, parts))).Value.WaitAsync(ct);

    public void Dispose()
    {
        _stopping.Cancel();
        _stopping.Dispose();
    }

    private Task Start(ArtifactUpload upload, ArtifactPlace place, IReadOnlyList<UploadedPart> parts)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var stopping = _stopping.Token;
        _ = Task.Run(async () =>
        {
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                var join = scope.ServiceProvider.GetRequiredService<UploadJoin>();
                await join.RunAsync(upload, place, parts, stopping);
                done.SetResult();
                await join.RemovePartsAsync(parts, stopping);
            }
            catch (Exception e)
            {
                // Where the file is there, only room is lost, until the job finds the parts.
                var asked = done.TrySetException(e);
                // Everybody who asked may have left.
                _ = done.Task.Exception;
                if (!asked || e is not RegistryException)
                    logger.JoinFailed(upload.UploadUuid, e);
            }
            finally
            {
                _running.TryRemove(upload.Id, out _);
            }
        }, stopping);
        return done.Task;
    }
}
