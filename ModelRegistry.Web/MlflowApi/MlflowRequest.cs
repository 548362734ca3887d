using System.Buffers;
using System.Globalization;
using System.Text.Json;
using ModelRegistry.Core.Common;

namespace ModelRegistry.Web.MlflowApi;

/// <summary>
/// The arguments of a call: the query string of a GET or HEAD that has one, the JSON body otherwise; DELETE takes both.
/// </summary>
internal sealed class MlflowRequest : IDisposable
{
    /// <summary>One batch of the largest allowed size, or a data set's profile, with room.</summary>
    public const int MaxBodyBytes = 24 * 1024 * 1024;

    private static readonly JsonDocumentOptions DocumentOptions = new() { MaxDepth = 64 };
    private static readonly JsonDocument NoArguments = JsonDocument.Parse("{}");

    private readonly JsonDocument _document;

    private MlflowRequest(JsonDocument document, bool fromQuery)
    {
        _document = document;
        Body = new MlflowObject(document.RootElement, "", fromQuery);
    }

    public MlflowObject Body { get; }

    public void Dispose()
    {
        if (_document != NoArguments)
            _document.Dispose();
    }

    /// <exception cref="InvalidArgumentException">The body is not a JSON object, or its content type is wrong.</exception>
    public static async ValueTask<MlflowRequest> ReadAsync(HttpContext http)
    {
        var request = http.Request;
        var isRead = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);
        if ((isRead || HttpMethods.IsDelete(request.Method)) && request.QueryString.HasValue)
            return new MlflowRequest(FromQuery(request.Query), fromQuery: true);

        var body = await ReadBodyAsync(http);
        if (HttpMethods.IsPost(request.Method) || HttpMethods.IsPut(request.Method))
            RequireJsonContentType(request.ContentType);
        return Of(body);
    }

    /// <summary>The arguments in a body that was read already.</summary>
    public static MlflowRequest Of(ReadOnlySequence<byte> body) =>
        new(body.Length == 0 ? NoArguments : Parse(body), fromQuery: false);

    public static void RequireJsonContentType(string? contentType)
    {
        if (contentType is null)
            throw new InvalidArgumentException("Content-Type", "Bad Request. Content-Type header is missing.");
        var type = contentType.AsSpan();
        var end = type.IndexOf(';');
        if (!(end < 0 ? type : type[..end]).Trim().Equals("application/json", StringComparison.OrdinalIgnoreCase))
        {
            throw new InvalidArgumentException("Content-Type",
                "Bad Request. Content-Type must be one of ['application/json'].");
        }
    }

    public static async ValueTask<ReadOnlySequence<byte>> ReadBodyAsync(HttpContext http)
    {
        var reader = http.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(http.RequestAborted);
            if (read.Buffer.Length > MaxBodyBytes)
            {
                throw new InvalidArgumentException("body",
                    $"The request body may have {MaxBodyBytes / 1024 / 1024} MiB at most.");
            }

            // Ends the read and consumes nothing: the bytes stay until the server drains the request. A read that is still
            // open when the request ends would cost the client its connection.
            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            if (read.IsCompleted)
                return read.Buffer;
        }
    }

    private static JsonDocument Parse(ReadOnlySequence<byte> body)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(body, DocumentOptions);
        }
        catch (JsonException)
        {
            document = ParseTolerantly(body.ToArray());
        }

        // Old R clients send a JSON string that holds the JSON.
        if (document.RootElement.ValueKind == JsonValueKind.String)
        {
            var inner = document.RootElement.GetString()!;
            document.Dispose();
            document = ParseOrRefuse(System.Text.Encoding.UTF8.GetBytes(inner));
        }

        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            document.Dispose();
            throw new InvalidArgumentException("body", "Malformed JSON: the request body must be a JSON object.");
        }

        return document;
    }

    // Hand-written clients (Python's json.dumps) send bare NaN and Infinity; they are quoted and parsed again.
    private static JsonDocument ParseTolerantly(byte[] body) => ParseOrRefuse(BareNumbers.Quote(body));

    private static JsonDocument ParseOrRefuse(byte[] body)
    {
        try
        {
            return JsonDocument.Parse(body, DocumentOptions);
        }
        catch (JsonException e)
        {
            throw new InvalidArgumentException("body", string.Create(CultureInfo.InvariantCulture,
                $"Malformed JSON in the request body, at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}."));
        }
    }

    private static JsonDocument FromQuery(IQueryCollection query)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var (name, values) in query)
            {
                writer.WritePropertyName(name);
                if (values.Count == 1)
                {
                    writer.WriteStringValue(values[0]);
                    continue;
                }

                writer.WriteStartArray();
                foreach (var value in values)
                    writer.WriteStringValue(value);
                writer.WriteEndArray();
            }

            writer.WriteEndObject();
        }

        return JsonDocument.Parse(buffer.WrittenMemory);
    }
}
