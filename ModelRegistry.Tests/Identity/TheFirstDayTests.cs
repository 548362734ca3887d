using System.Net;
using System.Text.RegularExpressions;
using ModelRegistry.Core.Data;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Identity;

/// <summary>
/// What a newcomer does with a registry that was just started, from the link of the console to a model that others load:
/// the requests of a browser, and those that MLflow's client sends for the script of the token page.
/// </summary>
public sealed partial class TheFirstDayTests
{
    private const string Password = "pale blue harbour light";
    private const string Proxy = "/api/2.0/mlflow-artifacts/artifacts";

    [SkippableTheory, OnEachDatabase]
    public async Task From_the_first_start_to_a_model_in_production(DatabaseProvider provider)
    {
        await using var app = await RegistryApp.StartAsync(provider, new RegistryAppOptions { IsEmpty = true });
        using var browser = app.BrowserClient();

        await SetUpAsync(app, browser);
        using var client = app.ClientWithToken(await MakeTokenAsync(browser));
        var run = await TrainAsync(client);
        await RegisterAsync(client, run);
        await LookAroundAsync(browser, run);
        await PromoteAsync(browser, client);
    }

    private static async Task SetUpAsync(RegistryApp app, HttpClient browser)
    {
        var link = SetUpLink().Match(app.ConsoleText).Value;
        using var made = await browser.SubmitAsync(link, null,
            ("Input.Email", "ada@example.org"), ("Input.Password", Password), ("Input.Repeat", Password));
        made.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        (await browser.GetPageAsync("/")).ShouldContain("MLFLOW_TRACKING_URI", customMessage: "an empty registry says how to fill it");
    }

    private static async Task<string> MakeTokenAsync(HttpClient browser)
    {
        using var made = await browser.SubmitAsync("/account/tokens", "Create", ("Input.Name", "laptop"),
            ("Input.Scopes", "read"), ("Input.Scopes", "write"), ("Input.Scopes", "register"), ("Input.ExpiresDays", "30"));
        var html = await made.Content.ReadAsStringAsync();
        html.ShouldContain("MLFLOW_TRACKING_TOKEN=");
        html.ShouldContain("mlflow.start_run()");
        return Token().Match(html).Value;
    }

    private static async Task<string> TrainAsync(HttpClient client)
    {
        var experiment = (await client.MlflowPostAsync("experiments/create", new { name = "first" })).Ok()["experiment_id"].GetString()!;
        var created = (await client.MlflowPostAsync("runs/create", new
        {
            experiment_id = experiment,
            start_time = 1_700_000_000_000,
            tags = new[] { new { key = "mlflow.source.git.commit", value = "0123456789abcdef0123456789abcdef01234567" } },
        })).Ok();
        var run = created["run"].GetProperty("info").GetProperty("run_id").GetString()!;
        (await client.MlflowPostAsync("runs/log-batch", new
        {
            run_id = run,
            metrics = Enumerable.Range(0, 20).Select(step => new { key = "loss", value = 1.0 / (step + 1), timestamp = 1_700_000_000_000 + step, step }),
            @params = new[] { new { key = "learning_rate", value = "0.01" } },
            tags = new[] { new { key = "team", value = "growth" } },
        })).Ok();
        (await client.MlflowPostAsync("runs/log-inputs", new
        {
            run_id = run,
            datasets = new[]
            {
                new
                {
                    tags = new[] { new { key = "mlflow.data.context", value = "training" } },
                    dataset = new { name = "wine", digest = "d1g35t", source_type = "http", source = "{\"url\":\"https://example.org/wine.csv\"}" },
                },
            },
        })).Ok();
        await UploadAsync(client, $"{experiment}/{run}/artifacts/model/MLmodel", "flavors:\n  python_function:\n    env: conda.yaml\n");
        await UploadAsync(client, $"{experiment}/{run}/artifacts/model/weights.bin", "weights");
        (await client.MlflowPostAsync("runs/update", new { run_id = run, status = "FINISHED", end_time = 1_700_000_100_000 })).Ok();
        return run;
    }

