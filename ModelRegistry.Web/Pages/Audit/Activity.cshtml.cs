using System.Globalization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using ModelRegistry.Core.Audit;
using ModelRegistry.Core.Common;
using ModelRegistry.Web.Hosting;
using ModelRegistry.Web.Pages.Components;

namespace ModelRegistry.Web.Pages.Audit;

/// <summary>Who did what, newest first.</summary>
[Authorize(Policy = Policies.AuditPage)]
public sealed class ActivityPage(AuditSearch audit, ReaderClock clock) : RegistryPage
{
    public Page<AuditRow> Found { get; private set; } = Page<AuditRow>.Empty;
    public string? Problem { get; private set; }

    public async Task<IActionResult> OnGetAsync(CancellationToken ct)
    {
        if (TableExport.IsAsked(Request))
            return await ExportAsync(ct);
        try
        {
            Found = await audit.FindAsync(Query(), ct);
        }
        catch (InvalidArgumentException e)
        {
            Problem = e.Message;
        }

        return Page();
    }

    private AuditQuery Query() => new()
    {
        ActorId = long.TryParse(Table.Get("actor"), NumberStyles.None, CultureInfo.InvariantCulture, out var actor) ? actor : null,
        ObjectKind = Table.Get("kind"),
        ObjectId = Table.Get("object")?.Trim(),
        Change = Table.Get("change"),
        FromMs = Day(Table.Get("from"), 0),
        ToMs = Day(Table.Get("to"), 1),
        PageToken = Table.PageToken,
    };

    // A day of the reader's own calendar; both ends are meant to be in.
    private long? Day(string? text, int plus) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day.Year is > 1900 and < 9000
        && day.AddDays(plus).ToDateTime(TimeOnly.MinValue) is var at
            ? new DateTimeOffset(at, clock.Zone.GetUtcOffset(at)).ToUnixTimeMilliseconds()
            : null;

    private async Task<IActionResult> ExportAsync(CancellationToken ct)
    {
        var rows = await TableExport.AllAsync(token => audit.FindAsync(Query() with { PageToken = token, MaxResults = 500 }, ct));
        return TableExport.Result(Request, "activity",
            ["sequence", "at", "actor", "action", "kind", "object", "before", "after", "reason", "address", "hash"],
            rows.Select(r => new object?[]
            {
                r.Event.Sequence, ReaderClock.Iso(r.Event.AtMs), r.ActorName, r.Event.Action, r.Event.ObjectKind, r.Event.ObjectId,
                r.Event.Before, r.Event.After, r.Event.Reason, r.Address,
                r.Event.Hash is { } hash ? Convert.ToHexStringLower(hash) : null,
            }));
    }
}
