using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Core.Webhooks;

/// <summary>A delivery that this node has taken: until the lease ends, nobody else sends it.</summary>
internal sealed record ClaimedDelivery(long Id, long WebhookId, int Attempt, WebhookMessage Message);

/// <summary>
/// Takes due deliveries and writes down what came of them. A delivery is taken by moving its due time on, where it still
/// is what was read: of two nodes one changes the row. A node that dies lets go when that time comes.
/// </summary>
internal sealed class DeliveryQueue(RegistryDbContext db, TimeProvider time, ILogger<DeliveryQueue> log)
{
    // Six times as long as an attempt may take: clocks of nodes may differ by most of a minute.
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);

    private const int CleanUpBatch = 500;

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Due deliveries of other webhooks than the busy ones, oldest first.</summary>
    public Task<List<(long Id, long WebhookId)>> DueAsync(IReadOnlyCollection<long> busyWebhooks, int count, CancellationToken ct)
    {
        var now = NowMs;
        return db.WebhookDeliveries.AsNoTracking()
            .Where(d => d.State == DeliveryState.Pending && d.NextAttemptMs <= now && !busyWebhooks.Contains(d.WebhookId))
            .OrderBy(d => d.NextAttemptMs).ThenBy(d => d.Id).Take(count)
            .Select(d => new ValueTuple<long, long>(d.Id, d.WebhookId)).ToListAsync(ct);
    }

    /// <summary>Null when somebody else was quicker, or the webhook is not told any more.</summary>
    public async Task<ClaimedDelivery?> ClaimAsync(long id, CancellationToken ct)
    {
        var now = NowMs;
        var until = now + (long)Lease.TotalMilliseconds;
        await using var write = await db.BeginWriteAsync(ct);
        var taken = await db.WebhookDeliveries
            .Where(d => d.Id == id && d.State == DeliveryState.Pending && d.NextAttemptMs <= now)
            .ExecuteUpdateAsync(set => set.SetProperty(d => d.NextAttemptMs, until)
                .SetProperty(d => d.Attempts, d => d.Attempts + 1), ct);
        if (taken == 0)
            return null;
        var row = await db.WebhookDeliveries.AsNoTracking().Where(d => d.Id == id).Select(d => new
        {
            d.WebhookId,
            d.Attempts,
            d.DeliveryUuid,
            d.Payload,
            d.Webhook.Url,
            d.Webhook.SealedSecret,
            Stands = d.Webhook.IsActive && d.Webhook.DeletedMs == null,
        }).SingleAsync(ct);
        // More than may be made: each of the attempts before ended with the process.
        var spent = row.Attempts > RetrySchedule.MaxAttempts;
        if (!row.Stands || spent)
            await FinishAsync(id, row.Attempts, spent ? DeliveryState.Failed : DeliveryState.Cancelled, ct);
        await write.CommitAsync(ct);
        return row.Stands && !spent
            ? new ClaimedDelivery(id, row.WebhookId, row.Attempts,
                new WebhookMessage(row.Url, row.SealedSecret, row.DeliveryUuid, row.Payload))
            : null;
    }

    public async Task CompleteAsync(ClaimedDelivery delivery, SendResult result, CancellationToken ct)
    {
        db.ChangeTracker.Clear();
        await using var write = await db.BeginWriteAsync(ct);
        db.Add(new DeliveryAttempt
        {
            DeliveryId = delivery.Id,
            Number = delivery.Attempt,
            AtMs = NowMs - (long)result.Duration.TotalMilliseconds,
            DurationMs = (int)result.Duration.TotalMilliseconds,
            Status = result.Status,
            Error = result.Error,
            Answer = result.Answer is { } answer ? NameRules.Truncate(answer, DeliveryAttempt.MaxAnswerLength) : null,
        });
        await db.SaveChangesAsync(ct);
        if (result.IsDelivered)
        {
            await FinishAsync(delivery.Id, delivery.Attempt, DeliveryState.Delivered, ct);
        }
        else if (result.IsPassing
            && RetrySchedule.After(delivery.Attempt, result.RetryAfter, Random.Shared.NextDouble()) is { } delay)
        {
            var next = NowMs + (long)delay.TotalMilliseconds;
            await Mine(delivery.Id, delivery.Attempt).Where(d => d.State == DeliveryState.Pending)
                .ExecuteUpdateAsync(set => set.SetProperty(d => d.NextAttemptMs, next), ct);
        }
        else
        {
            log.DeliveryFailed(delivery.Message.DeliveryUuid, delivery.Attempt);
            await FinishAsync(delivery.Id, delivery.Attempt, DeliveryState.Failed, ct);
        }

        await write.CommitAsync(ct);
    }

    /// <summary>Removes finished deliveries that are older than the log is kept. True when there may be more.</summary>
    public async Task<bool> CleanUpAsync(int keepDays, CancellationToken ct)
    {
        var before = NowMs - keepDays * 86_400_000L;
        var old = await db.WebhookDeliveries.Where(d => d.CompletedMs < before).OrderBy(d => d.CompletedMs)
            .Select(d => d.Id).Take(CleanUpBatch).ToListAsync(ct);
        if (old.Count == 0)
            return false;
        await using var write = await db.BeginWriteAsync(ct);
        await db.WebhookDeliveries.Where(d => old.Contains(d.Id)).ExecuteDeleteAsync(ct);
        await write.CommitAsync(ct);
        return old.Count == CleanUpBatch;
    }

    // What was sent was sent, even if the webhook was switched off meanwhile; nothing else undoes a cancellation.
    private Task<int> FinishAsync(long id, int attempt, DeliveryState state, CancellationToken ct)
    {
        var now = NowMs;
        return Mine(id, attempt).Where(d => d.State == DeliveryState.Pending || state == DeliveryState.Delivered)
            .ExecuteUpdateAsync(set => set.SetProperty(d => d.State, state).SetProperty(d => d.CompletedMs, now), ct);
    }

    // Who comes back after its lease has ended finds that the attempt is another one's.
    private IQueryable<WebhookDelivery> Mine(long id, int attempt) =>
        db.WebhookDeliveries.Where(d => d.Id == id && d.Attempts == attempt);
}
