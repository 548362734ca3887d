using ModelRegistry.Core.Common;

namespace ModelRegistry.Core.Artifacts.Storage;

/// <summary>Makes a backend's failure one of the registry's: what the caller is told holds neither paths nor secrets,
/// the log has the rest.</summary>
internal static class StoreFailure
{
    // ENOSPC, EDQUOT, and ERROR_HANDLE_DISK_FULL and ERROR_DISK_FULL of Windows.
    private static readonly int[] Full = [28, 122, unchecked((int)0x80070027), unchecked((int)0x80070070)];

    public static RegistryException Of(Exception e) => e switch
    {
        RegistryException known => known,
        IOException io when Full.Contains(io.HResult) => NoRoom(e),
        _ => new UnavailableException("The artifact store cannot do this now. Please try again later.", e),
    };

    public static StorageFullException NoRoom(Exception? e = null) =>
        new("The artifact store has no room for this file.", e);
}
