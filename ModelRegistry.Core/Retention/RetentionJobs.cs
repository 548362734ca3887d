using System.Globalization;
using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Core.Retention;

/// <summary>What a job did, for whoever looks at it.</summary>
public sealed record RetentionJobReport(int Evaluated, int Done, int Kept, string? PausedBecause);

/// <summary>
/// The background work of retention. Everything is found in the database, so nothing is lost with a queue, and a run that was
/// cut off anywhere goes on where it was: each item is its own transaction.
/// </summary>
public sealed class RetentionJobs(
    RegistryDbContext db, RetentionEvaluation evaluation, RetentionExecution execution, RetentionRunService runs, RetentionClockwork clock,
    LockExpiry locks, TimeProvider time)
{
    private static readonly TimeSpan LeaseTime = TimeSpan.FromMinutes(5);

    private readonly string _holder = Guid.NewGuid().ToString("N");

    /// <summary>Evaluates what was asked for, and carries out what is approved and due.</summary>
    public async Task<RetentionJobReport> RunAsync(CancellationToken ct)
    {
        var evaluated = 0;
        foreach (var id in await IdsAsync(RetentionRunState.Evaluating, ct))
        {
            if (!await TakeAsync(id, ct))
                continue;
            await evaluation.RunAsync(id, () => TakeAsync(id, ct), ct);
            await ReleaseAsync(id, ct);
            evaluated++;
        }

        var paused = await clock.LookAsync(ct);
        var (done, kept) = (0, 0);
        if (paused is null)
        {
            await locks.RunAsync(ct);
            await StartDueAsync(ct);
            foreach (var id in await IdsAsync(RetentionRunState.Running, ct))
            {
                if (!await TakeAsync(id, ct))
                    continue;
                var (d, k) = await execution.RunAsync(id, () => TakeAsync(id, ct), ct);
                await ReleaseAsync(id, ct);
                (done, kept) = (done + d, kept + k);
            }
        }

        return new RetentionJobReport(evaluated, done, kept, paused);
    }

    /// <summary>A report for each enabled policy that takes something, where none is being decided on. It waits for its approval
    /// like any other.</summary>
    public async Task<int> EvaluateAllAsync(CancellationToken ct)
    {
        var policies = await db.RetentionPolicies.AsNoTracking()
            .Where(p => p.IsEnabled && !db.RetentionRuns.Any(r => r.PolicyId == p.Id && !r.IsPreview && r.State < RetentionRunState.Done))
            .OrderBy(p => p.Id).ToListAsync(ct);
        var begun = 0;
        foreach (var policy in policies.Where(p => RetentionDefinition.FromJson(p.Definition)?.IsDestructive == true))
        {
            db.Add(runs.NewRun(policy, isPreview: false, requestedBy: 0));
            begun++;
        }

        await db.SaveChangesAsync(ct);
        db.ChangeTracker.Clear();
        return begun;
    }

    private async Task StartDueAsync(CancellationToken ct)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        await db.RetentionRuns.Where(r => r.State == RetentionRunState.Approved && r.DueMs <= now)
            .ExecuteUpdateAsync(set => set.SetProperty(r => r.State, RetentionRunState.Running).SetProperty(r => r.StartedMs, now), ct);
    }

    private Task<List<long>> IdsAsync(RetentionRunState state, CancellationToken ct) =>
        db.RetentionRuns.Where(r => r.State == state).OrderBy(r => r.Id).Select(r => r.Id).ToListAsync(ct);

    private Task<bool> TakeAsync(long id, CancellationToken ct) => Lease.TryTakeAsync(db, Name(id), _holder, LeaseTime, time, ct);

    private Task ReleaseAsync(long id, CancellationToken ct) => Lease.ReleaseAsync(db, Name(id), _holder, ct);

    private static string Name(long id) => string.Create(CultureInfo.InvariantCulture, $"retention-run-{id}");
}

/// <summary>Notices that the clock was set, or that the server was off for long: then destructive jobs rest until somebody has
/// looked, because every date may be wrong.</summary>
public sealed class RetentionClockwork(RegistryDbContext db, TimeProvider time)
{
    public const long LongestStepMs = 86_400_000;

    /// <summary>Why destructive jobs rest; null where they may go on.</summary>
    public async Task<string?> LookAsync(CancellationToken ct)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var clock = await db.RetentionClocks.AsNoTracking().SingleAsync(ct);
        if (clock.PausedBecause is not null)
            return clock.PausedBecause;
        var step = now - clock.SeenMs;
        if (clock.SeenMs != 0 && Math.Abs(step) > LongestStepMs)
        {
            var reason = string.Create(CultureInfo.InvariantCulture,
                $"Between two looks the clock went from {Shown(clock.SeenMs)} to {Shown(now)}: it was set, or the server was off.");
            await db.RetentionClocks.Where(c => c.PausedBecause == null).ExecuteUpdateAsync(set => set.SetProperty(c => c.PausedBecause, reason), ct);
            return reason;
        }

        // Forward only: another node's clock may be a little behind.
        await db.RetentionClocks.Where(c => c.SeenMs < now).ExecuteUpdateAsync(set => set.SetProperty(c => c.SeenMs, now), ct);
        return null;
    }

    private static string Shown(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms).ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
