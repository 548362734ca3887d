using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Filtering;
using ModelRegistry.Core.Identity;

namespace ModelRegistry.Core.Registry;

/// <summary>A search of models or versions in MLflow's grammar.</summary>
public sealed record RegistryQuery(int MaxResults)
{
    public string? Filter { get; init; }
    public IReadOnlyList<string> OrderBy { get; init; } = [];
    public string? PageToken { get; init; }
    /// <summary>Prompts are left out, unless this is set or the filter asks for them.</summary>
    public bool WithPrompts { get; init; }
}

/// <summary>Finds models and versions that the caller may read: one statement each, with key-set pages.</summary>
public sealed class RegistrySearch(RegistryWork work, ReadConnections connections)
{
    /// <summary>The models with their newest versions of each stage.</summary>
    public async Task<Page<RegisteredModelDetails>> ModelsAsync(RegistryQuery query, CancellationToken ct)
    {
        var page = await FindAsync(query, RegistrySearchNoun.Models, ct);
        var models = await work.Db.ModelsAsync(page.Items, ct);
        var latest = (await work.Db.LatestVersionsAsync([.. models.Where(m => m.LastVersion > 0).Select(m => m.Id)], ct))
            .ToLookup(v => v.ModelId);
        return new Page<RegisteredModelDetails>(
            [.. models.Select(m => new RegisteredModelDetails(m, [.. latest[m.Id]]))], page.NextPageToken);
    }

    public async Task<Page<ModelVersion>> VersionsAsync(RegistryQuery query, CancellationToken ct)
    {
        var page = await FindAsync(query, RegistrySearchNoun.Versions, ct);
        return new Page<ModelVersion>(await work.Db.VersionsAsync(page.Items, ct), page.NextPageToken);
    }

    private async Task<Page<long>> FindAsync(RegistryQuery query, RegistrySearchNoun noun, CancellationToken ct)
    {
        var (condition, order) = Parse(query, noun);
        var sql = new FilterSql(connections.Dialect, noun.Field);
        var keyset = noun.Order(order);
        var where = new List<string>
        {
            noun.Living,
            Visibility.Sql(work.User, SecurableKind.RegisteredModel, "m", connections, sql.Parameter),
            sql.Where(condition),
        };
        where.AddRange(noun.Shortcuts(condition, sql));
        if (!query.WithPrompts && !condition.Clauses.Any(c => c.Field is { Entity: FilterEntity.Tag, Key: RegisteredModelService.PromptTag }))
            where.Add($"m.is_prompt = {(connections.Dialect == SqlDialect.PostgreSql ? "FALSE" : "0")}");
        var bound = $"{noun.Table}|{query.Filter}|{string.Join('|', query.OrderBy)}|{query.WithPrompts}";
        if (PageToken.TryDecode<string[]>(query.PageToken, bound, out var key))
        {
            where.Add(keyset.After(key, sql.Parameter)
                ?? throw new InvalidArgumentException("page_token", "Invalid page token: it does not fit the order."));
        }

        var text = $"SELECT {noun.Id}{keyset.Select} FROM {noun.Table} WHERE {string.Join(" AND ", where)} "
            + $"ORDER BY {keyset.OrderBy}{connections.Limit(sql.Parameter(query.MaxResults + 1))}";
        return await ReadAsync(text, sql.Parameters, keyset, query.MaxResults, bound, ct);
    }

    private async Task<Page<long>> ReadAsync(string text, IReadOnlyList<(string Name, object Value)> parameters,
        KeysetOrder keyset, int maxResults, string bound, CancellationToken ct)
    {
        using var connection = await connections.RentAsync(ct);
        await using var command = connection.Command(text, keep: false, [.. parameters]);
        await using var row = await command.ExecuteReaderAsync(ct);
        var ids = new List<long>();
        string[]? lastKey = null;
        while (await row.ReadAsync(ct))
        {
            if (ids.Count == maxResults)
                return new Page<long>(ids, PageToken.Encode(lastKey!, bound));
            ids.Add(row.GetInt64(0));
            if (ids.Count == maxResults)
                lastKey = keyset.ReadKey(row, 1);
        }

        return new Page<long>(ids, null);
    }

    private static (Condition Condition, IReadOnlyList<OrderTerm> Order) Parse(RegistryQuery query, RegistrySearchNoun noun)
    {
        try
        {
            return (FilterWords.Translate(noun.Schema.Bind(query.Filter)), OrderBy.Parse(query.OrderBy, noun.Schema));
        }
        catch (FilterException e)
        {
            throw new InvalidArgumentException("filter", e.Message);
        }
    }
}
