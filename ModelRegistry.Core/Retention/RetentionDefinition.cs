using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Registry;

namespace ModelRegistry.Core.Retention;

/// <summary>What a policy is about. Stored as a number: values never change their meaning.</summary>
public enum RetentionSubject : short
{
    ModelVersions = 1,
    Runs = 2,
    /// <summary>The files of runs; the runs themselves stay.</summary>
    RunFiles = 3,
}

/// <summary>From when periods are counted.</summary>
public enum RetentionTrigger
{
    Created,
    /// <summary>The version was registered; the run ended.</summary>
    Finalised,
    /// <summary>The version went to the stage Archived, where it still is.</summary>
    Retired,
    /// <summary>The last day on which a file of it was downloaded or it was resolved to be loaded; where that never was, it was
    /// finalised.</summary>
    LastUsed,
    /// <summary>A day that a tag of the item or its model gives, such as `withdrawn-from-market: 2026-03-31`.</summary>
    Event,
}

/// <summary>
/// A policy as it was written: which things it is about, how long they are kept, and when they go. All conditions must
/// hold; periods are in whole days (UTC). What no policy is about is kept for ever.
/// </summary>
public sealed record RetentionDefinition
{
    public const int MaxDays = 36_500;
    public const int MaxKeepLast = 100_000;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
    };

    public RetentionSubject Subject { get; init; }
    /// <summary>The model's name, or a pattern with * for any run of characters. For runs: the experiment's name.</summary>
    public string? Name { get; init; }
    /// <summary>A tag of the item, or of its model.</summary>
    public string? Tag { get; init; }
    /// <summary>Null for any value.</summary>
    public string? TagValue { get; init; }
    /// <summary>A name or pattern; see <see cref="StagePattern"/>.</summary>
    public string? Stage { get; init => field = value is null ? null : StagePattern.Normalize(value); }
    public string? Experiment { get; init; }
    public RetentionTrigger Trigger { get; init; }
    /// <summary>The tag that holds the day of the event.</summary>
    public string? EventTag { get; init; }
    public int? RetainDays { get; init; }
    /// <summary>Kept to the end of this day, whatever its age.</summary>
    public DateOnly? RetainUntil { get; init; }
    public int? KeepLast { get; init; }
    /// <summary>What was used in so many last days is in use.</summary>
    public int? ProtectUsedDays { get; init; }
    public int? ArchiveAfterDays { get; init; }
    public int? DeleteAfterDays { get; init; }
    /// <summary>How long owners have after they were told.</summary>
    public int WaitDays { get; init; }

    [JsonIgnore]
    public bool MatchesEverything => Name is null or "*" && Tag is null && Stage is null && Experiment is null;

    [JsonIgnore]
    public bool IsDestructive => ArchiveAfterDays is not null || DeleteAfterDays is not null;

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>Null where it cannot be understood: then nothing it might keep may go.</summary>
    public static RetentionDefinition? FromJson(string text)
    {
        try
        {
            var definition = JsonSerializer.Deserialize<RetentionDefinition>(text, Json);
            definition?.Require(matchesEverythingIsMeant: true);
            return definition;
        }
        catch (Exception e) when (e is JsonException or InvalidArgumentException)
        {
            return null;
        }
    }

    /// <exception cref="InvalidArgumentException">Names the member, in the words of the API.</exception>
    public void Require(bool matchesEverythingIsMeant)
    {
        if (!Enum.IsDefined(Subject))
            throw Wrong("subject", "Say what the policy is about: model versions, runs, or files of runs.");
        RequireText("model", Name, RegisteredModel.MaxNameLength);
        RequireText("tag", Tag, RegisteredModelTag.MaxKeyLength);
        RequireText("experiment", Experiment, 20);
        RequireText("eventTag", EventTag, RegisteredModelTag.MaxKeyLength);
        if (TagValue is not null && Tag is null)
            throw Wrong("tag", "Give the tag with its value.");
        NameRules.RequireMaxLength("tagValue", TagValue ?? "", 1000);
        if (Stage is not null && Subject != RetentionSubject.ModelVersions)
            throw Wrong("stage", "Only model versions have a stage.");
        if (Stage is not null)
            StagePattern.Require("stage", Stage);
        if (Experiment is not null && Subject == RetentionSubject.ModelVersions)
            throw Wrong("experiment", "Model versions are named by their model, not by an experiment.");
        if (Experiment is not null && !long.TryParse(Experiment, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            throw Wrong("experiment", "Give the experiment's id, a number.");
        if (Trigger == RetentionTrigger.Event != (EventTag is not null))
            throw Wrong("eventTag", "A period that begins with an event needs the tag that holds its day, and only such a period does.");
        if (Trigger == RetentionTrigger.Retired && Subject != RetentionSubject.ModelVersions)
            throw Wrong("trigger", "Only model versions are retired.");
        RequireDays("retainDays", RetainDays, MaxDays);
        RequireDays("protectUsedDays", ProtectUsedDays, MaxDays);
        RequireDays("archiveAfterDays", ArchiveAfterDays, MaxDays);
        RequireDays("deleteAfterDays", DeleteAfterDays, MaxDays);
        RequireDays("keepLast", KeepLast, MaxKeepLast);
        if (WaitDays is < 0 or > 365)
            throw Wrong("waitDays", "waitDays must be a whole number from 0 to 365.");
        if (Subject == RetentionSubject.RunFiles && ArchiveAfterDays is not null)
            throw Wrong("archiveAfterDays", "Files are not archived: archive the runs.");
        if (ArchiveAfterDays >= DeleteAfterDays)
            throw Wrong("archiveAfterDays", "What is deleted is archived before that, or not at all.");
        if (RetainDays is null && RetainUntil is null && KeepLast is null && ProtectUsedDays is null && !IsDestructive)
            throw Wrong("retainDays", "A policy without any period does nothing: give at least one.");
        if (MatchesEverything && !matchesEverythingIsMeant)
        {
            throw Wrong("matchesEverything", "This policy has no condition, so it is about everything. Say that this is meant, or name "
                + "a model, a tag, a stage or an experiment.");
        }
    }

    private static void RequireText(string field, string? text, int max)
    {
        if (text is null)
            return;
        if (string.IsNullOrWhiteSpace(text) || text.Length > max || text.Any(char.IsControl))
            throw Wrong(field, $"{field} must be a text of 1 to {max} characters, or left out.");
    }

    private static void RequireDays(string field, int? value, int max)
    {
        if (value is < 1 || value > max)
            throw Wrong(field, string.Create(CultureInfo.InvariantCulture, $"{field} must be a whole number from 1 to {max}."));
    }

    private static InvalidArgumentException Wrong(string field, string message) => new(field, message);
}
