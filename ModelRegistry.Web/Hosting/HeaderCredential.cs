using System.Text;
using ModelRegistry.Core.Identity;

namespace ModelRegistry.Web.Hosting;

/// <summary>
/// What an Authorization header holds: a token (as Bearer, or as the password of Basic with any user name, which is what
/// old clients can do), or a name and a password. Read without a copy of the secret wherever the cache knows it.
/// </summary>
internal ref struct HeaderCredential
{
    // A name of 254 and a password of 256 characters, encoded.
    public const int MaxHeaderLength = 2 * 1024;
    public const int MaxDecodedLength = MaxHeaderLength;

    public bool IsToken { get; private set; }
    public ReadOnlySpan<char> Token { get; private set; }
    public ReadOnlySpan<char> UserName { get; private set; }
    public ReadOnlySpan<char> Password { get; private set; }
    public CredentialDigest Digest { get; private set; }

    /// <param name="buffer">For the decoded text of Basic, of <see cref="MaxDecodedLength"/> characters.</param>
    public static bool TryRead(
        ReadOnlySpan<char> header, Span<char> buffer, VerifiedPasswords passwords, out HeaderCredential credential)
    {
        credential = default;
        header = header.Trim(' ');
        if (header.Length > MaxHeaderLength)
            return false;
        if (header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
            return TryToken(header[7..].TrimStart(' '), out credential);
        return header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase)
            && TryBasic(header[6..].TrimStart(' '), buffer, passwords, out credential);
    }

    private static bool TryToken(ReadOnlySpan<char> text, out HeaderCredential credential)
    {
        credential = default;
        if (!ApiTokenSecret.IsWellFormed(text))
            return false;
        credential = new HeaderCredential { IsToken = true, Token = text, Digest = ApiTokenSecret.Digest(text) };
        return true;
    }

    private static bool TryBasic(
        ReadOnlySpan<char> encoded, Span<char> buffer, VerifiedPasswords passwords, out HeaderCredential credential)
    {
        credential = default;
        Span<byte> bytes = stackalloc byte[MaxDecodedLength];
        if (!Convert.TryFromBase64Chars(encoded, bytes, out var length))
            return false;
        bytes = bytes[..length];
        var colon = bytes.IndexOf((byte)':');
        if (colon < 0 || bytes.Contains((byte)0) || !Encoding.UTF8.TryGetChars(bytes, buffer, out var count))
            return false;
        var text = buffer[..count];
        colon = text.IndexOf(':');
        var password = text[(colon + 1)..];
        if (password.StartsWith(ApiTokenSecret.Mark) && TryToken(password, out credential))
            return true;
        credential = new HeaderCredential
        {
            UserName = text[..colon],
            Password = password,
            Digest = passwords.Digest(bytes),
        };
        return true;
    }
}
