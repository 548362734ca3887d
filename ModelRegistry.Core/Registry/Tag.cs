using System.Security.Cryptography;
using System.Text;

namespace ModelRegistry.Core.Registry;

/// <summary>A tag of a model or a version, as it comes and goes.</summary>
public readonly record struct Tag(string Key, string Value)
{
    private const int MaxAuditedLength = 2000;

    internal KeyValuePair<string, string> AsPair() => new(Key, Value);

    /// <summary>The value for the audit: of a long one (a prompt's text) the beginning, and a digest that proves the rest.</summary>
    internal static string? Audited(string? value) => value is null || value.Length <= MaxAuditedLength
        ? value
        : $"{value[..MaxAuditedLength]}… ({value.Length} characters, sha256 {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(value)))})";
}
