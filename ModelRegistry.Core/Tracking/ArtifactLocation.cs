using System.Globalization;
using ModelRegistry.Core.Common;

namespace ModelRegistry.Core.Tracking;

/// <summary>Where clients find artifacts: URIs of the registry's own proxy, or of a store that clients reach themselves.</summary>
public static class ArtifactLocation
{
    public const string Scheme = "mlflow-artifacts:";

    private static readonly string[] Schemes =
        [Scheme, "s3:", "gs:", "wasb:", "wasbs:", "abfs:", "abfss:", "dbfs:", "hdfs:", "viewfs:", "http:", "https:", "ftp:", "sftp:", "r2:", "b2:"];

    public static string OfExperiment(long id) => string.Create(CultureInfo.InvariantCulture, $"{Scheme}/{id}");

    public static string OfRun(string experimentLocation, string runUuid) => $"{experimentLocation.TrimEnd('/')}/{runUuid}/artifacts";

    public static string OfLoggedModel(string experimentLocation, string modelUuid) =>
        $"{experimentLocation.TrimEnd('/')}/models/{modelUuid}/artifacts";

    /// <summary>Refuses local paths: the server does not read or write where a client says, and another machine's disk is
    /// of no use to the team.</summary>
    public static void Require(string field, string location)
    {
        TrackingRules.RequireMaxLength(field, location, Experiment.MaxLocationLength);
        if (location.AsSpan().ContainsAny('#', '?'))
        {
            throw new InvalidArgumentException(field,
                $"Invalid value for parameter '{field}' supplied: it must have neither fragment (#) nor parameters (?).");
        }

        if (!Schemes.Any(s => location.StartsWith(s, StringComparison.OrdinalIgnoreCase)))
        {
            throw new InvalidArgumentException(field, $"Invalid value for parameter '{field}' supplied: it must be a URI with one of "
                + $"the schemes {string.Join(" ", Schemes)}. Leave it out to keep artifacts in the registry's own store.");
        }

        var decoded = location;
        for (var i = 0; i < 5; i++)
            decoded = Uri.UnescapeDataString(decoded);
        if (decoded.Split('/', '\\').Contains(".."))
            throw new InvalidArgumentException(field, $"Invalid value for parameter '{field}' supplied: it must not contain '..'.");
    }
}
