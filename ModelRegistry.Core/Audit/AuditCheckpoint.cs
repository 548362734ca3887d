using System.Text.Json;
using ModelRegistry.Core.Common;

namespace ModelRegistry.Core.Audit;

/// <summary>
/// The head of a verified chain, for keeping where whoever can write to the database cannot: with it a tail that was
/// cut off, or a chain that was made anew, is found.
/// </summary>
public sealed record AuditCheckpoint(long Sequence, byte[] Hash, long AtMs)
{
    private const string Format = "modelregistry-audit-checkpoint-v1";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public string ToJson() => JsonSerializer.Serialize(new Content(Format, Sequence, Convert.ToHexStringLower(Hash),
        DateTimeOffset.FromUnixTimeMilliseconds(AtMs).ToString("O")), Json);

    /// <exception cref="InvalidArgumentException">This is no checkpoint.</exception>
    public static AuditCheckpoint Parse(string json)
    {
        try
        {
            var content = JsonSerializer.Deserialize<Content>(json, Json);
            if (content is { Format: Format, Sequence: >= 0, Hash.Length: 64 })
            {
                return new AuditCheckpoint(content.Sequence, Convert.FromHexString(content.Hash),
                    DateTimeOffset.Parse(content.At, System.Globalization.CultureInfo.InvariantCulture).ToUnixTimeMilliseconds());
            }
        }
        catch (Exception e) when (e is JsonException or FormatException or ArgumentNullException)
        {
            // Falls through to the refusal.
        }

        throw new InvalidArgumentException("checkpoint", "This is not a checkpoint file made by 'audit checkpoint'.");
    }

    private sealed record Content(string Format, long Sequence, string Hash, string At);
}
