using ModelRegistry.Core.Common;

namespace ModelRegistry.Core.Registry;

/// <summary>A stage: what its model calls it, and which of the four it counts as for everybody who knows only those.</summary>
public sealed record VersionStage(string Name, ModelStage Kind)
{
    public const int MaxNameLength = 64;

    /// <summary>The stages of a model that has no list of its own.</summary>
    public static IReadOnlyList<VersionStage> BuiltIn { get; } =
        [.. Enum.GetValues<ModelStage>().Select(kind => new VersionStage(kind.ToString(), kind))];

    public bool IsBuiltIn => Name == Kind.ToString();

    /// <summary>Versions are at work in it, so a newcomer can take their place.</summary>
    public bool IsActive => Kind is ModelStage.Staging or ModelStage.Production;

    /// <summary>What the audit keeps: the name, and what it counts as where the name does not say so.</summary>
    internal object Audited => IsBuiltIn ? new { Stage = Name } : new { Stage = Name, MapsTo = Kind };

    public static VersionStage Of(ModelStage kind) => BuiltIn[(int)kind];

    public override string ToString() => Name;

    /// <summary>One of the four by its name, in any case; the first has two names.</summary>
    public static ModelStage? FindKind(string name) => name.Equals("None", StringComparison.OrdinalIgnoreCase)
        ? ModelStage.Experiment
        : BuiltIn.FirstOrDefault(s => s.Name.Equals(name, StringComparison.OrdinalIgnoreCase))?.Kind;
}

/// <summary>
/// A pattern of stages, as policies have it: `*` stands for any run of characters, case does not count. It covers the
/// stages of that name, and each stage that counts as one of the four whose name it matches: nobody gets around a rule
/// for Production by calling a stage otherwise.
/// </summary>
public static class StagePattern
{
    public static bool Covers(string pattern, VersionStage stage) => CoversKind(pattern, stage.Kind) || Matches(pattern, stage.Name);

    /// <summary>Whatever a model calls its stages.</summary>
    public static bool CoversKind(string pattern, ModelStage kind) => Matches(pattern, kind.ToString());

    /// <summary>The four in their own spelling, so that it is read back as it is meant.</summary>
    public static string Normalize(string pattern) => VersionStage.FindKind(pattern.Trim())?.ToString() ?? pattern.Trim();

    /// <exception cref="InvalidArgumentException">No stage could have such a name.</exception>
    public static void Require(string field, string pattern)
    {
        if (pattern.Length is 0 or > VersionStage.MaxNameLength || !StageList.IsName(pattern.Replace('*', 'x')))
        {
            throw new InvalidArgumentException(field, $"{field} must be the name of a stage, at most {VersionStage.MaxNameLength} "
                + "letters, digits, blanks, hyphens, underscores and dots; * stands for any run of characters.");
        }
    }

    private static bool Matches(string pattern, string name) => NamePattern.Matches(pattern.ToLowerInvariant(), name.ToLowerInvariant());
}
