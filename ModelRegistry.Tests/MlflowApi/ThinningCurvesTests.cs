using ModelRegistry.Core.Data;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.MlflowApi;

public sealed class ThinningCurvesTests(RegistryApps apps) : IClassFixture<RegistryApps>
{
    [SkippableTheory, OnEachDatabase]
    public async Task The_steps_of_all_runs_are_thinned_together_and_the_ends_of_each_run_are_kept(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var long1 = await RunAsync(app, Enumerable.Range(0, 100).Select(i => i * 3));
        var short2 = await RunAsync(app, [7, 8, 9, 150]);

        var points = await GetAsync(app, $"run_ids={long1}&run_ids={short2}&metric_key=m&max_results=5");

        // All steps: 0 3 6 7 8 9 12 … 150 … 297, 102 of them; every 20.4th, the last, and the ends of both runs.
        long[] all = [.. Enumerable.Range(0, 100).Select(i => i * 3L).Concat([7, 8]).Order()];
        long[] chosen = [.. Enumerable.Range(0, 5).Select(i => all[(int)(i * (all.Length / 5.0))]).Concat([297, 0, 7, 150]).Distinct().Order()];
        points.Where(p => p.RunId == long1).Select(p => p.Step).ShouldBe(chosen.Where(s => s % 3 == 0));
        points.Where(p => p.RunId == short2).Select(p => p.Step).ShouldBe([7, 150]);
        points.Select(p => p.RunId).Distinct().ShouldBe([long1, short2]);
    }

    [SkippableTheory, OnEachDatabase]
    public async Task A_range_keeps_to_itself(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var run = await RunAsync(app, Enumerable.Range(-50, 101));

        (await GetAsync(app, $"run_ids={run}&metric_key=m&start_step=-10&end_step=10&max_results=4")).Select(p => p.Step)
            .ShouldBe([-10, -5, 0, 5, 10]);
        (await GetAsync(app, $"run_ids={run}&metric_key=m&start_step=3&end_step=3")).Select(p => p.Step).ShouldBe([3]);
        (await GetAsync(app, $"run_ids={run}&metric_key=m&start_step=60&end_step=70")).ShouldBeEmpty();
        (await GetAsync(app, $"run_ids={run}&metric_key=m&max_results=1")).Select(p => p.Step).ShouldBe([-50, 50]);
        (await app.AdminClient.MlflowGetAsync($"metrics/get-history-bulk-interval?run_ids={run}&metric_key=m&start_step=5&end_step=4"))
            .ShouldBeRefused(System.Net.HttpStatusCode.BadRequest, "INVALID_PARAMETER_VALUE");
    }

    private static async Task<string> RunAsync(RegistryApp app, IEnumerable<int> steps)
    {
        var run = (await app.AdminClient.MlflowPostAsync("runs/create", new { experiment_id = "0" })).Ok()["run"]
            .GetProperty("info").GetProperty("run_id").GetString()!;
        (await app.AdminClient.MlflowPostAsync("runs/log-batch", new
        {
            run_id = run,
            metrics = steps.Select(step => new { key = "m", value = step, timestamp = step + 1000, step }),
        })).Ok();
        return run;
    }

    private static async Task<List<(string RunId, long Step)>> GetAsync(RegistryApp app, string query)
    {
        var answer = (await app.AdminClient.MlflowGetAsync("metrics/get-history-bulk-interval?" + query)).Ok();
        return !answer.Json.TryGetProperty("metrics", out var metrics)
            ? []
            : [.. metrics.EnumerateArray().Select(m => (m.GetProperty("run_id").GetString()!, m.GetProperty("step").GetInt64()))];
    }
}
