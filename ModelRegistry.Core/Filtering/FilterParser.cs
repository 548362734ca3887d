namespace ModelRegistry.Core.Filtering;

/// <summary>
/// Recursive descent without going back:
/// or := and (OR and)*; and := unary (AND unary)*; unary := NOT unary | "(" or ")" | clause.
/// </summary>
public sealed class FilterParser
{
    /// <summary>Longest filter, in characters.</summary>
    public const int MaxLength = 100 * 1024;

    /// <summary>Deepest nesting of parentheses and NOT.</summary>
    public const int MaxDepth = 64;

    /// <summary>
    /// PostgreSQL plans each as a join, which takes a second for 200. SQLite allows a depth of 1000 in an expression,
    /// and a chain of ANDs is as deep as long.
    /// </summary>
    public const int MaxClauses = 200;

    /// <summary>Clauses and their values together; SQL Server takes 2100 parameters in a statement.</summary>
    public const int MaxValues = 2000;

    private readonly Lexer _lexer;
    private int _depth;
    private int _clauses;
    private int _values;

    private FilterParser(string text) => _lexer = new Lexer(text);

    /// <summary>The tree of a filter; null for an empty one, which lets everything through.</summary>
    public static FilterNode? Parse(string? filter)
    {
        if (string.IsNullOrWhiteSpace(filter)) return null;
        if (filter.Length > MaxLength)
            throw new FilterException("The filter string is too long", MaxLength, $"at most {MaxLength} characters");
        var parser = new FilterParser(filter);
        // Filters are put together by programs: MLflow lets an AND that joins nothing stand at either end.
        parser.Skip("AND");
        var node = parser.ReadOr();
        if (parser._lexer.Current.Kind != TokenKind.End)
            throw parser._lexer.Unexpected(parser._lexer.Current.Start, "AND, OR or the end of the filter");
        return node;
    }

    private FilterNode ReadOr() => ReadChain("OR", ReadAnd, nodes => new OrNode(nodes));

    private FilterNode ReadAnd() => ReadChain("AND", ReadUnary, nodes => new AndNode(nodes));

    private FilterNode ReadChain(
        string keyword, Func<FilterNode> operand, Func<IReadOnlyList<FilterNode>, FilterNode> join)
    {
        var first = operand();
        if (!_lexer.Current.Is(keyword)) return first;
        var nodes = new List<FilterNode> { first };
        while (Skip(keyword))
        {
            if (keyword == "AND" && _depth == 0 && _lexer.Current.Kind == TokenKind.End) break;
            nodes.Add(operand());
        }
        return nodes.Count == 1 ? first : join(nodes);
    }

    private FilterNode ReadUnary()
    {
        var start = _lexer.Current.Start;
        var negated = _lexer.Current.Is("NOT");
        if (!negated && _lexer.Current.Kind != TokenKind.Open) return ReadClause();
        if (++_depth > MaxDepth)
            throw new FilterException("The filter string is nested too deeply", start, $"at most {MaxDepth} levels");
        _lexer.Advance();
        var node = negated ? new NotNode(ReadUnary()) : ReadOr();
        if (!negated) Expect(TokenKind.Close, start, ")");
        _depth--;
        return node;
    }

    private FilterNode ReadClause()
    {
        var start = _lexer.Current.Start;
        if (_lexer.Current.Kind is TokenKind.End or TokenKind.Close
            || (_lexer.Current.Kind == TokenKind.Word && FilterPrinter.Keywords.Any(_lexer.Current.Is)))
        {
            throw _lexer.Unexpected(start, "a clause such as metrics.accuracy > 0.9");
        }
        if (++_clauses > MaxClauses)
            throw new FilterException("The filter string has too many clauses", start, $"at most {MaxClauses} clauses");
        Count();
        var identifier = _lexer.ReadIdentifier();
        if (Skip("IS")) return ReadNullTest(start, identifier);
        if (Skip("IN")) return ReadList(start, identifier, negated: false);
        if (Skip("NOT"))
        {
            if (!Skip("IN")) throw _lexer.Unexpected(start, "IN after NOT");
            return ReadList(start, identifier, negated: true);
        }
        var op = ReadOperator(start);
        return new Comparison(identifier, op, ReadLiteral(start));
    }

