using Microsoft.AspNetCore.Mvc;
using ModelRegistry.Core.Holds;
using ModelRegistry.Core.Identity;
using ModelRegistry.Core.Tracking;
using ModelRegistry.Web.Charts;
using ModelRegistry.Web.Pages.Components;

namespace ModelRegistry.Web.Pages.Runs;

/// <summary>A run: what went in, what came out, and what became of it.</summary>
public sealed class DetailsPage(
    RunService runs, RunLifecycleService lifecycle, RunOverview overview, ExperimentService experiments,
    PeopleDirectory people, CurrentUserHolder caller, FilePlaces places, FileBrowser browser) : RegistryPage, IShowAgain
{
    private const int MaxChildren = 100;

    public static readonly (string Key, string Text)[] Tabs =
    [
        ("overview", "Overview"), ("metrics", "Metrics"), ("params", "Parameters"), ("tags", "Tags"), ("data", "Data sets"),
        ("models", "Models"), ("files", "Files"),
    ];

    [BindProperty(SupportsGet = true)]
    public string RunId { get; set; } = "";

    [BindProperty]
    public string? NewName { get; set; }

    [BindProperty]
    public string? Key { get; set; }

    [BindProperty]
    public string? Value { get; set; }

    public RunRecord Record { get; private set; } = null!;
    public Run Run => Record.Run;
    public Experiment Experiment { get; private set; } = null!;
    public Protection Protection { get; private set; } = null!;
    public RunRecord? Parent { get; private set; }
    public IReadOnlyList<RunRecord> Children { get; private set; } = [];
    public IReadOnlyList<LoggedModelLink> Models { get; private set; } = [];
    public IReadOnlySet<string> CurveKeys { get; private set; } = new HashSet<string>();
    public FilesView? Files { get; private set; }
    public string Creator => people.NameOf(Run.CreatedBy);

    public string Tab => Array.Exists(Tabs, t => t.Key == Table.Get("tab")) ? Table.Get("tab")! : "overview";
    public bool IsDeleted => Run.Lifecycle == Lifecycle.Deleted;
    public bool MayEdit => !IsDeleted && caller.User.May(Permission.Edit, Experiment.AsSecurable());
    public bool MayDelete => caller.User.May(Run.CreatedBy == caller.User.Id ? Permission.Edit : Permission.Manage, Experiment.AsSecurable());
    public bool EditsNote => Table.Get("edit") == "note" && MayEdit;
    public string? Note => Record.Tag(WellKnownTags.Note);
    public CurveOptions Curves => CurveOptions.Read(Request);
    public string? CurveFilter => Table.Get("keys");
    public bool HasError(string field) => ModelState.TryGetValue(field, out var entry) && entry.Errors.Count > 0;

    public IEnumerable<TagRow> OwnTags => Record.Tags.Where(t => t.Key != WellKnownTags.Note).Select(t => new TagRow(t.Key, t.Value));

    public int? CountOf(string tab) => tab switch
    {
        "metrics" => Record.Metrics.Count,
        "params" => Record.Params.Count,
        "tags" => OwnTags.Count(t => !t.IsSystem),
        "data" => Record.Datasets.Count,
        "models" => Record.Models.Count,
        _ => null,
    };

    public async Task<IActionResult> OnGetAsync(CancellationToken ct)
    {
        await ShowAgainAsync(ct);
        return Page();
    }

    public async Task<IActionResult> OnPostRenameAsync(CancellationToken ct)
    {
        await runs.UpdateAsync(RunId, null, null, NewName, ct);
        return Done($"The run is now called {NewName}.");
    }

    public async Task<IActionResult> OnPostDeleteAsync(CancellationToken ct)
    {
        await lifecycle.DeleteAsync(RunId, ct);
        return Done("The run is in the trash of its experiment.", undoUrl: $"/runs/{RunId}?handler=Restore");
    }

    public async Task<IActionResult> OnPostRestoreAsync(CancellationToken ct)
    {
        await lifecycle.RestoreAsync(RunId, ct);
        return Done("The run is restored.");
    }

    public async Task<IActionResult> OnPostSetTagAsync(CancellationToken ct)
    {
        await runs.LogAsync(Log(Key ?? "", Value ?? ""), ct);
        return Done($"Tag {Key} is set.");
    }

    public async Task<IActionResult> OnPostDeleteTagAsync(CancellationToken ct)
    {
        await runs.DeleteTagAsync(RunId, Key ?? "", ct);
        return Done($"Tag {Key} is removed.");
    }

    public async Task<IActionResult> OnPostNoteAsync(string? note, CancellationToken ct)
    {
        await runs.LogAsync(Log(WellKnownTags.Note, note ?? ""), ct);
        return Done("The note is saved.", $"/runs/{RunId}", undoUrl: null);
    }

    public async Task ShowAgainAsync(CancellationToken ct)
    {
        Record = await runs.GetAsync(RunId, ct);
        Experiment = await experiments.GetAsync(Run.ExperimentId, ct);
        Protection = await overview.ProtectionAsync(Run, ct);
        await people.LoadAsync([Run.CreatedBy], ct);
        if (Tab is "overview" or "metrics")
            CurveKeys = await overview.CurveKeysAsync(Run.Id, ct);
        if (Tab == "models" || Tab == "overview")
            Models = await overview.ModelsAsync(Record, ct);
        if (Tab == "overview")
            await LoadFamilyAsync(ct);
        if (Tab == "files")
        {
            var place = await places.OfRunAsync(Record, ct);
            Files = place is null
                ? null
                : await browser.BrowseAsync(place, Table.Path, Table.Path + "?tab=files", Table.Get("path"), ct);
        }
    }

    public async Task<IActionResult> OnGetDownloadAsync(string? path, CancellationToken ct) =>
        await places.OfRunAsync(await runs.GetAsync(RunId, ct), ct) is { } place
            ? new FileDownload(await browser.GetAsync(place, path, ct))
            : NotFound();

    public async Task<IActionResult> OnGetImageAsync(string? path, CancellationToken ct) =>
        await places.OfRunAsync(await runs.GetAsync(RunId, ct), ct) is { } place
            ? new FileDownload(await browser.GetAsync(place, path, ct)) { IsImage = true }
            : NotFound();

    private async Task LoadFamilyAsync(CancellationToken ct)
    {
        var heads = await runs.SearchAsync(
            new RunQuery([Run.ExperimentId]) { Filter = $"tags.`{WellKnownTags.ParentRunId}` = '{Run.RunUuid}'", MaxResults = MaxChildren }, ct);
        Children = await runs.LoadAsync([.. heads.Items], ct);
        if (Record.Tag(WellKnownTags.ParentRunId) is not { Length: > 0 } parent)
            return;
        try
        {
            Parent = await runs.GetAsync(parent, ct);
        }
        catch (Core.Common.NotFoundException)
        {
            // Clients may name any parent.
        }
    }

    private RunLog Log(string key, string value)
    {
        var log = new RunLog { RunUuid = RunId };
        log.Tags.Add((key, value));
        return log;
    }
}
