using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace ModelRegistry.Tests.Support;

/// <summary>An answer of the API: its status and its JSON (undefined where there was none).</summary>
public sealed record ApiAnswer(HttpStatusCode Status, JsonElement Json, string Text)
{
    public string? ErrorCode => Member("error_code");
    public string? Message => Member("message");

    /// <summary>A member of the answer, e.g. <c>answer["run"]</c>.</summary>
    public JsonElement this[string name] => Json.GetProperty(name);

    public void Deconstruct(out HttpStatusCode status, out JsonElement json) => (status, json) = (Status, Json);

    /// <summary>Fails with the whole answer in the message.</summary>
    public ApiAnswer Ok() => Status == HttpStatusCode.OK ? this : throw new ShouldAssertException($"{Status}: {Text}");

    public ApiAnswer ShouldBeRefused(HttpStatusCode status, string code)
    {
        Status.ShouldBe(status, Text);
        ErrorCode.ShouldBe(code, Text);
        return this;
    }

    private string? Member(string name) =>
        Json.ValueKind == JsonValueKind.Object && Json.TryGetProperty(name, out var value) ? value.GetString() : null;
}

/// <summary>Calls in MLflow's format: <c>client.MlflowPostAsync("experiments/create", new { name })</c>.</summary>
public static class ApiCalls
{
    private const string Prefix = "/api/2.0/mlflow/";

    public static Task<ApiAnswer> MlflowPostAsync(this HttpClient client, string path, object body) =>
        client.SendJsonAsync(HttpMethod.Post, Prefix + path, body);

    public static Task<ApiAnswer> MlflowPatchAsync(this HttpClient client, string path, object body) =>
        client.SendJsonAsync(HttpMethod.Patch, Prefix + path, body);

    public static Task<ApiAnswer> MlflowDeleteAsync(this HttpClient client, string path, object body) =>
        client.SendJsonAsync(HttpMethod.Delete, Prefix + path, body);

    /// <param name="path">With its query string.</param>
    public static Task<ApiAnswer> MlflowGetAsync(this HttpClient client, string path) =>
        client.SendJsonAsync(HttpMethod.Get, Prefix + path, null);

    /// <summary>Any address; the body as JSON, or as it is where it is an HttpContent.</summary>
    public static async Task<ApiAnswer> SendJsonAsync(this HttpClient client, HttpMethod method, string address, object? body)
    {
        using var request = new HttpRequestMessage(method, address);
        request.Content = body switch
        {
            null => null,
            HttpContent content => content,
            _ => JsonContent.Create(body),
        };
        using var response = await client.SendAsync(request);
        return await response.ReadAnswerAsync();
    }

    public static async Task<ApiAnswer> ReadAnswerAsync(this HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        JsonElement json = default;
        if (response.Content.Headers.ContentType?.MediaType == "application/json" && text.Length > 0)
        {
            using var document = JsonDocument.Parse(text);
            json = document.RootElement.Clone();
        }

        return new ApiAnswer(response.StatusCode, json, text);
    }
}
