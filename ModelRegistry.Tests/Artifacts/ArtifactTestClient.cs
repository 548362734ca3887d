using System.Net.Http.Headers;
using System.Text.Json;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Artifacts;

/// <summary>An experiment with a run, and the calls that MLflow's client makes for its files.</summary>
internal sealed class ArtifactTestClient(HttpClient client, string experiment, string run)
{
    public const string Proxy = "/api/2.0/mlflow-artifacts/artifacts";

    public HttpClient Http => client;
    public string Experiment => experiment;
    public string Run => run;

    /// <summary>Where the run's files are, below the proxy's address.</summary>
    public string Location => $"{experiment}/{run}/artifacts";

    public static async Task<ArtifactTestClient> StartAsync(HttpClient client, string? location = null)
    {
        var created = (await client.MlflowPostAsync("experiments/create", new { name = Any.Name(), artifact_location = location })).Ok();
        var experiment = created["experiment_id"].GetString()!;
        var run = (await client.MlflowPostAsync("runs/create", new { experiment_id = experiment })).Ok();
        return new ArtifactTestClient(client, experiment, run["run"].GetProperty("info").GetProperty("run_id").GetString()!);
    }

    public ArtifactTestClient As(HttpClient other) => new(other, experiment, run);

    /// <param name="path">As it stands in the address: encoded by the test.</param>
    public Task<ApiAnswer> PutAsync(string path, string text) => PutAsync(path, new StringContent(text));

    public Task<ApiAnswer> PutAsync(string path, byte[] bytes) => PutAsync(path, new ByteArrayContent(bytes));

    public Task<ApiAnswer> PutAsync(string path, HttpContent content) => PutAtAsync($"{Location}/{path}", content);

    public Task<ApiAnswer> PutAtAsync(string location, HttpContent content) =>
        SendAsync(HttpMethod.Put, $"{Proxy}/{location}", content);

    public Task<HttpResponseMessage> GetAsync(string path, string? range = null) => GetAtAsync($"{Location}/{path}", range);

    public async Task<HttpResponseMessage> GetAtAsync(string location, string? range = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Literal($"{Proxy}/{location}"));
        if (range is not null)
            request.Headers.Range = RangeHeaderValue.Parse(range);
        return await client.SendAsync(request);
    }

    public async Task<string> ReadAsync(string path)
    {
        using var response = await GetAsync(path);
        response.StatusCode.ShouldBe(System.Net.HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        return await response.Content.ReadAsStringAsync();
    }

    public Task<ApiAnswer> DeleteAsync(string path) =>
        SendAsync(HttpMethod.Delete, $"{Proxy}/{Location}/{path}");

    /// <summary>`name` of a file, `name/` of a directory, in the order of the answer.</summary>
    public async Task<List<string>> ProxyListAsync(string path = "") =>
        Files((await client.SendJsonAsync(HttpMethod.Get,
            $"{Proxy}?path={Uri.EscapeDataString(path.Length == 0 ? Location : $"{Location}/{path}")}", null)).Ok().Json);

    public async Task<List<string>> ListAsync(string path = "") =>
        Files((await client.MlflowGetAsync($"artifacts/list?run_id={run}&path={Uri.EscapeDataString(path)}")).Ok().Json);

    /// <summary>Any call, with the address on the wire exactly as it is written here.</summary>
    public async Task<ApiAnswer> SendAsync(HttpMethod method, string address, HttpContent? content = null)
    {
        using var request = new HttpRequestMessage(method, Literal(address)) { Content = content };
        using var response = await client.SendAsync(request);
        return await response.ReadAnswerAsync();
    }

    // Uri decodes `%2e` and folds `..` before anything is sent, unless it is told not to.
    private Uri Literal(string address) => new(client.BaseAddress!.GetLeftPart(UriPartial.Authority) + address,
        new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });

    public static List<string> Files(JsonElement json) => json.TryGetProperty("files", out var files)
        ? [.. files.EnumerateArray().Select(f => f.GetProperty("path").GetString() + (f.GetProperty("is_dir").GetBoolean() ? "/" : ""))]
        : [];
}
