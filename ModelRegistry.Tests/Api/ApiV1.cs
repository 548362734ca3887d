using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Api;

/// <summary>An answer of /api/v1.</summary>
public sealed record V1Answer(HttpStatusCode Status, string Text, Uri? Location, bool IsReplayed, string? ContentType)
{
    public JsonElement Json { get; } = Parse(Text);

    public JsonElement this[string name] => Json.GetProperty(name);

    public V1Answer Should(HttpStatusCode status) =>
        Status == status ? this : throw new ShouldAssertException($"{status} was expected, not {Status}: {Text}");

    public V1Answer ShouldBeRefused(HttpStatusCode status, string? field = null)
    {
        Should(status);
        ContentType.ShouldBe("application/problem+json");
        this["status"].GetInt32().ShouldBe((int)status);
        this["type"].GetString().ShouldNotBeNullOrEmpty();
        this["title"].GetString().ShouldNotBeNullOrEmpty();
        this["detail"].GetString().ShouldNotBeNullOrEmpty();
        if (field is not null)
            this["field"].GetString().ShouldBe(field, Text);
        return this;
    }

    private static JsonElement Parse(string text)
    {
        if (text.Length == 0 || text[0] is not ('{' or '['))
            return default;
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }
}

/// <summary>Calls under /api/v1.</summary>
public static class V1Calls
{
    public static Task<V1Answer> V1GetAsync(this HttpClient client, string path) => client.V1SendAsync(HttpMethod.Get, path, null);

    public static Task<V1Answer> V1PostAsync(this HttpClient client, string path, object? body, string? key = null) =>
        client.V1SendAsync(HttpMethod.Post, path, body, key);

    public static Task<V1Answer> V1PatchAsync(this HttpClient client, string path, object body) =>
        client.V1SendAsync(HttpMethod.Patch, path, body);

    public static Task<V1Answer> V1PutAsync(this HttpClient client, string path) => client.V1SendAsync(HttpMethod.Put, path, null);

    public static Task<V1Answer> V1DeleteAsync(this HttpClient client, string path) => client.V1SendAsync(HttpMethod.Delete, path, null);

    public static async Task<V1Answer> V1SendAsync(this HttpClient client, HttpMethod method, string path, object? body, string? key = null)
    {
        using var request = new HttpRequestMessage(method, "/api/v1/" + path);
        request.Content = body switch
        {
            null => null,
            HttpContent content => content,
            string text => new StringContent(text, System.Text.Encoding.UTF8, "application/json"),
            _ => JsonContent.Create(body),
        };
        if (key is not null)
            request.Headers.Add("Idempotency-Key", key);
        using var response = await client.SendAsync(request);
        return new V1Answer(response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers.Location,
            response.Headers.Contains("Idempotency-Replayed"), response.Content.Headers.ContentType?.MediaType);
    }

    /// <summary>All items of a list, page by page.</summary>
    public static async Task<List<JsonElement>> V1AllAsync(this HttpClient client, string path, int pageSize = 2)
    {
        var all = new List<JsonElement>();
        string? token = null;
        do
        {
            var page = (await client.V1GetAsync($"{path}{(path.Contains('?') ? '&' : '?')}maxResults={pageSize}&pageToken={token}"))
                .Should(HttpStatusCode.OK);
            all.AddRange(page["items"].EnumerateArray());
            token = page["nextPageToken"].GetString();
        }
        while (token is not null);

        return all;
    }

    /// <summary>A new experiment; its id.</summary>
    public static async Task<string> NewExperimentAsync(this HttpClient client) =>
        (await client.MlflowPostAsync("experiments/create", new { name = Any.Name("experiment") })).Ok()["experiment_id"].GetString()!;
}
