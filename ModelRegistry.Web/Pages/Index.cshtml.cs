using ModelRegistry.Core.Registry;
using ModelRegistry.Core.Tracking;
using ModelRegistry.Web.Pages.Components;

namespace ModelRegistry.Web.Pages;

/// <summary>What happened lately; for a fresh registry, the way to the first run.</summary>
public sealed class HomePage(
    RunService runs, ExperimentService experiments, RegistryOverviewService models, IConfiguration configuration) : RegistryPage
{
    private const int Shown = 8;

    public IReadOnlyList<RunRecord> Runs { get; private set; } = [];
    public IReadOnlyDictionary<long, string> ExperimentNames { get; private set; } = new Dictionary<long, string>();
    public IReadOnlyList<Experiment> Experiments { get; private set; } = [];
    public IReadOnlyList<RegisteredModelRow> Models { get; private set; } = [];
    public bool IsFresh => Runs.Count == 0 && Models.Count == 0;

    /// <summary>Where clients reach this registry: as configured, or as this reader reached it.</summary>
    public string Address => configuration["PublicUrl"] is { Length: > 0 } url
        ? url.TrimEnd('/')
        : $"{Request.Scheme}://{Request.Host}{Request.PathBase}";

    public async Task OnGetAsync(CancellationToken ct)
    {
        Experiments = (await experiments.SearchAsync(new ExperimentQuery { OrderBy = ["last_update_time DESC"], MaxResults = Shown }, ct)).Items;
        // The newest runs of all are in as many experiments at most: in those with the newest runs.
        var busy = await experiments.SearchIdsAsync(new ExperimentQuery { ByLatestRun = true, MaxResults = Shown }, ct);
        var heads = await runs.SearchAsync(
            new RunQuery(busy) { OrderBy = ["attributes.start_time DESC"], MaxResults = Shown }, ct);
        Runs = await runs.LoadAsync([.. heads.Items], ct);
        ExperimentNames = await experiments.NamesAsync(Runs.Select(r => r.Run.ExperimentId), ct);
        Models = (await models.ListAsync(new RegistryQuery(Shown) { OrderBy = ["last_updated_timestamp DESC"] }, ct)).Items;
    }
}
