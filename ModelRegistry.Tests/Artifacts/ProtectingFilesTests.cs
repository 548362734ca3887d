using System.Net;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Artifacts;

public sealed class ProtectingFilesTests(RealServers apps) : IClassFixture<RealServers>
{
    [SkippableTheory, OnEachDatabase]
    [Trait("Case", "F07")]
    public async Task Readers_read_members_write_and_only_who_manages_the_experiment_deletes(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var owner = await ArtifactTestClient.StartAsync(await app.ClientAsync(RegistryRole.Member));
        (await owner.PutAsync("x", "hello")).Ok();
        var viewer = owner.As(await app.ClientAsync(RegistryRole.Viewer));
        var member = owner.As(await app.ClientAsync(RegistryRole.Member));

        (await viewer.ReadAsync("x")).ShouldBe("hello");
        (await viewer.PutAsync("y", "no")).ShouldBeRefused(HttpStatusCode.Forbidden, "PERMISSION_DENIED");
        (await viewer.DeleteAsync("x")).ShouldBeRefused(HttpStatusCode.Forbidden, "PERMISSION_DENIED");
        (await member.PutAsync("y", "yes")).Ok();
        (await member.DeleteAsync("y")).ShouldBeRefused(HttpStatusCode.Forbidden, "PERMISSION_DENIED");
        (await owner.DeleteAsync("y")).Ok();
        (await owner.ListAsync()).ShouldBe(["x"]);
    }

