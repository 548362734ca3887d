using System.Text.Json;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Webhooks;

namespace ModelRegistry.Web.MlflowApi;

/// <summary>`webhooks` and what is under it.</summary>
internal static class WebhooksApi
{
    // Events that MLflow has no name for are asked for under /api/v1; its clients do not know what to do with them.
    private static readonly WebhookEvents Known = WebhookEventName.All
        .Where(n => n.Event <= WebhookEvents.BudgetExceeded).Aggregate(WebhookEvents.None, (all, n) => all | n.Event);

    public static void Map(MlflowRouteBuilder routes)
    {
        routes.Post("webhooks", CreateAsync);
        routes.Get("webhooks", ListAsync);
        routes.Get("webhooks/{webhook_id}", GetAsync);
        routes.Patch("webhooks/{webhook_id}", UpdateAsync);
        routes.Delete("webhooks/{webhook_id}", DeleteAsync);
        routes.Post("webhooks/{webhook_id}/test", TestAsync);
    }

    private static async Task CreateAsync(MlflowCall call)
    {
        var body = call.Request.Body;
        var webhook = await call.Service<WebhookService>().CreateAsync(
            new NewWebhook(body.RequiredString("name"), body.RequiredString("url"), Events(body) ?? throw body.Missing("events"))
            {
                Description = body.String("description") ?? "",
                Secret = body.String("secret"),
                IsActive = IsActive(body) ?? true,
            }, call.Ct);
        await WriteAsync(call, webhook);
    }

    private static async Task ListAsync(MlflowCall call)
    {
        var body = call.Request.Body;
        var page = await call.Service<WebhookService>().ListAsync(
            Wire.MaxResults(body, defaultValue: 100), body.String("page_token"), Known, call.Ct);
        await call.WriteAsync(w => w.WriteList("webhooks", page.Items, Write, page.NextPageToken));
    }

    private static async Task GetAsync(MlflowCall call) =>
        await WriteAsync(call, await call.Service<WebhookService>().GetAsync(call.Route("webhook_id"), call.Ct));

    private static async Task UpdateAsync(MlflowCall call)
    {
        var body = call.Request.Body;
        var service = call.Service<WebhookService>();
        var id = call.Route("webhook_id");
        // What is not known to MLflow stays asked for: its client cannot have meant to give it up.
        var events = body.Has("events") && Events(body) is { } asked and not WebhookEvents.None
            ? asked | ((await service.GetAsync(id, call.Ct)).Events & ~Known)
            : (WebhookEvents?)null;
        var webhook = await service.UpdateAsync(id, new WebhookChange
        {
            Name = NullIfEmpty(body.String("name")),
            Description = NullIfEmpty(body.String("description")),
            Url = NullIfEmpty(body.String("url")),
            Events = events,
            Secret = NullIfEmpty(body.String("secret")),
            IsActive = IsActive(body),
        }, call.Ct);
        await WriteAsync(call, webhook);
    }

    private static async Task DeleteAsync(MlflowCall call)
    {
        await call.Service<WebhookService>().DeleteAsync(call.Route("webhook_id"), call.Ct);
        await call.WriteEmptyAsync();
    }

    private static async Task TestAsync(MlflowCall call)
    {
        var one = call.Request.Body.Object("event") is { } given ? Event(given) : (WebhookEvents?)null;
        var trial = await call.Service<WebhookService>().TryAsync(call.Route("webhook_id"), one, call.Ct);
        await call.WriteAsync(w =>
        {
            w.WriteStartObject("result");
            w.WriteBoolean("success", trial.IsDelivered);
            if (trial.Status is { } status)
                w.WriteNumber("response_status", status);
            if (trial.Answer is { } answer)
                w.WriteString("response_body", answer);
            if (trial.Error is { } error)
                w.WriteString("error_message", error);
            w.WriteEndObject();
        });
    }

    private static WebhookEvents? Events(MlflowObject body) => body.Has("events")
        ? body.Objects("events").Aggregate(WebhookEvents.None, (all, o) => all | Event(o))
        : null;

    private static WebhookEvents Event(MlflowObject given)
    {
        // In the order of their numbers, from 1.
        var entity = given.Enum("entity", ("REGISTERED_MODEL", 1), ("MODEL_VERSION", 2), ("MODEL_VERSION_TAG", 3),
            ("MODEL_VERSION_ALIAS", 4), ("PROMPT", 5), ("PROMPT_VERSION", 6), ("PROMPT_TAG", 7), ("PROMPT_VERSION_TAG", 8),
            ("PROMPT_ALIAS", 9), ("BUDGET_POLICY", 10)) switch
        {
            1 => "registered_model",
            2 => "model_version",
            3 => "model_version_tag",
            4 => "model_version_alias",
            5 => "prompt",
            6 => "prompt_version",
            7 => "prompt_tag",
            8 => "prompt_version_tag",
            9 => "prompt_alias",
            10 => "budget_policy",
            _ => throw given.Missing("entity"),
        };
        var action = given.Enum("action", ("CREATED", 1), ("UPDATED", 2), ("DELETED", 3), ("SET", 4), ("EXCEEDED", 5)) switch
        {
            1 => "created",
            2 => "updated",
            3 => "deleted",
            4 => "set",
            5 => "exceeded",
            _ => throw given.Missing("action"),
        };
        var actions = WebhookEventName.All.Where(n => n.Entity == entity && (n.Event & Known) != 0).ToList();
        return actions.Find(n => n.Action == action)?.Event ?? throw new InvalidArgumentException("events",
            $"Invalid action '{action}' for entity '{entity}'. Valid actions are: "
            + $"[{string.Join(", ", actions.Select(n => n.Action).Order(StringComparer.Ordinal).Select(a => $"'{a}'"))}]");
    }

    private static bool? IsActive(MlflowObject body) => body.Enum("status", ("ACTIVE", 1), ("DISABLED", 2)) switch
    {
        null => null,
        var status => status == 1,
    };

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static Task WriteAsync(MlflowCall call, Webhook webhook) => call.WriteAsync(w =>
    {
        w.WritePropertyName("webhook");
        Write(w, webhook);
    });

    private static void Write(Utf8JsonWriter w, Webhook webhook)
    {
        w.WriteStartObject();
        w.WriteString("webhook_id", webhook.WebhookUuid.ToString());
        w.WriteString("name", webhook.Name);
        if (webhook.Description.Length > 0)
            w.WriteString("description", webhook.Description);
        w.WriteString("url", webhook.Url);
        w.WriteList("events", [.. WebhookEventName.In(webhook.Events & Known)], static (w, name) =>
        {
            w.WriteStartObject();
            w.WriteString("entity", name.Entity.ToUpperInvariant());
            w.WriteString("action", name.Action.ToUpperInvariant());
            w.WriteEndObject();
        });
        w.WriteString("status", webhook.IsActive ? "ACTIVE" : "DISABLED");
        w.WriteNumber("creation_timestamp", webhook.CreatedMs);
        w.WriteNumber("last_updated_timestamp", webhook.UpdatedMs);
        w.WriteEndObject();
    }
}
