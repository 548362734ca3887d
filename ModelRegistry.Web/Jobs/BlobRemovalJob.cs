using Hangfire;
using ModelRegistry.Core.Artifacts;
using ModelRegistry.Core.Artifacts.Uploads;

namespace ModelRegistry.Web.Jobs;

/// <summary>Removes content that nothing refers to any more; see <see cref="BlobRemoval"/>. Each run has an end, the next
/// goes on where it ended.</summary>
internal sealed class BlobRemovalJob(BlobRemoval removal, UploadExpiry uploads)
{
    private const int BlobsPerRun = 20_000;

    // Two at once would be safe, and of no use.
    [DisableConcurrentExecution(timeoutInSeconds: 10)]
    [AutomaticRetry(Attempts = 0)]
    public async Task RemoveUnreferencedAsync(CancellationToken ct)
    {
        await uploads.RunAsync(ct);
        await removal.RunAsync(BlobsPerRun, ct);
    }

    [DisableConcurrentExecution(timeoutInSeconds: 10)]
    [AutomaticRetry(Attempts = 0)]
    public Task RemoveOrphansAsync(CancellationToken ct) => removal.RemoveOrphansAsync(ct);
}
