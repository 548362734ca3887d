using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ModelRegistry.Core.Webhooks;

/// <summary>
/// Sends what is due, some at a time, and of one webhook only a few: a receiver that hangs holds up nobody else. Runs on
/// every node; the queue gives each delivery to one of them.
/// </summary>
internal sealed class WebhookDispatching(
    IServiceScopeFactory scopes, WebhookSender sender, WebhookOptions options, TimeProvider time, ILogger<WebhookDispatching> log)
    : BackgroundService
{
    private const int MaxInFlight = 8;
    private const int MaxPerWebhook = 2;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CleanUpEvery = TimeSpan.FromHours(1);

    private readonly Dictionary<Task, long> _inFlight = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var nextCleanUp = DateTimeOffset.MinValue;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var started = await StartDueAsync(stoppingToken);
                if (time.GetUtcNow() >= nextCleanUp)
                {
                    await CleanUpAsync(stoppingToken);
                    nextCleanUp = time.GetUtcNow() + CleanUpEvery;
                }

                await WaitAsync(started, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e)
            {
                // The database is away, say. What is due stays due.
                log.DispatchingFailed(e);
                await Task.Delay(Pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        await Task.WhenAll(_inFlight.Keys).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task<int> StartDueAsync(CancellationToken ct)
    {
        foreach (var done in _inFlight.Keys.Where(t => t.IsCompleted).ToList())
            _inFlight.Remove(done);
        var free = MaxInFlight - _inFlight.Count;
        if (free == 0)
            return 0;
        await using var scope = scopes.CreateAsyncScope();
        var queue = scope.ServiceProvider.GetRequiredService<DeliveryQueue>();
        var busy = _inFlight.Values.GroupBy(id => id).Where(g => g.Count() >= MaxPerWebhook).Select(g => g.Key).ToList();
        var started = 0;
        foreach (var (id, webhookId) in await queue.DueAsync(busy, free, ct))
        {
            if (_inFlight.Values.Count(w => w == webhookId) >= MaxPerWebhook
                || await queue.ClaimAsync(id, ct) is not { } delivery)
            {
                continue;
            }

            _inFlight.Add(Task.Run(() => DeliverAsync(delivery, ct), CancellationToken.None), webhookId);
            started++;
        }

        return started;
    }

    private async Task DeliverAsync(ClaimedDelivery delivery, CancellationToken ct)
    {
        try
        {
            var result = await sender.SendAsync(delivery.Message, ct);
            await using var scope = scopes.CreateAsyncScope();
            // What was sent is written down even while the server stops.
            await scope.ServiceProvider.GetRequiredService<DeliveryQueue>().CompleteAsync(delivery, result, CancellationToken.None);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // Stopped while it was sent: it is sent again when the lease ends, with the same id.
        }
        catch (Exception e)
        {
            log.DispatchingFailed(e);
        }
    }

    private async Task CleanUpAsync(CancellationToken ct)
    {
        bool more;
        do
        {
            await using var scope = scopes.CreateAsyncScope();
            more = await scope.ServiceProvider.GetRequiredService<DeliveryQueue>().CleanUpAsync(options.KeepDeliveriesDays, ct);
        }
        while (more);
    }

    // After some were started there may be more; with all hands full, the first that is free again decides.
    private async Task WaitAsync(int started, CancellationToken ct)
    {
        if (started == 0 && _inFlight.Count == 0)
            await Task.Delay(Pause, ct);
        else if (started == 0 || _inFlight.Count >= MaxInFlight)
            await Task.WhenAny([.. _inFlight.Keys, Task.Delay(Pause, ct)]);
        ct.ThrowIfCancellationRequested();
    }
}
