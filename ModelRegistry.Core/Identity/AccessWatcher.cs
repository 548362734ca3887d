using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Core.Identity;

/// <summary>
/// Looks each few seconds whether another node changed users, roles, teams, grants or tokens, and writes down which
/// tokens were used.
/// </summary>
internal sealed class AccessWatcher(
    IServiceScopeFactory scopes, AccessCache cache, TokenUse uses, TimeProvider time, ILogger<AccessWatcher> log)
    : BackgroundService
{
    // A token revoked on one node is refused by the others after this and the time of one query.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private long? _seen;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                Log.AccessNotChecked(log, e);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            await uses.WriteAsync(scope.ServiceProvider.GetRequiredService<RegistryDbContext>(), cancellationToken);
        }
        catch (ObjectDisposedException)
        {
            // Stopped twice.
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Log.AccessNotChecked(log, e);
        }
    }

    private async Task LookAsync(CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<RegistryDbContext>();
        var stamp = await db.ChangeStamps.Where(s => s.Name == ChangeStamp.Access).Select(s => s.Value).SingleAsync(ct);
        if (_seen != stamp)
        {
            cache.Forget();
            _seen = stamp;
        }

        await uses.WriteAsync(db, ct);
    }
}
