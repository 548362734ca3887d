using ModelRegistry.Core.Common;
using ModelRegistry.Core.Webhooks;

namespace ModelRegistry.Web.Api;

/// <summary>`webhooks` with all events, and the log of what they were sent.</summary>
internal static class WebhooksApi
{
    /// <param name="Events">Names such as model_version.created.</param>
    internal sealed record NewWebhookBody(
        string Name, string Url, IReadOnlyList<string> Events, string Description = "", string? Secret = null, bool Active = true);

    /// <param name="Secret">The empty one ends the signing.</param>
    internal sealed record WebhookChangeBody(string? Name = null, string? Url = null, IReadOnlyList<string>? Events = null,
        string? Description = null, string? Secret = null, bool? Active = null);

    internal sealed record WebhookAnswer(string Id, string Name, string Url, IReadOnlyList<string> Events, string Description, bool Signed,
        bool Active, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

    internal sealed record DeliveryAnswer(string Id, string Event, DeliveryState State, int Attempts, DateTimeOffset CreatedAt,
        DateTimeOffset? NextAttemptAt, DateTimeOffset? CompletedAt);

    internal sealed record AttemptAnswer(int Number, DateTimeOffset At, int DurationMs, int? Status, string? Error, string? Answer);

    internal sealed record DeliveryDetails(DeliveryAnswer Delivery, string Payload, IReadOnlyList<AttemptAnswer> Attempts);

    public static void Map(RouteGroupBuilder api)
    {
        var hooks = api.MapGroup("/webhooks").WithTags("Webhooks");
        hooks.MapGet("", ListAsync).WithSummary("The webhooks, newest first").Produces<ListAnswer<WebhookAnswer>>();
        hooks.MapPost("", CreateAsync).WithSummary("Make a webhook").Accepts<NewWebhookBody>("application/json").Produces<WebhookAnswer>(201);
        hooks.MapGet("/{id}", GetAsync).WithSummary("One webhook").Produces<WebhookAnswer>();
        hooks.MapPatch("/{id}", UpdateAsync).WithSummary("Change a webhook")
            .Accepts<WebhookChangeBody>("application/json").Produces<WebhookAnswer>();
        hooks.MapDelete("/{id}", DeleteAsync).WithSummary("Delete a webhook; what waits is not sent").Produces(204);
        hooks.MapGet("/{id}/deliveries", DeliveriesAsync).WithSummary("What it was sent, newest first")
            .Produces<ListAnswer<DeliveryAnswer>>();
        hooks.MapGet("/{id}/deliveries/{deliveryId}", DeliveryAsync).WithSummary("One delivery with its attempts").Produces<DeliveryDetails>();
        hooks.MapPost("/{id}/deliveries/{deliveryId}/replay", ReplayAsync).WithSummary("Send it once more").Produces<DeliveryAnswer>(201);
    }

    private static async Task<IResult> ListAsync(string? maxResults, string? pageToken, WebhookService webhooks, CancellationToken ct) =>
        Results.Ok(ListAnswer<WebhookAnswer>.Of(
            await webhooks.ListAsync(Paging.Size(maxResults), pageToken, (WebhookEvents)long.MaxValue, ct), Answer));

    private static async Task<IResult> CreateAsync(HttpContext http, WebhookService webhooks, CancellationToken ct)
    {
        var body = await ApiBody.ReadAsync<NewWebhookBody>(http);
        var webhook = await webhooks.CreateAsync(new NewWebhook(body.Name, body.Url, Events(body.Events))
        {
            Description = body.Description,
            Secret = body.Secret,
            IsActive = body.Active,
        }, ct);
        return Results.Created($"{ApiHosting.Prefix}/webhooks/{webhook.WebhookUuid}", Answer(webhook));
    }

    private static async Task<IResult> GetAsync(string id, WebhookService webhooks, CancellationToken ct) =>
        Results.Ok(Answer(await webhooks.GetAsync(id, ct)));

    private static async Task<IResult> UpdateAsync(string id, HttpContext http, WebhookService webhooks, CancellationToken ct)
    {
        var body = await ApiBody.ReadAsync<WebhookChangeBody>(http);
        return Results.Ok(Answer(await webhooks.UpdateAsync(id, new WebhookChange
        {
            Name = body.Name,
            Url = body.Url,
            Events = body.Events is null ? null : Events(body.Events),
            Description = body.Description,
            Secret = body.Secret,
            IsActive = body.Active,
        }, ct)));
    }

    private static async Task<IResult> DeleteAsync(string id, WebhookService webhooks, CancellationToken ct)
    {
        await webhooks.DeleteAsync(id, ct);
        return Results.NoContent();
    }

    private static async Task<IResult> DeliveriesAsync(
        string id, string? state, string? maxResults, string? pageToken, DeliveryService deliveries, CancellationToken ct)
    {
        DeliveryState? wanted = state switch
        {
            null or "" => null,
            "pending" => DeliveryState.Pending,
            "delivered" => DeliveryState.Delivered,
            "failed" => DeliveryState.Failed,
            "cancelled" => DeliveryState.Cancelled,
            _ => throw new InvalidArgumentException("state", "state must be one of: pending, delivered, failed, cancelled."),
        };
        return Results.Ok(ListAnswer<DeliveryAnswer>.Of(
            await deliveries.ListAsync(id, wanted, Paging.Size(maxResults), pageToken, ct), Answer));
    }

    private static async Task<IResult> DeliveryAsync(string id, string deliveryId, DeliveryService deliveries, CancellationToken ct)
    {
        var delivery = await deliveries.GetAsync(id, deliveryId, ct);
        return Results.Ok(new DeliveryDetails(Answer(delivery), delivery.Payload,
            [.. delivery.Log.Select(a => new AttemptAnswer(a.Number, a.AtMs.ToTime(), a.DurationMs, a.Status, a.Error, a.Answer))]));
    }

    private static async Task<IResult> ReplayAsync(string id, string deliveryId, DeliveryService deliveries, CancellationToken ct)
    {
        var again = await deliveries.ReplayAsync(id, deliveryId, ct);
        return Results.Created($"{ApiHosting.Prefix}/webhooks/{id}/deliveries/{again.DeliveryUuid}", Answer(again));
    }

    private static WebhookEvents Events(IEnumerable<string> names) => names.Aggregate(WebhookEvents.None, (all, name) =>
        all | (WebhookEventName.All.FirstOrDefault(n => n.Name == name)?.Event ?? throw new InvalidArgumentException("events",
            $"There is no event '{(name.Length <= 60 ? name : name[..60] + "…")}'. Events are: "
            + string.Join(", ", WebhookEventName.All.Select(n => n.Name)) + ".")));

    private static WebhookAnswer Answer(Webhook w) => new(w.WebhookUuid.ToString(), w.Name, w.Url,
        [.. WebhookEventName.In(w.Events).Select(n => n.Name)], w.Description, w.SealedSecret is not null, w.IsActive,
        w.CreatedMs.ToTime(), w.UpdatedMs.ToTime());

    private static DeliveryAnswer Answer(WebhookDelivery d) => new(d.DeliveryUuid.ToString(), WebhookEventName.Of(d.Event).Name, d.State,
        d.Attempts, d.CreatedMs.ToTime(), d.State == DeliveryState.Pending ? d.NextAttemptMs.ToTime() : null, d.CompletedMs?.ToTime());
}
