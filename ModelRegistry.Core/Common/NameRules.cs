using System.Text.RegularExpressions;

namespace ModelRegistry.Core.Common;

/// <summary>What names, keys and texts may be, alike for every noun. The messages keep MLflow's wording.</summary>
public static partial class NameRules
{
    /// <summary>Keys of tags, params and metrics: they may stand for files, so they must be clean relative paths.</summary>
    public static void RequireKey(string field, string key, int maxLength)
    {
        RequireMaxLength(field, key, maxLength);
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
        + $"not resolve to other names when treated as such. This name would resolve to '{value}'");

    [GeneratedRegex(@"^[/\w.\- :]+\z")]
    private static partial Regex KeyCharacters();
}
