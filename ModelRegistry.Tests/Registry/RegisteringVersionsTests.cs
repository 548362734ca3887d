using System.Globalization;
using System.Net;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Registry;

public sealed class RegisteringVersionsTests(RegistryApps apps) : IClassFixture<RegistryApps>
{
    private const string Missing = "RESOURCE_DOES_NOT_EXIST";
    private const string Invalid = "INVALID_PARAMETER_VALUE";

    [SkippableTheory, OnEachDatabase]
    public async Task A_new_version_is_answered_in_MLflows_form(DatabaseProvider provider)
    {
        var client = (await apps.On(provider)).AdminClient;
        var name = await client.ModelAsync();
        var version = (await client.MlflowPostAsync("model-versions/create", new
        {
            name,
            source = "s3://bucket/model",
            run_id = "run_1",
            description = "v1",
            tags = new[] { new { key = "x", value = "y" } },
            run_link = "http://h/#/r",
        })).Ok()["model_version"];

        var at = version.GetProperty("creation_timestamp").GetInt64();
        version.GetRawText().ShouldBe($$"""
            {"name":"{{name}}","version":"1","creation_timestamp":{{at}},"last_updated_timestamp":{{at}},"current_stage":"None","description":"v1","source":"s3://bucket/model","run_id":"run_1","status":"READY","tags":[{"key":"x","value":"y"}],"run_link":"http://h/#/r"}
            """);
        (await client.GetVersionAsync(name, "1")).Ok()["model_version"].GetRawText().ShouldBe(version.GetRawText());
        (await client.MlflowGetAsync($"model-versions/get-download-uri?name={name}&version=1")).Ok().Text
            .ShouldBe("""{"artifact_uri":"s3://bucket/model"}""");
    }

