using Microsoft.AspNetCore.Mvc;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Lineage;
using ModelRegistry.Web.Pages.Components;

namespace ModelRegistry.Web.Pages.Data;

/// <summary>What depends on a data set.</summary>
public sealed class UsesPage(DatasetDirectory datasets) : RegistryPage
{
    private const int PageSize = 50;

    public DatasetEntry Dataset { get; private set; } = null!;
    public bool ShowsRuns => Table.Get("tab") == "runs";
    public Page<DatasetVersion> Versions { get; private set; } = Page<DatasetVersion>.Empty;
    public Page<DatasetRun> Runs { get; private set; } = Page<DatasetRun>.Empty;

    public async Task<IActionResult> OnGetAsync(string? name, string? digest, CancellationToken ct)
    {
        Dataset = await datasets.GetAsync(name ?? "", digest ?? "", ct);
        if (TableExport.IsAsked(Request))
            return await ExportAsync(ct);
        if (ShowsRuns)
            Runs = await datasets.RunsAsync(Dataset.Name, Dataset.Digest, PageSize, Table.PageToken, ct);
        else
            Versions = await datasets.VersionsAsync(Dataset.Name, Dataset.Digest, PageSize, Table.PageToken, ct);
        return Page();
    }

    private async Task<IActionResult> ExportAsync(CancellationToken ct)
    {
        if (ShowsRuns)
        {
            var runs = await TableExport.AllAsync(token => datasets.RunsAsync(Dataset.Name, Dataset.Digest, 500, token, ct));
            return TableExport.Result(Request, "runs-of-data-set", ["run", "name", "experiment", "status", "context", "started"],
                runs.Select(r => new object?[] { r.RunId, r.RunName, r.ExperimentName, r.Status, r.Context, ReaderClock.Iso(r.StartMs) }));
        }

        var versions = await TableExport.AllAsync(token => datasets.VersionsAsync(Dataset.Name, Dataset.Digest, 500, token, ct));
        return TableExport.Result(Request, "versions-of-data-set", ["model", "version", "stage", "aliases", "archived", "context", "run"],
            versions.Select(v => new object?[] { v.Model, v.Number, v.Stage.Name, string.Join(' ', v.Aliases), v.IsArchived ? "yes" : "", v.Context, v.RunId }));
    }
}
