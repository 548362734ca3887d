using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;

namespace ModelRegistry.Core.Webhooks;

/// <summary>Proves to a receiver that the registry sent it, and when.</summary>
internal static class WebhookSignature
{
    public static string Of(string secret, string deliveryId, string timestamp, ReadOnlySpan<byte> body)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret));
        hash.AppendData(Encoding.UTF8.GetBytes($"{deliveryId}.{timestamp}."));
        hash.AppendData(body);
        return "v1," + Convert.ToBase64String(hash.GetHashAndReset());
    }
}

/// <summary>Seals secrets with the keys that all nodes share.</summary>
public sealed class WebhookSecrets(IDataProtectionProvider protection)
{
    private const string Purpose = "ModelRegistry.Webhooks.Secret";

    public string Seal(string secret) =>
        protection.CreateProtector(Purpose).Protect(secret);

    /// <exception cref="CryptographicException">The keys that sealed it are gone.</exception>
    internal string Open(string sealedSecret) =>
        protection.CreateProtector(Purpose).Unprotect(sealedSecret);
}
