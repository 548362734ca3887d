using System.Net;
using System.Text;
using ModelRegistry.Core.Data;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Tracking;

public sealed class LoggingRunsTests(RegistryApps apps) : IClassFixture<RegistryApps>
{
    [SkippableTheory, OnEachDatabase]
    public async Task What_is_logged_in_a_batch_is_read_back(DatabaseProvider database)
    {
        var (client, run) = await StartRunAsync(database);

        (await client.MlflowPostAsync("runs/log-batch", new
        {
            run_id = run,
            metrics = new[] { new { key = "loss", value = 0.5, timestamp = 10, step = 1 }, new { key = "loss", value = 0.25, timestamp = 20, step = 2 } },
            @params = new[] { new { key = "lr", value = "0.1" } },
            tags = new[] { new { key = "team", value = "vision" }, new { key = "team", value = "speech" } },
        })).Ok();

        var data = await client.GetRunAsync(run);
        data.Value("metrics", "loss").ShouldBe("0.25");
        data.Value("params", "lr").ShouldBe("\"0.1\"");
        data.Value("tags", "team").ShouldBe("\"speech\"");
    }

    [SkippableTheory, OnEachDatabase]
    public async Task The_latest_metric_is_the_highest_by_step_then_time_then_value(DatabaseProvider database)
    {
        var (client, run) = await StartRunAsync(database);

        await client.LogMetricAsync(run, "m", 1.0, timestamp: 50, step: 3);
        await client.LogMetricAsync(run, "m", 2.0, timestamp: 999, step: 2);
        (await client.GetRunAsync(run)).Value("metrics", "m").ShouldBe("1");
        await client.LogMetricAsync(run, "m", 9.0, timestamp: 49, step: 3);
        (await client.GetRunAsync(run)).Value("metrics", "m").ShouldBe("1");
        await client.LogMetricAsync(run, "m", 1.5, timestamp: 50, step: 3);
        (await client.GetRunAsync(run)).Value("metrics", "m").ShouldBe("1.5");
    }

    [SkippableTheory, OnEachDatabase]
    public async Task A_batch_sent_twice_is_stored_once(DatabaseProvider database)
    {
        var (client, run) = await StartRunAsync(database);
        var batch = new
        {
            run_id = run,
            metrics = Enumerable.Range(0, 500).Select(i => new { key = "loss", value = i * 0.1, timestamp = 10 + i, step = i }),
            @params = new[] { new { key = "lr", value = "0.1" } },
        };

        (await client.MlflowPostAsync("runs/log-batch", batch)).Ok();
        (await client.MlflowPostAsync("runs/log-batch", batch)).Ok();

        var history = (await client.MlflowGetAsync($"metrics/get-history?run_id={run}&metric_key=loss")).Ok();
        history["metrics"].GetArrayLength().ShouldBe(500);
    }

