using Hangfire;

namespace ModelRegistry.Web.Jobs;

/// <summary>The one schedule, in UTC. A run that was missed is not made up for: the next one finds all the work.</summary>
internal sealed class RecurringJobs(IRecurringJobManager jobs) : IHostedService
{
    private static readonly RecurringJobOptions Options = new()
    {
        TimeZone = TimeZoneInfo.Utc,
        MisfireHandling = MisfireHandlingMode.Ignorable,
    };

    public Task StartAsync(CancellationToken ct)
    {
        jobs.AddOrUpdate<BlobRemovalJob>("remove-unreferenced-blobs", j => j.RemoveUnreferencedAsync(CancellationToken.None), "17 * * * *", Options);
        jobs.AddOrUpdate<BlobRemovalJob>("remove-orphaned-objects", j => j.RemoveOrphansAsync(CancellationToken.None), "43 3 * * *", Options);
        jobs.AddOrUpdate<ApprovalExpiryJob>("expire-approvals", j => j.RunAsync(CancellationToken.None), "7 * * * *", Options);
        jobs.AddOrUpdate<RetentionJob>("retention-runs", j => j.RunAsync(CancellationToken.None), "* * * * *", Options);
        jobs.AddOrUpdate<RetentionJob>("retention-evaluation", j => j.EvaluateAllAsync(CancellationToken.None), "23 2 * * *", Options);
        jobs.AddOrUpdate<RetentionJob>("purge-trash", j => j.PurgeAsync(CancellationToken.None), "53 2 * * *", Options);
        jobs.AddOrUpdate<RetentionJob>("check-stored-content", j => j.ScrubAsync(CancellationToken.None), "37 * * * *", Options);
        jobs.AddOrUpdate<NoticesJob>("expire-tokens", j => j.ExpireTokensAsync(CancellationToken.None), "11 * * * *", Options);
        jobs.AddOrUpdate<NoticesJob>("remove-old-notices", j => j.CleanUpAsync(CancellationToken.None), "29 4 * * *", Options);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken ct) => Task.CompletedTask;
}
