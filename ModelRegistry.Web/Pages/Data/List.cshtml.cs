using Microsoft.AspNetCore.Mvc;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Lineage;
using ModelRegistry.Web.Pages.Components;

namespace ModelRegistry.Web.Pages.Data;

/// <summary>All data sets of the experiments that the reader may see.</summary>
public sealed class ListPage(DatasetDirectory datasets) : RegistryPage
{
    private const int PageSize = 50;

    public Page<DatasetEntry> Found { get; private set; } = Page<DatasetEntry>.Empty;

    public async Task<IActionResult> OnGetAsync(CancellationToken ct)
    {
        if (TableExport.IsAsked(Request))
        {
            var all = await TableExport.AllAsync(token => datasets.ListAsync(Table.Get("q"), 500, token, ct));
            return TableExport.Result(Request, "data-sets", ["name", "digest", "source type", "source", "experiments", "first seen"],
                all.Select(d => new object?[] { d.Name, d.Digest, d.SourceType, d.Source, d.Experiments, ReaderClock.Iso(d.FirstSeenMs) }));
        }

        Found = await datasets.ListAsync(Table.Get("q"), PageSize, Table.PageToken, ct);
        return Page();
    }
}
