using ModelRegistry.Core.Data;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Tracking;

public sealed class SearchingRunsTests(RegistryApps apps) : IClassFixture<RegistryApps>
{
    [SkippableTheory, OnEachDatabase]
    public async Task Filters_compare_the_latest_metric_params_tags_and_attributes(DatabaseProvider database)
    {
        var (client, experiment) = await SeedAsync(database);

        (await client.SearchAsync(experiment, "metrics.acc > 0.4", "attributes.run_name ASC")).ShouldBe(["b", "c"]);
        (await client.SearchAsync(experiment, "metrics.acc > 0.4 AND params.model = 'x'")).ShouldBe(["b"]);
        (await client.SearchAsync(experiment, "metrics.acc <= 0.1 OR params.model = 'y'", "attributes.run_name ASC")).ShouldBe(["a", "c"]);
        (await client.SearchAsync(experiment, "NOT params.model = 'x'", "run_name ASC")).ShouldBe(["c", "d", "e"]);
        (await client.SearchAsync(experiment, "tags.stage LIKE 'p%'")).ShouldBe(["a"]);
        (await client.SearchAsync(experiment, "metrics.acc != 0.5", "run_name ASC")).ShouldBe(["a", "c", "d"]);
        (await client.SearchAsync(experiment, "metrics.never_logged > 0")).ShouldBe([]);
        (await client.SearchAsync(experiment, "status = 'RUNNING' AND run_name = 'a'")).ShouldBe(["a"]);
        (await client.SearchAsync(experiment, "artifact_uri LIKE 'mlflow-artifacts:/%/artifacts' AND run_name = 'b'")).ShouldBe(["b"]);
    }

    [SkippableTheory, OnEachDatabase]
    public async Task NaN_and_missing_values_come_last_in_both_directions(DatabaseProvider database)
    {
        var (client, experiment) = await SeedAsync(database);

        (await client.SearchAsync(experiment, null, "metrics.acc ASC")).ShouldBe(["a", "b", "c", "d", "e"]);
        (await client.SearchAsync(experiment, null, "metrics.acc DESC")).ShouldBe(["c", "b", "a", "d", "e"]);
        (await client.SearchAsync(experiment, null, "params.model DESC", "run_name DESC")).ShouldBe(["c", "b", "a", "e", "d"]);
        (await client.SearchAsync(experiment, "metrics.acc >= 0", "metrics.acc DESC")).ShouldBe(["c", "b", "a"]);
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Pages_give_each_run_once_under_every_order(DatabaseProvider database)
    {
        var (client, experiment) = await SeedAsync(database);
        foreach (var order in new[] { "metrics.acc DESC", "metrics.acc ASC", "params.model DESC", "tags.stage ASC", "end_time ASC", "status DESC", "run_name DESC", "artifact_uri ASC" })
        {
            var whole = await client.SearchAsync(experiment, null, order);
            var paged = new List<string>();
            string? token = null;
            do
            {
                var page = (await client.MlflowPostAsync("runs/search",
                    new { experiment_ids = new[] { experiment }, order_by = new[] { order }, max_results = 2, page_token = token })).Ok();
                paged.AddRange(page["runs"].EnumerateArray().Select(r => r.GetProperty("info").GetProperty("run_name").GetString()!));
                token = page.Json.TryGetProperty("next_page_token", out var next) ? next.GetString() : null;
            }
            while (token is not null);

            paged.ShouldBe(whole, order);
        }
    }

    [SkippableTheory, OnEachDatabase]
    public async Task A_run_that_was_written_to_is_found_as_it_is_now(DatabaseProvider database)
    {
        var client = (await apps.On(database)).AdminClient;
        var experiment = await client.CreateExperimentAsync();
        var run = await client.CreateRunAsync(experiment);

        for (var i = 1; i <= 5; i++)
        {
            await client.LogMetricAsync(run, "m", i, step: i);
            (await client.MlflowPostAsync("runs/search", new { experiment_ids = new[] { experiment } })).Ok()
                ["runs"][0].Value("metrics", "m").ShouldBe($"{i}");
        }
    }

    [SkippableTheory, OnEachDatabase]
    public async Task What_cannot_be_understood_is_refused_with_the_place(DatabaseProvider database)
    {
        var client = (await apps.On(database)).AdminClient;
        var experiment = await client.CreateExperimentAsync();
        foreach (var body in new object[]
        {
            new { experiment_ids = new[] { experiment }, filter = "metrics.acc >" },
            new { experiment_ids = new[] { experiment }, filter = "METRICS.acc > 1" },
            new { experiment_ids = new[] { experiment }, order_by = new[] { "metrics.acc", "metrics.acc" } },
            new { experiment_ids = new[] { experiment }, max_results = 0 },
            new { experiment_ids = new[] { experiment }, max_results = 50_001 },
            new { experiment_ids = new[] { "abc" } },
            new { experiment_ids = new[] { experiment }, run_view_type = "SOME" },
        })
        {
            (await client.MlflowPostAsync("runs/search", body)).ShouldBeInvalid();
        }
    }

    // a: acc 0.1, model x, stage prod; b: 0.5, x; c: 0.9, y; d: NaN; e: nothing.
    private async Task<(HttpClient Client, string Experiment)> SeedAsync(DatabaseProvider database)
    {
        var client = (await apps.On(database)).AdminClient;
        var experiment = await client.CreateExperimentAsync();
        var runs = new Dictionary<string, string>();
        foreach (var name in new[] { "a", "b", "c", "d", "e" })
            runs[name] = await client.CreateRunAsync(experiment, name);
        await client.LogMetricAsync(runs["a"], "acc", 0.1);
        await client.LogMetricAsync(runs["b"], "acc", 0.5);
        await client.LogMetricAsync(runs["c"], "acc", 0.9);
        await client.LogMetricAsync(runs["d"], "acc", "NaN");
        foreach (var (name, model) in new[] { ("a", "x"), ("b", "x"), ("c", "y") })
            (await client.MlflowPostAsync("runs/log-parameter", new { run_id = runs[name], key = "model", value = model })).Ok();
        (await client.MlflowPostAsync("runs/set-tag", new { run_id = runs["a"], key = "stage", value = "prod" })).Ok();
        (await client.MlflowPostAsync("runs/update", new { run_id = runs["c"], status = "FINISHED", end_time = 99 })).Ok();
        return (client, experiment);
    }
}