    private static async Task UploadAsync(HttpClient client, string path, string text)
    {
        using var content = new StringContent(text);
        (await client.SendJsonAsync(HttpMethod.Put, $"{Proxy}/{path}", content)).Ok();
    }

    private static async Task RegisterAsync(HttpClient client, string run)
    {
        (await client.MlflowPostAsync("registered-models/create", new { name = "wine" })).Ok();
        var version = (await client.MlflowPostAsync("model-versions/create",
            new { name = "wine", source = $"runs:/{run}/model", run_id = run })).Ok()["model_version"];
        version.GetProperty("version").GetString().ShouldBe("1");
        (await client.MlflowPostAsync("registered-models/alias", new { name = "wine", alias = "champion", version = "1" })).Ok();
    }

    private static async Task LookAroundAsync(HttpClient browser, string run)
    {
        (await browser.GetPageAsync("/experiments")).ShouldContain("first");
        var page = await browser.GetPageAsync($"/runs/{run}");
        page.ShouldContain("learning_rate");
        page.ShouldContain("loss");
        (await browser.GetPageAsync("/models")).ShouldContain("wine");
        (await browser.GetPageAsync("/models/wine")).ShouldContain("champion");
        var version = await browser.GetPageAsync("/models/wine/versions/1");
        version.ShouldContain("0123456789");
        version.ShouldContain("d1g35t");
        version.ShouldContain("python_function");
        using var download = await browser.GetAsync("/models/wine/versions/1/files?handler=Download&path=weights.bin");
        (await download.Content.ReadAsStringAsync()).ShouldBe("weights");
        download.Content.Headers.ContentDisposition!.DispositionType.ShouldBe("attachment");
    }

    private static async Task PromoteAsync(HttpClient browser, HttpClient client)
    {
        await DoAsync(browser, "SetTag", ("Key", "reviewed"), ("Value", "yes"));
        await DoAsync(browser, "SetAlias", ("Alias", "stable"));
        await DoAsync(browser, "SetStage", ("Stage", "Production"), ("Reason", "The first one"));

        // models:/wine/1, models:/wine@stable and models:/wine/Production, as the client resolves them.
        var byNumber = (await client.MlflowGetAsync("model-versions/get?name=wine&version=1")).Ok()["model_version"];
        byNumber.GetProperty("tags").EnumerateArray().Single().GetProperty("key").GetString().ShouldBe("reviewed");
        (await client.MlflowGetAsync("registered-models/alias?name=wine&alias=stable")).Ok()["model_version"]
            .GetProperty("version").GetString().ShouldBe("1");
        var latest = (await client.MlflowPostAsync("registered-models/get-latest-versions", new { name = "wine", stages = new[] { "Production" } }))
            .Ok()["model_versions"];
        latest.EnumerateArray().Single().GetProperty("version").GetString().ShouldBe("1");
        var uri = (await client.MlflowGetAsync("model-versions/get-download-uri?name=wine&version=1")).Ok()["artifact_uri"].GetString()!;
        uri.ShouldStartWith("mlflow-artifacts:/");
        (await client.GetStringAsync($"{Proxy}/{uri["mlflow-artifacts:/".Length..].TrimStart('/')}/weights.bin")).ShouldBe("weights");
    }

    private static async Task DoAsync(HttpClient browser, string handler, params (string Name, string Value)[] fields)
    {
        using var response = await browser.SubmitAsync("/models/wine/versions/1", handler, fields);
        response.StatusCode.ShouldBe(HttpStatusCode.Redirect, await response.Content.ReadAsStringAsync());
    }

    [GeneratedRegex("/setup\\?code=[a-z0-9]+")]
    private static partial Regex SetUpLink();

    [GeneratedRegex("mreg_[0-9A-Za-z]{8}_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}")]
    private static partial Regex Token();
}
