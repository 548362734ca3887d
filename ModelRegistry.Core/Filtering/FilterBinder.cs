using System.Globalization;
using static ModelRegistry.Core.Filtering.FilterOperator;

namespace ModelRegistry.Core.Filtering;

/// <summary>Turns a tree of names into a condition, or says which name, operator or value does not fit.</summary>
internal sealed class FilterBinder(FilterSchema schema)
{
    /// <summary>SQLite takes patterns of 50 000 bytes, and a character can need three of them.</summary>
    private const int MaxPattern = 8000;

    private static readonly string[] DateFormats =
    [
        "yyyy-MM-dd", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd HH:mm:ssK",
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd HH:mm:ss.FFFFFFFK"
    ];

    public Condition Bind(FilterNode node) => node switch
    {
        AndNode and => new AllOf([.. and.Nodes.Select(Bind)]),
        OrNode or => new AnyOf([.. or.Nodes.Select(Bind)]),
        NotNode not => new Negation(Bind(not.Node)),
        Comparison comparison => Bind(comparison),
        InList list => Bind(list),
        NullTest test => new Clause(Find(test.Identifier), test.Negated ? IsNotNull : IsNull, []),
        _ => throw new ArgumentOutOfRangeException(nameof(node))
    };

    private FilterField Find(Identifier identifier) => schema.Find(identifier, FilterUse.Filter);

    private Clause Bind(Comparison comparison)
    {
        var field = Find(comparison.Identifier);
        CheckOperator(field, comparison.Operator, comparison.Identifier);
        var value = Read(field, comparison.Value);
        if (comparison.Operator is Like or ILike) value = Pattern(value, comparison.Value);
        var orAbsent = comparison.Operator == NotEqual && field.Entity == FilterEntity.Tag
            && schema.TagsWhereAbsentDiffers.Contains(field.Key);
        return new Clause(field, comparison.Operator, [value], orAbsent);
    }

    private Clause Bind(InList list)
    {
        var field = Find(list.Identifier);
        var op = list.Negated ? NotIn : In;
        CheckOperator(field, op, list.Identifier);
        return new Clause(field, op, [.. list.Values.Select(value => Read(field, value))]);
    }

    private static void CheckOperator(FilterField field, FilterOperator op, Identifier identifier)
    {
        FilterOperator[] valid = field.Type switch
        {
            FilterType.Text => [Equal, NotEqual, Like, ILike, In, NotIn, IsNull, IsNotNull],
            FilterType.Whole =>
                [Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual, In, NotIn, IsNull, IsNotNull],
            _ => [Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual, IsNull, IsNotNull]
        };
        if (valid.Contains(op)) return;
        var names = string.Join(", ", valid.Select(v => $"'{FilterPrinter.Print(v)}'"));
        throw new FilterException($"Invalid comparator '{FilterPrinter.Print(op)}' not one of '{{{names}}}'",
            identifier.Position.Start, "one of these comparators after the name");
    }

    private static FilterValue Read(FilterField field, Literal literal)
    {
        switch (field.Type)
        {
            case FilterType.Text when literal.Kind == LiteralKind.Quoted:
                return new FilterValue(literal.Text);
            case FilterType.Text:
                throw Unquoted(field, literal);
            case FilterType.Time when literal.Kind == LiteralKind.Quoted && ReadDate(literal.Text) is { } ms:
                return new FilterValue(null, ms, ms);
            case FilterType.Whole when literal.Kind == LiteralKind.Quoted
                && long.TryParse(literal.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole):
                return new FilterValue(null, whole, whole);
            default:
                return ReadNumber(field, literal);
        }
    }

    private static FilterException Unquoted(FilterField field, Literal literal)
    {
        var reason = field.Entity switch
        {
            FilterEntity.Attribute => "Expected a quoted string value or a list of quoted string values for attributes.",
            FilterEntity.Dataset => "Expected a quoted string value or a list of quoted string values for datasets.",
            _ => $"Expected a quoted string value for {FilterSchema.NameOf(field.Entity)} (e.g. 'my-value')."
        };
        return new FilterException($"{reason} Got value {literal}", literal.Position.Start, "a quoted string");
    }

    private static FilterValue ReadNumber(FilterField field, Literal literal)
    {
        if (literal.Kind != LiteralKind.Number)
        {
            var what = field.Type == FilterType.Real ? "metric" : $"numeric attribute: {field.Key}";
            throw new FilterException($"Expected numeric value type for {what}. Found {literal}", literal.Position.Start,
                field.Type == FilterType.Time ? "milliseconds or a date such as '2026-01-31'" : "a number without quotes");
        }
        var number = double.Parse(literal.Text, CultureInfo.InvariantCulture);
        if (double.IsInfinity(number))
        {
            throw new FilterException($"The number {literal} is out of range", literal.Position.Start,
                $"at most {double.MaxValue:R}");
        }
        if (long.TryParse(literal.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
            return new FilterValue(null, number, whole);
        var exact = double.IsInteger(number) && Math.Abs(number) <= 1L << 53;
        return new FilterValue(null, number, exact ? (long)number : null);
    }

    private static long? ReadDate(string text) =>
        DateTimeOffset.TryParseExact(text, DateFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal,
            out var date)
            ? date.ToUnixTimeMilliseconds()
            : null;

    private static FilterValue Pattern(FilterValue value, Literal literal)
    {
        var pattern = LikePattern.Shorten(value.Text!);
        return pattern.Length <= MaxPattern
            ? new FilterValue(pattern)
            : throw new FilterException("The pattern is too long", literal.Position.Start,
                $"at most {MaxPattern} characters");
    }
}
