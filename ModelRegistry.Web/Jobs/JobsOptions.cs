using System.Globalization;
using ModelRegistry.Core.Common;

namespace ModelRegistry.Web.Jobs;

/// <param name="Enabled">Off on nodes that shall only serve: they have neither workers nor the dashboard.</param>
internal sealed record JobsOptions(bool Enabled, int Workers)
{
    /// <exception cref="ConfigurationException">A key has a value that is not allowed; the message names both.</exception>
    public static JobsOptions Read(IConfiguration configuration)
    {
        var enabled = configuration["Jobs:Enabled"] is { Length: > 0 } text ? text : "true";
        if (!bool.TryParse(enabled, out var isEnabled))
            throw new ConfigurationException($"Jobs:Enabled is '{enabled}'. Allowed values: true, false.");
        var workers = configuration["Jobs:Workers"] is { Length: > 0 } number ? number : "2";
        return int.TryParse(workers, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is >= 1 and <= 64
            ? new JobsOptions(isEnabled, count)
            : throw new ConfigurationException($"Jobs:Workers is '{workers}'. Allowed values: a whole number from 1 to 64.");
    }
}
