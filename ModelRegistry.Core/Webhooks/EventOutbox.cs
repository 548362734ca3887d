using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Core.Webhooks;

/// <summary>
/// Adds what webhooks are to be told to the unit of work of a change: both are committed or neither, and nothing is lost
/// when the process ends in between. Call it before the SaveChanges of the change, in the same transaction.
/// </summary>
public sealed class EventOutbox(TimeProvider time)
{
    public async Task AddAsync(RegistryDbContext db, RegistryEvent happened, CancellationToken ct)
    {
        var one = happened.Event;
        // Mostly there are none: then nothing is written out or formatted.
        var receivers = await db.Webhooks.Where(w => w.IsActive && w.DeletedMs == null && (w.Events & one) == one)
            .Select(w => w.Id).ToListAsync(ct);
        if (receivers.Count == 0)
            return;
        var now = time.GetUtcNow();
        var payload = happened.ToPayload(now);
        foreach (var webhookId in receivers)
        {
            db.Add(new WebhookDelivery
            {
                DeliveryUuid = Guid.NewGuid(),
                WebhookId = webhookId,
                Event = one,
                Payload = payload,
                State = DeliveryState.Pending,
                NextAttemptMs = now.ToUnixTimeMilliseconds(),
                CreatedMs = now.ToUnixTimeMilliseconds(),
            });
        }
    }
}
