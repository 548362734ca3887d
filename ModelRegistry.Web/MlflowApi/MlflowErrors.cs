using System.Text.Json;
using ModelRegistry.Core.Common;

namespace ModelRegistry.Web.MlflowApi;

/// <summary>
/// The registry's refusals in MLflow's words. MLflow's clients branch on the code and retry 5xx, 408 and 429 for
/// minutes: a client's mistake is never one of these. Source of codes and statuses: MLflow's databricks.proto.
/// </summary>
internal static class MlflowErrors
{
    public static bool Knows(Exception e) => e is RegistryException or BadHttpRequestException;

    public static Task WriteAsync(HttpContext http, Exception e)
    {
        var (status, code) = e switch
        {
            NotFoundException => (404, "RESOURCE_DOES_NOT_EXIST"),
            AlreadyExistsException => (400, "RESOURCE_ALREADY_EXISTS"),
            InvalidArgumentException => (400, "INVALID_PARAMETER_VALUE"),
            ConflictException => (400, "INVALID_PARAMETER_VALUE"),
            HeldException => (409, "RESOURCE_CONFLICT"),
            // Not INVALID_STATE, which MLflow says with a 500.
            PolicyNotMetException => (403, "PERMISSION_DENIED"),
            ForbiddenException => (403, "PERMISSION_DENIED"),
            UnavailableException => (503, "TEMPORARILY_UNAVAILABLE"),
            // Not 429, which the code stands for elsewhere: clients would send the whole file again, for minutes.
            StorageFullException => (507, "RESOURCE_EXHAUSTED"),
            BadHttpRequestException { StatusCode: var s } => (s, "BAD_REQUEST"),
            _ => (500, "INTERNAL_ERROR"),
        };
        return WriteAsync(http, status, code, e.Message);
    }

    public static async Task WriteAsync(HttpContext http, int status, string code, string message)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        if (status == 503)
            http.Response.Headers.RetryAfter = "2";
        using (var writer = new Utf8JsonWriter(http.Response.BodyWriter, MlflowCall.WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteString("error_code", code);
            writer.WriteString("message", message);
            writer.WriteEndObject();
        }

        await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
    }
}
