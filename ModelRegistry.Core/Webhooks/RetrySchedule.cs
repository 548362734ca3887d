namespace ModelRegistry.Core.Webhooks;

/// <summary>When a delivery that could not be made is tried again: soon, then for sixteen hours.</summary>
internal static class RetrySchedule
{
    private static readonly TimeSpan[] Delays =
    [
        TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2),
        TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(30), TimeSpan.FromHours(1), TimeSpan.FromHours(2),
        TimeSpan.FromHours(4), TimeSpan.FromHours(8),
    ];

    private static readonly TimeSpan Longest = Delays[^1];

    public static int MaxAttempts => Delays.Length + 1;

    /// <summary>Null when it has been tried often enough.</summary>
    /// <param name="attempts">Made so far, from 1.</param>
    /// <param name="jitter">0 to 1: spreads those that failed together.</param>
    public static TimeSpan? After(int attempts, TimeSpan? askedFor, double jitter)
    {
        if (attempts >= MaxAttempts)
            return null;
        var delay = Delays[attempts - 1] * (1 + 0.2 * jitter);
        return askedFor is { } asked && asked > delay ? (asked < Longest ? asked : Longest) : delay;
    }

    /// <summary>Refusals that may pass; the others are the same however often one asks.</summary>
    public static bool IsPassing(int status) => status is 408 or 425 or 429 or >= 500;
}
