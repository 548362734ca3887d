using System.Text;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Filtering;
using ModelRegistry.Core.Identity;

namespace ModelRegistry.Core.Tracking;

public sealed record ExperimentQuery
{
    public const int MaxResultsLimit = 50_000;

    public string? Filter { get; init; }
    public IReadOnlyList<string> OrderBy { get; init; } = [];
    /// <summary>Null for all.</summary>
    public Lifecycle? Lifecycle { get; init; } = Tracking.Lifecycle.Active;
    public int MaxResults { get; init; } = 1000;
    public string? PageToken { get; init; }
    /// <summary>Those with the newest runs first, whatever else the order is.</summary>
    public bool ByLatestRun { get; init; }
}

/// <summary>Finds experiments: MLflow's filter and order, key-set pages, and only what the user may read. Singleton.</summary>
public sealed class ExperimentSearch(ReadConnections connections)
{
    // One step into the index of runs for each experiment.
    private const string LatestRun = "coalesce((SELECT max(lr.start_ms) FROM runs lr WHERE lr.experiment_id = e.id AND lr.lifecycle = 0), 0)";

    /// <exception cref="InvalidArgumentException">Filter, order, size or token are not valid.</exception>
    public async Task<Page<long>> FindAsync(ExperimentQuery query, CurrentUser user, CancellationToken ct)
    {
        if (query.MaxResults is < 1 or > ExperimentQuery.MaxResultsLimit)
        {
            throw new InvalidArgumentException("max_results", $"Invalid value {query.MaxResults} for parameter 'max_results' supplied. It must be "
                + (query.MaxResults < 1 ? "a positive integer" : $"at most {ExperimentQuery.MaxResultsLimit}"));
        }

        Condition condition;
        KeysetOrder order;
        try
        {
            condition = FilterSchemas.Experiments.Bind(query.Filter);
            var columns = Columns(OrderBy.Parse(query.OrderBy, FilterSchemas.Experiments));
            if (query.ByLatestRun)
                columns.Insert(0, new KeysetColumn(LatestRun, Descending: true, KeysetType.Whole));
            order = new KeysetOrder(columns);
        }
        catch (FilterException e)
        {
            throw new InvalidArgumentException("filter", e.Message);
        }

        var sql = new FilterSql(connections.Dialect, Field);
        var where = new StringBuilder(sql.Where(condition));
        if (query.Lifecycle is { } lifecycle)
            where.Append(" AND e.lifecycle = ").Append((int)lifecycle);
        where.Append(" AND ").Append(Visibility.Sql(user, SecurableKind.Experiment, "e", connections, sql.Parameter));
        var bound = $"{query.Filter}|{string.Join('|', query.OrderBy)}|{query.Lifecycle}{(query.ByLatestRun ? "|runs" : "")}";
        if (PageToken.TryDecode<string[]>(query.PageToken, bound, out var key))
        {
            where.Append(" AND ").Append(order.After(key, sql.Parameter)
                ?? throw new InvalidArgumentException("page_token", "Invalid page token: it does not fit the order."));
        }

        var text = $"SELECT e.id{order.Select} FROM experiments e WHERE {where} ORDER BY {order.OrderBy}"
            + connections.Limit(sql.Parameter(query.MaxResults + 1));
        using var connection = await connections.RentAsync(ct);
        await using var row = await connection.Command(text, keep: true, sql.Parameters.ToArray()).ExecuteReaderAsync(ct);
        var ids = new List<long>();
        string[]? last = null;
        while (await row.ReadAsync(ct))
        {
            if (ids.Count == query.MaxResults)
                return new Page<long>(ids, PageToken.Encode(last!, bound));
            ids.Add(row.GetInt64(0));
            if (ids.Count == query.MaxResults)
                last = order.ReadKey(row, 1);
        }

        return new Page<long>(ids, null);
    }

    private static List<KeysetColumn> Columns(IReadOnlyList<OrderTerm> terms)
    {
        if (terms.Count == 0)
            return [new("e.created_ms", true, KeysetType.Whole), new("e.id", false, KeysetType.Whole)];
        var columns = terms.Select(t => t.Field.Key switch
        {
            "name" => new KeysetColumn("e.name", t.Descending, KeysetType.Text),
            "creation_time" => new KeysetColumn("e.created_ms", t.Descending, KeysetType.Whole),
            "last_update_time" => new KeysetColumn("e.updated_ms", t.Descending, KeysetType.Whole),
            _ => new KeysetColumn("e.id", t.Descending, KeysetType.Whole),
        }).ToList();
        if (terms.All(t => t.Field.Key != "experiment_id"))
            columns.Add(new KeysetColumn("e.id", true, KeysetType.Whole));
        return columns;
    }

    private static SqlField? Field(FilterField field) => field.Entity == FilterEntity.Tag
        ? new SqlField("t.value")
        {
            Exists = "EXISTS (SELECT 1 FROM experiment_tags t WHERE t.experiment_id = e.id AND t.\"key\" = {key} AND {test})",
        }
        : new SqlField(field.Key switch
        {
            "name" => "e.name",
            "creation_time" => "e.created_ms",
            _ => "e.updated_ms",
        });
}
