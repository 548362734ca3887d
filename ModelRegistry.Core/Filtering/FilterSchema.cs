namespace ModelRegistry.Core.Filtering;

public enum FilterEntity
{
    Attribute, Metric, Param, Tag, Dataset
}

public enum FilterType
{
    /// <summary>= != LIKE ILIKE IN and IS NULL.</summary>
    Text,

    /// <summary>A whole number, written with or without quotes.</summary>
    Whole,

    /// <summary>A metric's value.</summary>
    Real,

    /// <summary>Milliseconds since 1970, written as a number or as a quoted ISO date.</summary>
    Time
}

[Flags]
public enum FilterUse
{
    Filter = 1, Order = 2, Both = 3
}

/// <summary>What a clause or an order term is about: the canonical name of an attribute, or any key.</summary>
public sealed record FilterField(FilterEntity Entity, string Key, FilterType Type);

/// <summary>An attribute under its canonical name, to which other spellings may lead.</summary>
public sealed record FilterColumn(string Name, FilterType Type, FilterUse Use = FilterUse.Both);

/// <summary>What a noun can be filtered and ordered by. <see cref="FilterSchemas"/> holds the five.</summary>
public sealed record FilterSchema(
    IReadOnlyDictionary<string, FilterEntity> Entities, IReadOnlyDictionary<string, FilterColumn> Attributes)
{
    private static readonly string[] EntityNames = ["attribute", "metric", "parameter", "tag", "dataset"];
    private static readonly string[] DatasetKeys = ["name", "digest", "context"];

    /// <summary>Tags for which != also matches what lacks the tag.</summary>
    public IReadOnlySet<string> TagsWhereAbsentDiffers { get; init; } = new HashSet<string>();

    /// <summary>The entities that an ordering can name.</summary>
    public IReadOnlySet<FilterEntity> Ordered { get; init; } = new HashSet<FilterEntity> { FilterEntity.Attribute };

    /// <summary>Parses a filter and looks its names up; an empty one gives a condition that is always true.</summary>
    public Condition Bind(string? filter) => Bind(FilterParser.Parse(filter));

    public Condition Bind(FilterNode? filter) =>
        filter is null ? new AllOf([]) : new FilterBinder(this).Bind(filter);

    internal static string NameOf(FilterEntity entity) => EntityNames[(int)entity];

    internal FilterField Find(Identifier identifier, FilterUse use)
    {
        var entity = FilterEntity.Attribute;
        if (identifier.Entity is not null && !Entities.TryGetValue(identifier.Entity, out entity))
        {
            var valid = Entities.Values.Distinct().Select(NameOf).ToList();
            throw new FilterException(
                $"Invalid entity type '{identifier.Entity}'. Valid values are ['{string.Join("', '", valid)}']",
                identifier.Position.Start, string.Join(", ", valid));
        }
        var key = identifier.Key;
        return entity switch
        {
            FilterEntity.Attribute when Attributes.TryGetValue(key, out var found) && found.Use.HasFlag(use) =>
                new FilterField(entity, found.Name, found.Type),
            FilterEntity.Attribute => throw UnknownKey("attribute", identifier,
                Attributes.Where(a => a.Value.Use.HasFlag(use)).Select(a => a.Key)),
            FilterEntity.Dataset when use == FilterUse.Filter && !DatasetKeys.Contains(key) =>
                throw UnknownKey("dataset", identifier, DatasetKeys),
            FilterEntity.Metric => new FilterField(entity, key, FilterType.Real),
            _ => new FilterField(entity, key, FilterType.Text)
        };
    }

    private static FilterException UnknownKey(string kind, Identifier identifier, IEnumerable<string> keys)
    {
        var valid = string.Join(", ", keys.Select(key => $"'{key}'"));
        return new FilterException($"Invalid {kind} key '{identifier.Key}' specified. Valid keys are '{{{valid}}}'",
            identifier.Position.Start, "one of these keys");
    }
}
