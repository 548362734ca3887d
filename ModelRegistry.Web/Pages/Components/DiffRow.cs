namespace ModelRegistry.Web.Pages.Components;

public enum DiffKind
{
    Same,
    Changed,
    Added,
    Removed,
}

/// <summary>A line of the `_DiffTable` partial: a key and its two values.</summary>
public sealed record DiffRow(string Key, string? Left, string? Right)
{
    public string? Note { get; init; }

    public DiffKind Kind => (Left, Right) switch
    {
        (null, _) => DiffKind.Added,
        (_, null) => DiffKind.Removed,
        _ => Left == Right ? DiffKind.Same : DiffKind.Changed,
    };
}

public sealed record DiffTable(string Title, string LeftName, string RightName, IReadOnlyList<DiffRow> Rows)
{
    public bool Mono { get; init; }
    /// <summary>Of which only some may be shown.</summary>
    public int Total { get; init; } = Rows.Count;

    public int Changes => Rows.Count(r => r.Kind != DiffKind.Same);

    /// <summary>The two sides joined by key; rows in the order of the keys.</summary>
    public static IReadOnlyList<DiffRow> Join(
        IReadOnlyDictionary<string, string> left, IReadOnlyDictionary<string, string> right) =>
        [.. left.Keys.Union(right.Keys).Order(StringComparer.Ordinal)
            .Select(k => new DiffRow(k, left.GetValueOrDefault(k), right.GetValueOrDefault(k)))];
}
