// Grows a tracking server over MLflow's wire format:  dotnet run bench/grow.cs BASE [RUNS] [POINTS]
// RUNS runs in 100 experiments with one param and POINTS / RUNS metric points each (10 keys), and one run with a metric of
// a hundredth of POINTS, whose id it prints. Progress goes to standard error. TOKEN in the environment is sent as a bearer token.
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

var address = new Uri(args[0].TrimEnd('/') + "/api/2.0/mlflow/");
var count = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 1_000_000;
var points = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 100_000_000;
using var http = new HttpClient { BaseAddress = address };
if (Environment.GetEnvironmentVariable("TOKEN") is { Length: > 0 } token)
    http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);

const int Start = 1_700_000_000;
var mark = DateTime.UtcNow.Ticks.ToString("x", CultureInfo.InvariantCulture);
var experiments = new string[100];
for (var i = 0; i < experiments.Length; i++)
    experiments[i] = Id(await CallAsync("experiments/create", $$"""{"name":"growth {{mark}} {{i}}"}"""), "experiment_id");

var longRun = await NewRunAsync(experiments[0], 0);
for (var step = 0; step < points / 100; step += 1000)
    await LogAsync(longRun, "", Enumerable.Range(step, Math.Min(1000, points / 100 - step)).Select(s => Point("long", s, s)));

var done = 0;
var each = points / count;
await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, _) =>
{
    var run = await NewRunAsync(experiments[i % experiments.Length], i);
    await LogAsync(run, $$""","params":[{"key":"model","value":"m{{i % 10}}"}]""",
        Enumerable.Range(0, each).Select(p => Point(p % 10 == 0 ? "accuracy" : $"measure_{p % 10}", p / 10, i + p)));
    if (Interlocked.Increment(ref done) % 10_000 == 0)
        Console.Error.WriteLine($"{done} of {count} runs");
});
Console.WriteLine(longRun);

static string Id(JsonNode node, string name) => (string)node[name]!;

static string Point(string key, int step, int seed) => string.Create(CultureInfo.InvariantCulture,
    $$"""{"key":"{{key}}","value":{{(uint)(seed * 2654435761) / 4294967296.0:R}},"timestamp":{{Start + step}}000,"step":{{step}}}""");

async Task<string> NewRunAsync(string experiment, int i) => Id((await CallAsync("runs/create",
    $$"""{"experiment_id":"{{experiment}}","user_id":"bench","run_name":"run {{i}}","start_time":{{Start + i}}000}"""))["run"]!["info"]!, "run_id");

Task LogAsync(string run, string more, IEnumerable<string> metrics) =>
    CallAsync("runs/log-batch", $$"""{"run_id":"{{run}}","metrics":[{{string.Join(',', metrics)}}]{{more}}}""");

async Task<JsonNode> CallAsync(string path, string body)
{
    using var content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
    using var response = await http.PostAsync(path, content);
    var text = await response.Content.ReadAsStringAsync();
    return response.IsSuccessStatusCode ? JsonNode.Parse(text)! : throw new InvalidOperationException($"{path}: {(int)response.StatusCode} {text}");
}
