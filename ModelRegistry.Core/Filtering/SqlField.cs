namespace ModelRegistry.Core.Filtering;

public enum SqlDialect
{
    Sqlite, PostgreSql, SqlServer
}

/// <summary>
/// Where a field is found in a caller's query. Text is compared as the column's collation does where we do not name
/// one: it has to mind case (SQLite's and PostgreSQL's defaults do; we name one on SQL Server).
/// </summary>
/// <param name="Column">An expression of the value, null where it is absent: <c>r.name</c>.</param>
public sealed record SqlField(string Column)
{
    /// <summary>
    /// For values in rows of their own, a two-valued test with {test}, and {key} if need be:
    /// <c>EXISTS (SELECT 1 FROM run_tags t WHERE t.run_id = r.id AND t."key" = {key} AND {test})</c>.
    /// </summary>
    public string? Exists { get; init; }

    /// <summary>What {key} stands for, such as a key's number; the key itself if null.</summary>
    public object? Key { get; init; }

    /// <summary>The column that tells a metric's NaN (1) from a finite number (0) and infinities (2, 3).</summary>
    public string? Kind { get; init; }

    /// <summary>For a column of numbers that stand for words: each word's number.</summary>
    public IReadOnlyDictionary<string, int>? Codes { get; init; }

    /// <summary>A column with words of their own beside the numbers: what is asked for may be either.</summary>
    public string? Words { get; init; }
}
