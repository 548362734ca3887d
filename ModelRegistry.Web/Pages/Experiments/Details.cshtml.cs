using Microsoft.AspNetCore.Mvc;
using ModelRegistry.Core.Filtering;
using ModelRegistry.Core.Holds;
using ModelRegistry.Core.Identity;
using ModelRegistry.Core.Tracking;
using ModelRegistry.Web.Pages.Components;

namespace ModelRegistry.Web.Pages.Experiments;

/// <summary>An experiment: its runs as a table, and what it is about.</summary>
public sealed class DetailsPage(
    ExperimentService experiments, RunService runs, RunLifecycleService lifecycle, ExperimentOverview overview,
    PeopleDirectory people, CurrentUserHolder caller) : RegistryPage, IShowAgain
{
    private const int PageSize = 50;

    [BindProperty(SupportsGet = true)]
    public long Id { get; set; }

    [BindProperty]
    public string? NewName { get; set; }

    [BindProperty]
    public string? Key { get; set; }

    [BindProperty]
    public string? Value { get; set; }

    public Experiment Experiment { get; private set; } = null!;
    public Protection Protection { get; private set; } = null!;
    public ExperimentKeys Keys { get; private set; } = new([], [], []);
    public IReadOnlyList<RunRecord> Runs { get; private set; } = [];
    public string? NextPageToken { get; private set; }
    public IReadOnlyList<RunColumn> Columns { get; private set; } = [];
    public FilterBox Filter { get; private set; } = null!;

    public string Tab => Table.Get("tab") == "about" ? "about" : "runs";
    public bool ShowsDeleted => Table.Get("view") == "deleted";
    public bool IsDeleted => Experiment.Lifecycle == Lifecycle.Deleted;
    public bool MayEdit => !IsDeleted && caller.User.May(Permission.Edit, Experiment.AsSecurable());
    public bool MayManage => caller.User.May(Permission.Manage, Experiment.AsSecurable());
    public string Owner => people.NameOf(Experiment.OwnerId);
    public string? Note => Experiment.Tags.Find(t => t.Key == WellKnownTags.Note)?.Value;
    public bool EditsNote => Table.Get("edit") == "note" && MayEdit;
    public bool HasError(string field) => ModelState.TryGetValue(field, out var entry) && entry.Errors.Count > 0;

    public async Task<IActionResult> OnGetAsync(CancellationToken ct)
    {
        await ShowAgainAsync(ct);
        return TableExport.IsAsked(Request) ? await ExportAsync(ct) : Page();
    }

    public async Task<IActionResult> OnPostRenameAsync(CancellationToken ct)
    {
        await experiments.RenameAsync(Id, NewName ?? "", ct);
        return Done($"The experiment is now called {NewName}.");
    }

    public async Task<IActionResult> OnPostDeleteAsync(CancellationToken ct)
    {
        var name = (await experiments.GetAsync(Id, ct)).Name;
        await experiments.DeleteAsync(Id, ct);
        return Done($"{name} and its runs are in the trash.", "/experiments", $"/experiments/{Id}?handler=Restore");
    }

    public async Task<IActionResult> OnPostRestoreAsync(CancellationToken ct)
    {
        await experiments.RestoreAsync(Id, ct);
        return Done("The experiment and the runs that were deleted with it are back.");
    }

    public async Task<IActionResult> OnPostSetTagAsync(CancellationToken ct)
    {
        await experiments.SetTagAsync(Id, Key ?? "", Value ?? "", ct);
        return Done($"Tag {Key} is set.");
    }

    public async Task<IActionResult> OnPostDeleteTagAsync(CancellationToken ct)
    {
        await experiments.DeleteTagAsync(Id, Key ?? "", ct);
        return Done($"Tag {Key} is removed.");
    }

    public async Task<IActionResult> OnPostNoteAsync(string? note, CancellationToken ct)
    {
        await experiments.SetTagAsync(Id, WellKnownTags.Note, note ?? "", ct);
        return Done("The description is saved.", $"/experiments/{Id}?tab=about", undoUrl: null);
    }

    public async Task<IActionResult> OnPostDeleteRunsAsync(string[] runs, CancellationToken ct)
    {
        foreach (var run in runs.Take(PageSize))
            await lifecycle.DeleteAsync(run, ct);
        return Done($"{Figures.Plural(runs.Length, "run")} moved to the trash of this experiment.");
    }

    public async Task<IActionResult> OnPostRestoreRunsAsync(string[] runs, CancellationToken ct)
    {
        foreach (var run in runs.Take(PageSize))
            await lifecycle.RestoreAsync(run, ct);
        return Done($"{Figures.Plural(runs.Length, "run")} restored.");
    }

    public async Task ShowAgainAsync(CancellationToken ct)
    {
        Experiment = await experiments.GetAsync(Id, ct);
        Protection = await overview.ProtectionAsync(Id, ct);
        await people.LoadAsync([Experiment.OwnerId], ct);
        if (Tab != "runs")
            return;
        Keys = await overview.KeysAsync(Id, ct);
        Columns = RunColumn.Choose(Table, Keys);
        Filter = BuildFilter();
        if (Filter.Problem is not null)
            return;
        var heads = await runs.SearchAsync(Query(), ct);
        Runs = await runs.LoadAsync([.. heads.Items], ct);
        NextPageToken = heads.NextPageToken;
    }

    public ColumnPicker Picker => new(Table,
    [
        Group("Metrics", "metrics.", Keys.Metrics), Group("Parameters", "params.", Keys.Params), Group("Tags", "tags.", Keys.Tags),
    ], Columns.Select(c => c.Key).ToHashSet());

    private static ColumnGroup Group(string title, string prefix, IEnumerable<string> keys) =>
        new(title, [.. keys.Select(k => new ColumnChoice(prefix + k, k))]);

    private RunQuery Query() => new([Id])
    {
        Filter = Filters.Read(Table.Filter, "attributes.run_name"),
        OrderBy = RunTable.OrderBy(Table),
        Lifecycle = ShowsDeleted || IsDeleted ? Lifecycle.Deleted : Lifecycle.Active,
        MaxResults = PageSize,
        PageToken = Table.PageToken,
    };

    private FilterBox BuildFilter()
    {
        var metric = Keys.Metrics.Count > 0 ? Keys.Metrics[0] : "accuracy";
        var param = Keys.Params.Count > 0 ? Keys.Params[0] : "alpha";
        return new FilterBox(Table, "runs")
        {
            Keys =
            [
                .. Keys.Metrics.Select(k => "metrics." + Quoted(k)), .. Keys.Params.Select(k => "params." + Quoted(k)),
                .. Keys.Tags.Select(k => "tags." + Quoted(k)),
                "attributes.status", "attributes.run_name", "attributes.start_time", "attributes.user_id", "dataset.name", "dataset.digest",
            ],
            Examples =
            [
                new($"metrics.{Quoted(metric)} > 0.5", "Runs by the last value of a metric"),
                new($"params.{Quoted(param)} = '0.1' AND attributes.status = 'FINISHED'", "By a parameter (its text) and the state"),
                new("attributes.start_time > '2026-01-01' OR tags.keep = 'yes'", "Since a day, or with a tag"),
                new("dataset.name LIKE 'train%'", "By the data that went in"),
            ],
            Problem = Filters.Check(FilterSchemas.Runs, Filters.Read(Table.Filter, "attributes.run_name")),
        };
    }

    private static string Quoted(string key) =>
        key.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.') ? key : $"`{key}`";

    private async Task<IActionResult> ExportAsync(CancellationToken ct)
    {
        var columns = Table.All("column").Count > 0
            ? Columns
            : [.. Keys.Metrics.Select(m => new RunColumn("metrics." + m)), .. Keys.Params.Select(p => new RunColumn("params." + p))];
        var rows = new List<object?[]>();
        await TableExport.AllAsync(async token =>
        {
            var heads = await runs.SearchAsync(Query() with { PageToken = token, MaxResults = 500 }, ct);
            rows.AddRange((await runs.LoadAsync([.. heads.Items], ct)).Select(r => RunTable.ExportRow(r, columns)));
            return heads;
        });
        return TableExport.Result(Request, $"experiment-{Id}-runs", RunTable.ExportColumns(columns), rows);
    }
}
