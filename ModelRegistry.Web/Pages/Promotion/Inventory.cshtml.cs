using System.Globalization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Governance;
using ModelRegistry.Web.Hosting;
using ModelRegistry.Web.Pages.Components;

namespace ModelRegistry.Web.Pages.Promotion;

/// <summary>All models for those who answer for them.</summary>
[Authorize(Policy = Policies.AuditPage)]
public sealed class InventoryPage(InventoryService inventory) : RegistryPage
{
    public Page<InventoryRow> Found { get; private set; } = Page<InventoryRow>.Empty;

    public async Task<IActionResult> OnGetAsync(CancellationToken ct)
    {
        if (TableExport.IsAsked(Request))
        {
            var all = await TableExport.AllAsync(token => ReadAsync(500, token, ct));
            return TableExport.Result(Request, "inventory", ["model", "owner", "risk tier", "production", "staging", "stages", "versions", "held", "locked until", "last review", "missing"],
                all.Select(r => new object?[]
                {
                    r.Name, r.Owner, r.RiskTier, r.Production?.Number, r.Staging?.Number, string.Join(", ", r.Stages.Select(s => s.Stage.Name)), r.Versions, r.IsHeld ? "yes" : "", r.LockedUntil?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), r.ReviewedMs is { } at ? ReaderClock.Iso(at) : null,
                    string.Join(", ", r.Gaps.Select(Words)),
                }));
        }

        Found = await ReadAsync(100, Table.PageToken, ct);
        return Page();
    }

    public static string Words(InventoryGap gap) => gap switch
    {
        InventoryGap.Owner => "owner",
        InventoryGap.RiskTier => "risk tier",
        InventoryGap.Description => "description",
        InventoryGap.Review => "review of this year",
        InventoryGap.Approval => "approval of what is live",
        _ => "origin of what is live",
    };

    private Task<Page<InventoryRow>> ReadAsync(int size, string? token, CancellationToken ct) =>
        inventory.ListAsync(Table.Get("q"), Table.Get("tier"), Table.Get("stage"), size, token, ct);
}
