using Microsoft.AspNetCore.Mvc;
using ModelRegistry.Core.Registry;
using ModelRegistry.Web.Pages.Components;

namespace ModelRegistry.Web.Pages.Versions;

/// <summary>Two versions of a model: what differs in code, data, parameters, results, environment, signature and files.</summary>
public sealed class DiffPage(RegistryOverviewService overview, VersionFactsReader facts) : RegistryPage
{
    [BindProperty(SupportsGet = true, Name = "name")]
    public string ModelName { get; set; } = "";

    [BindProperty(SupportsGet = true)]
    public int Number { get; set; }

    [BindProperty(SupportsGet = true)]
    public int Other { get; set; }

    public ModelVersionOverview Overview { get; private set; } = null!;
    public IReadOnlyList<DiffTable> Tables { get; private set; } = [];
    public bool DifferencesOnly => Table.Get("all") != "true";

    public async Task OnGetAsync(CancellationToken ct)
    {
        Overview = await overview.VersionAsync(ModelName, Number, ct);
        // The older one is on the left, however the address names them: what was, then what is.
        var (old, current) = (Math.Min(Number, Other), Math.Max(Number, Other));
        var left = await SideAsync(old, ct);
        var right = await SideAsync(current, ct);
        var (leftName, rightName) = ($"Version {old}", $"Version {current}");
        Tables =
        [
            Compare("Where it comes from", VersionSides.Origin(left), VersionSides.Origin(right)),
            Compare("Metrics", VersionSides.Metrics(left), VersionSides.Metrics(right)),
            Compare("Parameters", VersionSides.Params(left), VersionSides.Params(right)),
            Compare("Packages", VersionSides.Packages(left), VersionSides.Packages(right)),
            Compare("Signature", VersionSides.Signature(left), VersionSides.Signature(right)),
            Compare("Tags", VersionSides.Tags(left), VersionSides.Tags(right)),
            Compare("Files", VersionSides.Files(left), VersionSides.Files(right)) with { Mono = true },
        ];

        DiffTable Compare(string title, Dictionary<string, string> a, Dictionary<string, string> b)
        {
            var rows = DiffTable.Join(a, b);
            IReadOnlyList<DiffRow> shown = DifferencesOnly ? [.. rows.Where(r => r.Kind != DiffKind.Same)] : rows;
            return new DiffTable(title, leftName, rightName, shown) { Total = rows.Count };
        }
    }

    private async Task<(ModelVersion Version, VersionFacts Facts)> SideAsync(int number, CancellationToken ct)
    {
        var version = number == Number ? Overview.Version : (await overview.VersionAsync(ModelName, number, ct)).Version;
        return (version, await facts.ReadAsync(version, ct));
    }
}
