using System.Globalization;
using Microsoft.Extensions.Configuration;
using ModelRegistry.Core.Artifacts.Storage;
using ModelRegistry.Core.Common;

namespace ModelRegistry.Core.Artifacts;

/// <summary>Where artifacts are kept and for how long. Read once at start; a wrong value stops it.</summary>
/// <param name="StagingDirectory">Where bytes are while they come in, with stores that are not a disk.</param>
/// <param name="BlobGracePeriod">How long unreferenced content stays.</param>
public sealed record StorageOptions(StorageConnection Connection, string StagingDirectory, TimeSpan BlobGracePeriod)
{
    public static readonly TimeSpan ShortestGrace = TimeSpan.FromMinutes(1);

    /// <param name="contentRoot">Relative paths are relative to this.</param>
    /// <exception cref="ConfigurationException">A key has a value that is not allowed; the message names both.</exception>
    public static StorageOptions Read(IConfiguration configuration, string contentRoot)
    {
        var connection = StorageConnectionString.Parse(Text("Storage:Artifacts", "disk://path=data/artifacts"), contentRoot);
        var grace = Text("Storage:BlobGracePeriod", "02:00:00");
        if (!TimeSpan.TryParse(grace, CultureInfo.InvariantCulture, out var period) || period < ShortestGrace)
        {
            throw new ConfigurationException(
                $"Storage:BlobGracePeriod is '{grace}'. Allowed values: a time such as 02:00:00 (hours, minutes, seconds), at least 00:01:00.");
        }

        return new StorageOptions(connection, Path.GetFullPath(Text("Storage:Staging", "data/staging"), contentRoot), period);

        string Text(string key, string fallback) =>
            configuration[key] is { } text && !string.IsNullOrWhiteSpace(text) ? text : fallback;
    }
}
