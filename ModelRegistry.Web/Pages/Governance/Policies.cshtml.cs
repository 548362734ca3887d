using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Identity;
using ModelRegistry.Core.Retention;
using ModelRegistry.Web.Pages.Components;

namespace ModelRegistry.Web.Pages.Governance;

/// <summary>The retention policies and what their runs wait for.</summary>
[Authorize(Policy = Hosting.Policies.AuditPage)]
public sealed class PoliciesPage(RetentionPolicyService policies, RetentionRunService runs, CurrentUserHolder caller) : RegistryPage, IShowAgain
{
    public Page<PolicyRow> Policies { get; private set; } = Page<PolicyRow>.Empty;
    public Page<RunRow> Runs { get; private set; } = Page<RunRow>.Empty;

    /// <summary>Why nothing destructive happens; null where it may.</summary>
    public string? PausedBecause { get; private set; }

    public bool ShowsRuns => Table.Get("view") == "runs";
    public bool MayGovern => caller.User.May(InstanceRight.Govern);

    public Task OnGetAsync(CancellationToken ct) => ShowAgainAsync(ct);

    public async Task<IActionResult> OnPostResumeAsync(string? reason, CancellationToken ct)
    {
        await runs.ResumeAsync(reason ?? "", ct);
        return Done("Runs and the purge go on.");
    }

    public async Task ShowAgainAsync(CancellationToken ct)
    {
        PausedBecause = await runs.PausedBecauseAsync(ct);
        if (ShowsRuns)
            Runs = await runs.ListAsync(policyId: null, withPreviews: false, 50, Table.PageToken, ct);
        else
            Policies = await policies.ListAsync(50, Table.PageToken, ct);
    }
}
