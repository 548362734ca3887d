namespace ModelRegistry.Core.Common;

/// <summary>Days as they are stored and counted: whole days since 1970, in UTC. Of times that no date can hold, the nearest number.</summary>
public static class UtcDay
{
    private static readonly DateOnly First = DateOnly.FromDateTime(DateTime.UnixEpoch);

    public static int Of(long unixMs) => (int)Math.Clamp(Math.Floor(unixMs / 86_400_000.0), int.MinValue, int.MaxValue);

    public static int Of(DateOnly date) => date.DayNumber - First.DayNumber;

    /// <exception cref="ArgumentOutOfRangeException">No date is that far away.</exception>
    public static DateOnly ToDate(int day) => First.AddDays(day);
}