    private NullTest ReadNullTest(int start, Identifier identifier)
    {
        var negated = Skip("NOT");
        if (!Skip("NULL")) throw _lexer.Unexpected(start, negated ? "NULL" : "NULL or NOT NULL");
        return new NullTest(identifier, negated);
    }

    private FilterOperator ReadOperator(int start)
    {
        if (Skip("LIKE")) return FilterOperator.Like;
        if (Skip("ILIKE")) return FilterOperator.ILike;
        var token = _lexer.Current;
        if (token.Kind != TokenKind.Operator) throw _lexer.Unexpected(start, "an operator, IN or IS");
        var known = Array.IndexOf(FilterPrinter.Operators, token.Text);
        if (known < 0)
        {
            throw new FilterException(
                $"Invalid comparator '{token.Text}' not one of '{{'=', '!=', '<', '<=', '>', '>=', 'LIKE', 'ILIKE'}}'",
                token.Start, token.Text == "==" ? "=" : "!=");
        }
        _lexer.Advance();
        return (FilterOperator)known;
    }

    private InList ReadList(int start, Identifier identifier, bool negated)
    {
        Expect(TokenKind.Open, start, "( and a list of quoted strings");
        var values = new List<Literal>();
        if (_lexer.Current.Kind == TokenKind.Close)
        {
            throw new FilterException(
                "While parsing a list in the query, expected a non-empty list of string values, but got empty list",
                _lexer.Current.Start, "a quoted string");
        }
        do
        {
            if (!_lexer.Current.IsString)
            {
                throw new FilterException(
                    "While parsing a list in the query, expected string value, punctuation, or whitespace, "
                    + $"but got different type in list: {_lexer.Current.Text}", _lexer.Current.Start, "a quoted string");
            }
            values.Add(ReadLiteral(start));
        }
        while (Skip(TokenKind.Comma));
        Expect(TokenKind.Close, start, ", or )");
        return new InList(identifier, negated, values);
    }

    private Literal ReadLiteral(int start)
    {
        Count();
        var token = _lexer.Current;
        var keyword = token.Kind == TokenKind.Word && FilterPrinter.Keywords.Any(token.Is);
        LiteralKind? kind = token.Kind switch
        {
            TokenKind.SingleQuoted or TokenKind.DoubleQuoted => LiteralKind.Quoted,
            TokenKind.Number => LiteralKind.Number,
            TokenKind.Word when !keyword => LiteralKind.Word,
            TokenKind.BackTicked => throw new FilterException(
                "Parameter value is either not quoted or unidentified quote types used for string value "
                + $"`{token.Text}`. Use either single or double quotes.", token.Start, "single or double quotes"),
            _ => null
        };
        if (kind is null) throw _lexer.Unexpected(start, "a number or a quoted string");
        _lexer.Advance();
        return new Literal(kind.Value, token.Text) { Position = new TextPosition(token.Start) };
    }

    private void Count()
    {
        if (++_values > MaxValues)
        {
            throw new FilterException(
                "The filter string has too many values", _lexer.Current.Start, $"at most {MaxValues} clauses and values");
        }
    }

    private bool Skip(string keyword)
    {
        if (!_lexer.Current.Is(keyword)) return false;
        _lexer.Advance();
        return true;
    }

    private bool Skip(TokenKind kind)
    {
        if (_lexer.Current.Kind != kind) return false;
        _lexer.Advance();
        return true;
    }

    private void Expect(TokenKind kind, int start, string expected)
    {
        if (!Skip(kind)) throw _lexer.Unexpected(start, expected);
    }
}
