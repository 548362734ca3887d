using ModelRegistry.Core.Data;
using ModelRegistry.Tests.Registry;
using ModelRegistry.Tests.Support;
using ModelRegistry.Tests.Tracking;

namespace ModelRegistry.Tests.MlflowApi;

/// <summary>
/// MLflow's clients send every call again whose answer they lost, up to seven times. So each write, sent twice, leaves
/// what it leaves when it is sent once; the second answer is the first one, or a refusal that clients take for "done".
/// (Registrations: see RegisteringTwiceTests. Runs are created anew each time: their clients lose the first one's id.)
/// </summary>
public sealed class WritingTwiceTests(RegistryApps apps) : IClassFixture<RegistryApps>
{
    private const string Taken = "RESOURCE_ALREADY_EXISTS";
    private const string Missing = "RESOURCE_DOES_NOT_EXIST";

    [SkippableTheory, OnEachDatabase]
    public async Task Each_write_of_runs_and_experiments_leaves_the_same_when_it_is_sent_again(DatabaseProvider provider)
    {
        var client = (await apps.On(provider)).AdminClient;
        var name = Any.Name();
        await PostAsync("experiments/create", new { name }, Taken, () => Task.FromResult(""));
        var experiment = (await client.MlflowGetAsync($"experiments/get-by-name?experiment_name={name}")).Ok()["experiment"].GetProperty("experiment_id").GetString()!;
        var run = await client.CreateRunAsync(experiment, "r");
        var model = (await client.MlflowPostAsync("logged-models", new { experiment_id = experiment, name = "m" })).Ok()["model"]
            .GetProperty("info").GetProperty("model_id").GetString()!;

        await OnExperimentAsync("set-experiment-tag", new { experiment_id = experiment, key = "k", value = "v" });
        await OnExperimentAsync("delete-experiment-tag", new { experiment_id = experiment, key = "k" }, Missing);
        await OnExperimentAsync("update", new { experiment_id = experiment, new_name = name + "2" });
        await OnRunAsync("log-metric", new { run_id = run, key = "m", value = 0.1, timestamp = 5, step = 1 });
        await OnRunAsync("log-parameter", new { run_id = run, key = "p", value = "1" });
        await OnRunAsync("set-tag", new { run_id = run, key = "t", value = "1" });
        await OnRunAsync("log-batch", new
        {
            run_id = run,
            metrics = new[] { new { key = "m", value = 0.1, timestamp = 5, step = 1 }, new { key = "m", value = 0.2, timestamp = 6, step = 2 } },
            @params = new[] { new { key = "p", value = "1" }, new { key = "q", value = "2" } },
            tags = new[] { new { key = "t", value = "2" } },
        });
        await OnRunAsync("log-batch", new { run_id = run, metrics = new[] { new { key = "m", value = 0.2, timestamp = 6, step = 2, model_id = model } } });
        await OnRunAsync("log-inputs", new
        {
            run_id = run,
            datasets = new[] { new { dataset = new { name = "d", digest = "1", source_type = "s", source = "{}" }, tags = new[] { new { key = "mlflow.data.context", value = "training" } } } },
            models = new[] { new { model_id = model } },
        });
        await OnRunAsync("outputs", new { run_id = run, models = new[] { new { model_id = model, step = 3 } } });
        await OnRunAsync("log-model", new
        {
            run_id = run,
            model_json = """{"artifact_path":"a","flavors":{},"utc_time_created":"2026-01-01","run_id":"RUN"}""".Replace("RUN", run, StringComparison.Ordinal),
        });
        await OnRunAsync("update", new { run_id = run, status = "FINISHED", end_time = 1700000005000, run_name = "named" });
        await OnRunAsync("delete-tag", new { run_id = run, key = "t" }, Missing);
        await OnModelAsync(HttpMethod.Post, "/params", new { @params = new[] { new { key = "p", value = "1" } } });
        await OnModelAsync(HttpMethod.Patch, "/tags", new { tags = new[] { new { key = "t", value = "1" } } });
        await OnModelAsync(HttpMethod.Delete, "/tags/t", new { }, Missing);
        await OnModelAsync(HttpMethod.Patch, "", new { status = "LOGGED_MODEL_READY" });
        await OnModelAsync(HttpMethod.Delete, "", new { });
        await OnRunAsync("delete", new { run_id = run });
        await OnRunAsync("restore", new { run_id = run });
        await OnExperimentAsync("delete", new { experiment_id = experiment }, Missing);
        await OnExperimentAsync("restore", new { experiment_id = experiment }, Missing);

        Task PostAsync(string path, object body, string? again, Func<Task<string>> read) =>
            TwiceAsync(client, HttpMethod.Post, path, body, again, read);

        Task OnExperimentAsync(string call, object body, string? again = null) => PostAsync("experiments/" + call, body, again,
            () => TextAsync($"experiments/get?experiment_id={experiment}"));

        Task OnRunAsync(string call, object body, string? again = null) => PostAsync("runs/" + call, body, again, async () =>
            await TextAsync($"runs/get?run_id={run}") + await TextAsync($"metrics/get-history?run_id={run}&metric_key=m")
            + await TextAsync($"logged-models/{model}?allow_deleted=true"));

        Task OnModelAsync(HttpMethod method, string call, object body, string? again = null) => TwiceAsync(client, method,
            $"logged-models/{model}{call}", body, again, () => TextAsync($"logged-models/{model}?allow_deleted=true"));

        async Task<string> TextAsync(string path) => (await client.MlflowGetAsync(path)).Ok().Text;
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Each_write_of_the_registry_leaves_the_same_when_it_is_sent_again(DatabaseProvider provider)
    {
        var client = (await apps.On(provider)).AdminClient;
        var name = Any.Name();
        await OnModelAsync(HttpMethod.Post, "registered-models/create", new { name, description = "d" }, Taken);
        var version = await client.VersionAsync(name);
        await client.VersionAsync(name, "s3://bucket/other");

        await OnModelAsync(HttpMethod.Patch, "registered-models/update", new { name, description = "e" });
        await OnModelAsync(HttpMethod.Post, "registered-models/set-tag", new { name, key = "k", value = "v" });
        await OnModelAsync(HttpMethod.Delete, "registered-models/delete-tag", new { name, key = "k" });
        await OnModelAsync(HttpMethod.Post, "registered-models/alias", new { name, alias = "champion", version });
        await OnModelAsync(HttpMethod.Post, "model-versions/set-tag", new { name, version, key = "k", value = "v" });
        await OnModelAsync(HttpMethod.Delete, "model-versions/delete-tag", new { name, version, key = "k" });
        await OnModelAsync(HttpMethod.Patch, "model-versions/update", new { name, version, description = "e" });
        await OnModelAsync(HttpMethod.Post, "model-versions/transition-stage", new { name, version, stage = "Production", archive_existing_versions = true });
        await OnModelAsync(HttpMethod.Delete, "registered-models/alias", new { name, alias = "champion" });
        await OnModelAsync(HttpMethod.Delete, "model-versions/delete", new { name, version }, Missing);
        var renamed = name + "-2";
        await TwiceAsync(client, HttpMethod.Post, "registered-models/rename", new { name, new_name = renamed }, Missing, () => ReadAsync(renamed));
        await TwiceAsync(client, HttpMethod.Delete, "registered-models/delete", new { name = renamed }, Missing, () => Task.FromResult(""));

        Task OnModelAsync(HttpMethod method, string path, object body, string? again = null) =>
            TwiceAsync(client, method, path, body, again, () => ReadAsync(name));

        async Task<string> ReadAsync(string of) => Stable((await client.GetModelAsync(of)).Ok().Text)
            + Stable((await client.MlflowGetAsync($"model-versions/search?filter=name='{of}'&order_by=version_number")).Ok().Text);
    }

    private static async Task TwiceAsync(
        HttpClient client, HttpMethod method, string path, object body, string? again, Func<Task<string>> read)
    {
        (await client.SendJsonAsync(method, "/api/2.0/mlflow/" + path, body)).Ok();
        var first = Stable(await read());
        var second = await client.SendJsonAsync(method, "/api/2.0/mlflow/" + path, body);

        if (again is null)
            second.Ok();
        else
            second.ErrorCode.ShouldBe(again, $"{path}: {second.Text}");
        ((int)second.Status).ShouldBeLessThan(500);
        Stable(await read()).ShouldBe(first, path);
    }

    // When something was last written may say the second time.
    private static string Stable(string json) => System.Text.RegularExpressions.Regex.Replace(json, "\"last_update[a-z_]*\":[0-9]+", "");
}