    [SkippableTheory, OnEachDatabase]
    public async Task A_changed_param_refuses_the_whole_batch(DatabaseProvider database)
    {
        var (client, run) = await StartRunAsync(database);
        (await client.MlflowPostAsync("runs/log-parameter", new { run_id = run, key = "lr", value = "0.1" })).Ok();
        (await client.MlflowPostAsync("runs/log-parameter", new { run_id = run, key = "lr", value = "0.1" })).Ok();

        var answer = await client.MlflowPostAsync("runs/log-batch", new
        {
            run_id = run,
            metrics = new[] { new { key = "loss", value = 1, timestamp = 1, step = 1 } },
            @params = new[] { new { key = "new", value = "x" }, new { key = "lr", value = "0.2" } },
            tags = new[] { new { key = "t", value = "v" } },
        });

        answer.ShouldBeInvalid();
        answer.Message.ShouldBe("Changing param values is not allowed. Params were already logged='[{'key': 'lr', 'old_value': '0.1', "
            + $"'new_value': '0.2'}}]' for run ID='{run}'.");
        var data = await client.GetRunAsync(run);
        (data.Value("metrics", "loss"), data.Value("params", "new"), data.Value("tags", "t")).ShouldBe((null, null, null));
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Params_that_are_stored_are_taken_again_but_not_by_a_deleted_run(DatabaseProvider database)
    {
        var (client, run) = await StartRunAsync(database);
        var same = new { run_id = run, @params = new[] { new { key = "a", value = "1" }, new { key = "b", value = "" } } };
        for (var i = 0; i < 3; i++)
            (await client.MlflowPostAsync("runs/log-batch", same)).Ok();
        (await client.MlflowPostAsync("runs/log-parameter", new { run_id = run, key = "a", value = "2" })).ShouldBeInvalid();

        (await client.MlflowPostAsync("runs/delete", new { run_id = run })).Ok();

        (await client.MlflowPostAsync("runs/log-batch", same)).ShouldBeInvalid();
    }

    [SkippableTheory, OnEachDatabase]
    public async Task One_refused_write_harms_no_other_that_arrives_with_it(DatabaseProvider database)
    {
        var (client, run) = await StartRunAsync(database);
        (await client.MlflowPostAsync("runs/log-parameter", new { run_id = run, key = "p", value = "1" })).Ok();

        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => client.MlflowPostAsync("runs/log-batch", new
        {
            run_id = run,
            metrics = new[] { new { key = $"m{i}", value = i, timestamp = 1, step = 1 } },
            @params = new[] { new { key = "p", value = i % 2 == 0 ? "1" : "2" } },
        })));

        var data = await client.GetRunAsync(run);
        for (var i = 0; i < answers.Length; i++)
        {
            answers[i].Status.ShouldBe(i % 2 == 0 ? HttpStatusCode.OK : HttpStatusCode.BadRequest);
            data.Value("metrics", $"m{i}").ShouldBe(i % 2 == 0 ? $"{i}" : null);
        }
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Nothing_is_logged_to_a_deleted_run(DatabaseProvider database)
    {
        var (client, run) = await StartRunAsync(database);
        (await client.MlflowPostAsync("runs/delete", new { run_id = run })).Ok();
        (await client.MlflowPostAsync("runs/delete", new { run_id = run })).Ok();

        var answer = await client.MlflowPostAsync("runs/set-tag", new { run_id = run, key = "a", value = "b" });

        answer.ShouldBeInvalid();
        answer.Message.ShouldBe($"The run {run} must be in the 'active' state. Current state is deleted.");
        (await client.MlflowPostAsync("runs/restore", new { run_id = run })).Ok();
        (await client.MlflowPostAsync("runs/set-tag", new { run_id = run, key = "a", value = "b" })).Ok();
    }

