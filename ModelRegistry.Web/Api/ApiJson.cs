using System.Text.Json;
using System.Text.Json.Serialization;

namespace ModelRegistry.Web.Api;

/// <summary>
/// JSON of /api/v1: read strictly, so that a misspelt member is told and never ignored. Names as in JavaScript,
/// words in lower case with hyphens, times in ISO 8601.
/// </summary>
internal static class ApiJson
{
    public const int MaxDepth = 32;

    public static JsonSerializerOptions Options { get; } = Make();

    /// <summary>For the framework's own writing of answers and schemas.</summary>
    public static void Shape(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.PropertyNameCaseInsensitive = false;
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.AllowDuplicateProperties = false;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.RespectNullableAnnotations = true;
        options.RespectRequiredConstructorParameters = true;
        options.MaxDepth = MaxDepth;
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false));
        options.Converters.Add(new PlainStringConverter());
    }

    private static JsonSerializerOptions Make()
    {
        var options = new JsonSerializerOptions();
        Shape(options);
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }

    /// <summary>Not every database stores NUL, and nobody means it.</summary>
    private sealed class PlainStringConverter : JsonConverter<string>
    {
        public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            if (reader.TokenType != JsonTokenType.String)
                throw new JsonException();
            try
            {
                var text = reader.GetString()!;
                return text.Contains('\0') ? throw new JsonException() : text;
            }
            catch (InvalidOperationException)
            {
                // Half of a surrogate pair.
                throw new JsonException();
            }
        }

        public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);
    }
}
