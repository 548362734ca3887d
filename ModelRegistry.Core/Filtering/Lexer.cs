using System.Text;

namespace ModelRegistry.Core.Filtering;

internal enum TokenKind
{
    End, Word, BackTicked, DoubleQuoted, SingleQuoted, Number, Operator, Dot, Open, Close, Comma
}

internal readonly record struct Token(TokenKind Kind, string Text, int Start, int End)
{
    /// <summary>Can be a part of an identifier.</summary>
    public bool IsSegment => Kind is TokenKind.Word or TokenKind.BackTicked or TokenKind.DoubleQuoted;

    public bool IsString => Kind is TokenKind.SingleQuoted or TokenKind.DoubleQuoted;

    public bool Is(string keyword) =>
        Kind == TokenKind.Word && Text.Equals(keyword, StringComparison.OrdinalIgnoreCase);
}

/// <summary>Reads tokens one after the other, never looking back: each character is read once.</summary>
internal sealed class Lexer
{
    private readonly string _text;
    private readonly string _what;
    private int _at;

    /// <param name="text">What to read.</param>
    /// <param name="what">How errors call it.</param>
    public Lexer(string text, string what = "clause(s) in filter string")
    {
        _text = text;
        _what = what;
        RefuseWhatNoDatabaseStores(text);
        Advance();
    }

    public Token Current { get; private set; }

    public static bool IsWord(char c) => c == '_' || char.IsLetterOrDigit(c);

