using System.Globalization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using ModelRegistry.Core.Erasure;
using ModelRegistry.Core.Identity;
using ModelRegistry.Web.Hosting;
using ModelRegistry.Web.Pages.Components;

namespace ModelRegistry.Web.Pages.Governance;

/// <summary>One erasure case: its things, what became of each, and what the second person and the officers do with it.</summary>
[Authorize(Policy = Policies.AuditPage)]
public sealed class CasePage(ErasureService cases, CurrentUserHolder caller) : RegistryPage, IShowAgain
{
    [BindProperty(SupportsGet = true)]
    public long Id { get; set; }

    [BindProperty]
    public string? LegalBasis { get; set; }

    [BindProperty]
    public DateOnly? ReviewOn { get; set; }

    [BindProperty]
    public string? Reason { get; set; }

    public ErasureRow Row { get; private set; } = null!;
    public IReadOnlyList<ErasureItem> Items { get; private set; } = [];

    /// <summary>The line whose dialog was refused.</summary>
    public int? Refused { get; private set; }

    public bool MayGovern => caller.User.May(InstanceRight.Govern);
    public bool MayApprove => MayGovern && Row.Case.State == ErasureState.Open && Row.Case.OpenedBy != caller.User.Id;
    public bool IsGoingOn => Row.Case.State is ErasureState.Open or ErasureState.Approved;

    public static string Address(long id) => string.Create(CultureInfo.InvariantCulture, $"/governance/erasure/{id}");

    public Task OnGetAsync(CancellationToken ct) => ShowAgainAsync(ct);

    public async Task<IActionResult> OnPostApproveAsync(CancellationToken ct)
    {
        await cases.ApproveAsync(Id, ct);
        return Done("You agreed. It is being carried out; reload the page to see how far it is.");
    }

    public async Task<IActionResult> OnPostWithdrawAsync(CancellationToken ct)
    {
        Refused = 0;
        await cases.WithdrawAsync(Id, Reason, ct);
        return Done("The case is withdrawn. What is erased stays erased.");
    }

    public async Task<IActionResult> OnPostRestrictAsync(int line, CancellationToken ct)
    {
        Refused = line;
        await cases.RestrictAsync(Id, line, LegalBasis, ReviewOn, ct);
        return Done("It is kept on that basis, and to be looked at again on that day.");
    }

    public async Task<IActionResult> OnPostResumeAsync(int line, CancellationToken ct)
    {
        await cases.ResumeAsync(Id, line, ct);
        return Done("It is erased like the rest, where nothing else keeps it.");
    }

    public async Task ShowAgainAsync(CancellationToken ct)
    {
        Row = await cases.GetAsync(Id, ct);
        Items = await cases.ItemsAsync(Id, ct);
    }
}
