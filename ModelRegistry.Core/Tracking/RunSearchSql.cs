using System.Globalization;
using System.Text;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Filtering;

namespace ModelRegistry.Core.Tracking;

/// <param name="Query">What the page token is bound to.</param>
internal sealed record RunSearchStatement(
    string Text, IReadOnlyList<(string Name, object Value)> Parameters, KeysetOrder Order, string Query);

/// <summary>Writes the statement of a run search.</summary>
internal static class RunSearchSql
{
    private static readonly Dictionary<string, int> Statuses = new()
    {
        ["RUNNING"] = (int)RunStatus.Running,
        ["SCHEDULED"] = (int)RunStatus.Scheduled,
        ["FINISHED"] = (int)RunStatus.Finished,
        ["FAILED"] = (int)RunStatus.Failed,
        ["KILLED"] = (int)RunStatus.Killed,
    };

    public static async ValueTask<RunSearchStatement> BuildAsync(ReadConnections connections, MetricKeyCatalog keys,
        RunQuery query, Condition condition, IReadOnlyList<OrderTerm> order, CancellationToken ct)
    {
        var metricIds = new Dictionary<string, long?>();
        foreach (var field in condition.Clauses.Select(c => c.Field).Concat(order.Select(o => o.Field)))
        {
            if (field.Entity == FilterEntity.Metric && !metricIds.ContainsKey(field.Key))
                metricIds[field.Key] = await keys.FindAsync(field.Key, ct);
        }

        var sql = new FilterSql(connections.Dialect, field => Field(field, metricIds));
        var joins = new StringBuilder();
        var columns = new List<KeysetColumn>();
        var conjuncts = condition.Conjuncts.ToList();
        for (var i = 0; i < order.Count; i++)
            AddOrder(order[i], $"o{i}", metricIds, query, conjuncts, sql, joins, columns);
        if (order.All(o => o.Field.Key != "start_time" || o.Field.Entity != FilterEntity.Attribute))
            columns.Add(new KeysetColumn("r.start_ms", Descending: true, KeysetType.Whole));
        if (order.All(o => o.Field.Key != "run_id" || o.Field.Entity != FilterEntity.Attribute))
            columns.Add(new KeysetColumn("r.run_uuid", Descending: false, KeysetType.Text));

        var keyset = new KeysetOrder(columns);
        var where = new StringBuilder(query.ExperimentIds.Count == 1
            ? $"r.experiment_id = {sql.Parameter(query.ExperimentIds[0])}"
            : connections.In("r.experiment_id", sql.Parameter(connections.Ids(query.ExperimentIds))));
        if (query.Lifecycle is { } lifecycle)
            where.Append(CultureInfo.InvariantCulture, $" AND r.lifecycle = {(int)lifecycle}");
        foreach (var conjunct in conjuncts)
            where.Append(CultureInfo.InvariantCulture, $" AND {sql.Where(conjunct)}");

        var bound = $"{string.Join(',', query.ExperimentIds)}|{query.Filter}|{string.Join('|', query.OrderBy)}|{query.Lifecycle}";
        if (PageToken.TryDecode<string[]>(query.PageToken, bound, out var key))
        {
            var after = keyset.After(key, sql.Parameter)
                ?? throw new InvalidArgumentException("page_token", "Invalid page token: it does not fit the order.");
            where.Append(CultureInfo.InvariantCulture, $" AND {after}");
        }

        var text = $"SELECT r.id, r.experiment_id, r.version{keyset.Select} FROM runs r{joins} WHERE {where} "
            + $"ORDER BY {keyset.OrderBy}{connections.Limit(sql.Parameter(query.MaxResults + 1))}";
        return new RunSearchStatement(text, sql.Parameters, keyset, bound);
    }

    // Values, then NaN, then what is absent, in both directions: a rank column goes before the value.
    private static void AddOrder(OrderTerm term, string alias, Dictionary<string, long?> metricIds, RunQuery query,
        List<Condition> conjuncts, FilterSql sql, StringBuilder joins, List<KeysetColumn> columns)
    {
        switch (term.Field.Entity)
        {
            case FilterEntity.Metric when metricIds[term.Field.Key] is { } keyId:
                var compared = conjuncts.Where(c => IsFiniteComparison(c, term.Field)).Cast<Clause>().ToList();
                if (compared.Count > 0 && query.ExperimentIds.Count == 1)
                {
                    // The filter leaves neither NaN nor absent values: the index on (experiment, key, value) is walked in
                    // the order that was asked for, and the page is full after as many rows.
                    joins.Append(CultureInfo.InvariantCulture, $" JOIN latest_metrics {alias} ON {alias}.run_id = r.id AND {alias}.key_id = {sql.Parameter(keyId)}"
                        + $" AND {alias}.experiment_id = {sql.Parameter(query.ExperimentIds[0])}");
                    foreach (var clause in compared)
                    {
                        joins.Append(CultureInfo.InvariantCulture, $" AND {alias}.value {Sign(clause.Operator)} {sql.Parameter(clause.Value.Number)}");
                        conjuncts.Remove(clause);
                    }

                    joins.Append(CultureInfo.InvariantCulture, $" AND {alias}.kind <> 1");
                    columns.Add(new KeysetColumn($"{alias}.value", term.Descending, KeysetType.Real));
                    break;
                }

                joins.Append(CultureInfo.InvariantCulture, $" LEFT JOIN latest_metrics {alias} ON {alias}.run_id = r.id AND {alias}.key_id = {sql.Parameter(keyId)}");
                columns.Add(new KeysetColumn($"CASE WHEN {alias}.kind IS NULL THEN 2 WHEN {alias}.kind = 1 THEN 1 ELSE 0 END", false, KeysetType.Whole));
                columns.Add(new KeysetColumn($"coalesce({alias}.value, 0)", term.Descending, KeysetType.Real));
                break;
            case FilterEntity.Metric:
                // Nobody has it: it orders nothing.
                break;
            case FilterEntity.Param or FilterEntity.Tag:
                var table = term.Field.Entity == FilterEntity.Param ? "params" : "run_tags";
                joins.Append(CultureInfo.InvariantCulture, $" LEFT JOIN {table} {alias} ON {alias}.run_id = r.id AND {alias}.\"key\" = {sql.Parameter(term.Field.Key)}");
                columns.Add(new KeysetColumn($"CASE WHEN {alias}.value IS NULL THEN 1 ELSE 0 END", false, KeysetType.Whole));
                columns.Add(new KeysetColumn($"coalesce({alias}.value, '')", term.Descending, KeysetType.Text));
                break;
            default:
                AddAttributeOrder(term, joins, columns);
                break;
        }
    }

