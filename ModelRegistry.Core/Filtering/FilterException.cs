namespace ModelRegistry.Core.Filtering;

/// <summary>The only error of this namespace: a filter or an ordering that cannot be understood.</summary>
public sealed class FilterException : Exception
{
    private const int MaxReason = 1000;

    /// <param name="reason">What is wrong, in MLflow's words where it has words for it.</param>
    /// <param name="position">Where in the text, counted from 0.</param>
    /// <param name="expected">What would have been right there.</param>
    public FilterException(string reason, int position, string expected)
        : base($"{Shorten(reason, MaxReason)} (at position {position + 1}, expected {expected})") =>
        (Reason, Position, Expected) = (Shorten(reason, MaxReason), position, expected);

    public string Reason { get; }

    public int Position { get; }

    public string Expected { get; }

    internal static string Shorten(string text, int length)
    {
        if (text.Length <= length) return text;
        return text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)] + "…";
    }
}