    public static void RefuseWhatNoDatabaseStores(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            var pair = i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]);
            if (text[i] == '\0' || (char.IsSurrogate(text[i]) && !pair))
                throw new FilterException("Invalid character", i, "text without NUL and half characters");
            if (pair) i++;
        }
    }

    public Token Advance()
    {
        var taken = Current;
        while (_at < _text.Length && char.IsWhiteSpace(_text[_at])) _at++;
        Current = Read(follows: taken.IsSegment && taken.End == _at, afterDot: taken.Kind == TokenKind.Dot);
        return taken;
    }

    /// <summary>
    /// [entity "."] key: the first dot divides, further dots belong to the key. Behind a dot single quotes quote a key too:
    /// MLflow takes tags.'k' for tags.k.
    /// </summary>
    public Identifier ReadIdentifier()
    {
        if (!Current.IsSegment)
        {
            var found = Current.Kind == TokenKind.End ? "" : _text[Current.Start..Current.End];
            throw new FilterException(
                $"Invalid comparison clause. Expected 'Identifier' found '{Shorten(found)}'", Current.Start, "a column");
        }
        var position = new TextPosition(Current.Start);
        var first = ReadSegment();
        if (Current.Kind != TokenKind.Dot) return new Identifier(null, first) { Position = position };
        Advance();
        var key = new StringBuilder(ReadSegment());
        while (Current.Kind == TokenKind.Dot)
        {
            Advance();
            key.Append('.').Append(ReadSegment());
        }
        return new Identifier(first, key.ToString()) { Position = position };
    }

    /// <summary>An error that shows the text from <paramref name="start"/> to the current token.</summary>
    public FilterException Unexpected(int start, string expected) => new(
        $"Invalid {_what}: '{Shorten(_text[start..Current.End].TrimEnd())}'", Current.Start, expected);

    private static string Shorten(string text) => FilterException.Shorten(text, 60);

    private string ReadSegment()
    {
        if (Current.Text.Length == 0) throw Unexpected(Current.Start, "a name that is not empty");
        return Advance().Text;
    }

    private Token Read(bool follows, bool afterDot)
    {
        if (_at == _text.Length) return new Token(TokenKind.End, "", _at, _at);
        var c = _text[_at];
        return c switch
        {
            '\'' => ReadQuoted(TokenKind.SingleQuoted),
            '"' => ReadQuoted(TokenKind.DoubleQuoted),
            '`' => ReadQuoted(TokenKind.BackTicked),
            '(' => Take(TokenKind.Open, 1),
            ')' => Take(TokenKind.Close, 1),
            ',' => Take(TokenKind.Comma, 1),
            '.' when follows && (StartsSegment(Peek(1)) || Peek(1) == '\'') => Take(TokenKind.Dot, 1),
            '=' or '<' or '>' or '!' => ReadOperator(c),
            ';' => throw new FilterException(
                $"Search filter contained multiple expression '{Shorten(_text)}'. Provide AND-ed expression list.",
                _at, "AND instead of ;"),
            _ when IsWord(c) && (afterDot || !char.IsAsciiDigit(c)) => Take(TokenKind.Word, WordLength(0)),
            _ when !follows && NumberLength() is > 0 and var length => Take(TokenKind.Number, length),
            _ => throw Stray(follows)
        };
    }

    private Token Take(TokenKind kind, int length)
    {
        var start = _at;
        _at += length;
        return new Token(kind, _text.Substring(start, length), start, _at);
    }

    private Token ReadOperator(char first)
    {
        var second = Peek(1);
        var two = second == '=' || (first == '<' && second == '>');
        if (first == '!' && !two) throw Stray(follows: false);
        return Take(TokenKind.Operator, two ? 2 : 1);
    }

    /// <summary>
    /// A doubled quote stands for one. A backslash is an ordinary character; as in MLflow, a quote between
    /// a backslash and a letter does not end the string.
    /// </summary>
    private Token ReadQuoted(TokenKind kind)
    {
        var start = _at;
        var quote = _text[start];
        var value = new StringBuilder();
        for (_at++; _at < _text.Length; _at++)
        {
            var c = _text[_at];
            if (c == quote && Peek(1) == quote)
                _at++;
            else if (c == quote && !(quote != '`' && Peek(-1) == '\\' && IsWord(Peek(1))))
                return new Token(kind, value.ToString(), start, ++_at);
            value.Append(c);
        }
        throw new FilterException(
            $"Invalid {_what}: '{Shorten(_text[start..])}'", start, $"a closing {quote}");
    }

    private int WordLength(int from)
    {
        var length = from;
        while (IsWord(Peek(length))) length++;
        return length - from;
    }

    /// <summary>[+-] digits [. digits] [e [+-] digits], or 0 where there is no number.</summary>
    private int NumberLength()
    {
        var length = Peek(0) is '-' or '+' ? 1 : 0;
        var whole = Digits(length);
        length += whole;
        var fraction = Peek(length) == '.' ? Digits(length + 1) : 0;
        if (whole + fraction == 0) return 0;
        if (Peek(length) == '.') length += 1 + fraction;
        if (Peek(length) is 'e' or 'E')
        {
            var sign = Peek(length + 1) is '-' or '+' ? 1 : 0;
            var exponent = Digits(length + 1 + sign);
            if (exponent == 0) return 0;
            length += 1 + sign + exponent;
        }
        return IsWord(Peek(length)) ? 0 : length;
    }

    private int Digits(int from)
    {
        var length = from;
        while (char.IsAsciiDigit(Peek(length))) length++;
        return length - from;
    }

    private static bool StartsSegment(char c) => IsWord(c) || c is '`' or '"';

    private char Peek(int offset) => _at + offset < _text.Length ? _text[_at + offset] : '\0';

    private FilterException Stray(bool follows)
    {
        var start = _at;
        while (follows && start > 0 && !char.IsWhiteSpace(_text[start - 1]) && _text[start - 1] != '(') start--;
        var end = _at;
        while (end < _text.Length && !char.IsWhiteSpace(_text[end])) end++;
        var found = Shorten(_text[start..end]);
        return follows
            ? new FilterException($"Invalid comparison clause. Expected 'Identifier' found '{found}'", _at,
                "an operator, or back-ticks round a key with other characters than letters, digits, _ and .")
            : new FilterException($"Invalid {_what}: '{found}'", _at,
                "a column, an operator, a number or a quoted string");
    }
}
