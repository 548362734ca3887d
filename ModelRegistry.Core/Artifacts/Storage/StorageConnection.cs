using System.Text;

namespace ModelRegistry.Core.Artifacts.Storage;

/// <summary>Where artifacts go: what <see cref="StorageConnectionString"/> read. Printing one shows no secret.</summary>
public abstract record StorageConnection
{
    private protected const string Hidden = "***";

    private protected static string? Hide(string? secret) => secret is null ? null : Hidden;
}

/// <summary>`disk://path=…`</summary>
public sealed record DiskConnection(string Path) : StorageConnection;

/// <summary>`inmemory://`: for tests; gone with the process.</summary>
public sealed record InMemoryConnection : StorageConnection;

/// <summary>`aws.s3://…`: Amazon's store and the many that speak its protocol.</summary>
public sealed record S3Connection(string Bucket) : StorageConnection
{
    public string? Region { get; init; }
    /// <summary>Another address than Amazon's.</summary>
    public Uri? ServiceUrl { get; init; }
    public string? KeyId { get; init; }
    public string? Key { get; init; }
    public string? SessionToken { get; init; }
    /// <summary>A profile of the shared credentials file. Without keys and profile: the ambient credentials.</summary>
    public string? Profile { get; init; }
    /// <summary>Put before every key, with `/` after it; empty for none.</summary>
    public string Prefix { get; init; } = "";
    /// <summary>`host/bucket/key` instead of `bucket.host/key`; most other stores than Amazon's want it.</summary>
    public bool ForcePathStyle { get; init; }
    /// <summary>Send and ask for the protocol's newer checksums always, not only where they are required. Many other
    /// stores refuse them.</summary>
    public bool Checksums { get; init; }

    protected override bool PrintMembers(StringBuilder text)
    {
        text.Append(System.Globalization.CultureInfo.InvariantCulture,
            $"Bucket = {Bucket}, Region = {Region}, ServiceUrl = {ServiceUrl}, Prefix = {Prefix}, KeyId = {KeyId}, Key = {Hide(Key)}, SessionToken = {Hide(SessionToken)}, Profile = {Profile}");
        return true;
    }
}

/// <summary>`azure.blob://…`</summary>
public sealed record AzureBlobConnection(string Container) : StorageConnection
{
    public string? Account { get; init; }
    public string? Key { get; init; }
    public string? TenantId { get; init; }
    public string? PrincipalId { get; init; }
    public string? PrincipalSecret { get; init; }
    /// <summary>The identity that the platform gives the process.</summary>
    public bool ManagedIdentity { get; init; }
    /// <summary>The emulator on this machine, with its well-known account.</summary>
    public bool Emulator { get; init; }
    /// <summary>Another address than the public cloud's, or than the emulator's own.</summary>
    public Uri? ServiceUrl { get; init; }
    public string Prefix { get; init; } = "";

    protected override bool PrintMembers(StringBuilder text)
    {
        text.Append(System.Globalization.CultureInfo.InvariantCulture,
            $"Container = {Container}, Account = {Account}, ServiceUrl = {ServiceUrl}, Prefix = {Prefix}, Key = {Hide(Key)}, TenantId = {TenantId}, PrincipalId = {PrincipalId}, PrincipalSecret = {Hide(PrincipalSecret)}, ManagedIdentity = {ManagedIdentity}, Emulator = {Emulator}");
        return true;
    }
}
