using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace ModelRegistry.Core.Webhooks;

/// <summary>Where webhooks may point and how long their log is kept. Read once at start; a wrong value stops it.</summary>
/// <param name="AllowPrivateAddresses">The receivers may be in the server's own network. Link-local addresses, and with
/// them the metadata services of clouds, stay closed.</param>
public sealed record WebhookOptions(IReadOnlyList<string> AllowedSchemes, bool AllowPrivateAddresses, int KeepDeliveriesDays)
{
    private static readonly string[] Schemes = ["https", "http"];

    /// <exception cref="InvalidOperationException">A key has a value that is not allowed; the message names both.</exception>
    public static WebhookOptions Read(IConfiguration configuration)
    {
        var text = Text("Webhooks:AllowedSchemes", "https");
        var schemes = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(s => s.ToLowerInvariant()).Distinct().ToList();
        if (schemes.Count == 0 || schemes.Except(Schemes).Any())
            throw new InvalidOperationException($"Webhooks:AllowedSchemes is '{text}'. Allowed values: https, http, or both with a comma.");

        var allow = Text("Webhooks:AllowPrivateAddresses", "false");
        if (!bool.TryParse(allow, out var allowPrivate))
            throw new InvalidOperationException($"Webhooks:AllowPrivateAddresses is '{allow}'. Allowed values: true, false.");

        var keep = Text("Webhooks:KeepDeliveriesDays", "30");
        if (!int.TryParse(keep, NumberStyles.None, CultureInfo.InvariantCulture, out var days) || days is < 1 or > 3650)
        {
            throw new InvalidOperationException(
                $"Webhooks:KeepDeliveriesDays is '{keep}'. Allowed values: a whole number from 1 to 3650.");
        }

        return new WebhookOptions(schemes, allowPrivate, days);

        string Text(string key, string fallback) =>
            configuration[key] is { } value && !string.IsNullOrWhiteSpace(value) ? value.Trim() : fallback;
    }
}
