using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.DataProtection;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Web.Hosting;

/// <summary>
/// The keys that seal cookies and stored secrets: in the database, so that all nodes share them, and sealed themselves
/// with a certificate where one is configured. Without one, whoever reads the database can forge sessions.
/// </summary>
internal static class SealedKeys
{
    public const string CertificateKey = "DataProtection:Certificate";
    private const string PasswordKey = "DataProtection:CertificatePassword";

    public static IServiceCollection AddSealedKeys(this IServiceCollection services, IConfiguration configuration)
    {
        var keys = services.AddDataProtection().SetApplicationName("ModelRegistry").PersistKeysToDbContext<RegistryDbContext>();
        if (configuration[CertificateKey] is { Length: > 0 } path)
            keys.ProtectKeysWithCertificate(Load(path, configuration[PasswordKey]));
        return services;
    }

    private static X509Certificate2 Load(string path, string? password)
    {
        try
        {
            var certificate = X509CertificateLoader.LoadPkcs12FromFile(path, password);
            return certificate.HasPrivateKey
                ? certificate
                : throw new ConfigurationException($"{CertificateKey}: the certificate has no private key. Allowed values: the path of a PKCS #12 file.");
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException(
                $"{CertificateKey}: the file cannot be read, or {PasswordKey} is wrong. Allowed values: the path of a PKCS #12 file.", e);
        }
    }
}
