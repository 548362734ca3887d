using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ModelRegistry.Core.Artifacts.Storage.Disk;

/// <summary>
/// A renamed file survives the loss of power only when its directory was flushed too. The framework cannot open a
/// directory, so this asks the C library. Windows keeps directories in the file system's journal and needs no call.
/// </summary>
internal static partial class DurableDirectory
{
    private const int ReadOnly = 0;
    private const int NotSupported = 95;
    private const int InvalidArgument = 22;
    private const int CloseOnExecLinux = 0x80000;
    private const int CloseOnExecMac = 0x1000000;
    private const uint StartWriting = 2;

    /// <exception cref="IOException">The directory could not be flushed.</exception>
    public static void Flush(string path)
    {
        if (OperatingSystem.IsWindows())
            return;
        var descriptor = Open(path, ReadOnly | (OperatingSystem.IsLinux() ? CloseOnExecLinux : CloseOnExecMac));
        if (descriptor < 0)
            throw Failed("open", path);
        try
        {
            // Some network file systems do not know the call for directories; they have no more to offer.
            if (FSync(descriptor) < 0 && Marshal.GetLastPInvokeError() is not (InvalidArgument or NotSupported))
                throw Failed("flush", path);
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    /// <summary>Lets the system start to write this range now, so that the flush at the end has little left to do. A
    /// hint: errors are reported by the flush.</summary>
    public static void StartWriteBack(SafeFileHandle file, long offset, long length)
    {
        if (OperatingSystem.IsLinux())
            _ = SyncFileRange(file, offset, length, StartWriting);
    }

    private static IOException Failed(string what, string path)
    {
        var error = Marshal.GetLastPInvokeError();
        return new IOException($"Could not {what} the directory '{path}': {new Win32Exception(error).Message}", error);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "sync_file_range")]
    private static partial int SyncFileRange(SafeFileHandle file, long offset, long length, uint flags);
}
