using System.Globalization;
using System.Text;
using ModelRegistry.Tests.Api;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Browser;

/// <summary>A team's registry after some weeks, made as its clients would: over HTTP.</summary>
internal sealed class SampleRegistry(HttpClient client)
{
    private const int Steps = 60;
    private readonly Random _random = new(20_261_124);
    private long _now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

    public string Experiment { get; private set; } = "";
    public string EmptyExperiment { get; private set; } = "";
    /// <summary>A run with everything.</summary>
    public string Run { get; private set; } = "";
    public string ParentRun { get; private set; } = "";
    public List<string> Runs { get; } = [];

    public async Task<SampleRegistry> FillAsync(int runs = 60)
    {
        Experiment = await ExperimentAsync("churn-prediction", "growth");
        EmptyExperiment = await ExperimentAsync("embedding-ablation", "search");
        var demand = await ExperimentAsync("demand-forecast", "supply");
        await client.MlflowPostAsync("experiments/set-experiment-tag", new
        {
            experiment_id = Experiment,
            key = "mlflow.note.content",
            value = "# Churn\nWho leaves within **30 days**.\n\n| slice | AUC |\n|---|---|\n| EU | 0.91 |\n| US | 0.89 |",
        });
        for (var i = 0; i < runs; i++)
        {
            var run = await RunAsync(i % 12 == 11 ? demand : Experiment, i, i is > 20 and < 26 ? ParentRun : null);
            Runs.Add(run);
            if (i == 20)
                ParentRun = run;
        }

        Run = Runs[^2];
        await FilesAsync(Run, "1.5.2");
        await FilesAsync(Runs[^3], "1.4.0");
        await FilesAsync(Runs[^4], "1.3.2");
        await ModelsAsync();
        return this;
    }

    private async Task<string> ExperimentAsync(string name, string team)
    {
        var answer = await client.MlflowPostAsync("experiments/create", new { name, tags = new[] { new { key = "team", value = team } } });
        return answer.Ok()["experiment_id"].GetString()!;
    }

    private async Task<string> RunAsync(string experiment, int index, string? parent)
    {
        var start = _now - (60 - index) * 5_400_000L - _random.Next(1_800_000);
        var rate = new[] { 0.1, 0.03, 0.01, 0.003 }[_random.Next(4)];
        var tags = new List<object>
        {
            Item("mlflow.source.name", "train.py"),
            Item("mlflow.source.git.commit", Convert.ToHexStringLower(Guid.NewGuid().ToByteArray()) + "9af3c210"),
            Item("mlflow.source.git.branch", index % 4 == 0 ? "feature/calibration" : "main"),
            Item("mlflow.source.git.dirty", index % 5 == 0 ? "true" : "false"),
            Item("team", "growth"),
        };
        if (parent is not null)
            tags.Add(Item("mlflow.parentRunId", parent));
        if (index == 58)
            tags.Add(Item("mlflow.note.content", "## What changed\nLower learning rate, **early stopping** at patience 5.\n\n- data of March\n- see `train.py`"));
        var created = await client.MlflowPostAsync("runs/create", new
        {
            experiment_id = experiment,
            user_id = new[] { "ada", "grace", "linus" }[index % 3],
            run_name = $"{new[] { "brave", "calm", "eager", "keen", "quick", "vivid" }[index % 6]}-{new[] { "otter", "heron", "lynx", "finch", "koala", "raven", "moose" }[index % 7]}-{100 + index}",
            start_time = start,
            tags,
        });
        var run = created.Ok()["run"].GetProperty("info").GetProperty("run_id").GetString()!;
        await LogAsync(run, start, rate, index);
        if (index % 15 != 14)
        {
            await client.MlflowPostAsync("runs/update", new
            {
                run_id = run,
                status = index % 13 == 12 ? "FAILED" : "FINISHED",
                end_time = start + Steps * 9_000L + _random.Next(60_000),
            });
        }

        return run;
    }

