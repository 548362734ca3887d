using System.Globalization;
using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Audit;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;

namespace ModelRegistry.Core.Webhooks;

/// <summary>The log of what webhooks were sent, and sending something once more. For admins only.</summary>
public sealed class DeliveryService(RegistryDbContext db, CurrentUserHolder caller, AuditTrail audit, TimeProvider time)
{
    public const string Noun = "webhook-delivery";

    /// <summary>Newest first, without the attempts; those of deleted webhooks too.</summary>
    public async Task<Page<WebhookDelivery>> ListAsync(
        string webhookId, DeliveryState? state, int maxResults, string? pageToken, CancellationToken ct)
    {
        var id = await WebhookIdAsync(webhookId, ct);
        var query = string.Create(CultureInfo.InvariantCulture, $"{id} {state}");
        var before = PageToken.TryDecode<long>(pageToken, query, out var last) ? last : long.MaxValue;
        var rows = await db.WebhookDeliveries.AsNoTracking()
            .Where(d => d.WebhookId == id && d.Id < before && (state == null || d.State == state))
            .OrderByDescending(d => d.Id).Take(maxResults + 1).ToListAsync(ct);
        return rows.Count <= maxResults
            ? new Page<WebhookDelivery>(rows, null)
            : new Page<WebhookDelivery>(rows[..maxResults], PageToken.Encode(rows[maxResults - 1].Id, query));
    }

    /// <summary>With its attempts.</summary>
    public async Task<WebhookDelivery> GetAsync(string webhookId, string deliveryId, CancellationToken ct)
    {
        var id = await WebhookIdAsync(webhookId, ct);
        return (Guid.TryParseExact(deliveryId, "D", out var uuid)
            ? await db.WebhookDeliveries.AsNoTracking().AsSingleQuery().Include(d => d.Log.OrderBy(a => a.Number))
                .FirstOrDefaultAsync(d => d.WebhookId == id && d.DeliveryUuid == uuid, ct)
            : null) ?? throw new NotFoundException(Noun, deliveryId, $"Delivery '{deliveryId}' not found.");
    }

    /// <summary>Sends the same body again, as a delivery of its own. The webhook must be active.</summary>
    public async Task<WebhookDelivery> ReplayAsync(string webhookId, string deliveryId, CancellationToken ct)
    {
        var old = await GetAsync(webhookId, deliveryId, ct);
        if (old.State == DeliveryState.Pending)
            throw new ConflictException(Noun, deliveryId, "This delivery is still on its way: it can be sent again when it is finished.");
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        await using var write = await db.BeginWriteAsync(ct);
        if (!await db.Webhooks.AnyAsync(w => w.Id == old.WebhookId && w.IsActive && w.DeletedMs == null, ct))
            throw new ConflictException(Noun, deliveryId, "The webhook is switched off or deleted: it is sent nothing.");
        var again = new WebhookDelivery
        {
            DeliveryUuid = Guid.NewGuid(),
            WebhookId = old.WebhookId,
            Event = old.Event,
            Payload = old.Payload,
            State = DeliveryState.Pending,
            NextAttemptMs = now,
            CreatedMs = now,
            ReplayOfId = old.Id,
        };
        db.Add(again);
        audit.Record(db, new AuditEntry("webhook.delivery-replayed", WebhookService.Noun, webhookId)
        {
            After = new { Of = old.DeliveryUuid, Delivery = again.DeliveryUuid },
        });
        await db.SaveChangesAsync(ct);
        await write.CommitAsync(ct);
        return again;
    }

    private async Task<long> WebhookIdAsync(string webhookId, CancellationToken ct)
    {
        caller.User.Require(InstanceRight.Administer);
        var id = Guid.TryParseExact(webhookId, "D", out var uuid)
            ? await db.Webhooks.Where(w => w.WebhookUuid == uuid).Select(w => (long?)w.Id).FirstOrDefaultAsync(ct)
            : null;
        return id ?? throw WebhookService.NotFound(webhookId);
    }
}
