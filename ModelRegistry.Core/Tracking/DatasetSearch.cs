using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;

namespace ModelRegistry.Core.Tracking;

/// <summary>A data set of an experiment, once for each context that its runs used it in.</summary>
public sealed record DatasetSummary(long ExperimentId, string Name, string Digest, string? Context);

/// <summary>Which data sets the runs of some experiments used.</summary>
public sealed class DatasetSearch(RegistryDbContext db, CurrentUserHolder caller, ExperimentCatalog experiments)
{
    public const int MaxExperiments = 20;
    public const int MaxResults = 1000;

    /// <exception cref="InvalidArgumentException">More than <see cref="MaxExperiments"/>.</exception>
    public static void RequireCount(int count)
    {
        if (count > MaxExperiments)
        {
            throw new InvalidArgumentException("experiment_ids",
                $"SearchDatasets request cannot specify more than {MaxExperiments} experiment_ids. Received {count} experiment_ids.");
        }
    }

    /// <summary>Experiments that are missing or may not be read have none.</summary>
    /// <exception cref="InvalidArgumentException">More than <see cref="MaxExperiments"/>.</exception>
    public async Task<IReadOnlyList<DatasetSummary>> FindAsync(IReadOnlyCollection<long> experimentIds, CancellationToken ct)
    {
        RequireCount(experimentIds.Count);
        var readable = (await experiments.ReadableAsync(experimentIds, caller.User, ct)).Select(e => e.Id).ToList();
        var uses =
            from dataset in db.Datasets.AsNoTracking()
            where readable.Contains(dataset.ExperimentId)
            join input in db.DatasetInputs on dataset.Id equals input.DatasetId
            from tag in input.Tags.Where(t => t.Key == WellKnownTags.DataContext).DefaultIfEmpty()
            select new { dataset.ExperimentId, dataset.Name, dataset.Digest, Context = (string?)tag!.Value };
        var found = await uses.Distinct().OrderBy(u => u.ExperimentId).ThenBy(u => u.Name).ThenBy(u => u.Digest).ThenBy(u => u.Context)
            .Take(MaxResults).ToListAsync(ct);
        return [.. found.Select(u => new DatasetSummary(u.ExperimentId, u.Name, u.Digest, u.Context))];
    }
}
