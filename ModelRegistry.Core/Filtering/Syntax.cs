using System.Text;

namespace ModelRegistry.Core.Filtering;

/// <summary>A filter as written: names are not yet looked up, numbers not yet read. Prints back as a filter.</summary>
public abstract record FilterNode
{
    public sealed override string ToString() => FilterPrinter.Print(this);
}

public sealed record AndNode(IReadOnlyList<FilterNode> Nodes) : FilterNode
{
    public bool Equals(AndNode? other) => other is not null && Nodes.SequenceEqual(other.Nodes);

    public override int GetHashCode() => Nodes.Count;
}

public sealed record OrNode(IReadOnlyList<FilterNode> Nodes) : FilterNode
{
    public bool Equals(OrNode? other) => other is not null && Nodes.SequenceEqual(other.Nodes);

    public override int GetHashCode() => Nodes.Count;
}

public sealed record NotNode(FilterNode Node) : FilterNode;

public sealed record Comparison(Identifier Identifier, FilterOperator Operator, Literal Value) : FilterNode;

public sealed record InList(Identifier Identifier, bool Negated, IReadOnlyList<Literal> Values) : FilterNode
{
    public bool Equals(InList? other) =>
        other is not null && Identifier == other.Identifier && Negated == other.Negated
        && Values.SequenceEqual(other.Values);

    public override int GetHashCode() => HashCode.Combine(Identifier, Negated, Values.Count);
}

public sealed record NullTest(Identifier Identifier, bool Negated) : FilterNode;

public sealed record Identifier(string? Entity, string Key)
{
    public TextPosition Position { get; init; }

    public override string ToString() => FilterPrinter.Print(this);
}

/// <summary>Text holds a string without its quotes, and a number or a bare word as written.</summary>
public sealed record Literal(LiteralKind Kind, string Text)
{
    public TextPosition Position { get; init; }

    public override string ToString() => FilterPrinter.Print(this);
}

public enum LiteralKind
{
    Quoted, Number, Word
}

/// <summary>Where something stood. All positions are equal: the same filter with other spacing is the same tree.</summary>
public readonly record struct TextPosition(int Start)
{
    public bool Equals(TextPosition other) => true;

    public override int GetHashCode() => 0;
}

public enum FilterOperator
{
    Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual, Like, ILike, In, NotIn, IsNull, IsNotNull
}

internal static class FilterPrinter
{
    public static readonly string[] Operators =
        ["=", "!=", "<", "<=", ">", ">=", "LIKE", "ILIKE", "IN", "NOT IN", "IS NULL", "IS NOT NULL"];

    public static readonly string[] Keywords = ["AND", "OR", "NOT", "IN", "IS", "NULL", "LIKE", "ILIKE"];

    public static string Print(FilterOperator op) => Operators[(int)op];

    public static string Print(Literal value) =>
        value.Kind == LiteralKind.Quoted ? Quote(value.Text, '\'') : value.Text;

    public static string Print(Identifier identifier) => identifier.Entity is null
        ? Name(identifier.Key, dots: false)
        : $"{Name(identifier.Entity, dots: false)}.{Name(identifier.Key, dots: true)}";

    public static string Print(FilterNode node)
    {
        var text = new StringBuilder();
        Print(node, text);
        return text.ToString();
    }

    private static void Print(FilterNode node, StringBuilder text)
    {
        switch (node)
        {
            case AndNode and:
                Join(and.Nodes, " AND ", child => child is AndNode or OrNode, text);
                break;
            case OrNode or:
                Join(or.Nodes, " OR ", child => child is OrNode, text);
                break;
            case NotNode not:
                text.Append("NOT ");
                Join([not.Node], "", child => child is AndNode or OrNode, text);
                break;
            case Comparison c:
                text.Append(c.Identifier).Append(' ').Append(Print(c.Operator)).Append(' ').Append(c.Value);
                break;
            case InList list:
                text.Append(list.Identifier).Append(list.Negated ? " NOT IN (" : " IN (")
                    .AppendJoin(", ", list.Values).Append(')');
                break;
            case NullTest test:
                text.Append(test.Identifier).Append(test.Negated ? " IS NOT NULL" : " IS NULL");
                break;
        }
    }

    private static void Join(
        IReadOnlyList<FilterNode> nodes, string between, Func<FilterNode, bool> needsParentheses, StringBuilder text)
    {
        for (var i = 0; i < nodes.Count; i++)
        {
            if (i > 0) text.Append(between);
            var parentheses = needsParentheses(nodes[i]);
            if (parentheses) text.Append('(');
            Print(nodes[i], text);
            if (parentheses) text.Append(')');
        }
    }

    private static string Name(string name, bool dots)
    {
        var parts = dots ? name.Split('.') : [name];
        var bare = parts.All(part => part.Length > 0 && part.All(Lexer.IsWord) && !char.IsDigit(part[0]))
            && (dots || !Keywords.Contains(name, StringComparer.OrdinalIgnoreCase));
        return bare ? name : Quote(name, '`');
    }

    private static string Quote(string text, char quote) =>
        $"{quote}{text.Replace($"{quote}", $"{quote}{quote}", StringComparison.Ordinal)}{quote}";
}
