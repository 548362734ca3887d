using System.Globalization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using ModelRegistry.Core.Review;
using ModelRegistry.Web.Hosting;
using ModelRegistry.Web.Pages.Components;

namespace ModelRegistry.Web.Pages.Governance;

/// <summary>The list for the monthly look: what may have been forgotten.</summary>
[Authorize(Policy = Policies.AuditPage)]
public sealed class ReviewPage(ReviewService review) : RegistryPage
{
    public ReviewList List { get; private set; } = null!;

    public async Task<IActionResult> OnGetAsync(CancellationToken ct)
    {
        List = await review.ReadAsync(ct);
        return TableExport.IsAsked(Request)
            ? TableExport.Result(Request, "governance-review", ["what", "thing", "detail", "day"],
                List.Items.Select(i => new object?[] { Words(i.Kind), i.Name, i.Detail, i.Day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) }))
            : Page();
    }

    public static string Words(ReviewKind kind) => kind switch
    {
        ReviewKind.NoRule => "Models without a rule",
        ReviewKind.OldHold => "Holds older than a year",
        ReviewKind.EndingLock => "Locks that end within 90 days",
        ReviewKind.Corrupted => "Damaged content",
        ReviewKind.PurgeBlocked => "Kept in the trash beyond its time",
        _ => "Restrictions to look at again",
    };

    public static string? LinkOf(ReviewItem item) => item.Kind switch
    {
        ReviewKind.NoRule => Urls.Model(item.Name),
        ReviewKind.RestrictionDue => "/governance/erasure/" + item.Name[..item.Name.IndexOf('/', StringComparison.Ordinal)],
        ReviewKind.OldHold => "/governance/holds",
        ReviewKind.EndingLock => "/governance/locks",
        ReviewKind.PurgeBlocked => "/governance/trash",
        _ => null,
    };
}
