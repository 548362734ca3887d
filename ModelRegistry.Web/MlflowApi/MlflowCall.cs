using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ModelRegistry.Web.MlflowApi;

/// <summary>One call in MLflow's wire format: its arguments, the services, and the answer.</summary>
internal sealed class MlflowCall(HttpContext http, MlflowRequest request)
{
    // Clients escape nothing in what they send; what they get is never put into a page by them either.
    internal static readonly JsonWriterOptions WriterOptions = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    public HttpContext Http => http;
    public MlflowRequest Request => request;
    public CancellationToken Ct => http.RequestAborted;

    public T Service<T>() where T : notnull => http.RequestServices.GetRequiredService<T>();

    /// <summary>A value of the route, e.g. the id in `logged-models/{model_id}`.</summary>
    public string Route(string name) => (string)http.Request.RouteValues[name]!;

    /// <summary>Answers 200 with the object whose members <paramref name="members"/> writes.</summary>
    public async Task WriteAsync(Action<Utf8JsonWriter> members)
    {
        http.Response.ContentType = "application/json";
        using (var writer = new Utf8JsonWriter(http.Response.BodyWriter, WriterOptions))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }

        await http.Response.BodyWriter.FlushAsync(Ct);
    }

    /// <summary>Answers 200 with JSON that is ready.</summary>
    public async Task WriteAsync(ReadOnlyMemory<byte> json)
    {
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = json.Length;
        await http.Response.BodyWriter.WriteAsync(json, Ct);
    }

    /// <summary>An object whose members <paramref name="members"/> writes.</summary>
    public static byte[] ToJson(Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>MLflow's void: `{}`.</summary>
    public Task WriteEmptyAsync() => WriteAsync(static _ => { });
}
