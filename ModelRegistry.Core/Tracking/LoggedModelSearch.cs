using System.Globalization;
using System.Text;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Filtering;
using ModelRegistry.Core.Identity;

namespace ModelRegistry.Core.Tracking;

/// <summary>A data set that metrics were measured on; without a digest any of that name.</summary>
public sealed record MeasuredOn(string Name, string? Digest);

public sealed record LoggedModelOrder(string Field, bool Descending, MeasuredOn? Dataset);

/// <summary>Which logged models, in which order.</summary>
public sealed record LoggedModelQuery(IReadOnlyList<long> ExperimentIds)
{
    public const int MaxResultsLimit = 10_000;

    public string? Filter { get; init; }
    /// <summary>Metric clauses look at metrics of these alone; without such a clause, models that have any.</summary>
    public IReadOnlyList<MeasuredOn> Datasets { get; init; } = [];
    public IReadOnlyList<LoggedModelOrder> OrderBy { get; init; } = [];
    public int MaxResults { get; init; } = 50;
    public string? PageToken { get; init; }
}

/// <summary>Finds logged models of experiments that the caller may read: MLflow's filter and order, with key-set pages.</summary>
public sealed class LoggedModelSearch(CurrentUserHolder caller, ExperimentCatalog experiments, LoggedModelReader reader,
    ReadConnections connections, MetricKeyCatalog keys)
{
    /// <exception cref="InvalidArgumentException">Filter, order, size or token are not valid.</exception>
    public async Task<Page<LoggedModelRecord>> FindAsync(LoggedModelQuery query, CancellationToken ct)
    {
        if (query.MaxResults is < 1 or > LoggedModelQuery.MaxResultsLimit)
        {
            throw new InvalidArgumentException("max_results", $"Invalid value {query.MaxResults} for parameter 'max_results' supplied. "
                + $"It must be a positive integer of at most {LoggedModelQuery.MaxResultsLimit}");
        }

        var (condition, order) = Parse(query);
        var readable = (await experiments.ReadableAsync(query.ExperimentIds, caller.User, ct)).Select(e => e.Id).ToList();
        if (readable.Count == 0)
            return Page<LoggedModelRecord>.Empty;
        var page = await ReadAsync(query with { ExperimentIds = readable }, condition, order, ct);
        return new Page<LoggedModelRecord>(await reader.LoadAsync(page.Items, ct), page.NextPageToken);
    }

    private static (Condition Condition, List<(OrderTerm Term, MeasuredOn? Dataset)> Order) Parse(LoggedModelQuery query)
    {
        try
        {
            var terms = query.OrderBy
                .Select(o => (OrderBy.Column(o.Field, o.Descending, FilterSchemas.LoggedModels), o.Dataset)).ToList();
            return (FilterSchemas.LoggedModels.Bind(query.Filter), terms);
        }
        catch (FilterException e)
        {
            throw new InvalidArgumentException("filter", e.Message);
        }
    }

    private async Task<Page<long>> ReadAsync(
        LoggedModelQuery query, Condition condition, List<(OrderTerm Term, MeasuredOn? Dataset)> order, CancellationToken ct)
    {
        var metricIds = new Dictionary<string, long?>();
        foreach (var field in condition.Clauses.Select(c => c.Field).Concat(order.Select(o => o.Term.Field)))
        {
            if (field.Entity == FilterEntity.Metric && !metricIds.ContainsKey(field.Key))
                metricIds[field.Key] = await keys.FindAsync(field.Key, ct);
        }

        FilterSql? sql = null;
        var datasets = "";
        sql = new FilterSql(connections.Dialect, field => Field(field, metricIds, datasets));
        datasets = On(query.Datasets, sql);
        var inExperiments = connections.In("l.experiment_id", sql.Parameter(connections.Ids(query.ExperimentIds)));
        var joins = new StringBuilder();
        var columns = new List<KeysetColumn>();
        for (var i = 0; i < order.Count; i++)
            AddOrder(order[i].Term, order[i].Dataset, $"o{i}", metricIds, inExperiments, sql, joins, columns);
        if (order.Count == 0)
            columns.Add(new KeysetColumn("l.created_ms", Descending: true, KeysetType.Whole));
        columns.Add(new KeysetColumn("l.id", Descending: true, KeysetType.Whole));

        var where = new StringBuilder($"l.deleted_ms IS NULL AND {inExperiments} AND {sql.Where(condition)}");
        if (query.Datasets.Count > 0 && !condition.Clauses.Any(c => c.Field.Entity == FilterEntity.Metric))
            where.Append(CultureInfo.InvariantCulture, $" AND EXISTS (SELECT 1 FROM logged_model_metrics m WHERE m.logged_model_id = l.id{datasets})");
        var keyset = new KeysetOrder(columns);
        var bound = $"{string.Join(',', query.ExperimentIds)}|{query.Filter}|{string.Join(',', query.Datasets)}|{string.Join(',', query.OrderBy)}";
        if (PageToken.TryDecode<string[]>(query.PageToken, bound, out var key))
        {
            where.Append(" AND ").Append(keyset.After(key, sql.Parameter)
                ?? throw new InvalidArgumentException("page_token", "Invalid page token: it does not fit the order."));
        }

        var text = $"SELECT l.id{keyset.Select} FROM logged_models l{joins} WHERE {where} ORDER BY {keyset.OrderBy}"
            + connections.Limit(sql.Parameter(query.MaxResults + 1));
        using var connection = await connections.RentAsync(ct);
        await using var command = connection.Command(text, keep: false, [.. sql.Parameters]);
        await using var row = await command.ExecuteReaderAsync(ct);
        var ids = new List<long>();
        string[]? last = null;
        while (await row.ReadAsync(ct))
        {
            if (ids.Count == query.MaxResults)
                return new Page<long>(ids, PageToken.Encode(last!, bound));
            ids.Add(row.GetInt64(0));
            if (ids.Count == query.MaxResults)
                last = keyset.ReadKey(row, 1);
        }

        return new Page<long>(ids, null);
    }

    // The test that a metric m was measured on one of the data sets; empty where any will do.
    private static string On(IReadOnlyList<MeasuredOn> datasets, FilterSql sql) => datasets.Count == 0
        ? ""
        : $" AND ({string.Join(" OR ", datasets.Select(d => $"(m.dataset_name = {sql.Parameter(d.Name)}"
            + (string.IsNullOrEmpty(d.Digest) ? ")" : $" AND m.dataset_digest = {sql.Parameter(d.Digest)})")))})";

    // Values, then NaN, then models without the metric, in both directions.
    private static void AddOrder(OrderTerm term, MeasuredOn? dataset, string alias, Dictionary<string, long?> metricIds,
        string inExperiments, FilterSql sql, StringBuilder joins, List<KeysetColumn> columns)
    {
        if (term.Field.Entity != FilterEntity.Metric)
        {
            columns.Add(Column(term));
            return;
        }

        // A metric that nobody has orders nothing.
        if (metricIds[term.Field.Key] is not { } keyId)
            return;
        joins.Append(CultureInfo.InvariantCulture, $" LEFT JOIN (SELECT m.logged_model_id, m.value, m.kind, ROW_NUMBER() OVER "
            + $"(PARTITION BY m.logged_model_id ORDER BY m.step DESC, m.timestamp_ms DESC, m.value DESC) AS place "
            + $"FROM logged_models l JOIN logged_model_metrics m ON m.logged_model_id = l.id WHERE {inExperiments} "
            + $"AND m.key_id = {sql.Parameter(keyId)}{(dataset is null ? "" : On([dataset], sql))}) {alias} "
            + $"ON {alias}.logged_model_id = l.id AND {alias}.place = 1");
        columns.Add(new KeysetColumn($"CASE WHEN {alias}.kind IS NULL THEN 2 WHEN {alias}.kind = 1 THEN 1 ELSE 0 END", false, KeysetType.Whole));
        columns.Add(new KeysetColumn($"coalesce({alias}.value, 0)", term.Descending, KeysetType.Real));
    }

    private static KeysetColumn Column(OrderTerm term) => term.Field.Key switch
    {
        "name" => new("l.name", term.Descending, KeysetType.Text),
        "model_id" => new("l.model_uuid", term.Descending, KeysetType.Text),
        "model_type" => new("l.model_type", term.Descending, KeysetType.Text),
        "source_run_id" => new("l.source_run_uuid", term.Descending, KeysetType.Text),
        "status" => new("l.status", term.Descending, KeysetType.Whole),
        "experiment_id" => new("l.experiment_id", term.Descending, KeysetType.Whole),
        "creation_timestamp" => new("l.created_ms", term.Descending, KeysetType.Whole),
        "last_updated_timestamp" => new("l.updated_ms", term.Descending, KeysetType.Whole),
        _ => throw new ArgumentOutOfRangeException(nameof(term), term, "not an order of logged models"),
    };

    private static SqlField? Field(FilterField field, Dictionary<string, long?> metricIds, string datasets) => (field.Entity, field.Key) switch
    {
        (FilterEntity.Metric, var name) when metricIds[name] is { } id => new SqlField("m.value")
        {
            Kind = "m.kind",
            Key = id,
            Exists = "EXISTS (SELECT 1 FROM logged_model_metrics m WHERE m.logged_model_id = l.id AND m.key_id = {key}"
                + datasets + " AND {test})",
        },
        (FilterEntity.Metric, _) => null,
        (FilterEntity.Param, _) => new SqlField("p.value")
        {
            Exists = "EXISTS (SELECT 1 FROM logged_model_params p WHERE p.logged_model_id = l.id AND p.\"key\" = {key} AND {test})",
        },
        (FilterEntity.Tag, _) => new SqlField("t.value")
        {
            Exists = "EXISTS (SELECT 1 FROM logged_model_tags t WHERE t.logged_model_id = l.id AND t.\"key\" = {key} AND {test})",
        },
        (_, "name") => new SqlField("l.name"),
        (_, "model_id") => new SqlField("l.model_uuid"),
        (_, "model_type") => new SqlField("l.model_type"),
        (_, "status") => new SqlField("l.status"),
        (_, "source_run_id") => new SqlField("l.source_run_uuid"),
        (_, "experiment_id") => new SqlField("l.experiment_id"),
        (_, "creation_timestamp") => new SqlField("l.created_ms"),
        (_, "last_updated_timestamp") => new SqlField("l.updated_ms"),
        _ => throw new ArgumentOutOfRangeException(nameof(field), field, "not a field of logged models"),
    };
}