    private async Task LogAsync(string run, long start, double rate, int index)
    {
        var floor = 0.2 + rate * 0.8;
        var metrics = new List<object>();
        for (var step = 0; step < Steps; step++)
        {
            var at = start + step * 9_000L;
            var loss = floor + Math.Exp(-step * (rate + 0.01) * 4) * 0.9 + Noise(0.02);
            metrics.Add(Point("train/loss", loss, at, step));
            metrics.Add(Point("val/loss", loss * 1.08 + Noise(0.03) + Math.Pow(step / (double)Steps, 3) * 0.1, at, step));
            metrics.Add(Point("val/auc", Math.Min(0.99, 0.95 - floor * 0.4 - Math.Exp(-step * (rate + 0.01) * 4) * 0.3 + Noise(0.004)), at, step));
            metrics.Add(Point("system/cpu_utilization_percentage", 40 + _random.NextDouble() * 30, at, step));
        }

        metrics.Add(Point("auc", 0.95 - floor * 0.4 + Noise(0.01), start + Steps * 9_000L, 0));
        metrics.Add(Point("f1", 0.7 + Noise(0.1), start + Steps * 9_000L, 0));
        (await client.MlflowPostAsync("runs/log-batch", new
        {
            run_id = run,
            metrics,
            @params = new[]
            {
                Item("learning_rate", rate.ToString(CultureInfo.InvariantCulture)), Item("max_depth", new[] { "4", "6", "8", "10" }[index % 4]),
                Item("optimizer", index % 2 == 0 ? "adam" : "sgd"), Item("batch_size", "256"),
                Item("features", "tenure,plan,monthly_charges,support_tickets,last_login_days"),
            },
        })).Ok();
        (await client.MlflowPostAsync("runs/log-inputs", new
        {
            run_id = run,
            datasets = new[]
            {
                new
                {
                    dataset = new
                    {
                        name = index % 3 == 0 ? "customers-2026-02" : "customers-2026-03",
                        digest = index % 3 == 0 ? "41b07ee2" : "9f2c41aa",
                        source_type = "s3",
                        source = "{\"uri\": \"s3://lake/customers/2026-03.parquet\"}",
                        profile = "{\"num_rows\": 184220, \"num_elements\": 2210640}",
                        schema = "{\"mlflow_colspec\": [{\"type\": \"double\", \"name\": \"tenure\"}]}",
                    },
                    tags = new[] { Item("mlflow.data.context", "training") },
                },
            },
        })).Ok();
    }

    private async Task FilesAsync(string run, string sklearn)
    {
        await PutAsync(run, "model/MLmodel", Encoding.UTF8.GetBytes(SampleFiles.ModelFile));
        await PutAsync(run, "model/requirements.txt", Encoding.UTF8.GetBytes(SampleFiles.Requirements(sklearn)));
        await PutAsync(run, "model/conda.yaml", "name: churn\ndependencies:\n- python=3.11.7\n- pip\n"u8.ToArray());
        await PutAsync(run, "model/python_env.yaml", "python: 3.11.7\n"u8.ToArray());
        await PutAsync(run, "model/model.pkl", Encoding.UTF8.GetBytes(sklearn + new string('\u0001', 48_000)));
        await PutAsync(run, "plots/heatmap.png", SampleFiles.Image());
        await PutAsync(run, "reports/sample.csv", Encoding.UTF8.GetBytes(SampleFiles.Table));
        await PutAsync(run, "reports/summary.json", "{\"auc\":0.91,\"slices\":{\"EU\":0.92,\"US\":0.89}}"u8.ToArray());
        await PutAsync(run, "README.md", "# Churn model\nTrained on **March**.\n"u8.ToArray());
    }

