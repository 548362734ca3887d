using System.Net;
using System.Text.Json;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;
using ModelRegistry.Tests.Registry;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Tracking;

public sealed class LoggedModelsTests(RegistryApps apps) : IClassFixture<RegistryApps>
{
    private const string Missing = "RESOURCE_DOES_NOT_EXIST";
    private const string Invalid = "INVALID_PARAMETER_VALUE";

    [SkippableTheory, OnEachDatabase]
    public async Task A_logged_model_is_answered_in_MLflows_form(DatabaseProvider provider)
    {
        var client = (await apps.On(provider)).AdminClient;
        var (experiment, run) = await client.RunAsync();
        var model = (await client.MlflowPostAsync("logged-models", new
        {
            experiment_id = experiment,
            name = "lm",
            model_type = "Agent",
            source_run_id = run,
            @params = new[] { new { key = "p", value = "1" } },
            tags = new[] { new { key = "t", value = "v" } },
        })).Ok()["model"];
        var id = model.GetProperty("info").GetProperty("model_id").GetString()!;
        id.ShouldMatch("^m-[0-9a-f]{32}$");
        var at = model.GetProperty("info").GetProperty("creation_timestamp_ms").GetInt64();
        model.GetRawText().ShouldBe($$$"""
            {"info":{"model_id":"{{{id}}}","experiment_id":"{{{experiment}}}","name":"lm","creation_timestamp_ms":{{{at}}},"last_updated_timestamp_ms":{{{at}}},"artifact_uri":"mlflow-artifacts:/{{{experiment}}}/models/{{{id}}}/artifacts","status":"LOGGED_MODEL_PENDING","model_type":"Agent","source_run_id":"{{{run}}}","tags":[{"key":"t","value":"v"}]},"data":{"params":[{"key":"p","value":"1"}]}}
            """);
        (await GetAsync(client, id)).GetRawText().ShouldBe(model.GetRawText());
    }

    [SkippableTheory, OnEachDatabase]
    public async Task What_was_left_out_is_made_up_or_empty(DatabaseProvider provider)
    {
        var client = (await apps.On(provider)).AdminClient;
        var (experiment, _) = await client.RunAsync();
        var model = (await client.MlflowPostAsync("logged-models", new { experiment_id = experiment })).Ok()["model"];
        model.GetProperty("info").GetProperty("name").GetString()!.ShouldMatch("^[a-z]+-[a-z]+-[0-9]+$");
        model.GetProperty("info").GetProperty("model_type").GetString().ShouldBe("");
        model.GetProperty("info").GetProperty("source_run_id").GetString().ShouldBe("");
        model.GetProperty("data").GetRawText().ShouldBe("{}");
    }

    [Fact]
    public async Task What_is_wrong_is_said_in_MLflows_words()
    {
        var client = (await apps.On(DatabaseProvider.Sqlite)).AdminClient;
        var (experiment, _) = await client.RunAsync();
        (await client.MlflowPostAsync("logged-models", new { })).ShouldBeRefused(HttpStatusCode.BadRequest, Invalid).Message!
            .ShouldStartWith("Missing value for required parameter 'experiment_id'.");
        (await client.MlflowPostAsync("logged-models", new { experiment_id = experiment, name = "a/b" })).ShouldBeRefused(HttpStatusCode.BadRequest, Invalid)
            .Message.ShouldBe("Invalid model name ('a/b') provided. Model name must be a non-empty string and cannot contain the following characters: ('/', ':', '.', '%', '\"', \"'\")");
        (await client.MlflowPostAsync("logged-models", new { experiment_id = "999999" })).ShouldBeRefused(HttpStatusCode.NotFound, Missing)
            .Message.ShouldBe("No Experiment with id=999999 exists");
        (await client.MlflowGetAsync("logged-models/m-nope")).ShouldBeRefused(HttpStatusCode.NotFound, Missing)
            .Message.ShouldBe("Logged model with ID 'm-nope' not found.");
        (await client.MlflowPostAsync("logged-models/search", new { })).ShouldBeRefused(HttpStatusCode.BadRequest, Invalid).Message!
            .ShouldStartWith("Missing value for required parameter 'experiment_ids'.");
    }

