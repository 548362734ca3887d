namespace ModelRegistry.Core.Filtering;

/// <summary>The only error of this namespace: a filter or an ordering that cannot be understood.</summary>
/// <param name="reason">What is wrong, in MLflow's words where it has words for it.</param>
/// <param name="position">Where in the text, counted from 0.</param>
/// <param name="expected">What would have been right there.</param>
public sealed class FilterException(string reason, int position, string expected)
    : Exception($"{reason} (at position {position + 1}, expected {expected})")
{
    public string Reason { get; } = reason;

    public int Position { get; } = position;

    public string Expected { get; } = expected;
}
