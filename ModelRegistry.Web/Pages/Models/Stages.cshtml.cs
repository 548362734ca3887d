using Microsoft.AspNetCore.Mvc;
using ModelRegistry.Core.Identity;
using ModelRegistry.Core.Registry;
using ModelRegistry.Web.Pages.Components;

namespace ModelRegistry.Web.Pages.Models;

/// <summary>The stages of a model: what they are called, in which order, and what MLflow's clients are told of them.</summary>
public sealed class StagesPage(ModelStageService stages) : RegistryPage, IShowAgain
{
    private const int BlankRows = 3;

    [BindProperty(SupportsGet = true, Name = "name")]
    public string ModelName { get; set; } = "";

    [BindProperty]
    public List<StageInput> Rows { get; set; } = [];

    [BindProperty]
    public int? Revision { get; set; }

    [BindProperty]
    public string? Reason { get; set; }

    public ModelStages Found { get; private set; } = null!;
    public bool MayManage => Found.Allowed.HasFlag(Permission.Manage);
    public bool IsRefused => !ModelState.IsValid;
    public string? Refused => Request.Query["handler"].ToString() is { Length: > 0 } handler && IsRefused ? handler : null;

    public int VersionsOf(StageInput row) => Found.Rows.FirstOrDefault(r => r.Stage.Name == row.Was)?.Versions ?? 0;

    public async Task<IActionResult> OnGetAsync(CancellationToken ct)
    {
        await ShowAgainAsync(ct);
        return Page();
    }

    public async Task<IActionResult> OnPostSaveAsync(CancellationToken ct)
    {
        // A mapping that is none would be read as the first.
        if (!ModelState.IsValid)
            return await OnGetAsync(ct);
        await stages.ReplaceAsync(ModelName, [.. Rows.Where(r => !r.IsRemoved && !string.IsNullOrWhiteSpace(r.Name))
            .OrderBy(r => r.Position ?? int.MaxValue).Select(r => new StageEdit(r.Name!.Trim(), r.Kind, string.IsNullOrEmpty(r.Was) ? null : r.Was))],
            Revision, Reason, ct);
        return Done("The stages are saved.");
    }

    public async Task<IActionResult> OnPostResetAsync(CancellationToken ct)
    {
        await stages.ResetAsync(ModelName, Reason, ct);
        return Done("The model has the four stages that every model has.");
    }

    public async Task ShowAgainAsync(CancellationToken ct)
    {
        Found = await stages.GetAsync(ModelName, ct);
        if (Refused == "Save" && Rows.Count > 0)
            return;
        Revision = Found.Revision;
        Rows = [.. Found.Rows.Select((r, i) => new StageInput { Was = r.Stage.Name, Name = r.Stage.Name, Kind = r.Stage.Kind, Position = i + 1 })];
        Rows.AddRange(Enumerable.Range(0, Math.Min(BlankRows, StageList.MaxStages - Rows.Count)).Select(_ => new StageInput { Kind = ModelStage.Staging }));
    }
}

/// <summary>A stage as it is typed. Without a name it is none.</summary>
public sealed class StageInput
{
    public string? Was { get; set; }
    public string? Name { get; set; }
    public ModelStage Kind { get; set; }
    public int? Position { get; set; }
    public bool IsRemoved { get; set; }
}
