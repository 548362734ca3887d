using System.Buffers;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace ModelRegistry.Core.Identity;

/// <summary>
/// The text of a token: `mreg_{8}_{43}_{6}`. The first part finds the row and is fit for logs; the second holds 32
/// random bytes; the third is a checksum, so that scanners know a leaked token from chance, and a mistyped one costs no
/// query. Digits are those of base 62, because a double click selects the whole.
/// </summary>
public static class ApiTokenSecret
{
    public const string Mark = "mreg_";
    public const int PrefixLength = 5 + IdLength;
    public const int Length = PrefixLength + 1 + SecretLength + 1 + ChecksumLength;

    private const int IdLength = 8;
    private const int SecretLength = 43;
    private const int ChecksumLength = 6;
    private const string Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    public static string Create()
    {
        // 43 digits of base 62 hold 256 bits.
        var body = Mark + RandomNumberGenerator.GetString(Digits, IdLength) + "_"
            + RandomNumberGenerator.GetString(Digits, SecretLength);
        Span<char> checksum = stackalloc char[ChecksumLength];
        WriteChecksum(body, checksum);
        return $"{body}_{checksum}";
    }

    /// <summary>Has the form and the checksum of a token; says nothing about its being known.</summary>
    public static bool IsWellFormed(ReadOnlySpan<char> token)
    {
        if (token.Length != Length || !token.StartsWith(Mark) || token[PrefixLength] != '_' || token[^(ChecksumLength + 1)] != '_'
            || token.ContainsAnyExcept(WithSeparator))
        {
            return false;
        }

        Span<char> checksum = stackalloc char[ChecksumLength];
        WriteChecksum(token[..^(ChecksumLength + 1)], checksum);
        return checksum.SequenceEqual(token[^ChecksumLength..]);
    }

    public static string Prefix(ReadOnlySpan<char> token) => token[..PrefixLength].ToString();

    /// <summary>What is stored. The secret is random and long, so a fast hash is enough.</summary>
    public static CredentialDigest Digest(ReadOnlySpan<char> token)
    {
        Span<byte> bytes = stackalloc byte[Length];
        Encoding.ASCII.GetBytes(token, bytes);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        return new CredentialDigest(hash);
    }

    private static readonly SearchValues<char> WithSeparator = SearchValues.Create(Digits + "_");

    private static void WriteChecksum(ReadOnlySpan<char> body, Span<char> into)
    {
        Span<byte> bytes = stackalloc byte[body.Length];
        Encoding.ASCII.GetBytes(body, bytes);
        var rest = Crc(bytes);
        for (var i = into.Length - 1; i >= 0; i--)
        {
            into[i] = Digits[(int)(rest % 62)];
            rest /= 62;
        }
    }

    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
            crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }
}
