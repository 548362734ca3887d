using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Audit;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;

namespace ModelRegistry.Core.Webhooks;

public sealed record NewWebhook(string Name, string Url, WebhookEvents Events)
{
    public string Description { get; init; } = "";
    /// <summary>Signs what is sent; without one nothing is signed.</summary>
    public string? Secret { get; init; }
    public bool IsActive { get; init; } = true;
}

/// <summary>What is null stays as it is.</summary>
public sealed record WebhookChange
{
    public string? Name { get; init; }
    public string? Url { get; init; }
    public WebhookEvents? Events { get; init; }
    public string? Description { get; init; }
    /// <summary>The empty one ends the signing.</summary>
    public string? Secret { get; init; }
    public bool? IsActive { get; init; }
}

/// <param name="Answer">What the receiver said, up to 64 KB.</param>
public sealed record WebhookTrial(bool IsDelivered, int? Status, string? Answer, string? Error);

/// <summary>Who is told of changes. For admins only: what is sent holds names of everybody's models.</summary>
public sealed partial class WebhookService(
    RegistryDbContext db, CurrentUserHolder caller, AuditTrail audit, OutboundGuard guard, WebhookSecrets secrets,
    WebhookSender sender, TimeProvider time)
{
    public const string Noun = "webhook";
    public const int MaxPageSize = 1000;

    // Each is a row of every change: more is a mistake in a script.
    private const int MaxWebhooks = 200;

    public async Task<Webhook> CreateAsync(NewWebhook input, CancellationToken ct)
    {
        caller.User.Require(InstanceRight.Administer);
        RequireName(input.Name);
        RequireText(input.Description, input.Secret);
        RequireEvents(input.Events);
        await guard.RequireAllowedAsync(input.Url, ct);
        var now = NowMs;
        var webhook = new Webhook
        {
            WebhookUuid = Guid.NewGuid(),
            Name = input.Name,
            Description = input.Description,
            Url = input.Url,
            Events = input.Events,
            IsActive = input.IsActive,
            SealedSecret = Seal(input.Secret),
            CreatedMs = now,
            UpdatedMs = now,
            CreatedBy = caller.User.Id,
        };
        await using var write = await db.BeginWriteAsync(ct);
        if (await Living.CountAsync(ct) >= MaxWebhooks)
            throw new ConflictException(Noun, input.Name, $"There are {MaxWebhooks} webhooks already; delete some that are no longer used.");
        db.Add(webhook);
        Record(webhook, "created", null, new { webhook.Name, Host = Host(webhook.Url), Events = Names(webhook.Events), webhook.IsActive });
        await db.SaveChangesAsync(ct);
        await write.CommitAsync(ct);
        return webhook;
    }

    public async Task<Webhook> GetAsync(string id, CancellationToken ct)
    {
        caller.User.Require(InstanceRight.Administer);
        return await FindAsync(Living.AsNoTracking(), id, ct);
    }

    /// <summary>Newest first.</summary>
    /// <param name="events">Those with at least one of these.</param>
    public async Task<Page<Webhook>> ListAsync(int maxResults, string? pageToken, WebhookEvents events, CancellationToken ct)
    {
        caller.User.Require(InstanceRight.Administer);
        if (maxResults is < 1 or > MaxPageSize)
            throw new InvalidArgumentException("max_results", $"max_results must be between 1 and {MaxPageSize}.");
        var query = ((long)events).ToString(CultureInfo.InvariantCulture);
        var before = PageToken.TryDecode<long>(pageToken, query, out var last) ? last : long.MaxValue;
        var rows = await Living.AsNoTracking().Where(w => w.Id < before && (w.Events & events) != 0)
            .OrderByDescending(w => w.Id).Take(maxResults + 1).ToListAsync(ct);
        return rows.Count <= maxResults
            ? new Page<Webhook>(rows, null)
            : new Page<Webhook>(rows[..maxResults], PageToken.Encode(rows[maxResults - 1].Id, query));
    }

    public async Task<Webhook> UpdateAsync(string id, WebhookChange change, CancellationToken ct)
    {
        caller.User.Require(InstanceRight.Administer);
        if (change.Name is not null)
            RequireName(change.Name);
        RequireText(change.Description ?? "", change.Secret);
        if (change.Events is { } events)
            RequireEvents(events);
        // Outside of the transaction, which others wait for; and only where there is such a webhook to change.
        if (change.Url is not null)
        {
            await FindAsync(Living.AsNoTracking(), id, ct);
            await guard.RequireAllowedAsync(change.Url, ct);
        }

        db.ChangeTracker.Clear();
        await using var write = await db.BeginWriteAsync(ct);
        var webhook = await FindAsync(Living, id, ct);
        var before = Audited(webhook);
        var urlChanged = change.Url is not null && change.Url != webhook.Url;
        webhook.Name = change.Name ?? webhook.Name;
        webhook.Description = change.Description ?? webhook.Description;
        webhook.Url = change.Url ?? webhook.Url;
        webhook.Events = change.Events ?? webhook.Events;
        webhook.IsActive = change.IsActive ?? webhook.IsActive;
        if (change.Secret is not null)
            webhook.SealedSecret = Seal(change.Secret);
        webhook.UpdatedMs = NowMs;
        Record(webhook, "updated", before, new
        {
            Now = Audited(webhook),
            UrlChanged = urlChanged,
            SecretChanged = change.Secret is not null,
        });
        if (!webhook.IsActive)
            await CancelAsync(webhook.Id, ct);
        await db.SaveChangesAsync(ct);
        await write.CommitAsync(ct);
        return webhook;
    }

    public async Task DeleteAsync(string id, CancellationToken ct)
    {
        caller.User.Require(InstanceRight.Administer);
        db.ChangeTracker.Clear();
        await using var write = await db.BeginWriteAsync(ct);
        var webhook = await FindAsync(Living, id, ct);
        webhook.DeletedMs = NowMs;
        webhook.IsActive = false;
        webhook.SealedSecret = null;
        Record(webhook, "deleted", Audited(webhook), null);
        await CancelAsync(webhook.Id, ct);
        await db.SaveChangesAsync(ct);
        await write.CommitAsync(ct);
    }

    /// <summary>Sends an example at once, once.</summary>
    /// <param name="one">The first of the webhook's events where none is given.</param>
    public async Task<WebhookTrial> TryAsync(string id, WebhookEvents? one, CancellationToken ct)
    {
        var webhook = await GetAsync(id, ct);
        var example = RegistryEvent.Example(one ?? WebhookEventName.In(webhook.Events).First().Event);
        var result = await sender.SendAsync(new WebhookMessage(
            webhook.Url, webhook.SealedSecret, Guid.NewGuid(), example.ToPayload(time.GetUtcNow())), ct);
        return new WebhookTrial(result.IsDelivered, result.Status, result.Answer, result.Error);
    }

    internal static NotFoundException NotFound(string id) => new(Noun, id, $"Webhook with ID {id} not found.");

    private IQueryable<Webhook> Living => db.Webhooks.Where(w => w.DeletedMs == null);

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    private static async Task<Webhook> FindAsync(IQueryable<Webhook> webhooks, string id, CancellationToken ct) =>
        (Guid.TryParseExact(id, "D", out var uuid) ? await webhooks.FirstOrDefaultAsync(w => w.WebhookUuid == uuid, ct) : null)
        ?? throw NotFound(id);

    private Task<int> CancelAsync(long webhookId, CancellationToken ct)
    {
        var now = NowMs;
        return db.WebhookDeliveries.Where(d => d.WebhookId == webhookId && d.State == DeliveryState.Pending)
            .ExecuteUpdateAsync(set => set.SetProperty(d => d.State, DeliveryState.Cancelled).SetProperty(d => d.CompletedMs, now), ct);
    }

    private string? Seal(string? secret) => string.IsNullOrEmpty(secret) ? null : secrets.Seal(secret);

    private void Record(Webhook webhook, string change, object? before, object? after) =>
        audit.Record(db, new AuditEntry($"{Noun}.{change}", Noun, webhook.WebhookUuid.ToString()) { Before = before, After = after });

    // The path of a URL is often a password in disguise: only the host is written down.
    private static object Audited(Webhook webhook) => new
    {
        webhook.Name,
        Host = Host(webhook.Url),
        Events = Names(webhook.Events),
        webhook.IsActive,
    };

    private static string Host(string url) => Uri.TryCreate(url, UriKind.Absolute, out var uri) ? uri.Authority : "";

    private static IEnumerable<string> Names(WebhookEvents events) => WebhookEventName.In(events).Select(n => n.Name);

    private static void RequireName(string name)
    {
        if (!NamePattern().IsMatch(name))
        {
            throw new InvalidArgumentException("name", $"Webhook name '{name}' is invalid. "
                + "It must start and end with a letter or digit, be less than 63 characters long, and contain only letters, digits, "
                + "dots (.), underscores (_), and hyphens (-).");
        }
    }

    private static void RequireText(string description, string? secret)
    {
        if (description.Length > Webhook.MaxDescriptionLength)
        {
            throw new InvalidArgumentException("description",
                $"The description may have {Webhook.MaxDescriptionLength} characters at most.");
        }

        if (secret?.Length > Webhook.MaxSecretLength)
            throw new InvalidArgumentException("secret", $"The secret may have {Webhook.MaxSecretLength} characters at most.");
    }

    private static void RequireEvents(WebhookEvents events)
    {
        if (events == WebhookEvents.None)
            throw new InvalidArgumentException("events", "Webhook events must be a non-empty list of WebhookEvent objects: [].");
    }

    [GeneratedRegex(@"\A[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();
}
