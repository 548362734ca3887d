using Microsoft.AspNetCore.Mvc;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Identity;
using ModelRegistry.Core.Registry;
using ModelRegistry.Web.Pages.Components;

namespace ModelRegistry.Web.Pages.Models;

/// <summary>A registered model: what it is, its versions, which of them is live, and how that came to be.</summary>
public sealed class DetailsPage(
    RegistryOverviewService overview, RegistrySearch search, RegisteredModelService models, ModelVersionService versions,
    AliasService aliases, PeopleDirectory people) : RegistryPage, IShowAgain
{
    private const int PageSize = 50;

    [BindProperty(SupportsGet = true, Name = "name")]
    public string ModelName { get; set; } = "";

    [BindProperty]
    public string? NewName { get; set; }

    [BindProperty]
    public string? Key { get; set; }

    [BindProperty]
    public string? Value { get; set; }

    [BindProperty]
    public string? Alias { get; set; }

    [BindProperty]
    public int? Version { get; set; }

    [BindProperty]
    public string? Stage { get; set; }

    [BindProperty]
    public bool ArchiveExisting { get; set; }

    [BindProperty]
    public string? Reason { get; set; }

    public RegisteredModelOverview Overview { get; private set; } = null!;
    public RegisteredModel Registered => Overview.Model;
    public Page<ModelVersion> Versions { get; private set; } = Page<ModelVersion>.Empty;
    public IReadOnlyList<TimelineEntry> History { get; private set; } = [];

    public string Tab => Table.Get("tab") == "activity" ? "activity" : "versions";
    public VersionStage? StageFilter => Table.Get("stage") is { } stage ? Registered.Stages.Find(stage) : null;
    public bool MayEdit => Overview.Allowed.HasFlag(Permission.Edit);
    public bool MayManage => Overview.Allowed.HasFlag(Permission.Manage);
    public bool MayPromote => Overview.Allowed.HasFlag(Permission.Promote);
    public bool EditsDescription => Table.Get("edit") == "description" && MayEdit;
    public string? Refused => Request.Query["handler"].ToString() is { Length: > 0 } handler && !ModelState.IsValid ? handler : null;
    public string CreatorOf(ModelVersion version) => people.NameOf(version.CreatedBy);

    public async Task<IActionResult> OnGetAsync(CancellationToken ct)
    {
        await ShowAgainAsync(ct);
        return Page();
    }

    public async Task<IActionResult> OnPostDescriptionAsync(string? description, CancellationToken ct)
    {
        await models.UpdateDescriptionAsync(ModelName, (description ?? "").ReplaceLineEndings("\n"), ct);
        return Done("The description is saved.", Urls.Model(ModelName), undoUrl: null);
    }

    public async Task<IActionResult> OnPostRenameAsync(CancellationToken ct)
    {
        await models.RenameAsync(ModelName, NewName ?? "", ct);
        return Done($"The model is now called {NewName}.", Urls.Model(NewName!), undoUrl: null);
    }

    public async Task<IActionResult> OnPostDeleteAsync(string? confirmName, CancellationToken ct)
    {
        if (confirmName != ModelName)
            throw new InvalidArgumentException("confirmName", "Type the model's name exactly as it is written to delete it.");
        await models.DeleteAsync(ModelName, Reason, ct);
        return Done($"{ModelName} is in the trash.", "/models", undoUrl: null);
    }

    public async Task<IActionResult> OnPostSetTagAsync(CancellationToken ct)
    {
        await models.SetTagAsync(ModelName, new Tag(Key ?? "", Value ?? ""), ct);
        return Done($"Tag {Key} is set.");
    }

    public async Task<IActionResult> OnPostDeleteTagAsync(CancellationToken ct)
    {
        await models.DeleteTagAsync(ModelName, Key ?? "", ct);
        return Done($"Tag {Key} is removed.");
    }

    public async Task<IActionResult> OnPostSetAliasAsync(CancellationToken ct)
    {
        await aliases.SetAsync(ModelName, Alias ?? "", Version ?? 0, Reason, ct);
        return Done($"@{Alias} now points at version {Version}.");
    }

    public async Task<IActionResult> OnPostDeleteAliasAsync(CancellationToken ct)
    {
        await aliases.DeleteAsync(ModelName, Alias ?? "", Reason, ct);
        return Done($"@{Alias} is removed. Clients that load by it fail until it is set again.");
    }

    public async Task<IActionResult> OnPostSetStageAsync(CancellationToken ct)
    {
        await versions.TransitionAsync(ModelName, Version ?? 0, Stage ?? "", ArchiveExisting, Reason, ct);
        return Done($"Version {Version} is now in {Stage}.");
    }

    public async Task ShowAgainAsync(CancellationToken ct)
    {
        Overview = await overview.ModelAsync(ModelName, ct);
        if (Tab == "activity")
        {
            History = Histories.Of(ModelName, await overview.HistoryAsync(Registered, ct));
            return;
        }

        var filter = $"name = {FilterText(ModelName)}" + string.Concat(StageFilter is { } stage ? Clauses(stage) : []);
        Versions = await search.VersionsAsync(
            new RegistryQuery(PageSize) { Filter = filter, OrderBy = ["version_number DESC"], PageToken = Table.PageToken, WithPrompts = true }, ct);
        await people.LoadAsync(Versions.Items.Select(v => v.CreatedBy), ct);
    }

    // The name of one of the four is about all that count as it: here it is this very stage.
    private IEnumerable<string> Clauses(VersionStage stage) => Registered.Stages.Stages.Where(s => stage.IsBuiltIn && s.Kind == stage.Kind && s != stage)
        .Select(s => $" AND stage != '{s.Name}'").Prepend($" AND stage = '{stage.Name}'");

    private static string FilterText(string text) => text.Contains('\'') ? $"\"{text}\"" : $"'{text}'";
}
