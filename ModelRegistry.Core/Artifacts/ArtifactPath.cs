using System.Diagnostics.CodeAnalysis;
using System.Text;
using ModelRegistry.Core.Common;

namespace ModelRegistry.Core.Artifacts;

/// <summary>
/// A path inside a tree of files: one or more segments with `/` between them. The one parser of paths that callers
/// send, for all routes and all stores. Stored is the literal text that was checked; no path ever becomes a name in a
/// file system (the store's keys come from the content), so the rules keep listings, logs and downloads on any
/// operating system safe rather than this server's disk.
/// </summary>
public readonly record struct ArtifactPath
{
    public const int MaxSegmentBytes = 255;
    public const int MaxBytes = 1024;
    private const int MaxDecodings = 5;

    private static readonly string[] DeviceNames =
    [
        "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$",
        "COM0", "COM1", "COM2", "COM3", "COM4", "COM5", "COM6", "COM7", "COM8", "COM9",
        "LPT0", "LPT1", "LPT2", "LPT3", "LPT4", "LPT5", "LPT6", "LPT7", "LPT8", "LPT9",
    ];

    private ArtifactPath(string value) => Value = value;

    public string Value { get; }

    /// <summary>The last segment.</summary>
    public string Name => Value[(Value.LastIndexOf('/') + 1)..];

    /// <exception cref="InvalidArgumentException">The text is not a path; the message says which rule it breaks.</exception>
    public static ArtifactPath Parse(string text, string field = "path") =>
        TryParse(text, out var path, out var reason)
            ? path
            : throw new InvalidArgumentException(field, $"Invalid path: {reason}.");

    /// <summary>
    /// As <see cref="Parse"/>, for a directory that is looked into: null, "" or "." is the top, and segments that say
    /// nothing ("./a", "a//b", "a/") are left out. Where something is written or deleted the path says what it means.
    /// </summary>
    public static ArtifactPath? ParseDirectory(string? text, string field = "path")
    {
        if (string.IsNullOrEmpty(text))
            return null;
        if (text[0] == '/')
            return Parse(text, field);
        var plain = string.Join('/', text.Split('/').Where(s => s is not ("" or ".")));
        return plain.Length == 0 ? null : Parse(plain, field);
    }

    public static bool TryParse(string text, out ArtifactPath path, [NotNullWhen(false)] out string? reason)
    {
        path = default;
        reason = Offence(text);
        if (reason is not null)
            return false;
        path = new ArtifactPath(text);
        return true;
    }

    /// <summary>The paths of the directories above, nearest last: `a` and `a/b` of `a/b/c`.</summary>
    public IEnumerable<string> Ancestors()
    {
        for (var i = Value.IndexOf('/'); i >= 0; i = Value.IndexOf('/', i + 1))
            yield return Value[..i];
    }

    public override string ToString() => Value;

    private static string? Offence(string text)
    {
        if (text.Length == 0)
            return "it is empty";
        if (text.Length > ArtifactFile.MaxPathLength)
            return $"it has more than {ArtifactFile.MaxPathLength} characters";
        if (OffendingCharacter(text) is { } character)
            return character;
        if (Encoding.UTF8.GetByteCount(text) > MaxBytes)
            return $"it has more than {MaxBytes} bytes";
        foreach (var range in text.AsSpan().Split('/'))
        {
            if (OffendingSegment(text.AsSpan()[range]) is { } segment)
                return segment;
        }

        return OffenceWhenDecoded(text);
    }

    // What lies behind us may decode once more than we did (a proxy, a client's own server), so a text that means
    // something else when it is decoded again, any number of times, is refused. `100%.txt` decodes to itself.
    private static string? OffenceWhenDecoded(string text)
    {
        const string encoded = "it holds an encoded form of something that a path may not have";
        for (var i = 0; i < MaxDecodings; i++)
        {
            if (text.Contains("%u", StringComparison.OrdinalIgnoreCase) && HasUnicodeEscape(text))
                return encoded;
            var decoded = PercentEncoding.Decode(text);
            if (decoded is null)
                return encoded;
            if (decoded == text)
                return null;
            text = decoded;
            if (OffendingCharacter(text) is not null)
                return encoded;
            foreach (var range in text.AsSpan().Split('/'))
            {
                if (text.AsSpan()[range] is "" or "." or "..")
                    return encoded;
            }
        }

        return "it is encoded too many times";
    }

    private static bool HasUnicodeEscape(string text)
    {
        for (var i = 0; i + 5 < text.Length; i++)
        {
            if (text[i] == '%' && text[i + 1] is 'u' or 'U' && text.AsSpan(i + 2, 4).IndexOfAnyExcept(Hex) < 0)
                return true;
        }

        return false;
    }

    private static readonly System.Buffers.SearchValues<char> Hex = System.Buffers.SearchValues.Create("0123456789abcdefABCDEF");

    private static string? OffendingCharacter(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '\\')
                return "it has a backslash";
            if (char.IsControl(c))
                return "it has a control character";
            if (c is '\u2028' or '\u2029' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069') or '\u200E' or '\u200F')
                return "it has a line separator or a character that changes the direction of text";
            if (char.IsSurrogate(c))
            {
                if (i + 1 == text.Length || !char.IsSurrogatePair(c, text[i + 1]))
                    return "it is not valid Unicode";
                i++;
            }
        }

        return null;
    }

    private static string? OffendingSegment(ReadOnlySpan<char> segment)
    {
        if (segment.IsEmpty)
            return "it has an empty segment (it starts or ends with '/', or has '//')";
        if (segment is "." or "..")
            return "it has a segment '.' or '..'";
        if (Encoding.UTF8.GetByteCount(segment) > MaxSegmentBytes)
            return $"a segment has more than {MaxSegmentBytes} bytes";
        // The rest cannot be written by clients on Windows, or is written somewhere else there.
        if (segment[^1] is '.' or ' ' && segment is not "..." || segment[0] == ' ')
            return "a segment starts with a space or ends with a space or a period";
        if (segment.Length >= 2 && segment[1] == ':' && char.IsAsciiLetter(segment[0]))
            return "a segment starts with a drive letter";
        if (segment.Contains("::", StringComparison.Ordinal))
            return "a segment has '::'";
        var dot = segment.IndexOf('.');
        var stem = (dot < 0 ? segment : segment[..dot]).TrimEnd(' ');
        foreach (var device in DeviceNames)
        {
            if (stem.Equals(device, StringComparison.OrdinalIgnoreCase))
                return $"a segment is the name of a device ({device})";
        }

        return null;
    }
}
