using System.Text.Json;
using Microsoft.Extensions.Configuration;
using ModelRegistry.Core.Common;

namespace ModelRegistry.Core.Holds;

/// <param name="Directory">Where the ledger lies; see <see cref="Ledger"/>.</param>
public sealed record LedgerOptions(string Directory)
{
    /// <param name="besideArtifacts">Where it lies unless it is said otherwise.</param>
    public static LedgerOptions Read(IConfiguration configuration, string contentRoot, string besideArtifacts) => new(
        Path.GetFullPath(configuration["Governance:Ledger"] is { Length: > 0 } text ? text : besideArtifacts, contentRoot));
}

/// <param name="Kind">See <see cref="Ledger"/>.</param>
/// <param name="Id">Of the hold or the certificate.</param>
public sealed record LedgerEntry(string Kind, Guid Id, JsonElement Content)
{
    public static LedgerEntry Of<T>(string kind, Guid id, T content) => new(kind, id, JsonSerializer.SerializeToElement(content));

    /// <exception cref="JsonException">It is not what its kind says.</exception>
    public T Read<T>() => Content.Deserialize<T>() ?? throw new JsonException();
}

/// <summary>
/// What must outlive the database: that holds and locks were placed and released, that things were purged, and what policies say. One
/// line of JSON for each, in a file of each server, only ever added to. When an older backup of the database is put back, it says what that
/// has forgotten; see docs/operations.md.
/// </summary>
public sealed class Ledger(LedgerOptions options)
{
    public const string Hold = "hold";
    public const string Lock = "lock";
    public const string Release = "release";
    public const string Purge = "purge";
    public const string RetentionPolicy = "retention-policy";
    public const string PromotionPolicy = "promotion-policy";
    public const string PolicyDeletion = "policy-deletion";

    private const int OpenAttempts = 50;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    public string Directory => options.Directory;

    /// <summary>Before something is done that has to be written down.</summary>
    /// <exception cref="UnavailableException">It could not be.</exception>
    public async Task RequireWritableAsync(CancellationToken ct)
    {
        try
        {
            await (await OpenToWriteAsync(ct)).DisposeAsync();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(e);
        }
    }

    /// <summary>When it returns, the lines outlive a loss of power.</summary>
    /// <exception cref="UnavailableException">They could not be written.</exception>
    public async Task AppendAsync(IReadOnlyCollection<LedgerEntry> entries, CancellationToken ct)
    {
        if (entries.Count == 0)
            return;
        try
        {
            await using var file = await OpenToWriteAsync(ct);
            // The line of a server that died in the middle of it ends here.
            file.Seek(-Math.Min(1, file.Length), SeekOrigin.End);
            var isTorn = file.Length > 0 && file.ReadByte() != '\n';
            using var lines = new MemoryStream();
            if (isTorn)
                lines.WriteByte((byte)'\n');
            foreach (var entry in entries)
            {
                await JsonSerializer.SerializeAsync(lines, entry, cancellationToken: ct);
                lines.WriteByte((byte)'\n');
            }

            file.Write(lines.GetBuffer().AsSpan(0, (int)lines.Length));
            file.Flush(flushToDisk: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(e);
        }
    }

    /// <param name="unreadable">Told of each line that is none: one that was cut off, or that somebody altered.</param>
    /// <exception cref="UnavailableException">It could not be read.</exception>
    public async IAsyncEnumerable<LedgerEntry> ReadAsync(
        Action unreadable, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        foreach (var path in Files())
        {
            using var reader = new StreamReader(await OpenToReadAsync(path, ct));
            while (await reader.ReadLineAsync(ct) is { } line)
            {
                if (Parse(line) is { } entry)
                    yield return entry;
                else
                    unreadable();
            }
        }
    }

    private IEnumerable<string> Files()
    {
        try
        {
            return System.IO.Directory.Exists(options.Directory)
                ? System.IO.Directory.GetFiles(options.Directory, "*.jsonl").Order(StringComparer.Ordinal) : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(e);
        }
    }

    private static async Task<FileStream> OpenToReadAsync(string path, CancellationToken ct)
    {
        try
        {
            return await OpenAsync(path, FileAccess.Read, ct);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(e);
        }
    }

    // Alone: a verb of the command line writes to the same file as the server does.
    private static async Task<FileStream> OpenAsync(string path, FileAccess access, CancellationToken ct)
    {
        var open = new FileStreamOptions
        {
            Mode = access == FileAccess.Read ? FileMode.Open : FileMode.OpenOrCreate,
            Access = access,
            Share = access == FileAccess.Read ? FileShare.Read : FileShare.None,
            Options = FileOptions.Asynchronous,
        };
        if (access != FileAccess.Read && !OperatingSystem.IsWindows())
            open.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return new FileStream(path, open);
            }
            catch (IOException e) when (attempt < OpenAttempts && e is not (FileNotFoundException or DirectoryNotFoundException))
            {
                await Task.Delay(Pause, ct);
            }
        }
    }

    private Task<FileStream> OpenToWriteAsync(CancellationToken ct)
    {
        CreateDirectory();
        return OpenAsync(Path.Combine(options.Directory, Environment.MachineName + ".jsonl"), FileAccess.ReadWrite, ct);
    }

    private void CreateDirectory()
    {
        if (OperatingSystem.IsWindows())
            System.IO.Directory.CreateDirectory(options.Directory);
        else
            System.IO.Directory.CreateDirectory(options.Directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static LedgerEntry? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<LedgerEntry>(line) is { Kind: not null } entry && entry.Id != Guid.Empty ? entry : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static UnavailableException Unwritable(Exception e) => new("The ledger of holds, purges and policies cannot be written now.", e);

    private static UnavailableException Unreadable(Exception e) => new("The ledger of holds, purges and policies cannot be read now.", e);
}
