using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Filtering;

namespace ModelRegistry.Core.Tracking;

/// <summary>Which runs, in which order.</summary>
public sealed record RunQuery(IReadOnlyList<long> ExperimentIds)
{
    public const int MaxResultsLimit = 50_000;

    public string? Filter { get; init; }
    public IReadOnlyList<string> OrderBy { get; init; } = [];
    /// <summary>Null for all.</summary>
    public Lifecycle? Lifecycle { get; init; } = Tracking.Lifecycle.Active;
    public int MaxResults { get; init; } = 1000;
    public string? PageToken { get; init; }
}

/// <summary>Finds runs by one statement: MLflow's filter and order, with key-set pages. Singleton, thread-safe.</summary>
public sealed class RunSearch(ReadConnections connections, MetricKeyCatalog keys)
{
    /// <summary>The runs of experiments that the caller may read: the service has seen to that.</summary>
    /// <exception cref="InvalidArgumentException">Filter, order, size or token are not valid.</exception>
    public async Task<Page<RunHead>> FindAsync(RunQuery query, CancellationToken ct)
    {
        if (query.MaxResults is < 1 or > RunQuery.MaxResultsLimit)
        {
            throw new InvalidArgumentException("max_results", query.MaxResults < 1
                ? $"Invalid value {query.MaxResults} for parameter 'max_results' supplied. It must be a positive integer"
                : $"Invalid value {query.MaxResults} for parameter 'max_results' supplied. It must be at most {RunQuery.MaxResultsLimit}");
        }

        var (condition, order) = Parse(query);
        if (query.ExperimentIds.Count == 0)
            return Page<RunHead>.Empty;
        var statement = await RunSearchSql.BuildAsync(connections, keys, query, condition, order, ct);

        using var connection = await connections.RentAsync(ct);
        var command = connection.Command(statement.Text, keep: true, statement.Parameters.ToArray());
        var heads = new List<RunHead>(Math.Min(query.MaxResults, 1000));
        string[]? lastKey = null;
        var more = false;
        await using (var row = await command.ExecuteReaderAsync(ct))
        {
            while (await row.ReadAsync(ct))
            {
                if (heads.Count == query.MaxResults)
                {
                    more = true;
                    break;
                }

                heads.Add(new RunHead(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)));
                if (heads.Count == query.MaxResults)
                    lastKey = statement.Order.ReadKey(row, 3);
            }
        }

        return new Page<RunHead>(heads, more ? PageToken.Encode(lastKey!, statement.Query) : null);
    }

    private static (Condition Condition, IReadOnlyList<OrderTerm> Order) Parse(RunQuery query)
    {
        try
        {
            return (FilterSchemas.Runs.Bind(query.Filter), OrderBy.Parse(query.OrderBy, FilterSchemas.Runs));
        }
        catch (FilterException e)
        {
            throw new InvalidArgumentException("filter", e.Message);
        }
    }
}
