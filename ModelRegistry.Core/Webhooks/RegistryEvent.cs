using System.Globalization;
using System.Text.Json;

namespace ModelRegistry.Core.Webhooks;

/// <summary>
/// Something that happened to a model or a prompt, with the data that webhooks are told. Names and members of the data
/// are those that receivers of MLflow's webhooks know.
/// </summary>
public sealed record RegistryEvent(WebhookEvents Event, IReadOnlyDictionary<string, object?> Data)
{
    private const string PromptTag = "mlflow.prompt.is_prompt";
    private const string PromptTypeTag = "_mlflow_prompt_type";
    private const string PromptTextTag = "mlflow.prompt.text";

    public static RegistryEvent ModelCreated(
        string name, bool isPrompt, IEnumerable<KeyValuePair<string, string>> tags, string description) => new(
        isPrompt ? WebhookEvents.PromptCreated : WebhookEvents.ModelCreated,
        new Dictionary<string, object?>
        {
            ["name"] = name,
            ["tags"] = isPrompt ? Without(tags, PromptTag, PromptTypeTag) : Without(tags),
            ["description"] = description,
        });

    public static RegistryEvent ModelRenamed(string name, string newName) =>
        new(WebhookEvents.ModelRenamed, new Dictionary<string, object?> { ["name"] = name, ["new_name"] = newName });

    public static RegistryEvent ModelDeleted(string name) =>
        new(WebhookEvents.ModelDeleted, new Dictionary<string, object?> { ["name"] = name });

    /// <summary>A tag of a model is an event for prompts only.</summary>
    public static RegistryEvent PromptTagSet(string name, string key, string value) => new(WebhookEvents.PromptTagSet,
        new Dictionary<string, object?> { ["name"] = name, ["key"] = key, ["value"] = value });

    public static RegistryEvent PromptTagDeleted(string name, string key) => new(WebhookEvents.PromptTagDeleted,
        new Dictionary<string, object?> { ["name"] = name, ["key"] = key });

    public static RegistryEvent VersionCreated(
        string name, int number, bool isPrompt, string source, string runId, IReadOnlyCollection<KeyValuePair<string, string>> tags,
        string description) => isPrompt
        ? new(WebhookEvents.PromptVersionCreated, new Dictionary<string, object?>
        {
            ["name"] = name,
            ["version"] = Version(number),
            ["template"] = tags.FirstOrDefault(t => t.Key == PromptTextTag).Value,
            ["tags"] = Without(tags, PromptTextTag, PromptTag, PromptTypeTag),
            ["description"] = NullIfEmpty(description),
        })
        : new(WebhookEvents.VersionCreated, new Dictionary<string, object?>
        {
            ["name"] = name,
            ["version"] = Version(number),
            ["source"] = source,
            ["run_id"] = NullIfEmpty(runId),
            ["tags"] = Without(tags),
            ["description"] = NullIfEmpty(description),
        });

    public static RegistryEvent VersionTagSet(string name, int number, bool isPrompt, string key, string value) => new(
        isPrompt ? WebhookEvents.PromptVersionTagSet : WebhookEvents.VersionTagSet,
        new Dictionary<string, object?> { ["name"] = name, ["version"] = Version(number), ["key"] = key, ["value"] = value });

    public static RegistryEvent VersionTagDeleted(string name, int number, bool isPrompt, string key) => new(
        isPrompt ? WebhookEvents.PromptVersionTagDeleted : WebhookEvents.VersionTagDeleted,
        new Dictionary<string, object?> { ["name"] = name, ["version"] = Version(number), ["key"] = key });

    public static RegistryEvent AliasCreated(string name, bool isPrompt, string alias, int number) => new(
        isPrompt ? WebhookEvents.PromptAliasCreated : WebhookEvents.VersionAliasCreated,
        new Dictionary<string, object?> { ["name"] = name, ["alias"] = alias, ["version"] = Version(number) });

    public static RegistryEvent AliasDeleted(string name, bool isPrompt, string alias) => new(
        isPrompt ? WebhookEvents.PromptAliasDeleted : WebhookEvents.VersionAliasDeleted,
        new Dictionary<string, object?> { ["name"] = name, ["alias"] = alias });

    /// <summary>The names of stages that a model calls otherwise are told beside those that everybody knows.</summary>
    public static RegistryEvent StageChanged(string name, int number, (string Kind, string Name) from, (string Kind, string Name) to)
    {
        var data = new Dictionary<string, object?>
        {
            ["name"] = name,
            ["version"] = Version(number),
            ["from_stage"] = from.Kind,
            ["to_stage"] = to.Kind,
        };
        if (from.Kind != from.Name || to.Kind != to.Name)
            (data["from_stage_name"], data["to_stage_name"]) = (from.Name, to.Name);
        return new(WebhookEvents.VersionStageChanged, data);
    }

    public static RegistryEvent VersionDeleted(string name, int number) => new(WebhookEvents.VersionDeleted,
        new Dictionary<string, object?> { ["name"] = name, ["version"] = Version(number) });

    /// <summary>Of governance: what it is about, and nobody's name.</summary>
    public static RegistryEvent ApprovalRequested(long id, string name, int number, string? stage, string? alias) =>
        new(WebhookEvents.ApprovalRequested, Approval(id, name, number, stage, alias));

    /// <param name="state">E.g. `rejected`.</param>
    public static RegistryEvent ApprovalDecided(long id, string name, int number, string? stage, string? alias, string state)
    {
        var data = Approval(id, name, number, stage, alias);
        data["state"] = state;
        return new(WebhookEvents.ApprovalDecided, data);
    }

