using ModelRegistry.Core.Common;
using ModelRegistry.Core.Governance;
using ModelRegistry.Core.Identity;
using ModelRegistry.Core.Retention;

namespace ModelRegistry.Web.Hosting;

/// <summary>
/// Before the first request: holds and policies that the database has forgotten are there again, and the purge rests where
/// it has forgotten purges. See docs/operations.md.
/// </summary>
internal static class LedgerStart
{
    public static async Task LookAsync(IServiceProvider services, CancellationToken ct)
    {
        var log = services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(LedgerStart));
        services.GetRequiredService<CurrentUserHolder>().User = CurrentUser.System;
        try
        {
            var holds = await services.GetRequiredService<HoldLedger>().CompareAsync(placeAgain: true, ct);
            var policies = await services.GetRequiredService<PolicyLedger>().CompareAsync(bringBack: true, ct);
            var purges = await services.GetRequiredService<PurgeLedger>().PauseWhereForgottenAsync(ct);
            if (!holds.IsSound || purges is not null)
                Log.LedgerDiffers(log, holds.PlacedAgain.Count, holds.WithoutTarget.Count, holds.StillActive.Count, holds.Unreadable, purges ?? "no purge is forgotten.");
            if (!policies.IsSound)
                Log.PoliciesDiffer(log, policies.BroughtBack.Count, policies.StillThere.Count);
        }
        catch (UnavailableException e)
        {
            // The purge asks again and rests as long as the ledger is not there; placing a hold is refused.
            Log.LedgerUnavailable(log, e);
        }
    }
}
