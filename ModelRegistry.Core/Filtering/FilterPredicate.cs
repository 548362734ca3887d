using static ModelRegistry.Core.Filtering.FilterOperator;

namespace ModelRegistry.Core.Filtering;

/// <summary>Something a condition can be asked of.</summary>
public interface IFilterSubject
{
    /// <summary>The field's values: none where it is absent, a string or a number each.</summary>
    IEnumerable<FilterValue> ValuesOf(FilterField field);
}

/// <summary>What a condition means, in memory; <see cref="FilterSql"/> says the same in SQL.</summary>
public static class FilterPredicate
{
    public static bool Matches(Condition condition, IFilterSubject subject) => condition switch
    {
        AllOf all => all.Conditions.All(part => Matches(part, subject)),
        AnyOf any => any.Conditions.Any(part => Matches(part, subject)),
        Negation not => !Matches(not.Condition, subject),
        Clause clause => Matches(clause, subject.ValuesOf(clause.Field).ToList()),
        _ => throw new ArgumentOutOfRangeException(nameof(condition))
    };

    internal static bool Matches(Clause clause, FilterValue value) =>
        value.Text is null ? MatchesNumber(clause, value) : MatchesText(clause, value.Text);

    private static bool Matches(Clause clause, List<FilterValue> values) => clause.Operator switch
    {
        IsNull => values.Count == 0,
        IsNotNull => values.Count > 0,
        _ => (clause.OrAbsent && values.Count == 0) || values.Exists(value => Matches(clause, value))
    };

    private static bool MatchesText(Clause clause, string text) => clause.Operator switch
    {
        Equal => text == clause.Value.Text,
        NotEqual => text != clause.Value.Text,
        Like => LikePattern.Matches(text, clause.Value.Text!, ignoreCase: false),
        ILike => LikePattern.Matches(text, clause.Value.Text!, ignoreCase: true),
        In => clause.Values.Any(value => value.Text == text),
        NotIn => clause.Values.All(value => value.Text != text),
        _ => throw new ArgumentOutOfRangeException(nameof(clause))
    };

    private static bool MatchesNumber(Clause clause, FilterValue value)
    {
        if (clause.Operator is In or NotIn)
            return clause.Values.Any(listed => Compare(value, listed) == 0) == (clause.Operator == In);
        // Every comparison with NaN is false but !=; infinities stand for the largest numbers, as they are stored.
        var order = Compare(value, clause.Value);
        return clause.Operator switch
        {
            Equal => order == 0,
            NotEqual => order != 0,
            Less => order < 0,
            LessOrEqual => order <= 0,
            Greater => order > 0,
            GreaterOrEqual => order >= 0,
            _ => throw new ArgumentOutOfRangeException(nameof(clause))
        };
    }

    private static int? Compare(FilterValue left, FilterValue right)
    {
        if (left.Whole is { } whole && right.Whole is { } other) return whole.CompareTo(other);
        if (double.IsNaN(left.Number)) return null;
        return Math.Clamp(left.Number, double.MinValue, double.MaxValue).CompareTo(right.Number);
    }
}
