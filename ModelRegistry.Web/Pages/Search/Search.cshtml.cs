using ModelRegistry.Core.Common;
using ModelRegistry.Core.Registry;
using ModelRegistry.Core.Tracking;
using ModelRegistry.Web.Pages.Components;

namespace ModelRegistry.Web.Pages.Search;

/// <summary>Names of models, experiments and runs, and ids of runs.</summary>
public sealed class SearchPage(RegistryOverviewService models, ExperimentService experiments, RunService runs) : RegistryPage
{
    private const int Shown = 20;
    private const int ExperimentsSearched = 500;

    public string Text => (Table.Get("q") ?? "").Trim();
    public IReadOnlyList<RegisteredModelRow> Models { get; private set; } = [];
    public IReadOnlyList<Experiment> Experiments { get; private set; } = [];
    public IReadOnlyList<RunRecord> Runs { get; private set; } = [];
    public IReadOnlyDictionary<long, string> ExperimentNames { get; private set; } = new Dictionary<long, string>();
    public int Total => Models.Count + Experiments.Count + Runs.Count;

    public async Task OnGetAsync(CancellationToken ct)
    {
        if (Text.Length is 0 or > 200)
            return;
        Models = (await models.ListAsync(new RegistryQuery(Shown) { Filter = Filters.Contains("name", Text) }, ct)).Items;
        Experiments = (await experiments.SearchAsync(
            new ExperimentQuery { Filter = Filters.Contains("name", Text), MaxResults = Shown, OrderBy = ["last_update_time DESC"] }, ct)).Items;
        Runs = await FindRunsAsync(ct);
        ExperimentNames = await experiments.NamesAsync(Runs.Select(r => r.Run.ExperimentId), ct);
    }

    private async Task<IReadOnlyList<RunRecord>> FindRunsAsync(CancellationToken ct)
    {
        if (Text.Length == 32 && Text.All(char.IsAsciiHexDigitLower))
        {
            try
            {
                return [await runs.GetAsync(Text, ct)];
            }
            catch (NotFoundException)
            {
                return [];
            }
        }

        var busy = await experiments.SearchIdsAsync(new ExperimentQuery { ByLatestRun = true, MaxResults = ExperimentsSearched }, ct);
        var heads = await runs.SearchAsync(new RunQuery(busy)
        {
            Filter = Filters.Contains("attributes.run_name", Text),
            OrderBy = ["attributes.start_time DESC"],
            MaxResults = Shown,
        }, ct);
        return await runs.LoadAsync([.. heads.Items], ct);
    }
}
