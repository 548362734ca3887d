using System.Net;
using ModelRegistry.Core.Data;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Registry;

/// <summary>The rows of the searches that MLflow's server was asked for, on models of the same shape.</summary>
public sealed class SearchingTheRegistryTests(SearchedRegistries registries) : IClassFixture<SearchedRegistries>
{
    private const string Invalid = "INVALID_PARAMETER_VALUE";

    public static TheoryData<string, string> VersionFilters => new()
    {
        { "", "m2/1 m1/2 m1/1 m1/4 m1/3" },
        { "name='m1'", "m1/2 m1/1 m1/4 m1/3" },
        { "name LIKE 'm%'", "m2/1 m1/2 m1/1 m1/4 m1/3" },
        { "name ILIKE 'M1'", "m1/2 m1/1 m1/4 m1/3" },
        { "name LIKE 'M1'", "" },
        { "run_id='run_1'", "m2/1 m1/1" },
        { "run_id IN ('run_1')", "m2/1 m1/1" },
        { "run_id IS NULL", "m1/2 m1/3" },
        { "source_path='s3://bucket/path'", "m1/3" },
        { "source_path LIKE 's3%'", "m2/1 m1/3" },
        { "version_number > 1", "m1/2 m1/4 m1/3" },
        { "version_number = '1'", "m2/1 m1/1" },
        { "version_number = 1", "m2/1 m1/1" },
        { "tags.validation = 'ok'", "m1/1" },
        { "tags.`validation` != 'ok'", "" },
        { "tag.validation ILIKE 'O%'", "m1/1" },
        { "tags.validation='ok' AND tags.x='y' AND name='m1'", "m1/1" },
        { "tags.`mlflow.prompt.is_prompt`='true'", "p1/1" },
        { "tags.`mlflow.prompt.is_prompt` != 'true'", "m2/1 m1/2 m1/1 m1/4 m1/3" },
        { "tags.`mlflow.prompt.is_prompt` = 'false'", "m2/1 m1/2 m1/1 m1/4 m1/3" },
        // More than MLflow can do.
        { "stage = 'Staging'", "m1/2" },
        { "current_stage = 'None' AND name = 'm1'", "m1/4 m1/3" },
        { "stage = 'Experiment' AND name = 'm1'", "m1/4 m1/3" },
        { "stage IN ('Archived', 'Staging')", "m1/2 m1/1" },
        { "alias = 'champion'", "m1/1" },
        { "aliases LIKE 'cham%'", "m1/1" },
        { "name = 'm1' AND NOT (version_number IN ('1', '2') OR stage = 'Production')", "m1/4 m1/3" },
        { "tags.validation IS NULL AND name = 'm1'", "m1/2 m1/4 m1/3" },
        { "creation_timestamp > '2001-01-01' AND name = 'm2'", "m2/1" },
    };

    public static TheoryData<string, string> ModelFilters => new()
    {
        { "", "m1 m2 Ünï cödé 1" },
        { "name='m1'", "m1" },
        { "name LIKE '%1'", "m1 Ünï cödé 1" },
        { "name ILIKE 'M%'", "m1 m2" },
        { "tags.t='1'", "m1" },
        { "tags.t != '1'", "" },
        { "tag.t LIKE '%'", "m1" },
        { "name='m1' and tags.t='1'", "m1" },
        { "tags.`mlflow.prompt.is_prompt` = 'true'", "p1" },
        { "tags.`mlflow.prompt.is_prompt` != 'true'", "m1 m2 Ünï cödé 1" },
        { "name LIKE 'm%' AND tag.`mlflow.prompt.is_prompt` != 'true'", "m1 m2" },
        { "name='m1' OR name='m2'", "m1 m2" },
        { "name IN ('m2', 'x')", "m2" },
        { "alias = 'champion'", "m1" },
        { "stage = 'Staging'", "m1" },
        { "last_updated_timestamp > 5 AND name = 'm2'", "m2" },
    };

