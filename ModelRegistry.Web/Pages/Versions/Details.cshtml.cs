using Microsoft.AspNetCore.Mvc;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Identity;
using ModelRegistry.Core.Promotion;
using ModelRegistry.Core.Registry;
using ModelRegistry.Web.Pages.Components;

namespace ModelRegistry.Web.Pages.Versions;

/// <summary>A version: everything that made it, where it stands, and how to load it.</summary>
public sealed class DetailsPage(
    RegistryOverviewService overview, VersionFactsReader facts, ModelVersionService versions, AliasService aliases,
    PromotionPolicyService policies, ApprovalService approvals)
    : RegistryPage, IShowAgain
{
    [BindProperty(SupportsGet = true, Name = "name")]
    public string ModelName { get; set; } = "";

    [BindProperty(SupportsGet = true)]
    public int Number { get; set; }

    [BindProperty]
    public string? Key { get; set; }

    [BindProperty]
    public string? Value { get; set; }

    [BindProperty]
    public string? Alias { get; set; }

    [BindProperty]
    public string? Stage { get; set; }

    [BindProperty]
    public bool ArchiveExisting { get; set; }

    [BindProperty]
    public string? Reason { get; set; }

    public ModelVersionOverview Overview { get; private set; } = null!;
    public ModelVersion Version => Overview.Version;
    public VersionFacts Facts { get; private set; } = null!;

    public bool MayEdit => Overview.Allowed.HasFlag(Permission.Edit);
    public bool MayManage => Overview.Allowed.HasFlag(Permission.Manage);
    public bool MayPromote => Overview.Allowed.HasFlag(Permission.Promote);
    public bool EditsDescription => Table.Get("edit") == "description" && MayEdit;
    public string Tab => Table.Get("tab") == "activity" ? "activity" : "overview";
    public string? Refused => Request.Query["handler"].ToString() is { Length: > 0 } handler && !ModelState.IsValid ? handler : null;
    public IReadOnlyList<TimelineEntry> History { get; private set; } = [];

    /// <summary>What the policies that cover this model say of the moves that they cover; aliases only where one is named in full.</summary>
    public IReadOnlyList<PromotionEvaluation> Evaluations { get; private set; } = [];
    public IReadOnlyList<ApprovalRow> Requests { get; private set; } = [];
    public bool MayAsk => MayEdit && Evaluations.Any(e => !e.IsMet);

    public async Task<IActionResult> OnPostAskAsync(string? target, CancellationToken ct)
    {
        var wanted = (target ?? "").StartsWith('@') ? new TargetName(null, target![1..]) : new TargetName(target, null);
        var row = await approvals.RequestAsync(new NewApproval(ModelName, Number, wanted)
        {
            ArchiveExisting = ArchiveExisting && wanted.Stage is not null,
            Reason = Reason ?? "",
        }, ct);
        return Done("The request is made. Who may approve it sees it under Approvals.",
            FormattableString.Invariant($"/governance/approvals/{row.Request.Id}"), undoUrl: null);
    }

    public async Task<IActionResult> OnGetAsync(CancellationToken ct)
    {
        await ShowAgainAsync(ct);
        return Page();
    }

    public async Task<IActionResult> OnPostDescriptionAsync(string? description, CancellationToken ct)
    {
        await versions.UpdateDescriptionAsync(ModelName, Number, (description ?? "").ReplaceLineEndings("\n"), ct);
        return Done("The description is saved.", Urls.Version(ModelName, Number), undoUrl: null);
    }

    public async Task<IActionResult> OnPostSetStageAsync(CancellationToken ct)
    {
        await versions.TransitionAsync(ModelName, Number, Stage ?? "", ArchiveExisting, Reason, ct);
        return Done($"Version {Number} is now in {Stage}.");
    }

    public async Task<IActionResult> OnPostSetAliasAsync(CancellationToken ct)
    {
        await aliases.SetAsync(ModelName, Alias ?? "", Number, Reason, ct);
        return Done($"@{Alias} now points at version {Number}.");
    }

    public async Task<IActionResult> OnPostDeleteAliasAsync(CancellationToken ct)
    {
        await aliases.DeleteAsync(ModelName, Alias ?? "", Reason, ct);
        return Done($"@{Alias} is removed. Clients that load by it fail until it is set again.");
    }

    public async Task<IActionResult> OnPostSetTagAsync(CancellationToken ct)
    {
        await versions.SetTagAsync(ModelName, Number, new Tag(Key ?? "", Value ?? ""), ct);
        return Done($"Tag {Key} is set.");
    }

    public async Task<IActionResult> OnPostDeleteTagAsync(CancellationToken ct)
    {
        await versions.DeleteTagAsync(ModelName, Number, Key ?? "", ct);
        return Done($"Tag {Key} is removed.");
    }

    public async Task<IActionResult> OnPostDeleteAsync(string? confirmName, CancellationToken ct)
    {
        if (confirmName != $"{ModelName}/{Number}")
            throw new InvalidArgumentException("confirmName", "Type the name exactly as it is written to delete the version.");
        await versions.DeleteAsync(ModelName, Number, Reason, ct);
        return Done($"Version {Number} is in the trash.", Urls.Model(ModelName), undoUrl: null);
    }

    public async Task ShowAgainAsync(CancellationToken ct)
    {
        Overview = await overview.VersionAsync(ModelName, Number, ct);
        if (Tab == "activity")
            History = Histories.Of(ModelName, await overview.HistoryAsync(Version, ct));
        Facts = await facts.ReadAsync(Version, ct);
        Requests = (await approvals.ListAsync(new ApprovalQuery { ModelName = ModelName, Number = Number, MaxResults = 10 }, ct)).Items;
        var targets = (await policies.OfModelAsync(ModelName, ct)).Where(p => p.AliasPattern?.Contains('*') != true)
            .SelectMany(p => p.AliasPattern is { } alias ? [MoveTarget.At(alias)] : p.StagesOf(Version.Model).Select(MoveTarget.To)).Distinct()
            .Where(t => t.Stage is { } stage ? stage != Version.InStage : Version.Aliases.TrueForAll(a => a.Alias != t.Alias));
        var evaluations = new List<PromotionEvaluation>();
        foreach (var target in targets)
            evaluations.Add(await policies.EvaluateAsync(ModelName, Number, target.Named, ct));
        Evaluations = evaluations;
    }
}
