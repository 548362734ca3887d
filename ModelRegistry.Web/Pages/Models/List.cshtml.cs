using Microsoft.AspNetCore.Mvc;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Filtering;
using ModelRegistry.Core.Identity;
using ModelRegistry.Core.Registry;
using ModelRegistry.Web.Pages.Components;

namespace ModelRegistry.Web.Pages.Models;

/// <summary>All registered models that the reader may see.</summary>
public sealed class ListPage(
    RegistryOverviewService overview, RegisteredModelService models, CurrentUserHolder caller) : RegistryPage, IShowAgain
{
    private const int PageSize = 50;
    private static readonly string[] SortKeys = ["name", "creation_timestamp", "last_updated_timestamp"];

    public Page<RegisteredModelRow> Found { get; private set; } = Page<RegisteredModelRow>.Empty;
    public FilterBox Filter { get; private set; } = null!;
    public bool MayCreate => caller.User.May(InstanceRight.CreateRegisteredModel);
    public bool IsRefused => !ModelState.IsValid;

    [BindProperty]
    public string? Name { get; set; }

    [BindProperty]
    public string? Description { get; set; }

    public async Task<IActionResult> OnGetAsync(CancellationToken ct)
    {
        if (TableExport.IsAsked(Request))
            return await ExportAsync(ct);
        await ShowAgainAsync(ct);
        return Page();
    }

    public async Task<IActionResult> OnPostCreateAsync(CancellationToken ct)
    {
        var name = Name ?? "";
        await models.CreateAsync(name, Description ?? "", [], ct);
        return Done($"{name} is ready for its first version.", Urls.Model(name), undoUrl: null);
    }

    public async Task ShowAgainAsync(CancellationToken ct)
    {
        Filter = new FilterBox(Table, "models")
        {
            Keys = ["name", "description", "alias", "stage", "created_by", "creation_timestamp", "last_updated_timestamp", "tags."],
            Examples =
            [
                new("name ILIKE '%churn%'", "Names that hold a word; a plain word alone does the same"),
                new("stage = 'Production'", "Models with a version in Production"),
                new("alias = 'champion' AND tags.team = 'growth'", "By an alias and a tag"),
            ],
            Problem = Filters.Check(FilterSchemas.RegisteredModels, Filters.Read(Table.Filter, "name")),
        };
        if (Filter.Problem is null)
            Found = await overview.ListAsync(Query(), ct);
    }

    private RegistryQuery Query() => new(PageSize)
    {
        Filter = Filters.Read(Table.Filter, "name"),
        OrderBy = SortKeys.Contains(Table.Sort)
            ? [$"{Table.Sort} {(Table.Descending ? "DESC" : "ASC")}"]
            : ["last_updated_timestamp DESC"],
        PageToken = Table.PageToken,
    };

    private async Task<IActionResult> ExportAsync(CancellationToken ct)
    {
        var all = await TableExport.AllAsync(
            token => overview.ListAsync(Query() with { PageToken = token, MaxResults = 500 }, ct));
        return TableExport.Result(Request, "models", ["name", "owner", "versions", "production", "aliases", "updated"],
            all.Select(r => new object?[]
            {
                r.Model.Name, r.OwnerName, r.VersionCount, Of(r, ModelStage.Production)?.Number,
                string.Join(' ', r.Model.Aliases.Select(a => $"{a.Alias}={a.Number}")), ReaderClock.Iso(r.Model.UpdatedMs),
            }));
    }

    public static ModelVersion? Of(RegisteredModelRow row, ModelStage stage) =>
        row.LatestVersions.LastOrDefault(v => v.Stage == stage);
}
