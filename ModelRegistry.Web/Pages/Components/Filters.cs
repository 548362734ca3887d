using System.Text.RegularExpressions;
using ModelRegistry.Core.Filtering;

namespace ModelRegistry.Web.Pages.Components;

/// <summary>Filters as people type them.</summary>
public static partial class Filters
{
    /// <summary>A plain word is looked for in names; everything else is MLflow's grammar.</summary>
    public static string? Read(string? typed, string nameField)
    {
        if (string.IsNullOrWhiteSpace(typed))
            return null;
        var text = typed.Trim();
        return Plain().IsMatch(text) && !Operator().IsMatch(text) ? Contains(nameField, text) : text;
    }

    /// <summary>The field holds the text, whatever the case.</summary>
    public static string Contains(string field, string text) => text.Contains('\'')
        ? $"{field} ILIKE \"%{text.Replace("\"", "")}%\""
        : $"{field} ILIKE '%{text}%'";

    /// <summary>What is wrong with the filter, or null.</summary>
    public static FilterProblem? Check(FilterSchema schema, string? filter)
    {
        try
        {
            schema.Bind(filter);
            return null;
        }
        catch (FilterException e)
        {
            return new FilterProblem(e);
        }
    }

    [GeneratedRegex(@"^[\w\s.\-@/:]+$")]
    private static partial Regex Plain();

    [GeneratedRegex(@"\b(AND|OR|NOT|LIKE|ILIKE|IN|IS)\b")]
    private static partial Regex Operator();
}
