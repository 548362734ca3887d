using System.Net;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;
using ModelRegistry.Tests.Api;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Tracking;

public sealed class ManagingExperimentsTests(RegistryApps apps) : IClassFixture<RegistryApps>
{
    [SkippableTheory, OnEachDatabase]
    public async Task The_default_experiment_is_there_from_the_start(DatabaseProvider database)
    {
        var client = (await apps.On(database)).AdminClient;

        var experiment = (await client.MlflowGetAsync("experiments/get?experiment_id=0")).Ok()["experiment"];

        experiment.GetProperty("name").GetString().ShouldBe("Default");
        experiment.GetProperty("artifact_location").GetString().ShouldBe("mlflow-artifacts:/0");
    }

    [SkippableTheory, OnEachDatabase]
    public async Task A_name_is_taken_even_by_a_deleted_experiment(DatabaseProvider database)
    {
        var client = (await apps.On(database)).AdminClient;
        var name = Any.Name();
        var id = await client.CreateExperimentAsync(name);
        (await client.MlflowPostAsync("experiments/delete", new { experiment_id = id })).Ok();

        var again = await client.MlflowPostAsync("experiments/create", new { name });

        again.ShouldBeRefused(HttpStatusCode.BadRequest, "RESOURCE_ALREADY_EXISTS");
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Restoring_an_experiment_leaves_the_runs_deleted_that_were_deleted_before(DatabaseProvider database)
    {
        var client = (await apps.On(database)).AdminClient;
        var id = await client.CreateExperimentAsync();
        var kept = await client.CreateRunAsync(id, "kept");
        var deleted = await client.CreateRunAsync(id, "deleted before");
        (await client.MlflowPostAsync("runs/delete", new { run_id = deleted })).Ok();

        (await client.MlflowPostAsync("experiments/delete", new { experiment_id = id })).Ok();
        (await client.GetRunAsync(kept)).GetProperty("info").GetProperty("lifecycle_stage").GetString().ShouldBe("deleted");
        (await client.MlflowPostAsync("experiments/restore", new { experiment_id = id })).Ok();

        (await client.SearchAsync(id, null)).ShouldBe(["kept"]);
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Fifty_creations_of_one_name_have_one_winner(DatabaseProvider database)
    {
        var client = (await apps.On(database)).AdminClient;
        var name = Any.Name();

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => client.MlflowPostAsync("experiments/create", new { name })));

        answers.Count(a => a.Status == HttpStatusCode.OK).ShouldBe(1);
        answers.Count(a => a.ErrorCode == "RESOURCE_ALREADY_EXISTS").ShouldBe(49);
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Searching_pages_through_all_that_match_without_repeating_any(DatabaseProvider database)
    {
        var client = (await apps.On(database)).AdminClient;
        var prefix = Any.Name();
        for (var i = 0; i < 7; i++)
            await client.CreateExperimentAsync($"{prefix} {i}");

        var names = new List<string>();
        string? token = null;
        do
        {
            var answer = (await client.MlflowPostAsync("experiments/search",
                new { filter = $"name LIKE '{prefix}%'", order_by = new[] { "name DESC" }, max_results = 3, page_token = token })).Ok();
            names.AddRange(answer["experiments"].EnumerateArray().Select(e => e.GetProperty("name").GetString()!));
            token = answer.Json.TryGetProperty("next_page_token", out var next) ? next.GetString() : null;
        }
        while (token is not null);

        names.ShouldBe(Enumerable.Range(0, 7).Reverse().Select(i => $"{prefix} {i}"));
    }

    [SkippableTheory, OnEachDatabase]
    public async Task A_page_token_of_another_query_is_refused(DatabaseProvider database)
    {
        var client = (await apps.On(database)).AdminClient;
        await client.CreateExperimentAsync();
        await client.CreateExperimentAsync();
        var token = (await client.MlflowPostAsync("experiments/search", new { max_results = 1 })).Ok()["next_page_token"].GetString();

        (await client.MlflowPostAsync("experiments/search", new { max_results = 1, filter = "name = 'x'", page_token = token })).ShouldBeInvalid();
        (await client.MlflowPostAsync("experiments/search", new { max_results = 1, page_token = "made up" })).ShouldBeInvalid();
    }

    [SkippableTheory, OnEachDatabase]
    public async Task A_viewer_reads_and_changes_nothing(DatabaseProvider database)
    {
        var app = await apps.On(database);
        var id = await app.AdminClient.CreateExperimentAsync();
        var viewer = await app.ClientAsync(RegistryRole.Viewer);

        (await viewer.MlflowGetAsync($"experiments/get?experiment_id={id}")).Ok();
        foreach (var (path, body) in new (string, object)[]
        {
            ("experiments/create", new { name = Any.Name() }),
            ("experiments/update", new { experiment_id = id, new_name = Any.Name() }),
            ("experiments/delete", new { experiment_id = id }),
            ("experiments/set-experiment-tag", new { experiment_id = id, key = "k", value = "v" }),
            ("runs/create", new { experiment_id = id }),
        })
        {
            (await viewer.MlflowPostAsync(path, body)).ShouldBeRefused(HttpStatusCode.Forbidden, "PERMISSION_DENIED");
        }
    }

    [SkippableTheory, OnEachDatabase]
    public async Task A_member_manages_only_experiments_of_their_own(DatabaseProvider database)
    {
        var app = await apps.On(database);
        var member = await app.ClientAsync(RegistryRole.Member);
        var own = await member.CreateExperimentAsync();
        var others = await app.AdminClient.CreateExperimentAsync();

        await member.CreateRunAsync(others);
        (await member.MlflowPostAsync("experiments/delete", new { experiment_id = others }))
            .ShouldBeRefused(HttpStatusCode.Forbidden, "PERMISSION_DENIED");
        (await member.MlflowPostAsync("experiments/delete", new { experiment_id = own })).Ok();
    }

    [SkippableTheory, OnEachDatabase]
    [Trait("Case", "F07"), Trait("Case", "F13")]
    public async Task Runs_are_deleted_and_brought_back_by_who_made_them_or_manages_the_experiment(DatabaseProvider database)
    {
        var app = await apps.On(database);
        var (owner, maker, other) = (await app.ClientAsync(RegistryRole.Member), await app.ClientAsync(RegistryRole.Member), await app.ClientAsync(RegistryRole.Member));
        var experiment = await owner.CreateExperimentAsync();
        var run = await maker.CreateRunAsync(experiment);
        var model = (await maker.MlflowPostAsync("logged-models", new { experiment_id = experiment })).Ok()["model"].GetProperty("info").GetProperty("model_id").GetString()!;

        (await MoveAsync(other, "delete")).ShouldBeRefused(HttpStatusCode.Forbidden, "PERMISSION_DENIED");
        (await other.MlflowDeleteAsync($"logged-models/{model}", new { })).ShouldBeRefused(HttpStatusCode.Forbidden, "PERMISSION_DENIED");
        (await MoveAsync(maker, "delete")).Ok();
        (await MoveAsync(other, "restore")).ShouldBeRefused(HttpStatusCode.Forbidden, "PERMISSION_DENIED");
        (await MoveAsync(maker, "restore")).Ok();
        (await MoveAsync(owner, "delete")).Ok();
        // What the owner has thrown away, the owner takes out again.
        (await MoveAsync(maker, "restore")).ShouldBeRefused(HttpStatusCode.Forbidden, "PERMISSION_DENIED");
        (await maker.V1PostAsync($"trash/run.{run}/restore", null)).ShouldBeRefused(HttpStatusCode.Forbidden);
        (await MoveAsync(owner, "restore")).Ok();
        (await maker.MlflowDeleteAsync($"logged-models/{model}", new { })).Ok();

        Task<ApiAnswer> MoveAsync(HttpClient client, string to) => client.MlflowPostAsync("runs/" + to, new { run_id = run });
    }

    [SkippableTheory, OnEachDatabase]
    public async Task A_token_to_read_does_not_write(DatabaseProvider database)
    {
        var app = await apps.On(database);
        var reader = await app.ClientAsync(RegistryRole.Admin, TokenScope.Read);

        (await reader.MlflowPostAsync("experiments/create", new { name = Any.Name() }))
            .ShouldBeRefused(HttpStatusCode.Forbidden, "PERMISSION_DENIED");
    }
}
