using System.Text;

namespace ModelRegistry.Core.Artifacts;

/// <summary>Percent-decoding that keeps what is not an escape, and tells of bytes that are not UTF-8.</summary>
public static class PercentEncoding
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The text decoded once; null where the bytes are not UTF-8 (overlong forms among them).</summary>
    public static string? Decode(string text)
    {
        if (!text.Contains('%', StringComparison.Ordinal))
            return text;
        try
        {
            var bytes = Strict.GetBytes(text);
            var length = 0;
            for (var i = 0; i < bytes.Length; i++)
            {
                if (bytes[i] == '%' && i + 2 < bytes.Length
                    && Uri.IsHexDigit((char)bytes[i + 1]) && Uri.IsHexDigit((char)bytes[i + 2]))
                {
                    bytes[length++] = (byte)((Uri.FromHex((char)bytes[i + 1]) << 4) | Uri.FromHex((char)bytes[i + 2]));
                    i += 2;
                }
                else
                {
                    bytes[length++] = bytes[i];
                }
            }

            return Strict.GetString(bytes, 0, length);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