    private static void AddAttributeOrder(OrderTerm term, StringBuilder joins, List<KeysetColumn> columns)
    {
        switch (term.Field.Key)
        {
            case "end_time":
                columns.Add(new KeysetColumn("CASE WHEN r.end_ms IS NULL THEN 1 ELSE 0 END", false, KeysetType.Whole));
                columns.Add(new KeysetColumn("coalesce(r.end_ms, 0)", term.Descending, KeysetType.Whole));
                break;
            case "start_time":
                columns.Add(new KeysetColumn("r.start_ms", term.Descending, KeysetType.Whole));
                break;
            case "status":
                // By name, as MLflow stores it.
                columns.Add(new KeysetColumn("CASE r.status WHEN 1 THEN 'RUNNING' WHEN 2 THEN 'SCHEDULED' WHEN 3 THEN 'FINISHED' "
                    + "WHEN 4 THEN 'FAILED' ELSE 'KILLED' END", term.Descending, KeysetType.Text));
                break;
            case "artifact_uri":
                joins.Append(" JOIN experiments xo ON xo.id = r.experiment_id");
                columns.Add(new KeysetColumn("xo.artifact_location", term.Descending, KeysetType.Text));
                columns.Add(new KeysetColumn("r.run_uuid", term.Descending, KeysetType.Text));
                break;
            default:
                columns.Add(new KeysetColumn(term.Field.Key switch
                {
                    "run_id" => "r.run_uuid",
                    "run_name" => "r.name",
                    "user_id" => "r.user_name",
                    _ => "(SELECT coalesce(u.user_name, '') FROM users u WHERE u.id = r.created_by)",
                }, term.Descending, KeysetType.Text));
                break;
        }
    }

    private static bool IsFiniteComparison(Condition condition, FilterField field) =>
        condition is Clause
        {
            OrAbsent: false,
            Operator: FilterOperator.Equal or FilterOperator.Less or FilterOperator.LessOrEqual
                or FilterOperator.Greater or FilterOperator.GreaterOrEqual
        } clause && clause.Field == field;

    private static string Sign(FilterOperator op) => op switch
    {
        FilterOperator.Equal => "=",
        FilterOperator.Less => "<",
        FilterOperator.LessOrEqual => "<=",
        FilterOperator.Greater => ">",
        _ => ">=",
    };

    private static SqlField? Field(FilterField field, Dictionary<string, long?> metricIds) => field.Entity switch
    {
        FilterEntity.Metric when metricIds[field.Key] is { } id => new SqlField("m.value")
        {
            Kind = "m.kind",
            Key = id,
            Exists = "EXISTS (SELECT 1 FROM latest_metrics m WHERE m.run_id = r.id AND m.key_id = {key} AND {test})",
        },
        FilterEntity.Metric => null,
        FilterEntity.Param => new SqlField("p.value")
        {
            Exists = "EXISTS (SELECT 1 FROM params p WHERE p.run_id = r.id AND p.\"key\" = {key} AND {test})",
        },
        FilterEntity.Tag => new SqlField("t.value")
        {
            Exists = "EXISTS (SELECT 1 FROM run_tags t WHERE t.run_id = r.id AND t.\"key\" = {key} AND {test})",
        },
        FilterEntity.Dataset when field.Key == "context" => new SqlField("dt.value")
        {
            Key = WellKnownTags.DataContext,
            Exists = "EXISTS (SELECT 1 FROM dataset_input_tags dt WHERE dt.run_id = r.id AND dt.\"key\" = {key} AND {test})",
        },
        FilterEntity.Dataset => new SqlField($"d.{field.Key}")
        {
            Exists = "EXISTS (SELECT 1 FROM dataset_inputs i JOIN datasets d ON d.id = i.dataset_id WHERE i.run_id = r.id AND {test})",
        },
        _ => Attribute(field.Key),
    };

    private static SqlField Attribute(string key) => key switch
    {
        "run_id" => new SqlField("r.run_uuid"),
        "run_name" => new SqlField("r.name"),
        "user_id" => new SqlField("r.user_name"),
        "start_time" => new SqlField("r.start_ms"),
        "end_time" => new SqlField("r.end_ms"),
        "status" => new SqlField("r.status") { Codes = Statuses },
        "artifact_uri" => new SqlField("(SELECT concat(x.artifact_location, '/', r.run_uuid, '/artifacts') FROM experiments x WHERE x.id = r.experiment_id)"),
        "created_by" => new SqlField("(SELECT u.user_name FROM users u WHERE u.id = r.created_by)"),
        _ => throw new ArgumentOutOfRangeException(nameof(key), key, "not a field of runs"),
    };
}