    private async Task PutAsync(string run, string path, byte[] content)
    {
        using var body = new ByteArrayContent(content);
        using var answer = await client.PutAsync($"/api/2.0/mlflow-artifacts/artifacts/{Experiment}/{run}/artifacts/{path}", body);
        answer.EnsureSuccessStatusCode();
    }

    private async Task ModelsAsync()
    {
        (await client.MlflowPostAsync("registered-models/create", new
        {
            name = "churn",
            description = "# Churn\nPredicts who **leaves within 30 days**.\n\nDo not use it for pricing.\n\n- owner: growth\n- trained weekly",
            tags = new[] { Item("team", "growth"), Item("risk", "medium") },
        })).Ok();
        (await client.MlflowPostAsync("registered-models/create", new { name = "demand-forecast" })).Ok();
        (await client.MlflowPostAsync("registered-models/create", new { name = "fraud scoring", description = "Scores payments." })).Ok();
        foreach (var run in new[] { Runs[^4], Runs[^3], Run })
            await VersionAsync("churn", run);
        await VersionAsync("fraud scoring", Runs[^3]);
        await StageAsync("churn", "1", "Production");
        await StageAsync("churn", "2", "Production");
        await StageAsync("churn", "1", "Archived");
        await StageAsync("churn", "3", "Staging");
        await StageAsync("fraud scoring", "1", "Staging");
        (await client.V1SendAsync(HttpMethod.Put, "models/fraud%20scoring/stages", new
        {
            items = new[]
            {
                new { name = "Experiment", mapsTo = "none" }, new { name = "Shadow", mapsTo = "staging" }, new { name = "Staging", mapsTo = "staging" },
                new { name = "Canary", mapsTo = "production" }, new { name = "Production", mapsTo = "production" }, new { name = "Archived", mapsTo = "archived" },
            },
        })).Should(System.Net.HttpStatusCode.OK);
        (await client.V1PostAsync("models/fraud%20scoring/versions/1/stage", new { stage = "Canary", reason = "A tenth of the payments" }))
            .Should(System.Net.HttpStatusCode.OK);
        await AliasAsync("churn", "champion", "2");
        await AliasAsync("churn", "challenger", "3");
        (await client.V1PostAsync("teams", new { name = "release-managers", description = "Move what is live" })).Should(System.Net.HttpStatusCode.Created);
        (await client.V1PostAsync("promotion-policies", new
        {
            name = "Production gate",
            models = "churn*",
            stage = "production",
            metrics = new[] { new { metric = "auc", min = 0.1 } },
            approvals = new { count = 1 },
        })).Should(System.Net.HttpStatusCode.Created);
        (await client.V1PostAsync("promotion-policies", new
        {
            name = "Champion",
            models = "*",
            alias = "champion",
            enabled = false,
            movers = new { teams = new[] { "release-managers" } },
        })).Should(System.Net.HttpStatusCode.Created);
        (await client.V1PostAsync("approvals", new { model = "churn", version = 3, stage = "production", archiveExisting = true, reason = "Better on the March data" }))
            .Should(System.Net.HttpStatusCode.Created);
    }

    private async Task VersionAsync(string name, string run) => (await client.MlflowPostAsync("model-versions/create", new
    {
        name,
        source = $"mlflow-artifacts:/{Experiment}/{run}/artifacts/model",
        run_id = run,
        tags = new[] { Item("validated", "yes") },
    })).Ok();

    private async Task StageAsync(string name, string version, string stage) => (await client.MlflowPostAsync(
        "model-versions/transition-stage", new { name, version, stage, archive_existing_versions = false })).Ok();

    private async Task AliasAsync(string name, string alias, string version) =>
        (await client.MlflowPostAsync("registered-models/alias", new { name, alias, version })).Ok();

    private static object Item(string key, string value) => new { key, value };

    private static object Point(string key, double value, long timestamp, long step) => new { key, value, timestamp, step };

    private double Noise(double size) => (_random.NextDouble() + _random.NextDouble() - 1) * size;
}
