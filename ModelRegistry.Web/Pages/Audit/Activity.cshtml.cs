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
public sealed class ActivityPage(AuditSearch audit, AuditVerifier verifier, ReaderClock clock) : RegistryPage
{
    public Page<AuditRow> Found { get; private set; } = Page<AuditRow>.Empty;
    public string? Problem { get; private set; }

    /// <summary>What a reading of the whole chain found, where it was asked for.</summary>
    public AuditVerification? Verified { get; private set; }

    public async Task<IActionResult> OnGetAsync(CancellationToken ct)
    {
        if (TableExport.IsAsked(Request))
            return await ExportAsync(ct);
        await ShowAsync(ct);
        return Page();
    }

    public async Task<IActionResult> OnPostVerifyAsync(CancellationToken ct)
    {
        Verified = await verifier.VerifyAsync(checkpoint: null, ct);
        await ShowAsync(ct);
        return Page();
    }

    private async Task ShowAsync(CancellationToken ct)
    {
        try
        {
            Found = await audit.FindAsync(Query(), ct);
        }
        catch (InvalidArgumentException e)
        {
            Problem = e.Message;
        }
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

    /// <summary>Everything that the filter finds, streamed: the log has no last page that a buffer could wait for.</summary>
    private async Task<IActionResult> ExportAsync(CancellationToken ct)
    {
        var csv = Request.Query["format"].ToString() == "csv";
        var rows = audit.StreamAsync(Query() with { PageToken = null }, ct);
        Response.ContentType = csv ? "text/csv; charset=utf-8" : "application/x-ndjson";
        Response.Headers.ContentDisposition = $"attachment; filename=\"audit.{(csv ? "csv" : "jsonl")}\"";
        await (csv ? AuditExport.WriteCsvAsync(Response.Body, rows, ct) : AuditExport.WriteJsonLinesAsync(Response.Body, rows, ct));
        return new EmptyResult();
    }
}
