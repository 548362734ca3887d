using static ModelRegistry.Core.Filtering.FilterType;
using static ModelRegistry.Core.Filtering.FilterUse;

namespace ModelRegistry.Core.Filtering;

/// <summary>MLflow's tables of what can be asked of each noun, and what we add to them.</summary>
public static class FilterSchemas
{
    private const string PromptTag = "mlflow.prompt.is_prompt";

    private static readonly (FilterEntity, string[]) Attribute =
        (FilterEntity.Attribute, ["attribute", "attributes", "attr"]);

    private static readonly (FilterEntity, string[]) Tag = (FilterEntity.Tag, ["tag", "tags"]);

    public static FilterSchema Runs { get; } = new(
        Entities(
            (FilterEntity.Metric, ["metric", "metrics"]),
            (FilterEntity.Param, ["parameter", "parameters", "param", "params"]),
            Tag,
            (FilterEntity.Attribute, ["attribute", "attributes", "attr", "run"]),
            (FilterEntity.Dataset, ["dataset", "datasets"])),
        Attributes(
            (new("run_id", Text), []),
            (new("run_name", Text), []),
            (new("run_name", Text, Filter), ["run name", "Run name", "Run Name"]),
            (new("status", Text), []),
            (new("artifact_uri", Text), []),
            (new("user_id", Text), []),
            (new("created_by", Text), []),
            (new("start_time", Time), ["created", "Created"]),
            (new("end_time", Time), [])))
    {
        Ordered = new HashSet<FilterEntity>
        {
            FilterEntity.Attribute, FilterEntity.Metric, FilterEntity.Param, FilterEntity.Tag
        }
    };

    public static FilterSchema Experiments { get; } = new(
        Entities(Attribute, Tag),
        Attributes(
            (new("name", Text), []),
            (new("creation_time", Time), []),
            (new("last_update_time", Time), []),
            (new("experiment_id", Whole, Order), [])));

    public static FilterSchema RegisteredModels { get; } = new(
        Entities(Attribute, Tag),
        Attributes(
            (new("name", Text), []),
            (new("creation_timestamp", Time), []),
            (new("last_updated_timestamp", Time), ["timestamp"]),
            (new("description", Text, Filter), []),
            (new("alias", Text, Filter), ["aliases"]),
            (new("stage", Text, Filter), ["current_stage"]),
            (new("created_by", Text, Filter), ["creator", "user_id"])))
    {
        TagsWhereAbsentDiffers = new HashSet<string> { PromptTag }
    };

    public static FilterSchema ModelVersions { get; } = new(
        Entities(Attribute, Tag),
        Attributes(
            (new("name", Text), []),
            (new("version_number", Whole), []),
            (new("source_path", Text, Filter), []),
            (new("run_id", Text, Filter), []),
            (new("creation_timestamp", Time), []),
            (new("last_updated_timestamp", Time), []),
            (new("description", Text, Filter), []),
            (new("alias", Text, Filter), ["aliases"]),
            (new("stage", Text, Filter), ["current_stage"]),
            (new("created_by", Text, Filter), ["creator", "user_id"])))
    {
        TagsWhereAbsentDiffers = new HashSet<string> { PromptTag }
    };

    public static FilterSchema LoggedModels { get; } = new(
        Entities(
            (FilterEntity.Attribute, ["attributes"]),
            (FilterEntity.Metric, ["metrics"]),
            (FilterEntity.Param, ["params"]),
            (FilterEntity.Tag, ["tags"])),
        Attributes(
            (new("name", Text), []),
            (new("model_id", Text), []),
            (new("model_type", Text), []),
            (new("status", Whole), []),
            (new("source_run_id", Text), []),
            (new("experiment_id", Whole), []),
            (new("creation_timestamp", Time), ["creation_timestamp_ms"]),
            (new("last_updated_timestamp", Time), ["last_updated_timestamp_ms"])))
    {
        Ordered = new HashSet<FilterEntity> { FilterEntity.Attribute, FilterEntity.Metric }
    };

    private static Dictionary<string, FilterEntity> Entities(params (FilterEntity Entity, string[] Spellings)[] rows) =>
        rows.SelectMany(row => row.Spellings, (row, spelling) => (spelling, row.Entity))
            .ToDictionary(pair => pair.spelling, pair => pair.Entity, StringComparer.Ordinal);

    private static Dictionary<string, FilterColumn> Attributes(
        params (FilterColumn Attribute, string[] Aliases)[] rows)
    {
        var found = new Dictionary<string, FilterColumn>(StringComparer.Ordinal);
        foreach (var (attribute, aliases) in rows)
        {
            found.TryAdd(attribute.Name, attribute);
            foreach (var alias in aliases) found.Add(alias, attribute);
        }
        return found;
    }
}
