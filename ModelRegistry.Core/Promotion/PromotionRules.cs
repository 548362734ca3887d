using System.Text.Json;
using System.Text.Json.Serialization;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Identity;
using ModelRegistry.Core.Registry;

namespace ModelRegistry.Core.Promotion;

/// <summary>What a policy asks for; whatever is left out is not asked for.</summary>
public sealed record PromotionRules
{
    private const int MaxRules = 50;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
    };

    /// <summary>Nobody else puts a version there, nor takes one away.</summary>
    public SubjectSet? Movers { get; init; }
    public IReadOnlyList<MetricRule> Metrics { get; init; } = [];
    /// <summary>Of the version.</summary>
    public IReadOnlyList<TagRule> Tags { get; init; } = [];
    public IReadOnlyList<Requirement> Requires { get; init; } = [];
    public ApprovalRule? Approvals { get; init; }

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    public static PromotionRules Parse(string json) => JsonSerializer.Deserialize<PromotionRules>(json, Json)!;

    /// <exception cref="InvalidArgumentException">Names the member that is wrong.</exception>
    public void RequireValid()
    {
        if (Movers is null && Metrics.Count == 0 && Tags.Count == 0 && Requires.Count == 0 && Approvals is null)
            throw new InvalidArgumentException("rules", "A policy asks for something: give movers, metrics, tags, requires or approvals.");
        if (Metrics.Count > MaxRules)
            throw new InvalidArgumentException("metrics", $"There may be {MaxRules} rules for metrics at most.");
        if (Tags.Count > MaxRules)
            throw new InvalidArgumentException("tags", $"There may be {MaxRules} rules for tags at most.");
        if (Movers is { IsEmpty: true })
            throw new InvalidArgumentException("movers", "Name at least one user, team or role that may move; leave movers out to let all promoters.");
        for (var i = 0; i < Metrics.Count; i++)
            Metrics[i].RequireValid($"metrics[{i}]");
        for (var i = 0; i < Tags.Count; i++)
            Tags[i].RequireValid($"tags[{i}]");
        if (Approvals is { Count: < 1 or > 10 })
            throw new InvalidArgumentException("approvals.count", "approvals.count must be a whole number from 1 to 10.");
    }
}

/// <summary>Who: any of the users, members of the teams, holders of the roles.</summary>
public sealed record SubjectSet
{
    public IReadOnlyList<long> Users { get; init; } = [];
    public IReadOnlyList<long> Teams { get; init; } = [];
    [JsonConverter(typeof(JsonNumberEnumConverter<RegistryRole>))]
    public RegistryRole Roles { get; init; }

    [JsonIgnore]
    public bool IsEmpty => Users.Count == 0 && Teams.Count == 0 && Roles == RegistryRole.None;

    public bool Includes(Person person) =>
        Users.Contains(person.User.Id) || Teams.Any(person.Teams.Contains) || person.User.Has(Roles);
}

/// <summary>Somebody as a policy sees them.</summary>
public sealed record Person(CurrentUser User, IReadOnlySet<long> Teams);

public enum Direction
{
    Higher,
    Lower,
}

/// <summary>
/// A metric of the version's logged model or run. Measured more than once (on several data sets), every value must do;
/// with <see cref="Dataset"/> those of that data set.
/// </summary>
public sealed record MetricRule(string Metric)
{
    public double? Min { get; init; }
    public double? Max { get; init; }
    /// <summary>The name of a data set.</summary>
    public string? Dataset { get; init; }
    /// <summary>Against the version that has the stage or alias now, on every data set digest that both were measured on.</summary>
    public Direction? BetterThanHolder { get; init; }
    /// <summary>By how much it must be better; 0 lets an equal one pass.</summary>
    public double Margin { get; init; }

    internal void RequireValid(string field)
    {
        if (Metric.Length is 0 or > 250)
            throw new InvalidArgumentException(field + ".metric", "The name of a metric has 1 to 250 characters.");
        if (Min is null && Max is null && BetterThanHolder is null)
            throw new InvalidArgumentException(field, $"{field} asks for nothing: give min, max or betterThanHolder.");
        if (Min > Max)
            throw new InvalidArgumentException(field + ".min", "min must not be above max.");
        if (new[] { Min, Max, Margin }.Any(v => v is { } number && !double.IsFinite(number)))
            throw new InvalidArgumentException(field, $"The numbers of {field} must be finite.");
        if (Margin < 0)
            throw new InvalidArgumentException(field + ".margin", "margin must not be below 0.");
        if (Margin > 0 && BetterThanHolder is null)
            throw new InvalidArgumentException(field + ".margin", "margin says by how much it must be better: give betterThanHolder too.");
        if (Dataset is { Length: 0 or > 500 })
            throw new InvalidArgumentException(field + ".dataset", "The name of a data set has 1 to 500 characters.");
    }
}

/// <summary>A tag that must be there, with one of the values where some are given.</summary>
public sealed record TagRule(string Key)
{
    public IReadOnlyList<string> Values { get; init; } = [];

    internal void RequireValid(string field)
    {
        if (Key.Length is 0 or > RegisteredModelTag.MaxKeyLength)
            throw new InvalidArgumentException(field + ".key", $"A tag's key has 1 to {RegisteredModelTag.MaxKeyLength} characters.");
        if (Values.Count > 50 || Values.Any(v => v.Length > 500))
            throw new InvalidArgumentException(field + ".values", "There may be 50 values at most, of 500 characters each.");
    }
}

/// <summary>What the registry can see for itself.</summary>
public enum Requirement
{
    /// <summary>The version is described.</summary>
    Description,
    /// <summary>The run names a git commit, without changes that were not committed.</summary>
    GitCommit,
    /// <summary>The run names a data set with a digest.</summary>
    Dataset,
    /// <summary>`conda.yaml`, `python_env.yaml` or `requirements.txt` is among the files.</summary>
    Environment,
    /// <summary>The files are kept here, with a digest.</summary>
    Files,
}

/// <summary>How many must approve, and from whom; an empty set is whoever has the permission to approve.</summary>
public sealed record ApprovalRule(int Count)
{
    public SubjectSet From { get; init; } = new();
}
