using System.Globalization;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Lineage;

namespace ModelRegistry.Web.Api;

/// <summary>`datasets`: what went into runs, and what depends on it.</summary>
internal static class DatasetsApi
{
    /// <param name="Source">As the first client described it; at most its first 300 characters.</param>
    /// <param name="Experiments">In how many experiments it was used, of those that you may read.</param>
    internal sealed record DatasetAnswer(string Name, string Digest, string SourceType, string Source, int Experiments, DateTimeOffset FirstSeenAt);

    /// <param name="Context">What for, in the client's words.</param>
    internal sealed record RunAnswer(string RunId, string RunName, string ExperimentId, string Experiment, string Status, DateTimeOffset StartedAt, string? Context);

    internal sealed record VersionAnswer(string Model, int Version, string Stage, IReadOnlyList<string> Aliases, bool Archived, string RunId, string? Context);

    public static void Map(RouteGroupBuilder api)
    {
        var datasets = api.MapGroup("/datasets").WithTags("Data sets");
        datasets.MapGet("", ListAsync).WithSummary("Data sets by name and digest; by a part of the name or the beginning of the digest (q)")
            .Produces<ListAnswer<DatasetAnswer>>();
        datasets.MapGet("/runs", RunsAsync).WithSummary("The runs that used a data set (name, digest), the last first").Produces<ListAnswer<RunAnswer>>();
        datasets.MapGet("/versions", VersionsAsync).WithSummary("The versions whose run used a data set (name, digest), the last first")
            .Produces<ListAnswer<VersionAnswer>>();
    }

    private static async Task<IResult> ListAsync(string? q, string? maxResults, string? pageToken, DatasetDirectory datasets, CancellationToken ct) =>
        Results.Ok(ListAnswer<DatasetAnswer>.Of(await datasets.ListAsync(q, Paging.Size(maxResults), pageToken, ct),
            d => new DatasetAnswer(d.Name, d.Digest, d.SourceType, d.Source, d.Experiments, d.FirstSeenMs.ToTime())));

    private static async Task<IResult> RunsAsync(
        string? name, string? digest, string? maxResults, string? pageToken, DatasetDirectory datasets, CancellationToken ct)
    {
        var dataset = await datasets.GetAsync(Required("name", name), Required("digest", digest), ct);
        return Results.Ok(ListAnswer<RunAnswer>.Of(await datasets.RunsAsync(dataset.Name, dataset.Digest, Paging.Size(maxResults), pageToken, ct),
            r => new RunAnswer(r.RunId, r.RunName, r.ExperimentId.ToString(CultureInfo.InvariantCulture), r.ExperimentName,
                r.Status.ToString(), r.StartMs.ToTime(), r.Context)));
    }

    private static async Task<IResult> VersionsAsync(
        string? name, string? digest, string? maxResults, string? pageToken, DatasetDirectory datasets, CancellationToken ct)
    {
        var dataset = await datasets.GetAsync(Required("name", name), Required("digest", digest), ct);
        return Results.Ok(ListAnswer<VersionAnswer>.Of(await datasets.VersionsAsync(dataset.Name, dataset.Digest, Paging.Size(maxResults), pageToken, ct),
            v => new VersionAnswer(v.Model, v.Number, v.Stage.Name, v.Aliases, v.IsArchived, v.RunId, v.Context)));
    }

    private static string Required(string field, string? value) => string.IsNullOrEmpty(value)
        ? throw new InvalidArgumentException(field, $"Send the {field} of the data set.")
        : value;
}
