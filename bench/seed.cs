// Fills a tracking server over MLflow's wire format:  dotnet run bench/seed.cs BASE [RUNS] [FILE FOR THE RUN IDS]
// Prints the id of the experiment with RUNS runs (30 metrics, 20 params, 10 tags each) and of an empty one for new runs,
// and makes 100 experiments. TOKEN in the environment is sent as a bearer token.
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

var address = new Uri(args[0].TrimEnd('/') + "/api/2.0/mlflow/");
var count = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 2000;
var file = args.Length > 2 ? args[2] : "runs.txt";
using var http = new HttpClient { BaseAddress = address };
if (Environment.GetEnvironmentVariable("TOKEN") is { Length: > 0 } token)
    http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);

var mark = DateTime.UtcNow.Ticks.ToString("x", CultureInfo.InvariantCulture);
for (var i = 0; i < 98; i++)
    await CallAsync("experiments/create", new JsonObject { ["name"] = $"bench {mark} {i}" });
var main = (string)(await CallAsync("experiments/create", new JsonObject { ["name"] = $"bench {mark} runs" }))["experiment_id"]!;
var empty = (string)(await CallAsync("experiments/create", new JsonObject { ["name"] = $"bench {mark} new" }))["experiment_id"]!;

var ids = new string[count];
await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) =>
{
    var random = new Random(i);
    var run = await CallAsync("runs/create", new JsonObject
    {
        ["experiment_id"] = main,
        ["user_id"] = "bench",
        ["run_name"] = $"run {i}",
        ["start_time"] = 1700000000000 + i * 1000L,
        ["tags"] = List(10, t => new JsonObject { ["key"] = $"tag_{t}", ["value"] = $"value {t}" }),
    });
    ids[i] = (string)run["run"]!["info"]!["run_id"]!;
    await CallAsync("runs/log-batch", new JsonObject
    {
        ["run_id"] = ids[i],
        ["params"] = List(20, p => new JsonObject { ["key"] = p == 0 ? "model" : $"param_{p}", ["value"] = p == 0 ? $"m{i % 10}" : $"value {p}" }),
        ["metrics"] = List(30, m => new JsonObject
        {
            ["key"] = m == 0 ? "accuracy" : $"measure_{m}",
            ["value"] = random.NextDouble(),
            ["timestamp"] = 1700000000000,
            ["step"] = 1,
        }),
    });
});
await File.WriteAllLinesAsync(file, ids);
Console.WriteLine($"{main} {empty}");

static JsonArray List(int n, Func<int, JsonObject> item) => new([.. Enumerable.Range(0, n).Select(i => (JsonNode)item(i))]);

async Task<JsonNode> CallAsync(string path, JsonObject body)
{
    using var content = new StringContent(body.ToJsonString(), Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
    using var response = await http.PostAsync(path, content);
    var text = await response.Content.ReadAsStringAsync();
    return response.IsSuccessStatusCode ? JsonNode.Parse(text)! : throw new InvalidOperationException($"{path}: {(int)response.StatusCode} {text}");
}
