using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using ModelRegistry.Core.Common;

namespace ModelRegistry.Web.MlflowApi;

/// <summary>
/// The arguments of a call: the query string of a GET or HEAD that has one, the JSON body otherwise; DELETE takes both.
/// </summary>
internal sealed class MlflowRequest : IDisposable
{
    private static readonly JsonDocumentOptions DocumentOptions = new() { MaxDepth = 64 };
    private static readonly JsonDocument NoArguments = JsonDocument.Parse("{}");

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    private readonly JsonDocument _document;
    private readonly RequestBody _body;

    private MlflowRequest(JsonDocument document, bool fromQuery, RequestBody body = default)
    {
        _document = document;
        _body = body;
        Body = new MlflowObject(document.RootElement, "", fromQuery);
    }

    public MlflowObject Body { get; }

    public void Dispose()
    {
        if (_document != NoArguments)
            _document.Dispose();
        _body.Dispose();
    }

    /// <exception cref="InvalidArgumentException">The body is not a JSON object, or its content type is wrong.</exception>
    public static async ValueTask<MlflowRequest> ReadAsync(HttpContext http)
    {
        var request = http.Request;
        var isRead = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);
        if ((isRead || HttpMethods.IsDelete(request.Method)) && request.QueryString.HasValue)
            return new MlflowRequest(FromQuery(request.Query), fromQuery: true);

        if (HttpMethods.IsPost(request.Method) || HttpMethods.IsPut(request.Method))
            RequireJsonContentType(request.ContentType);
        var body = await RequestBody.ReadAsync(http);
        try
        {
            return new MlflowRequest(DocumentOf(body.Bytes), fromQuery: false, body);
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    /// <summary>The arguments in a body that somebody else has read and keeps.</summary>
    public static MlflowRequest Of(RequestBody body) => new(DocumentOf(body.Bytes), fromQuery: false);

    private static JsonDocument DocumentOf(ReadOnlySequence<byte> body)
    {
        // Some tools of Windows begin with a byte order mark, as Python's parser allows.
        Span<byte> start = stackalloc byte[3];
        if (body.Length >= start.Length)
        {
            body.Slice(0, start.Length).CopyTo(start);
            if (start.SequenceEqual(ByteOrderMark))
                body = body.Slice(start.Length);
        }

        return body.Length == 0 ? NoArguments : Parse(body);
    }

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
            var inner = InnerOf(document.RootElement);
            document.Dispose();
            document = ParseOrRefuse(Encoding.UTF8.GetBytes(inner));
        }

        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            document.Dispose();
            throw new InvalidArgumentException("body", "Malformed JSON: the request body must be a JSON object.");
        }

        return document;
    }

    private static string InnerOf(JsonElement text)
    {
        try
        {
            return text.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new InvalidArgumentException("body", "Malformed JSON: the request body is not valid Unicode.");
        }
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
