using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Identity;
using ModelRegistry.Core.Promotion;
using ModelRegistry.Core.Registry;
using ModelRegistry.Web.Pages.Components;

namespace ModelRegistry.Web.Pages.Promotion;

/// <summary>Promotion policies, each read back in words; officers write and try them here.</summary>
public sealed class PoliciesPage(
    PromotionPolicyService policies, PolicyText text, CurrentUserHolder caller) : RegistryPage, IShowAgain
{
    private Func<SubjectSet, string> _words = _ => "";

    [BindProperty]
    public PolicyForm Input { get; set; } = new();

    public Page<PromotionPolicy> Found { get; private set; } = Page<PromotionPolicy>.Empty;
    public PromotionPolicy? Editing { get; private set; }
    public IReadOnlyList<PolicyTrial> Trials { get; private set; } = [];

    public bool MayWrite => caller.User.May(InstanceRight.Govern);
    public long? TriedId => Number("try");

    public IEnumerable<string> ReadBack(PromotionPolicy policy) => PolicyText.ReadBack(policy, _words);

    public async Task<IActionResult> OnGetAsync(CancellationToken ct)
    {
        if (MayWrite && Number("edit") is { } id)
        {
            Editing = await policies.GetAsync(id, ct);
            Input = await text.FormAsync(Editing, ct);
        }

        if (TriedId is { } tried)
            Trials = await policies.TryAsync(tried, null, null, null, ct);
        await ShowAgainAsync(ct);
        return Page();
    }

    public async Task<IActionResult> OnPostSaveAsync(CancellationToken ct)
    {
        policies.RequireMayWrite();
        var alias = Input.Target == "alias";
        var stage = Input.Target switch { "alias" => null, "stage" => (Input.Stage ?? "").Trim(), var named => named };
        var rules = await text.RulesAsync(Input, ct);
        var input = new PolicyInput(
            Input.Name ?? "", (Input.Models ?? "").Trim(), stage, alias ? (Input.Alias ?? "").Trim().TrimStart('@') : null, rules)
        {
            IsEnabled = Input.IsEnabled,
        };
        if (Input.Id is { } id)
            await policies.UpdateAsync(id, input, ct);
        else
            await policies.CreateAsync(input, ct);
        return Done($"The policy “{input.Name.Trim()}” is saved" + (input.IsEnabled ? "; it holds from now on." : ", and off."), Table.Path, undoUrl: null);
    }

    public async Task<IActionResult> OnPostDeleteAsync(long id, CancellationToken ct)
    {
        await policies.DeleteAsync(id, ct);
        return Done("The policy is deleted.", Table.Path, undoUrl: null);
    }

    public async Task ShowAgainAsync(CancellationToken ct)
    {
        Found = await policies.ListAsync(50, Table.PageToken, ct);
        _words = await policies.WordsAsync(Found.Items, ct);
    }

    private long? Number(string key) =>
        long.TryParse(Table.Get(key), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;
}

/// <summary>A policy as people type it.</summary>
public sealed class PolicyForm
{
    public long? Id { get; set; }
    public string? Name { get; set; }
    public string? Models { get; set; }
    public string Target { get; set; } = nameof(ModelStage.Production);
    public string? Stage { get; set; }
    public string? Alias { get; set; }
    public string? Movers { get; set; }
    public string? Metrics { get; set; }
    public string? Tags { get; set; }
    public List<Requirement> Requires { get; set; } = [];
    public int Approvals { get; set; }
    public string? Approvers { get; set; }
    public bool IsEnabled { get; set; } = true;
}
