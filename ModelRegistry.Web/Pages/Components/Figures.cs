using System.Globalization;

namespace ModelRegistry.Web.Pages.Components;

/// <summary>Numbers, sizes and durations as people read them: few digits, the unit beside them.</summary>
public static class Figures
{
    private static readonly string[] Units = ["B", "kB", "MB", "GB", "TB", "PB"];

    /// <summary>At least four significant digits, and no more than eight characters or so.</summary>
    public static string Metric(double value)
    {
        if (double.IsNaN(value))
            return "NaN";
        if (double.IsInfinity(value))
            return value > 0 ? "∞" : "−∞";
        var size = Math.Abs(value);
        if (size == 0)
            return "0";
        if (size is >= 1e9 or < 1e-4)
            return Minus(value.ToString("0.###e+0", CultureInfo.InvariantCulture));
        if (value == Math.Truncate(value))
            return Minus(value.ToString("0", CultureInfo.InvariantCulture));
        var decimals = Math.Clamp(4 - (int)Math.Ceiling(Math.Log10(size)), 1, 8);
        return Minus(value.ToString("0." + new string('#', decimals), CultureInfo.InvariantCulture));
    }

    /// <summary>The number whole, as it can be typed in again.</summary>
    public static string Exact(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    public static string Delta(double value, double baseline)
    {
        var delta = value - baseline;
        return delta switch
        {
            0 => "±0",
            > 0 => "+" + Metric(delta),
            _ => Metric(delta),
        };
    }

    public static string Bytes(long bytes)
    {
        double size = bytes;
        var unit = 0;
        while (size >= 999.5 && unit < Units.Length - 1)
        {
            size /= 1000;
            unit++;
        }

        return size.ToString(unit == 0 || size >= 99.5 ? "0" : "0.#", CultureInfo.InvariantCulture) + " " + Units[unit];
    }

    public static string Count(long count) => count.ToString("#,0", CultureInfo.InvariantCulture).Replace(',', '\u202f');

    public static string Plural(long count, string one, string? many = null) =>
        $"{Count(count)} {(count == 1 ? one : many ?? one + "s")}";

    public static string Duration(long ms) => ms switch
    {
        < 0 => "—",
        < 1_000 => $"{ms} ms",
        < 60_000 => (ms / 1000.0).ToString("0.0", CultureInfo.InvariantCulture) + " s",
        < 3_600_000 => $"{ms / 60_000} min {ms / 1_000 % 60} s",
        < 86_400_000 => $"{ms / 3_600_000} h {ms / 60_000 % 60} min",
        _ => $"{ms / 86_400_000} d {ms / 3_600_000 % 24} h",
    };

    private static string Minus(string number) => number.Replace('-', '\u2212');
}
