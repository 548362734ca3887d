using CsCheck;
using ModelRegistry.Core.Filtering;

namespace ModelRegistry.Tests.Filtering;

/// <summary>Random filters: any tree for printing, trees over known names for evaluation.</summary>
internal static class FilterGenerators
{
    /// <summary>What databases and quoting trip over; cased letters beyond ASCII are left out on purpose.</summary>
    private static readonly Gen<string> Text =
        Gen.OneOf("a", "A", "b", "%", "_", "[", "]", "\\", "'", "\"", "`", "*", "?", "^", "-", "!", " ", "é", "😀", ".")
            .Array[0, 5].Select(string.Concat);

    /// <summary>Values that stored rows and filters both draw from.</summary>
    public static Gen<string> Values { get; } = Gen.OneOf(
        Gen.OneOf("", "a", "A", "ab", "aB", "a ", "a%", "a_", "[a]", "\\", "a\\", "é", "😀", "x*", "x?"),
        Gen.OneOf("a", "A", "b", "%", "_", "[", "]", "\\", "'", "*", "?", "^", "-", " ", "é", "😀").Array[0, 3]
            .Select(string.Concat));

    private static readonly Gen<string> Name =
        Gen.Select(Text, Gen.OneOf("key", "a.b", "and", "NOT", "1st", "x y", "é"), Gen.Bool)
            .Select((text, word, random) => random && text.Length > 0 ? text : word);

    private static readonly Gen<string> Number = Gen.OneOf(
        Gen.OneOf("0", "-1", "1e-3", "+2", ".5", "3.", "1.7e+12", "1700000000000"),
        Gen.Double[-1e9, 1e9].Select(d => d.ToString("R", System.Globalization.CultureInfo.InvariantCulture)));

    private static readonly Gen<Literal> AnyLiteral = Gen.OneOf(
        Text.Select(text => new Literal(LiteralKind.Quoted, text)),
        Number.Select(text => new Literal(LiteralKind.Number, text)),
        Gen.OneOf("NaN", "abc", "é1").Select(text => new Literal(LiteralKind.Word, text)));

    private static readonly Gen<Identifier> AnyIdentifier =
        Gen.Select(Name, Name, Gen.Bool, (entity, key, two) => new Identifier(two ? entity : null, key));

    private static readonly FilterOperator[] Comparators =
    [
        FilterOperator.Equal, FilterOperator.NotEqual, FilterOperator.Less, FilterOperator.LessOrEqual,
        FilterOperator.Greater, FilterOperator.GreaterOrEqual, FilterOperator.Like, FilterOperator.ILike
    ];

    private static readonly Gen<FilterNode> AnyClause = Gen.OneOf<FilterNode>(
        Gen.Select(AnyIdentifier, Gen.OneOf(Comparators), AnyLiteral,
            (name, op, value) => (FilterNode)new Comparison(name, op, value)),
        Gen.Select(AnyIdentifier, Gen.Bool, Text.Select(t => new Literal(LiteralKind.Quoted, t)).List[1, 3],
            (name, negated, values) => (FilterNode)new InList(name, negated, values)),
        Gen.Select(AnyIdentifier, Gen.Bool, (name, negated) => (FilterNode)new NullTest(name, negated)));

    public static Gen<FilterNode> AnyTree { get; } = Tree(AnyClause, 4);

    /// <summary>Filters that every schema of runs understands, over few keys and values so that some match.</summary>
    public static Gen<FilterNode> RunTree { get; } = Tree(Gen.OneOf(
        Texts("tags", "t1", "t2", "missing"), Texts("params", "p", "missing"), Texts("dataset", "name", "context"),
        Texts(null, "run_name", "user_id", "run_id"), Status(), Numbers("metrics", "m1", "m2", "missing"),
        Numbers(null, "start_time", "end_time")), 3);

    private static Gen<FilterNode> Texts(string? entity, params string[] keys)
    {
        var names = Gen.OneOf(keys).Select(key => new Identifier(entity, key));
        var values = Gen.OneOf(Values, Gen.Select(Values, Gen.OneOf("%", "_", "%_"), (a, b) => a + b))
            .Select(text => new Literal(LiteralKind.Quoted, text));
        return TextClauses(names, values);
    }

    private static Gen<FilterNode> Status() => TextClauses(
        Gen.Const(new Identifier("attributes", "status")),
        Gen.OneOf("RUNNING", "FINISHED", "finished", "%N%", "F_____%", "x")
            .Select(text => new Literal(LiteralKind.Quoted, text)));

    private static Gen<FilterNode> TextClauses(Gen<Identifier> names, Gen<Literal> values) => Gen.OneOf<FilterNode>(
        Gen.Select(names, Gen.OneOf(
                FilterOperator.Equal, FilterOperator.NotEqual, FilterOperator.Like, FilterOperator.ILike), values,
            (name, op, value) => (FilterNode)new Comparison(name, op, value)),
        Gen.Select(names, Gen.Bool, values.List[1, 3], (n, not, v) => (FilterNode)new InList(n, not, v)),
        Gen.Select(names, Gen.Bool, (name, not) => (FilterNode)new NullTest(name, not)));

    private static Gen<FilterNode> Numbers(string? entity, params string[] keys)
    {
        var names = Gen.OneOf(keys).Select(key => new Identifier(entity, key));
        var values = Gen.OneOf("-1", "0", "0.5", "1", "2", "1e300", "1.7976931348623157E308")
            .Select(text => new Literal(LiteralKind.Number, text));
        return Gen.OneOf<FilterNode>(
            Gen.Select(names, Gen.OneOf(Comparators[..6]), values,
                (name, op, value) => (FilterNode)new Comparison(name, op, value)),
            Gen.Select(names, Gen.Bool, (name, not) => (FilterNode)new NullTest(name, not)));
    }

    private static Gen<FilterNode> Tree(Gen<FilterNode> clause, int depth)
    {
        if (depth == 0) return clause;
        var child = Tree(clause, depth - 1);
        return Gen.Frequency(
            (3, clause),
            (1, child.List[2, 3].Select(nodes => (FilterNode)new AndNode(nodes))),
            (1, child.List[2, 3].Select(nodes => (FilterNode)new OrNode(nodes))),
            (1, child.Select(node => (FilterNode)new NotNode(node))));
    }
}
