using System.Text.RegularExpressions;

namespace ModelRegistry.Core.Common;

/// <summary>What names, keys and texts may be, alike for every noun. The messages keep MLflow's wording.</summary>
public static partial class NameRules
{
    /// <summary>Keys of tags, params and metrics: they may stand for files, so they must be clean relative paths.</summary>
    /// <param name="shown">How the message calls it where it is too long, if not by the field's name.</param>
    public static void RequireKey(string field, string key, int maxLength, string? shown = null)
    {
        if (IsPlainKey(key) && key.Length <= maxLength)
            return;
        RequireMaxLength(shown ?? field, key, maxLength);
        if (!KeyCharacters().IsMatch(key))
        {
            throw new InvalidArgumentException(field, $"Invalid value \"{key}\" for parameter '{field}' supplied: Names may only "
                + "contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).");
        }

        if (key.Split('/').Any(part => part is "" or "." or ".."))
            throw NotClean(field, key);
    }

    public static void RequireMaxLength(string field, string value, int max)
    {
        if (value.Length > max)
            throw new InvalidArgumentException(field, $"'{field}' exceeds the maximum length of {max} characters");
    }

    public static InvalidArgumentException NotClean(string field, string value) => new(field,
        $"Invalid value \"{value}\" for parameter '{field}' supplied: Names may be treated as files in certain cases, and must "
        + $"not resolve to other names when treated as such. This name would resolve to '{Resolve(value)}'");

    /// <summary>Cut to a length without leaving half of a surrogate pair.</summary>
    public static string Truncate(string value, int max)
    {
        if (value.Length <= max)
            return value;
        return char.IsHighSurrogate(value[max - 1]) ? value[..(max - 1)] : value[..max];
    }

    /// <summary>What begins and what ends a text that is too long, with … between: a message says its rule at the end.</summary>
    public static string Shorten(string text, int max)
    {
        if (text.Length <= max)
            return text;
        var end = max / 4;
        var start = text.Length - end;
        if (char.IsLowSurrogate(text[start]))
            start++;
        return Truncate(text, max - end - 1) + "…" + text[start..];
    }

    // The common case without a regular expression: ASCII letters, digits, _ and -.
    private static bool IsPlainKey(string key)
    {
        foreach (var c in key)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-'))
                return false;
        }

        return key.Length > 0;
    }

    // What a POSIX file system would make of it.
    private static string Resolve(string path)
    {
        var rooted = path.StartsWith('/');
        var parts = new List<string>();
        foreach (var part in path.Split('/'))
        {
            if (part is "" or ".")
                continue;
            if (part == ".." && parts.Count > 0 && parts[^1] != "..")
                parts.RemoveAt(parts.Count - 1);
            else if (part != ".." || !rooted)
                parts.Add(part);
        }

        var resolved = (rooted ? "/" : "") + string.Join('/', parts);
        return resolved.Length == 0 ? "." : resolved;
    }

    [GeneratedRegex(@"^[/\w.\- :]*\z")]
    private static partial Regex KeyCharacters();
}