    [SkippableTheory, OnEachDatabase]
    public async Task An_upload_that_ended_is_noted_and_params_are_written_once(DatabaseProvider provider)
    {
        var client = (await apps.On(provider)).AdminClient;
        var (experiment, _) = await client.RunAsync();
        var id = await ModelAsync(client, experiment);
        (await client.MlflowPatchAsync($"logged-models/{id}", new { status = "LOGGED_MODEL_READY" })).Ok()["model"]
            .GetProperty("info").GetProperty("status").GetString().ShouldBe("LOGGED_MODEL_READY");
        (await client.MlflowPatchAsync($"logged-models/{id}", new { model_id = id, status = 3 })).Ok()["model"]
            .GetProperty("info").GetProperty("status").GetString().ShouldBe("LOGGED_MODEL_UPLOAD_FAILED");
        (await client.MlflowPatchAsync($"logged-models/{id}", new { status = "BOGUS" })).ShouldBeRefused(HttpStatusCode.BadRequest, Invalid);

        (await client.MlflowPostAsync($"logged-models/{id}/params", new { @params = new[] { new { key = "p2", value = "2" } } })).Ok().Text.ShouldBe("{}");
        (await client.MlflowPostAsync($"logged-models/{id}/params", new { @params = new[] { new { key = "p2", value = "2" } } })).Ok();
        (await client.MlflowPostAsync($"logged-models/{id}/params", new { @params = new[] { new { key = "p2", value = "3" } } }))
            .ShouldBeRefused(HttpStatusCode.BadRequest, Invalid).Message!.ShouldContain("Changing param values is not allowed");
        (await GetAsync(client, id)).GetProperty("data").GetProperty("params").GetRawText().ShouldBe("""[{"key":"p2","value":"2"}]""");
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Tags_are_set_over_and_deleted(DatabaseProvider provider)
    {
        var client = (await apps.On(provider)).AdminClient;
        var (experiment, _) = await client.RunAsync();
        var id = await ModelAsync(client, experiment);
        (await client.MlflowPatchAsync($"logged-models/{id}/tags", new { tags = new[] { new { key = "t", value = "v" }, new { key = "a/b c", value = "x" } } })).Ok();
        (await client.MlflowPatchAsync($"logged-models/{id}/tags", new { tags = new[] { new { key = "t", value = "v2" } } })).Ok().Text.ShouldBe("{}");
        (await client.SendJsonAsync(HttpMethod.Delete, $"/api/2.0/mlflow/logged-models/{id}/tags/a%2Fb%20c", null)).Ok();
        (await GetAsync(client, id)).GetProperty("info").GetProperty("tags").GetRawText().ShouldBe("""[{"key":"t","value":"v2"}]""");
        (await client.SendJsonAsync(HttpMethod.Delete, $"/api/2.0/mlflow/logged-models/{id}/tags/nope", null))
            .ShouldBeRefused(HttpStatusCode.NotFound, Missing).Message.ShouldBe($"No tag with key 'nope' found for model with ID '{id}'.");
    }

    [SkippableTheory, OnEachDatabase]
    public async Task A_deleted_model_is_shown_on_demand_and_its_versions_go_on(DatabaseProvider provider)
    {
        var client = (await apps.On(provider)).AdminClient;
        var (experiment, run) = await client.RunAsync();
        var id = await ModelAsync(client, experiment, run);
        await client.UploadAsync($"{experiment}/models/{id}/artifacts/MLmodel", "flavors: {}");
        var name = await client.ModelAsync();
        var version = (await client.CreateVersionAsync(name, $"models:/{id}", model_id: id)).Ok()["model_version"];
        version.GetProperty("run_id").GetString().ShouldBe(run, "filled in from the model's run");
        version.GetProperty("model_id").GetString().ShouldBe(id);

        (await client.MlflowDeleteAsync($"logged-models/{id}", new { })).Ok().Text.ShouldBe("{}");
        (await client.MlflowDeleteAsync($"logged-models/{id}", new { })).Ok();
        (await client.MlflowGetAsync($"logged-models/{id}")).ShouldBeRefused(HttpStatusCode.NotFound, Missing);
        (await client.MlflowGetAsync($"logged-models/{id}?allow_deleted=true")).Ok();
        (await client.MlflowPostAsync("logged-models/search", new { experiment_ids = new[] { experiment } })).Ok().Text.ShouldBe("{}");

        var uri = (await client.MlflowGetAsync($"model-versions/get-download-uri?name={name}&version=1")).Ok()["artifact_uri"].GetString()!;
        (await client.DownloadAsync(uri, "MLmodel")).ShouldBe("flavors: {}");
        (await client.CreateVersionAsync(name, $"models:/{id}")).ShouldBeRefused(HttpStatusCode.NotFound, Missing);
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Registrations_are_told_once_by_the_registry_and_by_the_tag(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var client = app.AdminClient;
        var (experiment, run) = await client.RunAsync();
        var id = await ModelAsync(client, experiment, run);
        var name = await client.ModelAsync();
        (await client.CreateVersionAsync(name, $"models:/{id}", model_id: id)).Ok();
        var info = (await GetAsync(client, id)).GetProperty("info");
        Tag(info, "mlflow.modelVersions").ShouldBe($$"""[{"name": "{{name}}", "version": 1}]""");
        info.GetProperty("registrations").GetRawText().ShouldBe($$"""[{"name":"{{name}}","version":"1"}]""");

        // What MLflow's client does after each registration; as text this time.
        (await client.MlflowPatchAsync($"logged-models/{id}/tags", new
        {
            tags = new[] { new { key = "mlflow.modelVersions", value = $$"""[{"name": "{{name}}", "version": "1"}]""" } },
        })).Ok();
        (await client.CreateVersionAsync(name, $"mlflow-artifacts:/{experiment}/models/{id}/artifacts", model_id: id, description: "2")).Ok();
        info = (await GetAsync(client, id)).GetProperty("info");
        Tag(info, "mlflow.modelVersions").ShouldBe($$"""[{"name": "{{name}}", "version": 1}, {"name": "{{name}}", "version": 2}]""");
        info.GetProperty("registrations").GetArrayLength().ShouldBe(2);

        await app.MakePrivateAsync(name);
        var member = await app.ClientAsync(RegistryRole.Member);
        (await GetAsync(member, id)).GetProperty("info").TryGetProperty("registrations", out _).ShouldBeFalse("the model is another team's");
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Metrics_of_a_model_are_all_its_points_and_repeat_points_of_the_run(DatabaseProvider provider)
    {
        var client = (await apps.On(provider)).AdminClient;
        var (experiment, run) = await client.RunAsync();
        var id = await ModelAsync(client, experiment, run);
        (await client.MlflowPostAsync("runs/log-batch", new { run_id = run, metrics = new[] { new { key = "acc", value = 0.5, timestamp = 5, step = 0 } } })).Ok();
        // The trap: the point is the run's already, now it is the model's too.
        for (var i = 0; i < 2; i++)
        {
            (await client.MlflowPostAsync("runs/log-batch", new
            {
                run_id = run,
                metrics = new[] { new { key = "acc", value = 0.5, timestamp = 5, step = 0, model_id = id } },
            })).Ok();
        }

        (await client.MlflowPostAsync("runs/log-metric", new
        {
            run_id = run,
            key = "acc",
            value = "NaN",
            timestamp = 7,
            step = 1,
            model_id = id,
            dataset_name = "ds",
            dataset_digest = "dg",
        })).Ok();
        (await GetAsync(client, id)).GetProperty("data").GetProperty("metrics").GetRawText().ShouldBe(
            $$"""[{"key":"acc","value":0.5,"timestamp":5,"step":0,"model_id":"{{id}}","run_id":"{{run}}"},"""
            + $$"""{"key":"acc","value":"NaN","timestamp":7,"step":1,"dataset_name":"ds","dataset_digest":"dg","model_id":"{{id}}","run_id":"{{run}}"}]""");
    }

    [SkippableTheory, OnEachDatabase]
    public async Task A_run_is_tied_to_the_models_it_made_however_often_it_is_said(DatabaseProvider provider)
    {
        var client = (await apps.On(provider)).AdminClient;
        var (experiment, run) = await client.RunAsync();
        var id = await ModelAsync(client, experiment, run);
        foreach (var step in new int?[] { 0, 0, 4, null })
            (await client.MlflowPostAsync("runs/outputs", new { run_id = run, models = new[] { new { model_id = id, step } } })).Ok().Text.ShouldBe("{}");
        (await client.MlflowPostAsync("runs/outputs", new { run_id = run, models = new[] { new { model_id = id, step = 3 } } })).Ok();
        (await client.MlflowPostAsync("runs/log-inputs", new { run_id = run, models = new[] { new { model_id = id } } })).Ok();
        (await client.MlflowPostAsync("runs/log-inputs", new { run_id = run, models = new[] { new { model_id = id } } })).Ok();

        var found = (await client.MlflowGetAsync($"runs/get?run_id={run}")).Ok()["run"];
        found.GetProperty("outputs").GetProperty("model_outputs").GetRawText().ShouldBe($$"""[{"model_id":"{{id}}","step":3}]""");
        found.GetProperty("inputs").GetProperty("model_inputs").GetRawText().ShouldBe($$"""[{"model_id":"{{id}}"}]""");
        (await client.MlflowPostAsync("runs/outputs", new { run_id = run, models = new[] { new { model_id = "m-nope", step = 0 } } }))
            .ShouldBeRefused(HttpStatusCode.NotFound, Missing);
        (await client.MlflowPostAsync("runs/delete", new { run_id = run })).Ok();
        (await client.MlflowPostAsync("runs/outputs", new { run_id = run, models = new[] { new { model_id = id, step = 0 } } }))
            .ShouldBeRefused(HttpStatusCode.BadRequest, Invalid).Message.ShouldBe($"The run {run} must be in the 'active' state. Current state is deleted.");
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Logged_models_are_found_as_MLflow_finds_them(DatabaseProvider provider)
    {
        var client = (await apps.On(provider)).AdminClient;
        var (experiment, run) = await client.RunAsync();
        var lm = (await client.MlflowPostAsync("logged-models", new
        {
            experiment_id = experiment,
            name = "lm",
            model_type = "Agent",
            source_run_id = run,
            @params = new[] { new { key = "p", value = "1" } },
            tags = new[] { new { key = "t", value = "v2" } },
        })).Ok()["model"].GetProperty("info").GetProperty("model_id").GetString()!;
        await Task.Delay(3);
        await ModelAsync(client, experiment, name: "turtle");
        await Task.Delay(3);
        var zz = await ModelAsync(client, experiment, name: "zz");
        (await client.MlflowPatchAsync($"logged-models/{lm}", new { status = "LOGGED_MODEL_READY" })).Ok();
        foreach (var (model, value, dataset) in new[] { (lm, 0.9, "ds"), (zz, 0.1, "other") })
        {
            (await client.MlflowPostAsync("runs/log-metric", new
            {
                run_id = run,
                key = "acc",
                value,
                timestamp = 5,
                model_id = model,
                dataset_name = dataset,
                dataset_digest = "dg",
            })).Ok();
        }

        async Task<string> Search(string? filter = null, object? datasets = null, object? order_by = null)
        {
            var answer = await client.MlflowPostAsync("logged-models/search",
                new { experiment_ids = new[] { experiment, "999999" }, filter, datasets, order_by });
            return string.Join(' ', Names(answer.Ok()));
        }

        (await Search()).ShouldBe("zz turtle lm");
        foreach (var filter in new[]
        {
            "name='lm'", "name LIKE 'l%'", "name ILIKE 'L%'", "metrics.acc > 0.5", "metrics.`acc` > 0.5", "params.p='1'", "params.`p` = '1'",
            "tags.t = 'v2'", "metrics.acc > 0.5 AND params.p = '1'", "status = 2", "model_type='Agent'", "attributes.model_type = 'Agent'",
            $"model_id = '{lm}'", $"model_id IN ('{lm}','x')", $"source_run_id = '{run}'", "params.p IN ('1','2')", "metrics.acc > 0.5 OR params.p='1'",
        })
        {
            (await Search(filter)).ShouldBe("lm", filter);
        }
        (await Search("creation_timestamp > 5")).ShouldBe("zz turtle lm");
        (await Search("tags.t IS NULL")).ShouldBe("zz turtle");
        (await Search("metrics.acc > 0.05", new[] { new { dataset_name = "ds" } })).ShouldBe("lm");
        (await Search("metrics.acc > 0.05", new[] { new { dataset_name = "ds", dataset_digest = "x" } })).ShouldBe("");
        (await Search("metrics.acc > 0.05", new[] { new { dataset_name = "nobody" } })).ShouldBe("");
        (await Search(null, new[] { new { dataset_name = "ds", dataset_digest = "dg" } })).ShouldBe("lm");
        (await Search(order_by: new[] { new { field_name = "metrics.acc", ascending = false } })).ShouldBe("lm zz turtle");
        (await Search(order_by: new[] { new { field_name = "metrics.acc" } })).ShouldBe("zz lm turtle");
        (await Search(order_by: new[] { new { field_name = "metrics.acc", dataset_name = "ds" } })).ShouldBe("lm zz turtle");
        (await Search(order_by: new[] { new { field_name = "creation_timestamp" } })).ShouldBe("lm turtle zz");
        (await Search(order_by: new[] { new { field_name = "name", ascending = false } })).ShouldBe("zz turtle lm");
        foreach (var (filter, order) in new[] { ("bogus='x'", "name"), ("metric.acc > 1", "name"), ("", "params.p"), ("", "bogus") })
        {
            (await client.MlflowPostAsync("logged-models/search", new { experiment_ids = new[] { experiment }, filter, order_by = new[] { new { field_name = order } } }))
                .ShouldBeRefused(HttpStatusCode.BadRequest, Invalid);
        }

        (await client.MlflowPostAsync("logged-models/search", new { experiment_ids = new[] { experiment }, datasets = new[] { new { dataset_digest = "dg" } } }))
            .ShouldBeRefused(HttpStatusCode.BadRequest, Invalid).Message.ShouldBe("`dataset_name` in the `datasets` clause must be specified.");
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Pages_by_any_order_give_each_model_once(DatabaseProvider provider)
    {
        var client = (await apps.On(provider)).AdminClient;
        var (experiment, run) = await client.RunAsync();
        for (var i = 0; i < 7; i++)
        {
            var id = await ModelAsync(client, experiment, name: $"n{i % 3}");
            if (i < 4)
                (await client.MlflowPostAsync("runs/log-metric", new { run_id = run, key = "loss", value = i == 3 ? "NaN" : $"{i % 2}", timestamp = i, model_id = id })).Ok();
        }

        foreach (var field in new[] { "name", "metrics.loss", "creation_timestamp", "status" })
        {
            foreach (var ascending in new[] { true, false })
            {
                var seen = new List<string>();
                string? token = null;
                do
                {
                    var page = (await client.MlflowPostAsync("logged-models/search", new
                    {
                        experiment_ids = new[] { experiment },
                        max_results = 2,
                        page_token = token,
                        order_by = new[] { new { field_name = field, ascending } },
                    })).Ok();
                    seen.AddRange(page["models"].EnumerateArray().Select(m => m.GetProperty("info").GetProperty("model_id").GetString()!));
                    token = page.Json.TryGetProperty("next_page_token", out var next) ? next.GetString() : null;
                }
                while (token is not null);
                seen.Distinct().Count().ShouldBe(7, field);
                seen.Count.ShouldBe(7, field);
            }
        }

        var first = (await client.MlflowPostAsync("logged-models/search", new { experiment_ids = new[] { experiment }, max_results = 2 })).Ok();
        (await client.MlflowPostAsync("logged-models/search",
            new { experiment_ids = new[] { experiment }, filter = "name='n1'", max_results = 2, page_token = first["next_page_token"].GetString() }))
            .ShouldBeRefused(HttpStatusCode.BadRequest, Invalid);
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Who_may_not_write_to_the_experiment_may_not_change_its_models(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var viewer = await app.ClientAsync(RegistryRole.Viewer);
        var (experiment, _) = await app.AdminClient.RunAsync();
        var id = await ModelAsync(app.AdminClient, experiment);
        await GetAsync(viewer, id);
        foreach (var refused in new[]
        {
            await viewer.MlflowPostAsync("logged-models", new { experiment_id = experiment }),
            await viewer.MlflowPatchAsync($"logged-models/{id}", new { status = "LOGGED_MODEL_READY" }),
            await viewer.MlflowPatchAsync($"logged-models/{id}/tags", new { tags = new[] { new { key = "t", value = "v" } } }),
            await viewer.MlflowPostAsync($"logged-models/{id}/params", new { @params = new[] { new { key = "t", value = "v" } } }),
            await viewer.MlflowDeleteAsync($"logged-models/{id}", new { }),
        })
        {
            refused.ShouldBeRefused(HttpStatusCode.Forbidden, "PERMISSION_DENIED");
        }
        await app.ExecuteAsync($"UPDATE experiments SET is_private = {(provider == DatabaseProvider.PostgreSql ? "TRUE" : "1")} WHERE id = {experiment}");
        await Task.Delay(2100);
        (await viewer.MlflowGetAsync($"logged-models/{id}")).ShouldBeRefused(HttpStatusCode.NotFound, Missing)
            .Message.ShouldBe($"Logged model with ID '{id}' not found.");
        (await viewer.MlflowPostAsync("logged-models/search", new { experiment_ids = new[] { experiment } })).Ok().Text.ShouldBe("{}");
        var (_, run) = await app.AdminClient.RunAsync();
        var member = await app.ClientAsync(RegistryRole.Member);
        (await member.MlflowPostAsync("runs/log-inputs", new { run_id = run, models = new[] { new { model_id = id } } }))
            .ShouldBeRefused(HttpStatusCode.NotFound, Missing).Message.ShouldBe($"Logged model with ID '{id}' not found.");
    }

    private static async Task<string> ModelAsync(HttpClient client, string experiment, string? run = null, string? name = null) =>
        (await client.MlflowPostAsync("logged-models", new { experiment_id = experiment, source_run_id = run, name })).Ok()["model"]
            .GetProperty("info").GetProperty("model_id").GetString()!;

    private static async Task<JsonElement> GetAsync(HttpClient client, string id) =>
        (await client.MlflowGetAsync($"logged-models/{id}")).Ok()["model"];

    private static string? Tag(JsonElement info, string key) => info.GetProperty("tags").EnumerateArray()
        .Single(t => t.GetProperty("key").GetString() == key).GetProperty("value").GetString();

    private static IEnumerable<string> Names(ApiAnswer answer) => answer.Json.TryGetProperty("models", out var models)
        ? models.EnumerateArray().Select(m => m.GetProperty("info").GetProperty("name").GetString()!)
        : [];
}
