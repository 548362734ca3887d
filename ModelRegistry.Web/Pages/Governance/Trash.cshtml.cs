using Microsoft.AspNetCore.Mvc;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Identity;
using ModelRegistry.Core.Retention;
using ModelRegistry.Web.Pages.Components;

namespace ModelRegistry.Web.Pages.Governance;

/// <summary>What was deleted or archived and can come back, what of one's own is due, and proof of what is gone.</summary>
public sealed class TrashPage(
    TrashService trash, RetentionRunService runs, CertificateService certificates, PeopleDirectory people, CurrentUserHolder caller) : RegistryPage, IShowAgain
{
    private const int PageSize = 50;

    public Page<TrashRow> Rows { get; private set; } = Page<TrashRow>.Empty;
    public Page<PurgeCertificate> Certificates { get; private set; } = Page<PurgeCertificate>.Empty;
    public IReadOnlyList<RetentionItem> Due { get; private set; } = [];

    public string View => Table.Get("view") switch
    {
        "archived" => "archived",
        "due" => "due",
        "certificates" when MaySeeCertificates => "certificates",
        _ => "deleted",
    };

    public bool MaySeeCertificates => caller.User.May(InstanceRight.ViewAudit);

    public long PurgeMs(TrashRow row) => trash.PurgeMs(row);

    public string NameOf(long? user) => user is { } id ? people.NameOf(id) : "—";

    public Task OnGetAsync(CancellationToken ct) => ShowAgainAsync(ct);

    public async Task<IActionResult> OnPostRestoreAsync(string id, CancellationToken ct)
    {
        var row = await trash.RestoreAsync(id, ct);
        return Done($"{row.Name} is back.");
    }

    public async Task<IActionResult> OnPostObjectAsync(long run, int line, string? reason, CancellationToken ct)
    {
        await runs.ObjectAsync(run, line, reason ?? "", ct);
        return Done("The run will leave it alone.");
    }

    public async Task ShowAgainAsync(CancellationToken ct)
    {
        switch (View)
        {
            case "due":
                Due = await runs.DueOfOwnerAsync(ct);
                break;
            case "certificates":
                Certificates = await certificates.ListAsync(Table.Get("object"), PageSize, Table.PageToken, ct);
                await people.LoadAsync(Certificates.Items.SelectMany(c => new[] { c.RequestedBy ?? 0, c.ApprovedBy ?? 0 }), ct);
                break;
            default:
                Rows = await trash.ListAsync(View == "archived", PageSize, Table.PageToken, ct);
                break;
        }
    }
}
