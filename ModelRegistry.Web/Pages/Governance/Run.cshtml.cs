using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Identity;
using ModelRegistry.Core.Retention;
using ModelRegistry.Web.Hosting;
using ModelRegistry.Web.Pages.Components;

namespace ModelRegistry.Web.Pages.Governance;

/// <summary>A run of a policy: its report, its approval, how far it is, and what became of each item.</summary>
[Authorize(Policy = Policies.AuditPage)]
public sealed class RunPage(RetentionRunService runs, RetentionPolicyService policies, CurrentUserHolder caller) : RegistryPage, IShowAgain
{
    private const int PageSize = 100;

    [BindProperty(SupportsGet = true)]
    public long Id { get; set; }

    [BindProperty]
    public bool Acknowledge { get; set; }

    [BindProperty]
    public string? Comment { get; set; }

    public RunRow Run { get; private set; } = null!;
    public PolicyRow Policy { get; private set; } = null!;
    public RunProgress Progress { get; private set; } = new(0, 0, 0, 0);
    public Page<RetentionItem> Items { get; private set; } = Page<RetentionItem>.Empty;
    public string? Refused { get; private set; }

    public string View => Table.Get("view") is "keep" or "archive" ? Table.Get("view")! : "delete";
    public bool MayGovern => caller.User.May(InstanceRight.Govern);
    public bool IsOwn => Run.Run.RequestedBy == caller.User.Id || Policy.Policy.AuthorId == caller.User.Id;
    public bool IsOver => Run.Run.State is RetentionRunState.Report or >= RetentionRunState.Done;
    public int Due => Progress.Done + Progress.Kept + Progress.Objected + Progress.Waiting;

    public Task OnGetAsync(CancellationToken ct) => ShowAgainAsync(ct);

    public async Task<JsonResult> OnGetProgressAsync(CancellationToken ct)
    {
        await ShowAgainAsync(ct);
        var evaluating = Run.Run.State == RetentionRunState.Evaluating;
        var done = !evaluating && Run.Run.State != RetentionRunState.Running;
        return new JsonResult(new
        {
            value = evaluating ? Run.Run.Evaluated : Due - Progress.Waiting,
            max = Math.Max(1, evaluating ? Run.Run.Expected : Due),
            label = done ? "Reload the page to see the result" : evaluating ? "Evaluating" : "Carrying out",
            done,
        });
    }

    /// <summary>The report: the bytes that the digest was taken of.</summary>
    public async Task<IActionResult> OnGetReportAsync(CancellationToken ct)
    {
        var run = await runs.GetAsync(Id, ct);
        if (run.Run.Digest is null)
            throw new ConflictException(RetentionRunService.Noun, Name, "The run has no report yet.");
        Response.ContentType = "text/csv; charset=utf-8";
        Response.Headers.ContentDisposition = $"attachment; filename=retention-run-{Name}.csv";
        await Response.Body.WriteAsync(Encoding.UTF8.GetBytes(RetentionReport.HeadOf(run.Run)), ct);
        string? token = null;
        do
        {
            var page = await runs.ItemsAsync(Id, null, 1000, token, ct);
            await Response.Body.WriteAsync(Encoding.UTF8.GetBytes(string.Concat(page.Items.Select(RetentionReport.Line))), ct);
            token = page.NextPageToken;
        }
        while (token is not null);

        return new EmptyResult();
    }

    public async Task<IActionResult> OnPostApproveAsync(string? digest, CancellationToken ct)
    {
        Refused = "Approve";
        await runs.ApproveAsync(Id, digest ?? "", Acknowledge, Comment, ct);
        return Done("The run is approved.");
    }

    public async Task<IActionResult> OnPostStopAsync(string? reason, CancellationToken ct)
    {
        Refused = "Stop";
        await runs.StopAsync(Id, reason, ct);
        return Done("The run is stopped. What it did stays done; the trash gives it back.");
    }

    public async Task ShowAgainAsync(CancellationToken ct)
    {
        Run = await runs.GetAsync(Id, ct);
        Policy = await policies.GetAsync(Run.Run.PolicyId, ct);
        Progress = await runs.ProgressAsync(Id, ct);
        Items = await runs.ItemsAsync(Id, View switch { "keep" => RetentionAction.Keep, "archive" => RetentionAction.Archive, _ => RetentionAction.Delete },
            PageSize, Table.PageToken, ct);
    }

    private string Name => Id.ToString(CultureInfo.InvariantCulture);
}
