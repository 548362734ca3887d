using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Erasure;
using ModelRegistry.Core.Holds;
using ModelRegistry.Core.Identity;
using ModelRegistry.Web.Hosting;
using ModelRegistry.Web.Pages.Components;

namespace ModelRegistry.Web.Pages.Governance;

/// <summary>Erasure cases: who asked for what, and how far it is. Officers open them here.</summary>
[Authorize(Policy = Policies.AuditPage)]
public sealed class ErasurePage(ErasureService cases, CurrentUserHolder caller) : RegistryPage, IShowAgain
{
    [BindProperty]
    public CaseInput Input { get; set; } = new();

    public Page<ErasureRow> Cases { get; private set; } = Page<ErasureRow>.Empty;

    public bool MayGovern => caller.User.May(InstanceRight.Govern);

    public Task OnGetAsync(CancellationToken ct)
    {
        Input.Person = Table.Get("person");
        return ShowAgainAsync(ct);
    }

    public async Task<IActionResult> OnPostOpenAsync(CancellationToken ct)
    {
        var opened = await cases.OpenAsync(new NewErasure(Input.Reference ?? "", Input.Reason ?? "",
            string.IsNullOrWhiteSpace(Input.Person) ? null : Input.Person.Trim(), ItemsOf(Input.Items ?? "")), ct);
        return Done("The case is open. Nothing goes before another officer agrees.", CasePage.Address(opened.Case.Id), undoUrl: null);
    }

    public async Task ShowAgainAsync(CancellationToken ct) => Cases = await cases.ListAsync(null, 50, Table.PageToken, ct);

    // A kind and a name or id on each line.
    private static List<(HoldTarget, string)> ItemsOf(string text)
    {
        var items = new List<(HoldTarget, string)>();
        foreach (var line in text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            var word = space < 0 ? line : line[..space];
            HoldTarget? kind = word.ToLowerInvariant() switch
            {
                "version" or "model-version" => HoldTarget.ModelVersion,
                "model" or "registered-model" => HoldTarget.RegisteredModel,
                "run" => HoldTarget.Run,
                "experiment" => HoldTarget.Experiment,
                "logged-model" => HoldTarget.LoggedModel,
                _ => null,
            };
            if (kind is not { } known || space < 0)
                throw new InvalidArgumentException("items", $"'{NameRules.Shorten(line, 80)}': write a kind (version, model, run, experiment, logged-model) and a name or id, such as version churn/3.");
            items.Add((known, line[(space + 1)..].Trim()));
        }

        return items;
    }

    public sealed class CaseInput
    {
        public string? Reference { get; set; }
        public string? Reason { get; set; }
        public string? Person { get; set; }
        public string? Items { get; set; }
    }
}
