using System.Globalization;
using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Artifacts;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Core.Tracking;

/// <summary>Where clients find artifacts: URIs of the registry's own proxy, or of a store that clients reach themselves.</summary>
public static class ArtifactLocation
{
    public const string Scheme = "mlflow-artifacts:";

    /// <summary>Where the files of registered versions are.</summary>
    private const string VersionsFolder = "versions";

    private static readonly string[] Schemes =
        [Scheme, "s3:", "gs:", "wasb:", "wasbs:", "abfs:", "abfss:", "dbfs:", "hdfs:", "viewfs:", "http:", "https:", "ftp:", "sftp:", "r2:", "b2:"];

    public static string OfExperiment(long id) => string.Create(CultureInfo.InvariantCulture, $"{Scheme}/{id}");

    public static string OfRun(string experimentLocation, string runUuid) => Below(experimentLocation, $"{runUuid}/artifacts");

    public static string OfLoggedModel(string experimentLocation, string modelUuid) =>
        Below(experimentLocation, $"models/{modelUuid}/artifacts");

    // Parameters stay at the end: other stores' URIs may have them.
    private static string Below(string location, string path)
    {
        var query = location.IndexOf('?', StringComparison.Ordinal);
        return query < 0 ? $"{location.TrimEnd('/')}/{path}" : $"{location[..query].TrimEnd('/')}/{path}{location[query..]}";
    }

    /// <summary>Refuses a place of the registry's own store that another experiment has, or that lies in or around one: its
    /// runs' files would belong to two. Places in other stores are the clients' own business.</summary>
    public static async Task RequireFreeAsync(RegistryDbContext db, string field, string location, CancellationToken ct)
    {
        if (!location.StartsWith(ArtifactLocations.Scheme, StringComparison.OrdinalIgnoreCase)
            || location.AsSpan(ArtifactLocations.Scheme.Length).StartsWith("/"))
        {
            return;
        }

        var path = location[ArtifactLocations.Scheme.Length..].TrimEnd('/');
        if (!ArtifactPath.TryParse(path, out var parsed, out var reason))
            throw Refused($"its path is not allowed: {reason}");
        var first = path.Split('/')[0];
        if (first.All(char.IsAsciiDigit) || first == VersionsFolder)
            throw Refused($"places that begin with a number or '{VersionsFolder}' are given out by the registry");
        var plain = ArtifactLocations.Scheme + path;
        var around = parsed.Ancestors().Append(path).Select(p => ArtifactLocations.Scheme + p).ToList();
        around.AddRange(around.Select(p => p + "/").ToList());
        var (low, high) = (plain + "/", plain + "0");
        // As the database orders, by code point.
#pragma warning disable CA1309
        if (await db.Experiments.AnyAsync(e => around.Contains(e.ArtifactLocation)
            || (string.Compare(e.ArtifactLocation, low) > 0 && string.Compare(e.ArtifactLocation, high) < 0), ct))
#pragma warning restore CA1309
        {
            throw Refused("it is, or overlaps, the place of another experiment. Leave it out to get one that is free");
        }

        InvalidArgumentException Refused(string why) => new(field, $"Invalid value for parameter '{field}' supplied: {why}.");
    }

    /// <summary>Refuses local paths: the server does not read or write where a client says, and another machine's disk is
    /// of no use to the team.</summary>
    public static void Require(string field, string location)
    {
        NameRules.RequireMaxLength(field, location, Experiment.MaxLocationLength);
        if (location.Contains('#', StringComparison.Ordinal))
            throw new InvalidArgumentException(field, $"Invalid value for parameter '{field}' supplied: it must have no fragment (#).");
        if (location.Contains('?', StringComparison.Ordinal) && location.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            throw new InvalidArgumentException(field,
                $"Invalid value for parameter '{field}' supplied: a place of the registry's own has no parameters (?).");
        }

        if (!Schemes.Any(s => location.StartsWith(s, StringComparison.OrdinalIgnoreCase)))
        {
            throw new InvalidArgumentException(field, $"Invalid value for parameter '{field}' supplied: it must be a URI with one of "
                + $"the schemes {string.Join(" ", Schemes)}. Leave it out to keep artifacts in the registry's own store.");
        }

        var decoded = location;
        for (var i = 0; i < 5; i++)
            decoded = Uri.UnescapeDataString(decoded);
        if (decoded.Split('/', '\\', '?', '&', '=').Contains(".."))
            throw new InvalidArgumentException(field, $"Invalid value for parameter '{field}' supplied: it must not contain '..'.");
    }
}
