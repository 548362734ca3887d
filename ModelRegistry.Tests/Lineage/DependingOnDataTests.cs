using System.Net;
using System.Text.Json;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;
using ModelRegistry.Tests.Api;
using ModelRegistry.Tests.Registry;
using ModelRegistry.Tests.Support;
using ModelRegistry.Tests.Tracking;

namespace ModelRegistry.Tests.Lineage;

public sealed class DependingOnDataTests(RegistryApps apps) : IClassFixture<RegistryApps>
{
    [SkippableTheory, OnEachDatabase]
    public async Task A_data_set_tells_which_runs_and_versions_depend_on_it(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var client = (await app.UserAsync(RegistryRole.Member)).Client;
        var (name, other) = (Any.Name("Train & test/"), Any.Name("other"));
        var runs = new List<string>();
        foreach (var experiment in new[] { await client.CreateExperimentAsync(), await client.CreateExperimentAsync() })
        {
            runs.Add(await client.CreateRunAsync(experiment, $"run {runs.Count}"));
            await UseAsync(client, runs[^1], name, "d1", "training");
        }

        await UseAsync(client, runs[1], name, "d2", null);
        await UseAsync(client, runs[0], other, "d1", "training");
        var model = await client.ModelAsync("dependent");
        foreach (var run in runs)
            (await client.MlflowPostAsync("model-versions/create", new { name = model, source = "s3://bucket/model", run_id = run })).Ok();
        await client.VersionAsync(model);
        (await client.SetAliasAsync(model, "champion", "1")).Ok();

        var listed = (await client.V1GetAsync($"datasets?q={Uri.EscapeDataString(name.ToUpperInvariant())}")).Should(HttpStatusCode.OK)["items"];
        listed.EnumerateArray().Select(d => $"{d.GetProperty("digest")} in {d.GetProperty("experiments")} from {d.GetProperty("source")}")
            .ShouldBe(["d1 in 2 from s3://data/d1", "d2 in 1 from s3://data/d2"]);
        (await Told(client, "runs", name, "d1", "runName", "context")).ShouldBe(["run 1 training", "run 0 training"]);
        (await Told(client, "runs", name, "d2", "runName", "context")).ShouldBe(["run 1 "]);
        (await Told(client, "versions", name, "d1", "version", "aliases")).ShouldBe(["2 []", """1 ["champion"]"""]);
        (await client.V1GetAsync($"datasets/versions?name={Uri.EscapeDataString(name)}")).ShouldBeRefused(HttpStatusCode.BadRequest, "digest");

        // Page by page it is the same.
        var first = (await client.V1GetAsync($"datasets?q={Uri.EscapeDataString(name)}&maxResults=1")).Should(HttpStatusCode.OK);
        (await client.V1GetAsync($"datasets?q={Uri.EscapeDataString(name)}&maxResults=1&pageToken={first["nextPageToken"]}"))
            .Should(HttpStatusCode.OK)["items"].EnumerateArray().ShouldHaveSingleItem().GetProperty("digest").GetString().ShouldBe("d2");
        var runsPage = (await client.V1GetAsync($"datasets/runs?name={Uri.EscapeDataString(name)}&digest=d1&maxResults=1")).Should(HttpStatusCode.OK);
        (await client.V1GetAsync($"datasets/runs?name={Uri.EscapeDataString(name)}&digest=d1&maxResults=1&pageToken={runsPage["nextPageToken"]}"))
            .Should(HttpStatusCode.OK)["nextPageToken"].ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [SkippableTheory, OnEachDatabase]
    public async Task What_one_may_not_read_does_not_depend_on_anything(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var client = (await app.UserAsync(RegistryRole.Member)).Client;
        var name = Any.Name("secret data");
        var experiment = await client.CreateExperimentAsync();
        var run = await client.CreateRunAsync(experiment);
        await UseAsync(client, run, name, "d1", "training");
        var model = await client.ModelAsync("secret");
        (await client.MlflowPostAsync("model-versions/create", new { name = model, source = "s3://bucket/model", run_id = run })).Ok();
        using var other = await app.ClientAsync(RegistryRole.Member);
        (await Told(other, "versions", name, "d1", "model", "version")).ShouldBe([$"{model} 1"]);

        await app.MakePrivateAsync(model);
        (await Told(other, "versions", name, "d1", "model", "version")).ShouldBeEmpty();
        await app.ExecuteAsync($"UPDATE experiments SET is_private = {(provider == DatabaseProvider.PostgreSql ? "TRUE" : "1")} WHERE id = {experiment}");
        (await other.V1GetAsync($"datasets?q={Uri.EscapeDataString(name)}")).Should(HttpStatusCode.OK)["items"].GetArrayLength().ShouldBe(0);
        (await other.V1GetAsync($"datasets/runs?name={Uri.EscapeDataString(name)}&digest=d1")).Should(HttpStatusCode.NotFound);
        (await Told(client, "versions", name, "d1", "model", "version")).ShouldBe([$"{model} 1"]);
    }

    private static async Task UseAsync(HttpClient client, string run, string name, string digest, string? context) =>
        (await client.MlflowPostAsync("runs/log-inputs", new
        {
            run_id = run,
            datasets = new[]
            {
                new
                {
                    dataset = new { name, digest, source_type = "s3", source = $"s3://data/{digest}" },
                    tags = context is null ? [] : new[] { new { key = "mlflow.data.context", value = context } },
                },
            },
        })).Ok();

    private static async Task<List<string>> Told(HttpClient client, string what, string name, string digest, string one, string two) =>
        [.. (await client.V1GetAsync($"datasets/{what}?name={Uri.EscapeDataString(name)}&digest={digest}")).Should(HttpStatusCode.OK)["items"]
            .EnumerateArray().Select(i => $"{i.GetProperty(one)} {i.GetProperty(two)}")];
}
