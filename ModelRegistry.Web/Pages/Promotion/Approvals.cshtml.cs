using ModelRegistry.Core.Common;
using ModelRegistry.Core.Identity;
using ModelRegistry.Core.Promotion;
using ModelRegistry.Web.Pages.Components;

namespace ModelRegistry.Web.Pages.Promotion;

/// <summary>The queue of requests for approval.</summary>
public sealed class ApprovalsPage(ApprovalService approvals, PeopleDirectory people) : RegistryPage
{
    public Page<ApprovalRow> Found { get; private set; } = Page<ApprovalRow>.Empty;

    /// <summary>Null shows all.</summary>
    public ApprovalState? State => Table.Get("state") switch
    {
        "all" => null,
        "approved" => ApprovalState.Approved,
        _ => ApprovalState.Open,
    };

    public string NameOf(long userId) => people.NameOf(userId);

    public async Task OnGetAsync(CancellationToken ct)
    {
        Found = await approvals.ListAsync(new ApprovalQuery { State = State, PageToken = Table.PageToken }, ct);
        await people.LoadAsync(Found.Items.Select(r => r.Request.RequestedBy), ct);
    }
}
