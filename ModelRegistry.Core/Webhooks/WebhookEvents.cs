namespace ModelRegistry.Core.Webhooks;

/// <summary>
/// What a webhook can be told. Stored as a number: values never change their meaning. A prompt has events of its own and
/// none of those of a model.
/// </summary>
[Flags]
public enum WebhookEvents : long
{
    None = 0,
    ModelCreated = 1 << 0,
    VersionCreated = 1 << 1,
    VersionTagSet = 1 << 2,
    VersionTagDeleted = 1 << 3,
    VersionAliasCreated = 1 << 4,
    VersionAliasDeleted = 1 << 5,
    PromptCreated = 1 << 6,
    PromptVersionCreated = 1 << 7,
    PromptTagSet = 1 << 8,
    PromptTagDeleted = 1 << 9,
    PromptVersionTagSet = 1 << 10,
    PromptVersionTagDeleted = 1 << 11,
    PromptAliasCreated = 1 << 12,
    PromptAliasDeleted = 1 << 13,
    /// <summary>Can be asked for and never happens here: there are no budgets.</summary>
    BudgetExceeded = 1 << 14,
    ModelRenamed = 1 << 20,
    ModelDeleted = 1 << 21,
    VersionStageChanged = 1 << 22,
    VersionDeleted = 1 << 23,
    ApprovalRequested = 1 << 24,
    ApprovalDecided = 1 << 25,
    RetentionNotice = 1 << 26,
    HoldSet = 1 << 27,
    HoldReleased = 1 << 28,
}

/// <param name="Entity">The first half of the event's name, e.g. `model_version`.</param>
/// <param name="Action">The second half, e.g. `created`.</param>
public sealed record WebhookEventName(WebhookEvents Event, string Entity, string Action)
{
    /// <summary>E.g. `model_version.created`.</summary>
    public string Name => $"{Entity}.{Action}";

    public static IReadOnlyList<WebhookEventName> All { get; } =
    [
        new(WebhookEvents.ModelCreated, "registered_model", "created"),
        new(WebhookEvents.VersionCreated, "model_version", "created"),
        new(WebhookEvents.VersionTagSet, "model_version_tag", "set"),
        new(WebhookEvents.VersionTagDeleted, "model_version_tag", "deleted"),
        new(WebhookEvents.VersionAliasCreated, "model_version_alias", "created"),
        new(WebhookEvents.VersionAliasDeleted, "model_version_alias", "deleted"),
        new(WebhookEvents.PromptCreated, "prompt", "created"),
        new(WebhookEvents.PromptVersionCreated, "prompt_version", "created"),
        new(WebhookEvents.PromptTagSet, "prompt_tag", "set"),
        new(WebhookEvents.PromptTagDeleted, "prompt_tag", "deleted"),
        new(WebhookEvents.PromptVersionTagSet, "prompt_version_tag", "set"),
        new(WebhookEvents.PromptVersionTagDeleted, "prompt_version_tag", "deleted"),
        new(WebhookEvents.PromptAliasCreated, "prompt_alias", "created"),
        new(WebhookEvents.PromptAliasDeleted, "prompt_alias", "deleted"),
        new(WebhookEvents.BudgetExceeded, "budget_policy", "exceeded"),
        new(WebhookEvents.ModelRenamed, "registered_model", "renamed"),
        new(WebhookEvents.ModelDeleted, "registered_model", "deleted"),
        new(WebhookEvents.VersionStageChanged, "model_version", "stage_changed"),
        new(WebhookEvents.VersionDeleted, "model_version", "deleted"),
        new(WebhookEvents.ApprovalRequested, "approval", "requested"),
        new(WebhookEvents.ApprovalDecided, "approval", "decided"),
        new(WebhookEvents.RetentionNotice, "retention", "notice"),
        new(WebhookEvents.HoldSet, "legal_hold", "set"),
        new(WebhookEvents.HoldReleased, "legal_hold", "released"),
    ];

    public static WebhookEventName Of(WebhookEvents one) => All.First(n => n.Event == one);

    /// <summary>The events of a set, by name.</summary>
    public static IEnumerable<WebhookEventName> In(WebhookEvents events) => All.Where(n => (events & n.Event) != 0)
        .OrderBy(n => n.Entity, StringComparer.Ordinal).ThenBy(n => n.Action, StringComparer.Ordinal);
}