    [SkippableTheory, OnEachDatabase]
    public async Task What_was_left_out_comes_back_empty(DatabaseProvider provider)
    {
        var client = (await apps.On(provider)).AdminClient;
        var version = (await client.CreateVersionAsync(await client.ModelAsync())).Ok()["model_version"];
        foreach (var member in new[] { "description", "run_id", "run_link" })
            version.GetProperty(member).GetString().ShouldBe("", member);
        version.TryGetProperty("tags", out _).ShouldBeFalse();
        version.TryGetProperty("aliases", out _).ShouldBeFalse();
        version.TryGetProperty("model_id", out _).ShouldBeFalse();
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Numbers_go_up_and_are_never_used_again(DatabaseProvider provider)
    {
        var client = (await apps.On(provider)).AdminClient;
        var name = await client.ModelAsync();
        (await client.VersionAsync(name)).ShouldBe("1");
        (await client.VersionAsync(name)).ShouldBe("2");
        (await client.MlflowDeleteAsync("model-versions/delete", new { name, version = "2" })).Ok().Text.ShouldBe("{}");
        (await client.VersionAsync(name)).ShouldBe("3");
        (await client.GetVersionAsync(name, "2")).ShouldBeRefused(HttpStatusCode.NotFound, Missing)
            .Message.ShouldBe($"Model Version (name={name}, version=2) not found");
        (await client.MlflowDeleteAsync("model-versions/delete", new { name, version = "2" })).ShouldBeRefused(HttpStatusCode.NotFound, Missing);
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Fifty_at_once_get_one_to_fifty(DatabaseProvider provider)
    {
        var client = (await apps.On(provider)).AdminClient;
        var name = await client.ModelAsync();
        var numbers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => client.VersionAsync(name)));
        numbers.Select(int.Parse).Order().ShouldBe(Enumerable.Range(1, 50));
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Fifty_at_once_from_the_same_run_get_one_to_fifty(DatabaseProvider provider)
    {
        var client = (await apps.On(provider)).AdminClient;
        var name = await client.ModelAsync();
        var (experiment, run) = await client.RunAsync();
        await client.UploadAsync($"{experiment}/{run}/artifacts/model/MLmodel", "flavors: {}");
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ =>
            client.CreateVersionAsync(name, $"mlflow-artifacts:/{experiment}/{run}/artifacts/model", run)));
        answers.Select(a => int.Parse(a.Ok()["model_version"].GetProperty("version").GetString()!, CultureInfo.InvariantCulture)).Order()
            .ShouldBe(Enumerable.Range(1, 50));
    }

    [Theory]
    [InlineData("abc", "Parameter 'version' must be an integer, got 'abc'.")]
    [InlineData("1.5", "Parameter 'version' must be an integer, got '1.5'.")]
    public async Task A_version_that_is_no_number_is_refused(string version, string message)
    {
        var client = (await apps.On(DatabaseProvider.Sqlite)).AdminClient;
        var name = await client.ModelAsync();
        (await client.GetVersionAsync(name, version)).ShouldBeRefused(HttpStatusCode.BadRequest, Invalid).Message.ShouldBe(message);
        (await client.MlflowPatchAsync("model-versions/update", new { name, version = 1, description = "x" }))
            .ShouldBeRefused(HttpStatusCode.BadRequest, Invalid).Message!.ShouldContain("Hint: Value was of type 'int'");
        (await client.GetVersionAsync(name, "99999999999999")).ShouldBeRefused(HttpStatusCode.NotFound, Missing);
    }

    [Theory]
    [InlineData("/etc/passwd", "'/etc/passwd'. To use a local path")]
    [InlineData("file:///etc", "'/etc'. To use a local path")]
    [InlineData("path/to/model", "'path/to/model'. To use a local path")]
    [InlineData("C:\\models", "'C:\\models'. To use a local path")]
    [InlineData("s3://b/../x", "'s3://b/../x'. If supplying a source as an http, https,")]
    [InlineData("mlflow-artifacts:/%2e%2e/x", "'mlflow-artifacts:/%2e%2e/x'. If supplying")]
    [InlineData("mlflow-artifacts:/%252e%252e/x", "If supplying")]
    [InlineData("mlflow-artifacts:/a/%25252e%25252e/x", "If supplying")]
    [InlineData("mlflow-artifacts:/a\\..\\x", "If supplying")]
    [InlineData("mlflow-artifacts://host:9000/models/../../../", "If supplying")]
    [InlineData("mlflow-artifacts://host:9000/models/..%2f..%2fartifacts", "If supplying")]
    [InlineData("mlflow-artifacts://host:9000/models/artifact%00", "If supplying")]
    [InlineData("dbfs:/abc/artifacts/a%3f/../../../../", "If supplying")]
    [InlineData("http://host/model#/../../x", "If supplying")]
    [InlineData("s3://bucket/a/./b", "If supplying")]
    [InlineData("s3:relative", "If supplying")]
    [InlineData("models:/name", "A models:/ source is")]
    public async Task A_source_that_leads_somewhere_else_is_refused(string source, string message)
    {
        var client = (await apps.On(DatabaseProvider.Sqlite)).AdminClient;
        (await client.CreateVersionAsync(await client.ModelAsync(), source))
            .ShouldBeRefused(HttpStatusCode.BadRequest, Invalid).Message!.ShouldContain(message);
    }

    [Theory]
    [InlineData("mlflow-artifacts:/models")]
    [InlineData("mlflow-artifacts:/models///")]
    [InlineData("mlflow-artifacts:/models/foo///bar")]
    [InlineData("mlflow-artifacts://host:9000/models")]
    [InlineData("mlflow-artifacts://host:9000/models/artifact/..../")]
    [InlineData("runs:/run_id/model")]
    [InlineData("artifacts:/1/abc/model")]
    [InlineData("https://host/models/m?version=3")]
    [InlineData("s3://bucket/with space/ü")]
    public async Task A_source_elsewhere_is_kept_as_it_was_given(string source)
    {
        var client = (await apps.On(DatabaseProvider.Sqlite)).AdminClient;
        var name = await client.ModelAsync();
        (await client.CreateVersionAsync(name, source)).Ok()["model_version"].GetProperty("source").GetString().ShouldBe(source);
        (await client.MlflowGetAsync($"model-versions/get-download-uri?name={name}&version=1")).Ok()["artifact_uri"].GetString().ShouldBe(source);
    }

    [SkippableTheory, OnEachDatabase]
    public async Task A_run_of_ours_must_be_there_and_one_of_another_server_is_kept(DatabaseProvider provider)
    {
        var client = (await apps.On(provider)).AdminClient;
        var name = await client.ModelAsync();
        var nobody = Guid.NewGuid().ToString("N");
        (await client.CreateVersionAsync(name, run_id: nobody)).ShouldBeRefused(HttpStatusCode.NotFound, Missing)
            .Message.ShouldBe($"Run with id={nobody} not found");
        (await client.CreateVersionAsync(name, run_id: "run_id_1")).Ok()["model_version"].GetProperty("run_id").GetString().ShouldBe("run_id_1");
        (await client.CreateVersionAsync(name, model_id: "m-doesnotexist")).ShouldBeRefused(HttpStatusCode.NotFound, Missing)
            .Message.ShouldBe("Logged model with ID 'm-doesnotexist' not found.");
        (await client.CreateVersionAsync(name, $"models:/{name}/7")).ShouldBeRefused(HttpStatusCode.NotFound, Missing)
            .Message.ShouldBe($"Model Version (name={name}, version=7) not found");
    }

    [SkippableTheory, OnEachDatabase]
    public async Task A_version_keeps_its_files_whatever_happens_to_the_runs(DatabaseProvider provider)
    {
        var client = (await apps.On(provider)).AdminClient;
        var name = await client.ModelAsync();
        var (experiment, run) = await client.RunAsync();
        var files = $"{experiment}/{run}/artifacts";
        await client.UploadAsync($"{files}/model/MLmodel", "one");
        await client.UploadAsync($"{files}/model/data/weights.bin", "two");
        await client.UploadAsync($"{files}/other.txt", "not part of it");
        (await client.CreateVersionAsync(name, $"mlflow-artifacts:/{files}/model", run)).Ok();

        await client.UploadAsync($"{files}/model/MLmodel", "changed");
        (await client.DeleteAsync($"/api/2.0/mlflow-artifacts/artifacts/{files}/model/data")).IsSuccessStatusCode.ShouldBeTrue();

        var uri = (await client.MlflowGetAsync($"model-versions/get-download-uri?name={name}&version=1")).Ok()["artifact_uri"].GetString()!;
        uri.ShouldMatch("^mlflow-artifacts:/versions/[0-9a-f-]{36}$");
        (await client.DownloadAsync(uri, "MLmodel")).ShouldBe("one");
        (await client.DownloadAsync(uri, "data/weights.bin")).ShouldBe("two");
        (await client.DownloadAsync(uri, "other.txt")).ShouldBeNull();
        var version = (await client.GetVersionAsync(name, "1")).Ok()["model_version"];
        version.GetProperty("source").GetString().ShouldBe($"mlflow-artifacts:/{files}/model");
        version.GetProperty("run_id").GetString().ShouldBe(run);
    }

    [SkippableTheory, OnEachDatabase]
    public async Task A_copy_of_a_version_has_the_same_files(DatabaseProvider provider)
    {
        var client = (await apps.On(provider)).AdminClient;
        var (from, to) = (await client.ModelAsync(), await client.ModelAsync());
        var (experiment, run) = await client.RunAsync();
        await client.UploadAsync($"{experiment}/{run}/artifacts/model/MLmodel", "one");
        (await client.CreateVersionAsync(from, $"runs:/{run}/model", run)).Ok();
        var copy = (await client.CreateVersionAsync(to, $"models:/{from}/1")).Ok()["model_version"];
        copy.GetProperty("source").GetString().ShouldBe($"models:/{from}/1");
        (await client.MlflowDeleteAsync("registered-models/delete", new { name = from })).Ok();

        var uri = (await client.MlflowGetAsync($"model-versions/get-download-uri?name={to}&version=1")).Ok()["artifact_uri"].GetString()!;
        (await client.DownloadAsync(uri, "MLmodel")).ShouldBe("one");
        (await client.VersionAsync(to, uri)).ShouldBe("2");
        var again = (await client.MlflowGetAsync($"model-versions/get-download-uri?name={to}&version=2")).Ok()["artifact_uri"].GetString()!;
        again.ShouldNotBe(uri);
        (await client.DownloadAsync(again, "MLmodel")).ShouldBe("one");
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Files_that_may_not_be_read_cannot_be_registered(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var member = await app.ClientAsync(RegistryRole.Member);
        var (secret, mine) = (await app.AdminClient.ModelAsync("secret"), await member.ModelAsync());
        var (experiment, run) = await app.AdminClient.RunAsync();
        await app.AdminClient.UploadAsync($"{experiment}/{run}/artifacts/model/MLmodel", "one");
        (await app.AdminClient.CreateVersionAsync(secret, $"runs:/{run}/model", run)).Ok();
        var uri = (await app.AdminClient.MlflowGetAsync($"model-versions/get-download-uri?name={secret}&version=1")).Ok()["artifact_uri"].GetString()!;
        await app.MakePrivateAsync(secret);

        (await member.CreateVersionAsync(mine, $"models:/{secret}/1")).ShouldBeRefused(HttpStatusCode.NotFound, Missing)
            .Message.ShouldBe($"Model Version (name={secret}, version=1) not found");
        (await member.CreateVersionAsync(mine, uri)).ShouldBeRefused(HttpStatusCode.NotFound, Missing);
        (await member.DownloadAsync(uri, "MLmodel")).ShouldBeNull();
        (await member.CreateVersionAsync(mine, $"runs:/{run}/model", run)).Ok();
    }

    [SkippableTheory, OnEachDatabase]
    public async Task A_version_whose_files_are_not_there_points_at_their_place(DatabaseProvider provider)
    {
        var client = (await apps.On(provider)).AdminClient;
        var name = await client.ModelAsync();
        var (experiment, run) = await client.RunAsync();
        var source = $"mlflow-artifacts:/{experiment}/{run}/artifacts/model";
        (await client.CreateVersionAsync(name, source, run)).Ok();
        (await client.MlflowGetAsync($"model-versions/get-download-uri?name={name}&version=1")).Ok()["artifact_uri"].GetString().ShouldBe(source);
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Descriptions_and_tags_change_and_unknown_versions_are_refused(DatabaseProvider provider)
    {
        var client = (await apps.On(provider)).AdminClient;
        var name = await client.ModelAsync();
        await client.VersionAsync(name);
        (await client.MlflowPatchAsync("model-versions/update", new { name, version = "1", description = "desc2" })).Ok()["model_version"]
            .GetProperty("description").GetString().ShouldBe("desc2");
        (await client.MlflowPatchAsync("model-versions/update", new { name, version = "1" })).Ok()["model_version"]
            .GetProperty("description").GetString().ShouldBe("");
        (await client.MlflowPostAsync("model-versions/set-tag", new { name, version = "1", key = "validation", value = "ok" })).Ok();
        (await client.MlflowDeleteAsync("model-versions/delete-tag", new { name, version = "1", key = "nope" })).Ok();
        (await client.GetVersionAsync(name, "1")).Ok()["model_version"].GetProperty("tags").GetRawText()
            .ShouldBe("""[{"key":"validation","value":"ok"}]""");
        (await client.MlflowPostAsync("model-versions/set-tag", new { name, version = "77", key = "k", value = "ok" }))
            .ShouldBeRefused(HttpStatusCode.NotFound, Missing).Message.ShouldBe($"Model Version (name={name}, version=77) not found");
        (await client.MlflowDeleteAsync("model-versions/delete-tag", new { name, version = "77", key = "x" }))
            .ShouldBeRefused(HttpStatusCode.NotFound, Missing);
    }
}
