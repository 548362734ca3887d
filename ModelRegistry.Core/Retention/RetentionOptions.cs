using System.Globalization;
using Microsoft.Extensions.Configuration;
using ModelRegistry.Core.Common;

namespace ModelRegistry.Core.Retention;

/// <param name="TrashDays">How long what was deleted can come back before it is purged.</param>
public sealed record RetentionOptions(int TrashDays)
{
    /// <exception cref="ConfigurationException">A key has a value that is not allowed; the message names both.</exception>
    public static RetentionOptions Read(IConfiguration configuration)
    {
        var text = configuration["Retention:TrashDays"] is { Length: > 0 } value ? value : "30";
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var days) && days is >= 1 and <= 36_500
            ? new RetentionOptions(days)
            : throw new ConfigurationException($"Retention:TrashDays is '{text}'. Allowed values: a whole number from 1 to 36500.");
    }
}
