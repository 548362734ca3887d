using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Core.Audit;

/// <summary>Seals what is committed within seconds, as long as the server runs, and once more when it stops.</summary>
public sealed class AuditSealing(IServiceScopeFactory scopes, TimeProvider time, ILogger<AuditSealing> log) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LastBatches = TimeSpan.FromSeconds(3);

    private readonly string _holder = $"{Environment.MachineName[..Math.Min(Environment.MachineName.Length, 24)]}:"
        + Guid.NewGuid().ToString("N");

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var pause = Pause;
        while (!stoppingToken.IsCancellationRequested)
        {
            pause = await TrySealAsync(stoppingToken)
                ? Pause
                : TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks));
            await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(LastBatches);
        await TrySealAsync(limit.Token);
        await TryReleaseAsync(limit.Token);
    }

    private async Task<bool> TrySealAsync(CancellationToken ct)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var sealer = scope.ServiceProvider.GetRequiredService<AuditSealer>();
            while (await sealer.SealBatchAsync(_holder, ct) == AuditSealer.BatchSize)
            {
            }

            return true;
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            return true;
        }
        catch (Exception e)
        {
            // The next attempt begins from what is committed; nothing is lost, the tail only stays open for longer.
            log.SealingFailed(e);
            return false;
        }
    }

    private async Task TryReleaseAsync(CancellationToken ct)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            await Lease.ReleaseAsync(
                scope.ServiceProvider.GetRequiredService<RegistryDbContext>(), AuditSealer.LeaseName, _holder, ct);
        }
        catch (Exception e)
        {
            log.SealingFailed(e);
        }
    }
}
