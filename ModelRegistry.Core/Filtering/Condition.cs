namespace ModelRegistry.Core.Filtering;

/// <summary>
/// A filter that is understood: every name is known, every value has its type. Two-valued: a clause on something
/// absent is false (except IS NULL), and NOT of false is true.
/// </summary>
public abstract record Condition
{
    /// <summary>The parts that must all hold, so that a caller can let one of them drive its query.</summary>
    public IReadOnlyList<Condition> Conjuncts =>
        this is AllOf all ? [.. all.Conditions.SelectMany(part => part.Conjuncts)] : [this];

    /// <summary>Every clause wherever it stands, so that a caller can resolve keys beforehand.</summary>
    public IEnumerable<Clause> Clauses => this switch
    {
        AllOf all => all.Conditions.SelectMany(part => part.Clauses),
        AnyOf any => any.Conditions.SelectMany(part => part.Clauses),
        Negation not => not.Condition.Clauses,
        _ => [(Clause)this]
    };
}

/// <summary>True where it is empty.</summary>
public sealed record AllOf(IReadOnlyList<Condition> Conditions) : Condition;

public sealed record AnyOf(IReadOnlyList<Condition> Conditions) : Condition;

public sealed record Negation(Condition Condition) : Condition;

/// <summary>
/// Holds if one of the field's values passes the test (aliases and datasets may have several);
/// with OrAbsent also if it has none.
/// </summary>
public sealed record Clause(
    FilterField Field, FilterOperator Operator, IReadOnlyList<FilterValue> Values, bool OrAbsent = false) : Condition
{
    public FilterValue Value => Values[0];
}

/// <summary>A string, or a number: <see cref="Whole"/> too where it is a whole number in the range of a long.</summary>
public readonly record struct FilterValue(string? Text, double Number = 0, long? Whole = null);
