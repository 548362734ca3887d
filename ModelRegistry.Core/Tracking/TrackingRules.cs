using System.Globalization;
using System.Text.RegularExpressions;
using ModelRegistry.Core.Common;

namespace ModelRegistry.Core.Tracking;

/// <summary>What names and values may be. Source: MLflow's validation; the messages keep its wording.</summary>
public static partial class TrackingRules
{
    public const int MaxMetricsPerBatch = 1000;
    public const int MaxParamsPerBatch = 100;
    public const int MaxTagsPerBatch = 100;
    public const int MaxItemsPerBatch = 1000;

    /// <summary>Metric, param and tag keys: they may stand for files, so they must be clean relative paths.</summary>
    /// <param name="shown">`Metric key` or the like: how the message calls it where it is too long.</param>
    public static void RequireKey(string field, string shown, string key, int maxLength = 250)
    {
        if (IsPlainKey(key) && key.Length <= maxLength)
            return;
        if (key.Length > maxLength)
            throw new InvalidArgumentException(field, $"'{shown}' exceeds the maximum length of {maxLength} characters");
        if (!KeyCharacters().IsMatch(key))
        {
            throw new InvalidArgumentException(field, $"Invalid value '{key}' for parameter '{field}' supplied: Names may only "
                + "contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).");
        }

        if (!IsCleanPath(key))
        {
            throw new InvalidArgumentException(field, $"Invalid value '{key}' for parameter '{field}' supplied: Names may be "
                + "treated as files in certain cases, and must not resolve to other names when treated as such.");
        }
    }

    public static string RequireExperimentName(string field, string name)
    {
        if (string.IsNullOrWhiteSpace(name))
            throw new InvalidArgumentException(field, $"Invalid value for parameter '{field}' supplied: it must not be blank.");
        return name.Length <= Experiment.MaxNameLength
            ? name
            : throw new InvalidArgumentException(field,
                $"'{field}' exceeds the maximum length of {Experiment.MaxNameLength} characters");
    }

    /// <summary>The public id of an experiment: a decimal integer in a string.</summary>
    public static long ParseExperimentId(string id) =>
        long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new InvalidArgumentException("experiment_id",
                $"Invalid experiment ID '{Shorten(id)}'. Experiment ID must be a valid integer.");

    public static void RequireMaxLength(string field, string value, int max)
    {
        if (value.Length > max)
            throw new InvalidArgumentException(field, $"'{field}' exceeds the maximum length of {max} characters");
    }

    public static string Shorten(string text) => text.Length <= 100 ? text : text[..100] + "…";

    /// <summary>Cut to a length without leaving half of a surrogate pair.</summary>
    public static string Truncate(string value, int max)
    {
        if (value.Length <= max)
            return value;
        return char.IsHighSurrogate(value[max - 1]) ? value[..(max - 1)] : value[..max];
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

    private static bool IsCleanPath(string key) =>
        key.Length > 0 && !key.StartsWith('/') && key.Split('/').All(part => part is not ("" or "." or ".."));

    [GeneratedRegex(@"^[/\w.\- :]*\z")]
    private static partial Regex KeyCharacters();
}