    [SkippableTheory, OnEachDatabase]
    public async Task NaN_and_infinities_survive(DatabaseProvider database)
    {
        var (client, run) = await StartRunAsync(database);
        var body = $$"""{"run_id":"{{run}}","metrics":[{"key":"a","value":NaN,"timestamp":1},{"key":"b","value":-Infinity,"timestamp":1},{"key":"c","value":"Infinity","timestamp":1},{"key":"NaN","value":1,"timestamp":1}]}""";

        (await client.SendJsonAsync(HttpMethod.Post, "/api/2.0/mlflow/runs/log-batch",
            new StringContent(body, Encoding.UTF8, "application/json"))).Ok();

        var data = await client.GetRunAsync(run);
        data.Value("metrics", "a").ShouldBe("\"NaN\"");
        data.Value("metrics", "b").ShouldBe("\"-Infinity\"");
        data.Value("metrics", "c").ShouldBe("\"Infinity\"");
        data.Value("metrics", "NaN").ShouldBe("1");
        var history = (await client.MlflowGetAsync($"metrics/get-history?run_id={run}&metric_key=a")).Ok();
        history["metrics"][0].GetProperty("value").GetString().ShouldBe("NaN");
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Whole_numbers_of_64_bits_survive_at_both_ends(DatabaseProvider database)
    {
        var (client, run) = await StartRunAsync(database);

        await client.LogMetricAsync(run, "m", 1.7976931348623157e308, timestamp: long.MaxValue, step: long.MinValue);
        await client.LogMetricAsync(run, "m", -5e-324, timestamp: 0, step: long.MaxValue);

        var points = (await client.MlflowGetAsync($"metrics/get-history?run_id={run}&metric_key=m")).Ok()["metrics"];
        points[0].GetProperty("step").GetInt64().ShouldBe(long.MaxValue);
        points[0].GetProperty("value").GetDouble().ShouldBe(-5e-324);
        points[1].GetProperty("step").GetInt64().ShouldBe(long.MinValue);
        points[1].GetProperty("timestamp").GetInt64().ShouldBe(long.MaxValue);
        points[1].GetProperty("value").GetDouble().ShouldBe(1.7976931348623157e308);
    }

    [SkippableTheory, OnEachDatabase]
    public async Task History_pages_give_each_point_once_and_in_order(DatabaseProvider database)
    {
        var (client, run) = await StartRunAsync(database);
        (await client.MlflowPostAsync("runs/log-batch", new
        {
            run_id = run,
            metrics = Enumerable.Range(0, 50).Select(i => new { key = "m", value = i % 3 == 0 ? "NaN" : $"{i}", timestamp = i / 10, step = i % 5 }),
        })).Ok();

        var all = await ReadHistoryAsync(client, run, "m");
        (await ReadHistoryAsync(client, run, "m", pageSize: 7)).ShouldBe(all);
        // NaN of one timestamp and step is one point.
        all.Count.ShouldBe(all.Distinct().Count());
    }

    [SkippableTheory, OnEachDatabase]
    public async Task History_goes_by_time_whatever_the_order_of_steps_and_requests(DatabaseProvider database)
    {
        var (client, run) = await StartRunAsync(database);
        // Requests one after the other, each with its points as (timestamp, step, value).
        var curves = new Dictionary<string, (long Timestamp, long Step, double Value)[][]>
        {
            ["in order"] = [[(1, 1, 5), (2, 2, 4)], [(2, 2, 4), (3, 3, 3)], [(3, 4, 2)]],
            ["sent twice"] = [[(1, 1, 5), (2, 2, 4), (3, 3, 3)], [(1, 1, 5), (2, 2, 4), (3, 3, 3)], [(4, 4, 2)]],
            ["resumed from an earlier step"] = [[(1, 1, 5), (2, 2, 4), (3, 3, 3)], [(4, 2, 3.5), (5, 3, 2.5), (6, 4, 1)]],
            ["a step back within one request"] = [[(1, 5, 1), (2, 4, 1), (3, 6, 1)]],
            ["a late point of an earlier time"] = [[(10, 1, 1)], [(20, 2, 1)], [(5, 3, 1)]],
            ["a late point of a lower step"] = [[(10, 1, 1)], [(20, 5, 1)], [(30, 3, 1)]],
            ["late and in order by itself"] = [[(10, 10, 1), (20, 20, 1)], [(1, 15, 1), (2, 16, 1)]],
            ["one step and several values"] = [[(1, 0, 2), (1, 0, 1), (2, 0, 0)]],
        };
        foreach (var (key, requests) in curves)
        {
            foreach (var points in requests)
            {
                (await client.MlflowPostAsync("runs/log-batch", new
                {
                    run_id = run,
                    metrics = points.Select(p => new { key, value = p.Value, timestamp = p.Timestamp, step = p.Step }),
                })).Ok();
            }

            var expected = requests.SelectMany(r => r).Distinct().Order().Select(p => $"{p.Timestamp} {p.Step} {p.Value}").ToList();
            (await ReadHistoryAsync(client, run, key)).ShouldBe(expected, key);
            (await ReadHistoryAsync(client, run, key, pageSize: 2)).ShouldBe(expected, key);
        }
    }

    private static async Task<List<string>> ReadHistoryAsync(HttpClient client, string run, string key, int? pageSize = null)
    {
        var points = new List<string>();
        for (string? token = ""; token is not null;)
        {
            var page = (await client.MlflowGetAsync($"metrics/get-history?run_id={run}&metric_key={Uri.EscapeDataString(key)}"
                + (pageSize is null ? "" : $"&max_results={pageSize}") + token)).Ok();
            points.AddRange(page["metrics"].EnumerateArray().Select(p =>
                $"{p.GetProperty("timestamp")} {p.GetProperty("step")} {p.GetProperty("value")}"));
            token = page.Json.TryGetProperty("next_page_token", out var next) ? $"&page_token={next.GetString()}" : null;
        }

        return points;
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Long_values_are_cut_and_the_header_says_so(DatabaseProvider database)
    {
        var (client, run) = await StartRunAsync(database);

        using var response = await client.PostAsync("/api/2.0/mlflow/runs/log-parameter",
            System.Net.Http.Json.JsonContent.Create(new { run_id = run, key = "long", value = new string('x', 7000) }));

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Headers.GetValues("X-ModelRegistry-Truncated").ShouldBe(["1"]);
        (await client.GetRunAsync(run)).Value("params", "long")!.Length.ShouldBe(6002);
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Data_sets_are_noted_once_with_their_context(DatabaseProvider database)
    {
        var (client, run) = await StartRunAsync(database);
        var inputs = new
        {
            run_id = run,
            datasets = new[]
            {
                new
                {
                    tags = new[] { new { key = "mlflow.data.context", value = "training" } },
                    dataset = new { name = "iris", digest = "abc", source_type = "http", source = "{}", schema = "{}", profile = "{}" },
                },
            },
        };

        (await client.MlflowPostAsync("runs/log-inputs", inputs)).Ok();
        (await client.MlflowPostAsync("runs/log-inputs", inputs)).Ok();

        var used = (await client.GetRunAsync(run)).GetProperty("inputs").GetProperty("dataset_inputs");
        used.GetArrayLength().ShouldBe(1);
        used[0].GetProperty("dataset").GetProperty("digest").GetString().ShouldBe("abc");
        used[0].GetProperty("tags")[0].GetProperty("value").GetString().ShouldBe("training");
    }

    [SkippableTheory, OnEachDatabase]
    public async Task A_run_is_renamed_by_its_tag_and_by_its_name(DatabaseProvider database)
    {
        var (client, run) = await StartRunAsync(database);

        (await client.MlflowPostAsync("runs/set-tag", new { run_id = run, key = "mlflow.runName", value = "by tag" })).Ok();
        (await client.GetRunAsync(run)).GetProperty("info").GetProperty("run_name").GetString().ShouldBe("by tag");
        var info = (await client.MlflowPostAsync("runs/update", new { run_id = run, run_name = "by name", status = "FINISHED", end_time = 5 })).Ok()["run_info"];

        info.GetProperty("run_name").GetString().ShouldBe("by name");
        info.GetProperty("status").GetString().ShouldBe("FINISHED");
        (await client.GetRunAsync(run)).Value("tags", "mlflow.runName").ShouldBe("\"by name\"");
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Deleting_a_tag_that_is_not_there_says_so(DatabaseProvider database)
    {
        var (client, run) = await StartRunAsync(database);

        (await client.MlflowPostAsync("runs/delete-tag", new { run_id = run, key = "none" }))
            .ShouldBeRefused(HttpStatusCode.NotFound, "RESOURCE_DOES_NOT_EXIST");
        (await client.MlflowPostAsync("runs/set-tag", new { run_id = run, key = "some", value = "" })).Ok();
        (await client.MlflowPostAsync("runs/delete-tag", new { run_id = run, key = "some" })).Ok();
    }

    private async Task<(HttpClient Client, string RunId)> StartRunAsync(DatabaseProvider database)
    {
        var client = (await apps.On(database)).AdminClient;
        return (client, await client.CreateRunAsync(await client.CreateExperimentAsync()));
    }
}
