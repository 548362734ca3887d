using System.Globalization;
using ModelRegistry.Core.Common;

namespace ModelRegistry.Core.Tracking;

/// <summary>What names and values may be. Source: MLflow's validation; the messages keep its wording.</summary>
public static class TrackingRules
{
    public const int MaxMetricsPerBatch = 1000;
    public const int MaxParamsPerBatch = 100;
    public const int MaxTagsPerBatch = 100;
    public const int MaxItemsPerBatch = 1000;

    public static string RequireExperimentName(string field, string name)
    {
        if (string.IsNullOrWhiteSpace(name))
            throw new InvalidArgumentException(field, $"Invalid value for parameter '{field}' supplied: it must not be blank.");
        NameRules.RequireMaxLength(field, name, Experiment.MaxNameLength);
        return name;
    }

    /// <summary>The public id of an experiment: a decimal integer in a string.</summary>
    public static long ParseExperimentId(string id) =>
        long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new InvalidArgumentException("experiment_id",
                $"Invalid experiment ID '{id}'. Experiment ID must be a valid integer.");
}
