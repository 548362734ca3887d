using System.Text.RegularExpressions;
using ModelRegistry.Core.Common;

namespace ModelRegistry.Core.Registry;

/// <summary>What models, versions and aliases may be called. The messages keep MLflow's wording.</summary>
internal static partial class RegistryRules
{
    public static void RequireModelName(string field, string name)
    {
        if (string.IsNullOrWhiteSpace(name))
            throw new InvalidArgumentException(field, $"Missing value for required parameter '{field}'.");
        if (name.AsSpan().ContainsAny('/', ':'))
            throw new InvalidArgumentException(field, $"Invalid model name '{name}'. Names cannot contain '/' or ':'.");
        if (name == "." || name.StartsWith("..", StringComparison.Ordinal))
            throw NameRules.NotClean(field, name);
        if (name.Any(char.IsControl))
            throw new InvalidArgumentException(field, $"Invalid model name for parameter '{field}': it has control characters.");
        NameRules.RequireMaxLength(field, name, RegisteredModel.MaxNameLength);
    }

    public static void RequireAlias(string alias)
    {
        if (alias.Length == 0)
            throw new InvalidArgumentException("alias", "Registered model alias name cannot be empty.");
        if (!AliasCharacters().IsMatch(alias))
        {
            throw new InvalidArgumentException("alias", $"Invalid alias name: '{alias}'. Names may only contain alphanumerics, "
                + "underscores (_), and dashes (-).");
        }

        NameRules.RequireMaxLength("Registered model alias name", alias, RegisteredModelAlias.MaxLength);
        if (IsLatest(alias))
            throw new InvalidArgumentException("alias", "'latest' alias name (case insensitive) is reserved.");
        if (VersionAlias().IsMatch(alias))
            throw new InvalidArgumentException("alias", $"Version alias name '{alias}' is reserved.");
    }

    /// <summary>The alias that nobody sets: the version with the highest number has it.</summary>
    public static bool IsLatest(string alias) => alias.Equals("latest", StringComparison.OrdinalIgnoreCase);

    public static void RequireTag(Tag tag)
    {
        NameRules.RequireKey("key", tag.Key, RegisteredModelTag.MaxKeyLength);
        NameRules.RequireMaxLength("value", tag.Value, RegisteredModelTag.MaxValueLength);
    }

    public static void RequireDescription(string description) =>
        NameRules.RequireMaxLength("description", description, RegisteredModel.MaxDescriptionLength);

    /// <summary>Of equal keys the last one counts.</summary>
    public static List<Tag> Distinct(IReadOnlyList<Tag> tags)
    {
        foreach (var tag in tags)
            RequireTag(tag);
        return [.. tags.GroupBy(t => t.Key, StringComparer.Ordinal).Select(g => g.Last())];
    }

    [GeneratedRegex(@"^[\w\-]*\z")]
    private static partial Regex AliasCharacters();

    [GeneratedRegex(@"^[vV][0-9]+\z")]
    private static partial Regex VersionAlias();
}
