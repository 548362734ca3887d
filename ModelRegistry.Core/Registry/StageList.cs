using System.Text.Json;
using System.Text.Json.Serialization;
using ModelRegistry.Core.Common;

namespace ModelRegistry.Core.Registry;

/// <summary>
/// The stages of a model in their order. The first of a kind is that kind's default: what moves by the name of the kind
/// goes there. Names are told apart without regard to case, and the four names always mean their own kind.
/// </summary>
public sealed class StageList
{
    public const int MaxStages = 20;

    private static readonly JsonSerializerOptions Json = new() { Converters = { new JsonStringEnumConverter() } };

    public static StageList BuiltIn { get; } = new(VersionStage.BuiltIn);

    private StageList(IReadOnlyList<VersionStage> stages) => Stages = stages;

    public IReadOnlyList<VersionStage> Stages { get; }

    public bool IsBuiltIn => Stages.SequenceEqual(VersionStage.BuiltIn);

    public VersionStage? Find(string name) => Stages.FirstOrDefault(s => s.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    public VersionStage? DefaultOf(ModelStage kind) => Stages.FirstOrDefault(s => s.Kind == kind);

    public bool IsDefault(VersionStage stage) => DefaultOf(stage.Kind) == stage;

    /// <summary>The stage of that name; of one of the four that the list does not name, the default.</summary>
    /// <exception cref="InvalidArgumentException">The model has no such stage.</exception>
    public VersionStage Get(string field, string name) => Find(name)
        ?? (VersionStage.FindKind(name) is { } kind ? DefaultOf(kind) : null)
        ?? throw Unknown(field, name);

    /// <exception cref="InvalidArgumentException">No stage of the model counts as this.</exception>
    public VersionStage Get(string field, ModelStage kind) => DefaultOf(kind) ?? throw Unknown(field, kind.ToString());

    /// <summary>Versions begin here, and go there when a newcomer takes their place.</summary>
    public VersionStage First => DefaultOf(ModelStage.Experiment)!;
    public VersionStage Archived => DefaultOf(ModelStage.Archived)!;

    /// <exception cref="InvalidArgumentException">Names the member that is wrong, such as `stages[2].name`.</exception>
    public static StageList Create(IReadOnlyList<VersionStage> stages)
    {
        if (stages.Count > MaxStages)
            throw new InvalidArgumentException("items", $"A model has {MaxStages} stages at most.");
        for (var i = 0; i < stages.Count; i++)
        {
            var (name, kind) = (stages[i].Name, stages[i].Kind);
            var field = FormattableString.Invariant($"items[{i}].name");
            if (!IsName(name))
            {
                throw new InvalidArgumentException(field, $"'{NameRules.Shorten(name, 100)}' is no name for a stage: it has 1 to "
                    + $"{VersionStage.MaxNameLength} letters, digits, blanks, hyphens, underscores and dots, without blanks at its ends.");
            }

            if (stages.Take(i).Any(s => s.Name.Equals(name, StringComparison.OrdinalIgnoreCase)))
                throw new InvalidArgumentException(field, $"There are two stages with the name '{name}'; case does not count.");
            if (VersionStage.FindKind(name) is { } own && (own != kind || name != own.ToString()))
            {
                throw new InvalidArgumentException(field, $"The name '{name}' means what it means for every model: call it otherwise, "
                    + $"or '{own}' with its own mapping.");
            }
        }

        foreach (var kind in new[] { ModelStage.Experiment, ModelStage.Archived })
        {
            if (!stages.Any(s => s.Kind == kind))
            {
                throw new InvalidArgumentException("items", kind == ModelStage.Experiment
                    ? "One of the stages must map to None: new versions begin there."
                    : "One of the stages must map to Archived: versions go there when others take their place.");
            }
        }

        return new StageList(stages);
    }

    internal static bool IsName(string name) => name.Length is > 0 and <= VersionStage.MaxNameLength && name.Trim() == name
        && name.All(c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_' or '.') && name.Any(char.IsLetterOrDigit);

    /// <summary>Null for the four: they are nobody's own.</summary>
    internal string? ToJson() => IsBuiltIn ? null : JsonSerializer.Serialize(Stages, Json);

    internal static StageList FromJson(string? text) =>
        text is null ? BuiltIn : new StageList(JsonSerializer.Deserialize<List<VersionStage>>(text, Json)!);

    private InvalidArgumentException Unknown(string field, string name) => new(field,
        $"The model has no stage '{NameRules.Shorten(name, 100)}'. Its stages are {string.Join(", ", Stages)}.");
}
