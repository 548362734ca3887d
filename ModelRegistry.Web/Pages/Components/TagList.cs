namespace ModelRegistry.Web.Pages.Components;

/// <summary>The `_TagList` partial: tags as a table with a form under it. It posts to the page's handlers `SetTag`
/// (key, value) and `DeleteTag` (key).</summary>
public sealed record TagList(IReadOnlyList<TagRow> Tags)
{
    public bool MayEdit { get; init; }
    /// <summary>What was typed into a form that was refused.</summary>
    public string? Key { get; init; }
    public string? Value { get; init; }
    public string Empty { get; init; } = "No tags yet.";
}

public sealed record TagRow(string Key, string Value)
{
    /// <summary>Written by clients for their own use; shown, but apart.</summary>
    public bool IsSystem => Key.StartsWith("mlflow.", StringComparison.Ordinal);
}