    [Fact]
    [Trait("Case", "F11")]
    public async Task A_token_that_may_only_read_writes_nothing()
    {
        var app = await apps.On(DatabaseProvider.Sqlite);
        var run = await ArtifactTestClient.StartAsync(app.AdminClient);
        var reader = run.As(await app.ClientAsync(RegistryRole.Admin, TokenScope.Read));

        (await reader.PutAsync("x", "no")).ShouldBeRefused(HttpStatusCode.Forbidden, "PERMISSION_DENIED");
        (await run.ListAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Without_credentials_every_route_is_401()
    {
        var app = await apps.On(DatabaseProvider.Sqlite);
        var run = await ArtifactTestClient.StartAsync(app.AdminClient);
        (await run.PutAsync("x", "hello")).Ok();
        using var anonymous = app.AnonymousClient();

        foreach (var (method, address) in new (HttpMethod, string)[]
        {
            (HttpMethod.Get, $"{ArtifactTestClient.Proxy}/{run.Location}/x"), (HttpMethod.Put, $"{ArtifactTestClient.Proxy}/{run.Location}/x"),
            (HttpMethod.Delete, $"{ArtifactTestClient.Proxy}/{run.Location}/x"), (HttpMethod.Get, $"{ArtifactTestClient.Proxy}?path={run.Location}"),
            (HttpMethod.Get, $"/get-artifact?run_id={run.Run}&path=x"), (HttpMethod.Get, "/model-versions/get-artifact?name=a&version=1&path=x"),
            (HttpMethod.Get, $"/api/2.0/mlflow/artifacts/list?run_id={run.Run}"),
            (HttpMethod.Post, $"/ajax-api/2.0/mlflow/upload-artifact?run_uuid={run.Run}&path=y"),
        })
        {
            (await anonymous.SendJsonAsync(method, address, null)).ShouldBeRefused(HttpStatusCode.Unauthorized, "UNAUTHENTICATED");
        }
    }

    [SkippableTheory, OnEachDatabase]
    public async Task A_deleted_run_takes_no_files_and_still_shows_those_it_has(DatabaseProvider provider)
    {
        var run = await ArtifactTestClient.StartAsync((await apps.On(provider)).AdminClient);
        (await run.PutAsync("x", "hello")).Ok();
        (await run.Http.MlflowPostAsync("runs/delete", new { run_id = run.Run })).Ok();

        (await run.PutAsync("y", "no")).ShouldBeRefused(HttpStatusCode.BadRequest, "INVALID_PARAMETER_VALUE")
            .Message.ShouldBe($"The run {run.Run} must be in the 'active' state. Current state is deleted.");
        (await run.ReadAsync("x")).ShouldBe("hello");
    }

    [SkippableTheory, OnEachDatabase]
    [Trait("Case", "F04")]
    public async Task A_path_through_another_experiment_does_not_reach_a_run(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var run = await ArtifactTestClient.StartAsync(app.AdminClient);
        var other = await ArtifactTestClient.StartAsync(app.AdminClient);
        (await run.PutAsync("x", "hello")).Ok();

        using var response = await other.GetAtAsync($"{other.Experiment}/{run.Run}/artifacts/x");
        response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [SkippableTheory, OnEachDatabase]
    public async Task An_experiment_with_a_location_of_its_own_is_found_by_it(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var place = Any.Name("team");
        var outer = await ArtifactTestClient.StartAsync(app.AdminClient, $"mlflow-artifacts:/{place}");
        var inner = await ArtifactTestClient.StartAsync(app.AdminClient, $"mlflow-artifacts:/{place}-2/deep/er/");

        (await outer.PutAtAsync($"{place}/{outer.Run}/artifacts/x", new StringContent("outer"))).Ok();
        (await inner.PutAtAsync($"{place}-2/deep/er/{inner.Run}/artifacts/x", new StringContent("inner"))).Ok();
        (await outer.PutAtAsync($"{place}/notes/readme.md", new StringContent("own"))).Ok();

        (await outer.ListAsync()).ShouldBe(["x"]);
        (await inner.ListAsync()).ShouldBe(["x"]);
        using var read = await inner.GetAtAsync($"{place}-2/deep/er/{inner.Run}/artifacts/x");
        (await read.Content.ReadAsStringAsync()).ShouldBe("inner");
        using var own = await outer.GetAtAsync($"{place}/notes/readme.md");
        (await own.Content.ReadAsStringAsync()).ShouldBe("own");
        (await outer.PutAtAsync($"{Any.Name()}/x", new StringContent("nobody's"))).ShouldBeRefused(HttpStatusCode.NotFound, "RESOURCE_DOES_NOT_EXIST");
        (await outer.PutAtAsync($"{outer.Experiment}/x", new StringContent("not its location")))
            .ShouldBeRefused(HttpStatusCode.NotFound, "RESOURCE_DOES_NOT_EXIST");
    }

    [SkippableTheory, OnEachDatabase]
    public async Task A_location_that_overlaps_another_experiments_is_refused(DatabaseProvider provider)
    {
        var client = (await apps.On(provider)).AdminClient;
        var place = Any.Name("place");
        (await CreateAsync($"mlflow-artifacts:/{place}/a")).Ok();

        foreach (var location in new[] { $"{place}/a", $"{place}/a/", $"{place}/a/b", $"{place}/a/b/c", place, $"{place}/", "0", "0/x", "99999/x", "versions", "" })
            (await CreateAsync($"mlflow-artifacts:/{location}")).ShouldBeRefused(HttpStatusCode.BadRequest, "INVALID_PARAMETER_VALUE");
        foreach (var location in new[] { $"{place}/a0", $"{place}/a.b", $"{place}/A2", $"{place}/b/a" })
            (await CreateAsync($"mlflow-artifacts:/{location}")).Ok();
        (await CreateAsync($"s3://{place}/a")).Ok();
        (await CreateAsync($"s3://{place}/a")).Ok();

        Task<ApiAnswer> CreateAsync(string location) =>
            client.MlflowPostAsync("experiments/create", new { name = Any.Name(), artifact_location = location });
    }

    [Fact]
    public async Task Nobody_takes_over_a_run_by_putting_an_experiment_over_its_files()
    {
        var app = await apps.On(DatabaseProvider.Sqlite);
        var victim = await ArtifactTestClient.StartAsync(await app.ClientAsync(RegistryRole.Member));
        (await victim.PutAsync("model", "good")).Ok();
        var attacker = await app.ClientAsync(RegistryRole.Member);

        (await attacker.MlflowPostAsync("experiments/create", new { name = Any.Name(), artifact_location = $"mlflow-artifacts:/{victim.Location}" }))
            .ShouldBeRefused(HttpStatusCode.BadRequest, "INVALID_PARAMETER_VALUE");

        (await victim.ReadAsync("model")).ShouldBe("good");
        (await victim.ListAsync()).ShouldBe(["model"]);
    }
}
