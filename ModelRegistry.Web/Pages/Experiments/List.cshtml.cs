using Microsoft.AspNetCore.Mvc;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Filtering;
using ModelRegistry.Core.Identity;
using ModelRegistry.Core.Tracking;
using ModelRegistry.Web.Pages.Components;

namespace ModelRegistry.Web.Pages.Experiments;

/// <summary>All experiments that the reader may see.</summary>
public sealed class ListPage(
    ExperimentService experiments, ExperimentOverview overview, PeopleDirectory people, CurrentUserHolder caller)
    : RegistryPage, IShowAgain
{
    private const int PageSize = 50;

    public Page<Experiment> Found { get; private set; } = Page<Experiment>.Empty;
    public IReadOnlyDictionary<long, ExperimentActivity> Activity { get; private set; } =
        new Dictionary<long, ExperimentActivity>();
    public FilterBox Filter { get; private set; } = null!;
    public bool ShowsDeleted => Table.Get("view") == "deleted";
    public bool MayCreate => caller.User.May(InstanceRight.CreateExperiment);
    public PeopleDirectory People => people;

    [BindProperty]
    public string? Name { get; set; }

    public bool IsRefused => !ModelState.IsValid;

    public async Task<IActionResult> OnGetAsync(CancellationToken ct)
    {
        if (TableExport.IsAsked(Request))
            return await ExportAsync(ct);
        await ShowAgainAsync(ct);
        return Page();
    }

    public async Task<IActionResult> OnPostCreateAsync(CancellationToken ct)
    {
        var id = await experiments.CreateAsync(Name ?? "", null, [], ct);
        return Done($"Experiment {Name} is ready for runs.", $"/experiments/{id}", undoUrl: null);
    }

    public async Task<IActionResult> OnPostRestoreAsync(long id, CancellationToken ct)
    {
        await experiments.RestoreAsync(id, ct);
        return Done("The experiment and the runs that were deleted with it are back.", $"/experiments/{id}", undoUrl: null);
    }

    public async Task ShowAgainAsync(CancellationToken ct)
    {
        Filter = new FilterBox(Table, "experiments")
        {
            Keys = ["name", "creation_time", "last_update_time", "tags."],
            Examples =
            [
                new("name ILIKE '%churn%'", "Names that hold a word; a plain word alone does the same"),
                new("tags.team = 'growth'", "Experiments of a team, by a tag"),
                new("creation_time > '2026-01-01'", "Created this year"),
            ],
            Problem = Filters.Check(FilterSchemas.Experiments, Filters.Read(Table.Filter, "name")),
        };
        if (Filter.Problem is null)
            Found = await experiments.SearchAsync(Query(), ct);
        Activity = await overview.ActivityAsync([.. Found.Items.Select(e => e.Id)], ct);
        await people.LoadAsync(Found.Items.Select(e => e.OwnerId), ct);
    }

    private ExperimentQuery Query() => new()
    {
        Filter = Filters.Read(Table.Filter, "name"),
        OrderBy = Table.Sort is "name" or "creation_time" or "last_update_time"
            ? [$"{Table.Sort} {(Table.Descending ? "DESC" : "ASC")}"]
            : ["last_update_time DESC"],
        Lifecycle = ShowsDeleted ? Lifecycle.Deleted : Lifecycle.Active,
        MaxResults = PageSize,
        PageToken = Table.PageToken,
    };

    private async Task<IActionResult> ExportAsync(CancellationToken ct)
    {
        var all = await TableExport.AllAsync(
            token => experiments.SearchAsync(Query() with { PageToken = token, MaxResults = 1000 }, ct));
        return TableExport.Result(Request, "experiments", ["id", "name", "created", "updated", "state"], all.Select(e => new object?[]
        {
            e.Id, e.Name, ReaderClock.Iso(e.CreatedMs), ReaderClock.Iso(e.UpdatedMs), e.Lifecycle.ToString(),
        }));
    }
}