    /// <summary>A report is ready: what is due goes when it is approved, and not before that day.</summary>
    public static RegistryEvent RetentionNotice(long runId, string policy, int archived, int deleted, string digest, long notBeforeMs) =>
        new(WebhookEvents.RetentionNotice, new Dictionary<string, object?>
        {
            ["run_id"] = runId,
            ["policy"] = policy,
            ["to_archive"] = archived,
            ["to_delete"] = deleted,
            ["digest"] = digest,
            ["not_before"] = DateTimeOffset.FromUnixTimeMilliseconds(notBeforeMs).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        });

    /// <summary>The matter stays with those who may read holds.</summary>
    public static RegistryEvent Hold(WebhookEvents one, Guid id, string kind, string name) => new(one, new Dictionary<string, object?>
    {
        ["id"] = id.ToString("D"),
        ["kind"] = kind,
        ["object"] = name,
    });

    /// <summary>What is sent to try a webhook out.</summary>
    public static RegistryEvent Example(WebhookEvents one)
    {
        var example = one switch
        {
            WebhookEvents.ModelCreated => ModelCreated("example_model", false, ExampleTags, "An example registered model"),
            WebhookEvents.ModelRenamed => ModelRenamed("example_model", "new_name"),
            WebhookEvents.ModelDeleted => ModelDeleted("example_model"),
            WebhookEvents.VersionCreated => VersionCreated("example_model", 1, false, "models:/123", "abcd1234abcd5678",
                ExampleTags, "An example model version"),
            WebhookEvents.VersionTagSet => VersionTagSet("example_model", 1, false, "example_key", "example_value"),
            WebhookEvents.VersionTagDeleted => VersionTagDeleted("example_model", 1, false, "example_key"),
            WebhookEvents.VersionAliasCreated => AliasCreated("example_model", false, "example_alias", 1),
            WebhookEvents.VersionAliasDeleted => AliasDeleted("example_model", false, "example_alias"),
            WebhookEvents.VersionStageChanged => StageChanged("example_model", 1, ("Staging", "Staging"), ("Production", "Production")),
            WebhookEvents.VersionDeleted => VersionDeleted("example_model", 1),
            WebhookEvents.PromptCreated => ModelCreated("example_prompt", true, ExampleTags, "An example prompt"),
            WebhookEvents.PromptVersionCreated => VersionCreated("example_prompt", 1, true, "", "",
                [.. ExampleTags, new(PromptTextTag, "Hello {{name}}!")], "An example prompt version"),
            WebhookEvents.PromptTagSet => PromptTagSet("example_prompt", "example_key", "example_value"),
            WebhookEvents.PromptTagDeleted => PromptTagDeleted("example_prompt", "example_key"),
            WebhookEvents.PromptVersionTagSet => VersionTagSet("example_prompt", 1, true, "example_key", "example_value"),
            WebhookEvents.PromptVersionTagDeleted => VersionTagDeleted("example_prompt", 1, true, "example_key"),
            WebhookEvents.PromptAliasCreated => AliasCreated("example_prompt", true, "example_alias", 1),
            WebhookEvents.PromptAliasDeleted => AliasDeleted("example_prompt", true, "example_alias"),
            WebhookEvents.ApprovalRequested => ApprovalRequested(1, "example_model", 1, "Production", null),
            WebhookEvents.ApprovalDecided => ApprovalDecided(1, "example_model", 1, "Production", null, "approved"),
            WebhookEvents.RetentionNotice => RetentionNotice(1, "example policy", 0, 1, new string('0', 64), 1_767_225_600_000),
            WebhookEvents.HoldSet or WebhookEvents.HoldReleased => Hold(one, Guid.Empty, "registered-model", "example_model"),
            WebhookEvents.BudgetExceeded => new RegistryEvent(one, ExampleBudget),
            _ => throw new ArgumentOutOfRangeException(nameof(one), one, "Not one event."),
        };
        return example;
    }

    /// <summary>The body that is sent.</summary>
    internal string ToPayload(DateTimeOffset at)
    {
        var name = WebhookEventName.Of(Event);
        return JsonSerializer.Serialize(new Dictionary<string, object?>
        {
            ["entity"] = name.Entity,
            ["action"] = name.Action,
            ["timestamp"] = at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'+00:00'", CultureInfo.InvariantCulture),
            ["data"] = Data,
        });
    }

    private static readonly KeyValuePair<string, string>[] ExampleTags = [new("example_key", "example_value")];

    private static readonly Dictionary<string, object?> ExampleBudget = new()
    {
        ["budget_policy_id"] = "bp-abc123",
        ["budget_unit"] = "USD",
        ["budget_amount"] = 100.0,
        ["current_spend"] = 105.5,
        ["duration_unit"] = "MONTHS",
        ["duration_value"] = 1,
        ["target_scope"] = "WORKSPACE",
        ["workspace"] = "default",
        ["window_start"] = 1704067200000,
    };

    private static Dictionary<string, string> Without(
        IEnumerable<KeyValuePair<string, string>> tags, params ReadOnlySpan<string> hidden)
    {
        var shown = new Dictionary<string, string>();
        foreach (var (key, value) in tags)
        {
            if (!hidden.Contains(key))
                shown[key] = value;
        }

        return shown;
    }

    // Receivers know versions as strings.
    private static string Version(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;

    private static Dictionary<string, object?> Approval(long id, string name, int number, string? stage, string? alias)
    {
        var data = new Dictionary<string, object?> { ["id"] = id, ["name"] = name, ["version"] = Version(number) };
        data[stage is null ? "alias" : "stage"] = stage ?? alias;
        return data;
    }
}
