namespace ModelRegistry.Web.MlflowApi;

/// <summary>Puts quotes around `NaN`, `Infinity` and `-Infinity` where they stand outside of strings.</summary>
internal static class BareNumbers
{
    public static byte[] Quote(ReadOnlySpan<byte> json)
    {
        var result = new List<byte>(json.Length + 16);
        var inString = false;
        for (var i = 0; i < json.Length; i++)
        {
            var b = json[i];
            if (inString)
            {
                result.Add(b);
                if (b == '\\' && i + 1 < json.Length)
                    result.Add(json[++i]);
                else if (b == '"')
                    inString = false;
                continue;
            }

            var token = TokenAt(json[i..]);
            if (token > 0)
            {
                result.Add((byte)'"');
                result.AddRange(json.Slice(i, token));
                result.Add((byte)'"');
                i += token - 1;
                continue;
            }

            inString = b == '"';
            result.Add(b);
        }

        return [.. result];
    }

    private static int TokenAt(ReadOnlySpan<byte> rest) =>
        rest.StartsWith("NaN"u8) ? 3
        : rest.StartsWith("Infinity"u8) ? 8
        : rest.StartsWith("-Infinity"u8) ? 9
        : 0;
}
