using ModelRegistry.Core.Filtering;

namespace ModelRegistry.Web.Pages.Components;

/// <summary>What the `_FilterBox` partial shows: the filter, what is wrong with it, and help with its grammar.</summary>
public sealed record FilterBox(TableState State, string Noun)
{
    public FilterProblem? Problem { get; init; }
    /// <summary>Offered while typing.</summary>
    public IReadOnlyList<string> Keys { get; init; } = [];
    public IReadOnlyList<FilterExample> Examples { get; init; } = [];
}

public sealed record FilterExample(string Filter, string Meaning);

public sealed record FilterProblem(string Reason, int? Position, string? Expected)
{
    public FilterProblem(FilterException e) : this(e.Reason, e.Position, e.Expected)
    {
    }

    /// <summary>The filter's text up to the mistake, blanked: what stands before the caret.</summary>
    public string Indent(string filter) => new(' ', Math.Clamp(Position ?? 0, 0, filter.Length));
}
