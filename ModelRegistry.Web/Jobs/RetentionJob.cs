using Hangfire;
using ModelRegistry.Core.Erasure;
using ModelRegistry.Core.Retention;

namespace ModelRegistry.Web.Jobs;

/// <summary>The background work of retention. Two at once are safe: each run has a lease, each item a transaction.</summary>
internal sealed class RetentionJob(RetentionJobs jobs, TrashPurge purge, StoredContentScrub scrub, ErasureExecution erasure)
{
    private const int PurgesPerRun = 10_000;
    private const long ScrubbedBytes = 4L * 1024 * 1024 * 1024;
    private const int ScrubbedBlobs = 10_000;

    [AutomaticRetry(Attempts = 0)]
    public async Task<RetentionJobReport> RunAsync(CancellationToken ct)
    {
        var report = await jobs.RunAsync(ct);
        await erasure.RunAsync(ct);
        return report;
    }

    [AutomaticRetry(Attempts = 0)]
    public async Task<RetentionJobReport> EvaluateAllAsync(CancellationToken ct)
    {
        await jobs.EvaluateAllAsync(ct);
        return await jobs.RunAsync(ct);
    }

    [DisableConcurrentExecution(timeoutInSeconds: 10)]
    [AutomaticRetry(Attempts = 0)]
    public Task<PurgeReport> PurgeAsync(CancellationToken ct) => purge.RunAsync(PurgesPerRun, ct);

    [DisableConcurrentExecution(timeoutInSeconds: 10)]
    [AutomaticRetry(Attempts = 0)]
    public Task<ScrubReport> ScrubAsync(CancellationToken ct) => scrub.RunAsync(ScrubbedBytes, ScrubbedBlobs, ct);
}

/// <summary>Puts the work into the queue at once.</summary>
internal sealed class RetentionWake(IBackgroundJobClient queue) : IRetentionWake
{
    public void Wake() => queue.Enqueue<RetentionJob>(j => j.RunAsync(CancellationToken.None));
}

/// <summary>This node has no workers: another one finds the work within a minute.</summary>
internal sealed class NoRetentionWake : IRetentionWake
{
    public void Wake()
    {
    }
}