    [SkippableTheory, OnEachDatabase]
    public async Task Versions_are_found_as_MLflow_finds_them(DatabaseProvider provider)
    {
        var client = await registries.On(provider);
        foreach (var (filter, expected) in VersionFilters.Select(row => ((string)row[0], (string)row[1])))
        {
            var found = await client.MlflowGetAsync($"model-versions/search?filter={Uri.EscapeDataString(filter)}");
            string.Join(' ', found.Ok().Versions()).ShouldBe(expected, filter);
        }
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Models_are_found_as_MLflow_finds_them(DatabaseProvider provider)
    {
        var client = await registries.On(provider);
        foreach (var (filter, expected) in ModelFilters.Select(row => ((string)row[0], (string)row[1])))
        {
            var path = $"registered-models/search?filter={Uri.EscapeDataString(filter)}";
            string.Join(' ', (await client.MlflowGetAsync(path)).Ok().Models()).ShouldBe(expected, filter);
        }
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Pages_of_any_size_in_any_order_give_each_row_once(DatabaseProvider provider)
    {
        var client = await registries.On(provider);
        var orders = new Dictionary<string, string>
        {
            ["version_number ASC"] = "m1/1 m2/1 m1/2 m1/3 m1/4",
            ["version_number DESC"] = "m1/4 m1/3 m1/2 m1/1 m2/1",
            ["name DESC"] = "m2/1 m1/4 m1/3 m1/2 m1/1",
            ["creation_timestamp DESC"] = "m2/1 m1/4 m1/3 m1/2 m1/1",
            ["last_updated_timestamp ASC"] = "m1/3 m1/4 m1/1 m1/2 m2/1",
            [""] = "m2/1 m1/2 m1/1 m1/4 m1/3",
        };
        foreach (var (order, expected) in orders)
        {
            for (var size = 1; size <= 5; size++)
            {
                var found = new List<string>();
                var token = "";
                do
                {
                    var page = (await client.MlflowGetAsync($"model-versions/search?max_results={size}&page_token={token}"
                        + (order.Length == 0 ? "" : $"&order_by={Uri.EscapeDataString(order)}"))).Ok();
                    page.Versions().Count.ShouldBeInRange(1, size);
                    found.AddRange(page.Versions());
                    token = page.Json.TryGetProperty("next_page_token", out var next) ? next.GetString()! : "";
                }
                while (token.Length > 0);
                string.Join(' ', found).ShouldBe(expected, $"{order} by {size}");
            }
        }
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Models_are_ordered_by_name_or_time(DatabaseProvider provider)
    {
        var client = await registries.On(provider);
        foreach (var (order, expected) in new[]
        {
            ("name DESC", "Ünï cödé 1 m2 m1"), ("last_updated_timestamp ASC", "Ünï cödé 1 m1 m2"), ("timestamp DESC", "m2 m1 Ünï cödé 1"),
        })
        {
            var first = (await client.MlflowGetAsync($"registered-models/search?max_results=2&order_by={Uri.EscapeDataString(order)}")).Ok();
            var second = (await client.MlflowGetAsync($"registered-models/search?max_results=2&order_by={Uri.EscapeDataString(order)}"
                + $"&page_token={first["next_page_token"].GetString()}")).Ok();
            second.Json.TryGetProperty("next_page_token", out _).ShouldBeFalse();
            string.Join(' ', first.Models().Concat(second.Models())).ShouldBe(expected, order);
        }
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Rs_client_searches_by_POST(DatabaseProvider provider)
    {
        var client = await registries.On(provider);
        var answer = await client.MlflowPostAsync("registered-models/search", new { filter = "name='m1'" });
        var model = answer.Ok()["registered_models"].EnumerateArray().Single();
        model.GetProperty("latest_versions").EnumerateArray().Select(v => v.GetProperty("current_stage").GetString())
            .ShouldBe(["Archived", "Staging", "None"]);
        model.GetProperty("aliases").GetRawText().ShouldBe("""[{"alias":"champion","version":"1"}]""");
    }

    [Theory]
    [InlineData("registered-models/search?max_results=0")]
    [InlineData("registered-models/search?max_results=1001")]
    [InlineData("registered-models/search?filter=name%20%3D%20m1")]
    [InlineData("registered-models/search?filter=bogus%3D'x'")]
    [InlineData("registered-models/search?order_by=bogus")]
    [InlineData("registered-models/search?page_token=x")]
    [InlineData("model-versions/search?max_results=0")]
    [InlineData("model-versions/search?max_results=200001")]
    [InlineData("model-versions/search?order_by=bogus")]
    [InlineData("model-versions/search?order_by=name&order_by=name")]
    [InlineData("model-versions/search?filter=version%3D'1'")]
    [InlineData("model-versions/search?page_token=eyJvZmZzZXQiOiAxfQ==")]
    public async Task What_cannot_be_understood_is_refused(string path)
    {
        var client = await registries.On(DatabaseProvider.Sqlite);
        (await client.MlflowGetAsync(path)).ShouldBeRefused(HttpStatusCode.BadRequest, Invalid);
    }

    [SkippableTheory, OnEachDatabase]
    public async Task A_token_of_another_search_is_refused(DatabaseProvider provider)
    {
        var client = await registries.On(provider);
        var token = (await client.MlflowGetAsync("model-versions/search?max_results=1")).Ok()["next_page_token"].GetString();
        (await client.MlflowGetAsync($"model-versions/search?max_results=1&filter=version_number%3D1&page_token={token}"))
            .ShouldBeRefused(HttpStatusCode.BadRequest, Invalid);
    }
}

internal static class FoundThings
{
    public static List<string> Versions(this ApiAnswer answer) => answer.Json.TryGetProperty("model_versions", out var versions)
        ? [.. versions.EnumerateArray().Select(v => $"{v.GetProperty("name").GetString()}/{v.GetProperty("version").GetString()}")]
        : [];

    public static List<string> Models(this ApiAnswer answer) => answer.Json.TryGetProperty("registered_models", out var models)
        ? [.. models.EnumerateArray().Select(m => m.GetProperty("name").GetString()!)]
        : [];
}

/// <summary>A registry of its own on each database with the models that MLflow's transcripts have.</summary>
public sealed class SearchedRegistries : IAsyncLifetime
{
    private readonly RegistryApps _apps = new();
    private readonly Dictionary<DatabaseProvider, HttpClient> _filled = [];

    public async Task<HttpClient> On(DatabaseProvider provider)
    {
        // The tests of a class run one after another.
        if (_filled.TryGetValue(provider, out var client))
            return client;
        client = (await _apps.On(provider)).AdminClient;
        await FillAsync(client);
        _filled.Add(provider, client);
        return client;
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _apps.DisposeAsync();

    private static async Task FillAsync(HttpClient client)
    {
        (await client.MlflowPostAsync("registered-models/create", new { name = "Ünï cödé 1" })).Ok();
        foreach (var name in new[] { "m1", "m2" })
            (await client.MlflowPostAsync("registered-models/create", new { name })).Ok();
        (await client.MlflowPostAsync("registered-models/create",
            new { name = "p1", tags = new[] { new { key = "mlflow.prompt.is_prompt", value = "true" } } })).Ok();
        (await client.MlflowPostAsync("registered-models/set-tag", new { name = "m1", key = "t", value = "1" })).Ok();
        (await client.MlflowPostAsync("model-versions/create", new
        {
            name = "p1",
            source = "prompt-template",
            tags = new[] { new { key = "mlflow.prompt.is_prompt", value = "true" }, new { key = "mlflow.prompt.text", value = "Hi {{x}}" } },
        })).Ok();
        foreach (var (source, run) in new[]
        {
            ("mlflow-artifacts:/9/run/artifacts/model", "run_1"), ("mlflow-artifacts:/9/run/artifacts/model", ""),
            ("s3://bucket/path", ""), ("mlflow-artifacts:/9/run/artifacts/model", "doesnotexist"),
        })
        {
            (await client.CreateVersionAsync("m1", source, run)).Ok();
            await Task.Delay(3);
        }

        foreach (var (key, value) in new[] { ("validation", "ok"), ("x", "y") })
            (await client.MlflowPostAsync("model-versions/set-tag", new { name = "m1", version = "1", key, value })).Ok();
        (await client.SetAliasAsync("m1", "champion", "1")).Ok();
        (await client.TransitionAsync("m1", "1", "Archived")).Ok();
        await Task.Delay(3);
        (await client.TransitionAsync("m1", "2", "Staging")).Ok();
        await Task.Delay(3);
        (await client.CreateVersionAsync("m2", "s3://bucket/other", "run_1")).Ok();
    }
}
