using System.Text.RegularExpressions;
using ModelRegistry.Core.Common;

namespace ModelRegistry.Core.Artifacts.Storage;

/// <summary>
/// Reads `prefix://key=value;key=value`. Prefixes are compared exactly, keys in any case; a key without `=` is a flag;
/// a value ends at `;` and may hold `=` and `+`; `%3B` and the like are decoded. Unknown, repeated and missing keys are
/// refused with a message that names the key and never a value, so that a slip does not print a secret.
/// </summary>
public static partial class StorageConnectionString
{
    private const string Setting = "Storage:Artifacts";
    private const string Allowed = "disk://, inmemory://, aws.s3://, azure.blob://";

    /// <param name="contentRoot">A relative path of a disk store is relative to this.</param>
    /// <exception cref="ConfigurationException">The text is no connection string; the message says why.</exception>
    public static StorageConnection Parse(string text, string contentRoot)
    {
        var separator = text.IndexOf("://", StringComparison.Ordinal);
        var prefix = separator < 0 ? text : text[..separator];
        var pairs = new Pairs(prefix, separator < 0 ? "" : text[(separator + 3)..]);
        StorageConnection connection = prefix switch
        {
            "disk" => new DiskConnection(Path.GetFullPath(pairs.Required("path"), contentRoot)),
            "inmemory" => new InMemoryConnection(),
            "aws.s3" => S3(pairs),
            "azure.blob" => AzureBlob(pairs),
            _ => throw Wrong($"it must start with one of {Allowed}"),
        };
        pairs.RefuseTheRest();
        return connection;
    }

    private static S3Connection S3(Pairs pairs)
    {
        var connection = new S3Connection(pairs.Required("bucket"))
        {
            Region = pairs.Optional("region"),
            ServiceUrl = pairs.OptionalUrl("serviceUrl"),
            KeyId = pairs.Optional("keyId"),
            Key = pairs.Optional("key"),
            SessionToken = pairs.Optional("st"),
            Profile = pairs.Optional("profile"),
            Prefix = pairs.KeyPrefix(),
            ForcePathStyle = pairs.Flag("forcePathStyle"),
            Checksums = pairs.Flag("checksums"),
        };
        if (connection.KeyId is null != connection.Key is null)
            throw Wrong("aws.s3 needs keyId and key, both or neither (then the ambient credentials are used)");
        if (connection.SessionToken is not null && connection.Key is null)
            throw Wrong("aws.s3 takes st only together with keyId and key");
        if (connection.Profile is not null && connection.Key is not null)
            throw Wrong("aws.s3 takes either profile or keyId and key");
        if (connection.Region is null && connection.ServiceUrl is null)
            throw Wrong("aws.s3 needs region, serviceUrl or both");
        return connection;
    }

    private static AzureBlobConnection AzureBlob(Pairs pairs)
    {
        var connection = new AzureBlobConnection(pairs.Required("container"))
        {
            Account = pairs.Optional("account"),
            Key = pairs.Optional("key"),
            TenantId = pairs.Optional("tenantId"),
            PrincipalId = pairs.Optional("principalId"),
            PrincipalSecret = pairs.Optional("principalSecret"),
            ManagedIdentity = pairs.Flag("msi"),
            Emulator = pairs.Flag("emu"),
            ServiceUrl = pairs.OptionalUrl("serviceUrl"),
            Prefix = pairs.KeyPrefix(),
        };
        string?[] principal = [connection.TenantId, connection.PrincipalId, connection.PrincipalSecret];
        if (principal.Any(p => p is null) && principal.Any(p => p is not null))
            throw Wrong("azure.blob needs tenantId, principalId and principalSecret, all or none");
        var ways = (connection.Key is null ? 0 : 1) + (principal[0] is null ? 0 : 1)
            + (connection.ManagedIdentity ? 1 : 0) + (connection.Emulator ? 1 : 0);
        if (ways != 1)
            throw Wrong("azure.blob needs exactly one of: key; tenantId, principalId and principalSecret; msi; emu");
        if (connection.Emulator == connection.Account is not null)
            throw Wrong("azure.blob needs account, and emu goes without it");
        return connection;
    }

    private static ConfigurationException Wrong(string rule) => new($"{Setting}: {rule}.");

    private sealed partial class Pairs
    {
        private readonly string _prefix;
        private readonly Dictionary<string, string?> _values = new(StringComparer.OrdinalIgnoreCase);

        public Pairs(string prefix, string text)
        {
            _prefix = prefix;
            foreach (var pair in text.Split(';', StringSplitOptions.RemoveEmptyEntries))
            {
                var equals = pair.IndexOf('=', StringComparison.Ordinal);
                var key = equals < 0 ? pair : pair[..equals];
                // Uri.UnescapeDataString keeps `+`: base64 keys are full of it.
                var value = equals < 0 ? null : Uri.UnescapeDataString(pair[(equals + 1)..]);
                if (!_values.TryAdd(key, value))
                    throw Wrong($"{prefix} has {Name(key)} twice");
            }
        }

        public string Required(string key) =>
            Optional(key) ?? throw Wrong($"{_prefix} needs {key}=");

        public string? Optional(string key)
        {
            if (!_values.Remove(key, out var value))
                return null;
            return string.IsNullOrWhiteSpace(value) ? throw Wrong($"{_prefix} has {key} without a value") : value;
        }

        public Uri? OptionalUrl(string key)
        {
            if (Optional(key) is not { } text)
                return null;
            return Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.UserInfo.Length == 0
                ? url
                : throw Wrong($"{_prefix} needs {key} to be an http or https address without credentials");
        }

        public bool Flag(string key)
        {
            if (!_values.Remove(key, out var value))
                return false;
            return value?.ToLowerInvariant() switch
            {
                null or "true" => true,
                "false" => false,
                _ => throw Wrong($"{_prefix} takes {key}, {key}=true or {key}=false"),
            };
        }

        public string KeyPrefix()
        {
            if (Optional("prefix") is not { } text)
                return "";
            var prefix = text.Trim('/');
            return PrefixForm().IsMatch(prefix)
                ? prefix + "/"
                : throw Wrong($"{_prefix} takes letters, digits, '.', '_', '-' and '/' in prefix");
        }

        public void RefuseTheRest()
        {
            if (_values.Keys.FirstOrDefault() is { } unknown)
                throw Wrong($"{_prefix} has no {Name(unknown)}");
        }

        // What is not a word may be a value that lost its key, and a secret.
        private static string Name(string key) => Word().IsMatch(key) ? $"key '{key}'" : "key of that kind (one is not a word)";

        [GeneratedRegex("^[A-Za-z]{1,20}$")]
        private static partial Regex Word();

        [GeneratedRegex("^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$")]
        private static partial Regex PrefixForm();
    }
}
