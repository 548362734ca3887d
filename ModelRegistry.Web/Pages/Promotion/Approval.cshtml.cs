using Microsoft.AspNetCore.Mvc;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Identity;
using ModelRegistry.Core.Promotion;
using ModelRegistry.Web.Pages.Components;

namespace ModelRegistry.Web.Pages.Promotion;

/// <summary>One request: what is asked, what the policies say now, what was said, and the decision.</summary>
public sealed class ApprovalPage(
    ApprovalService approvals, PromotionPolicyService policies, PeopleDirectory people, CurrentUserHolder caller) : RegistryPage, IShowAgain
{
    [BindProperty(SupportsGet = true)]
    public long Id { get; set; }

    [BindProperty]
    public string? Comment { get; set; }

    [BindProperty]
    public string? Digest { get; set; }

    public ApprovalRow Row { get; private set; } = null!;
    public IReadOnlyList<CheckResult> Checks { get; private set; } = [];

    public bool IsMine => Row.Request.RequestedBy == caller.User.Id;
    public string NameOf(long userId) => people.NameOf(userId);

    public string WhyNot => IsMine
        ? "You asked for it: somebody else decides."
        : Checks.FirstOrDefault(c => c.Kind == CheckKind.Approvals) is { } rule
            ? $"The policy “{rule.Policy}” asks for: {rule.Rule}"
            : "It needs the permission to approve on this model.";

    public IReadOnlyList<TimelineEntry> Timeline =>
    [
        new(Row.Request.CreatedMs, NameOf(Row.Request.RequestedBy), $"asked to move version {Row.Request.Number} to {Row.Request.Target}")
        {
            Icon = "plus", Tone = "blue", Reason = Row.Request.Reason,
        },
        .. Row.Request.Entries.OrderBy(e => e.Id).Select(e => e.Kind switch
        {
            ApprovalEntryKind.Approve => Said(e, "approved", "check", "green"),
            ApprovalEntryKind.Reject => Said(e, "rejected it", "x", "red"),
            ApprovalEntryKind.Withdraw => Said(e, "withdrew it", "undo", "slate"),
            _ => Said(e, "commented", "dot", "grey"),
        }),
    ];

    public Task OnGetAsync(CancellationToken ct) => ShowAgainAsync(ct);

    public async Task<IActionResult> OnPostApproveAsync(CancellationToken ct)
    {
        var row = await approvals.ApproveAsync(Id, Digest, Comment ?? "", ct);
        return Done(row.Request.State switch
        {
            ApprovalState.Done => $"Approved. Version {row.Request.Number} is now at {row.Request.Target}.",
            ApprovalState.Approved => "Approved. Somebody who may move it still has to.",
            _ => "Approved. More approvals are needed.",
        });
    }

    public async Task<IActionResult> OnPostRejectAsync(CancellationToken ct)
    {
        await approvals.RejectAsync(Id, Comment ?? "", ct);
        return Done("The request is rejected.");
    }

    public async Task<IActionResult> OnPostWithdrawAsync(CancellationToken ct)
    {
        await approvals.WithdrawAsync(Id, Comment ?? "", ct);
        return Done("The request is withdrawn.");
    }

    public async Task<IActionResult> OnPostCommentAsync(CancellationToken ct)
    {
        await approvals.CommentAsync(Id, Comment ?? "", ct);
        return Done("The comment is added.");
    }

    public async Task ShowAgainAsync(CancellationToken ct)
    {
        Row = await approvals.GetAsync(Id, ct);
        await people.LoadAsync(Row.Request.Entries.Select(e => e.UserId).Append(Row.Request.RequestedBy), ct);
        if (!Row.Request.IsActive)
            return;
        try
        {
            Checks = (await policies.EvaluateAsync(Row.ModelName, Row.Request.Number, Row.Request.Target.Named, ct)).Checks;
        }
        catch (NotFoundException)
        {
            // The version is deleted; the request stays as a record.
        }
    }

    private TimelineEntry Said(ApprovalEntry e, string what, string icon, string tone) =>
        new(e.AtMs, NameOf(e.UserId), what) { Icon = icon, Tone = tone, Reason = e.Text };
}
