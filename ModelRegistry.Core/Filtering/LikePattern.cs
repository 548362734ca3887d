using System.Text;

namespace ModelRegistry.Core.Filtering;

/// <summary>Patterns as MLflow has them: % stands for any run, _ for one character, everything else for itself.</summary>
internal static class LikePattern
{
    /// <summary>A run of % says no more than one, and costs some databases much.</summary>
    public static string Shorten(string pattern)
    {
        var shorter = new StringBuilder(pattern.Length);
        foreach (var c in pattern)
        {
            if (c != '%' || shorter.Length == 0 || shorter[^1] != '%') shorter.Append(c);
        }
        return shorter.ToString();
    }

    /// <summary>With every character of <paramref name="special"/> escaped by a backslash.</summary>
    public static string Escape(string pattern, string special)
    {
        var escaped = new StringBuilder(pattern.Length);
        foreach (var c in pattern)
        {
            if (special.Contains(c, StringComparison.Ordinal)) escaped.Append('\\');
            escaped.Append(c);
        }
        return escaped.ToString();
    }

    /// <summary>The same pattern for SQLite's GLOB, which minds case where its LIKE does not.</summary>
    public static string ToGlob(string pattern)
    {
        var glob = new StringBuilder(pattern.Length);
        foreach (var c in pattern)
        {
            _ = c switch
            {
                '%' => glob.Append('*'),
                '_' => glob.Append('?'),
                '*' or '?' or '[' => glob.Append('[').Append(c).Append(']'),
                _ => glob.Append(c)
            };
        }
        return glob.ToString();
    }

    /// <summary>Takes at most length of text times length of pattern steps.</summary>
    public static bool Matches(string text, string pattern, bool ignoreCase)
    {
        var t = Runes(text, ignoreCase);
        var p = Runes(pattern, ignoreCase);
        int at = 0, inPattern = 0, percent = -1, retry = 0;
        while (at < t.Length)
        {
            if (inPattern < p.Length && p[inPattern].Value == '%')
            {
                percent = inPattern++;
                retry = at;
            }
            else if (inPattern < p.Length && (p[inPattern].Value == '_' || p[inPattern] == t[at]))
            {
                at++;
                inPattern++;
            }
            else if (percent >= 0)
            {
                inPattern = percent + 1;
                at = ++retry;
            }
            else
            {
                return false;
            }
        }
        return p.Skip(inPattern).All(rune => rune.Value == '%');
    }

    private static Rune[] Runes(string text, bool ignoreCase) =>
        [.. text.EnumerateRunes().Select(rune => ignoreCase ? Rune.ToUpperInvariant(rune) : rune)];
}
