using System.Net;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Registry;

public sealed class RegisteringAModelTests(RegistryApps apps) : IClassFixture<RegistryApps>
{
    private const string Missing = "RESOURCE_DOES_NOT_EXIST";
    private const string Invalid = "INVALID_PARAMETER_VALUE";
    private const string Exists = "RESOURCE_ALREADY_EXISTS";

    [SkippableTheory, OnEachDatabase]
    public async Task A_new_model_comes_back_as_it_was_given(DatabaseProvider provider)
    {
        var client = (await apps.On(provider)).AdminClient;
        var name = Any.Name("Ünï cödé");
        var answer = (await client.MlflowPostAsync("registered-models/create", new
        {
            name,
            description = "d",
            tags = new[] { new { key = "a", value = "1" }, new { key = "a", value = "2" } },
        })).Ok()["registered_model"];

        answer.GetProperty("name").GetString().ShouldBe(name);
        answer.GetProperty("description").GetString().ShouldBe("d");
        answer.GetProperty("tags").GetRawText().ShouldBe("""[{"key":"a","value":"2"}]""");
        answer.GetProperty("creation_timestamp").GetInt64().ShouldBe(answer.GetProperty("last_updated_timestamp").GetInt64());
        answer.TryGetProperty("latest_versions", out _).ShouldBeFalse();
        answer.TryGetProperty("aliases", out _).ShouldBeFalse();
        (await client.GetModelAsync(name)).Ok()["registered_model"].GetRawText().ShouldBe(answer.GetRawText());
    }

    [SkippableTheory, OnEachDatabase]
    public async Task An_empty_description_is_none(DatabaseProvider provider)
    {
        var client = (await apps.On(provider)).AdminClient;
        var answer = await client.MlflowPostAsync("registered-models/create", new { name = Any.Name(), description = "" });
        answer.Ok()["registered_model"].TryGetProperty("description", out _).ShouldBeFalse();
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Names_are_unique_and_a_prompt_is_told_from_a_model(DatabaseProvider provider)
    {
        var client = (await apps.On(provider)).AdminClient;
        var name = await client.ModelAsync();
        var again = await client.MlflowPostAsync("registered-models/create", new { name });
        again.ShouldBeRefused(HttpStatusCode.BadRequest, Exists).Message.ShouldBe($"Registered Model (name={name}) already exists.");

        var prompt = await client.MlflowPostAsync("registered-models/create",
            new { name, tags = new[] { new { key = "mlflow.prompt.is_prompt", value = "true" } } });
        prompt.ShouldBeRefused(HttpStatusCode.BadRequest, Exists).Message!
            .ShouldStartWith($"Tried to create a prompt with name '{name}', but the name is already taken by a registered model.");
    }

    [Theory]
    [InlineData("a/b", "Invalid model name 'a/b'. Names cannot contain '/' or ':'.")]
    [InlineData("a:b", "Invalid model name 'a:b'. Names cannot contain '/' or ':'.")]
    [InlineData("  ", "Missing value for required parameter 'name'.")]
    [InlineData("", "Missing value for required parameter 'name'. See the API docs for more information about request parameters.")]
    [InlineData("..", "Invalid value \"..\" for parameter 'name' supplied: Names may be treated as files in certain cases, and must "
        + "not resolve to other names when treated as such. This name would resolve to '..'")]
    public async Task A_name_that_is_none_is_refused_in_MLflows_words(string name, string message)
    {
        var client = (await apps.On(DatabaseProvider.Sqlite)).AdminClient;
        (await client.MlflowPostAsync("registered-models/create", new { name }))
            .ShouldBeRefused(HttpStatusCode.BadRequest, Invalid).Message.ShouldBe(message);
    }

    [Fact]
    public async Task Limits_are_named()
    {
        var client = (await apps.On(DatabaseProvider.Sqlite)).AdminClient;
        (await client.MlflowPostAsync("registered-models/create", new { name = new string('x', 257) }))
            .ShouldBeRefused(HttpStatusCode.BadRequest, Invalid).Message.ShouldBe("'name' exceeds the maximum length of 256 characters");
        var name = await client.ModelAsync();
        (await client.MlflowPostAsync("registered-models/set-tag", new { name, key = new string('k', 251), value = "1" }))
            .ShouldBeRefused(HttpStatusCode.BadRequest, Invalid).Message.ShouldBe("'key' exceeds the maximum length of 250 characters");
        (await client.MlflowPostAsync("registered-models/set-tag", new { name, key = "k", value = new string('v', 100_001) }))
            .ShouldBeRefused(HttpStatusCode.BadRequest, Invalid).Message.ShouldBe("'value' exceeds the maximum length of 100000 characters");
        (await client.MlflowPostAsync("registered-models/set-tag", new { name, key = "k", value = new string('v', 100_000) })).Ok();
    }

    [SkippableTheory, OnEachDatabase]
    public async Task What_is_not_there_is_said_in_MLflows_words(DatabaseProvider provider)
    {
        var client = (await apps.On(provider)).AdminClient;
        const string message = "Registered Model with name=zz not found";
        (await client.GetModelAsync("zz")).ShouldBeRefused(HttpStatusCode.NotFound, Missing).Message.ShouldBe(message);
        (await client.MlflowPatchAsync("registered-models/update", new { name = "zz", description = "x" }))
            .ShouldBeRefused(HttpStatusCode.NotFound, Missing).Message.ShouldBe(message);
        (await client.MlflowPostAsync("registered-models/set-tag", new { name = "zz", key = "t", value = "1" }))
            .ShouldBeRefused(HttpStatusCode.NotFound, Missing).Message.ShouldBe(message);
        (await client.MlflowPostAsync("registered-models/get-latest-versions", new { name = "zz" }))
            .ShouldBeRefused(HttpStatusCode.NotFound, Missing).Message.ShouldBe(message);
        (await client.CreateVersionAsync("zz")).ShouldBeRefused(HttpStatusCode.NotFound, Missing).Message.ShouldBe(message);
        (await client.MlflowGetAsync("registered-models/get")).ShouldBeRefused(HttpStatusCode.BadRequest, Invalid);
    }

    [SkippableTheory, OnEachDatabase]
    public async Task A_description_that_is_left_out_of_an_update_is_cleared(DatabaseProvider provider)
    {
        var client = (await apps.On(provider)).AdminClient;
        var name = await client.ModelAsync();
        (await client.MlflowPatchAsync("registered-models/update", new { name, description = "new" })).Ok()["registered_model"]
            .GetProperty("description").GetString().ShouldBe("new");
        (await client.MlflowPatchAsync("registered-models/update", new { name })).Ok()["registered_model"]
            .TryGetProperty("description", out _).ShouldBeFalse();
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Renaming_takes_the_versions_along(DatabaseProvider provider)
    {
        var client = (await apps.On(provider)).AdminClient;
        var name = await client.ModelAsync();
        await client.VersionAsync(name);
        (await client.SetAliasAsync(name, "champion", "1")).Ok();
        var newName = Any.Name("renamed");
        (await client.MlflowPostAsync("registered-models/rename", new { name, new_name = newName })).Ok()["registered_model"]
            .GetProperty("name").GetString().ShouldBe(newName);

        (await client.GetModelAsync(name)).ShouldBeRefused(HttpStatusCode.NotFound, Missing);
        (await client.GetByAliasAsync(newName, "champion")).Ok()["model_version"].GetProperty("name").GetString().ShouldBe(newName);
        (await client.VersionAsync(newName)).ShouldBe("2");
        (await client.MlflowPostAsync("registered-models/create", new { name })).Ok();
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Renaming_to_a_taken_name_is_refused(DatabaseProvider provider)
    {
        var client = (await apps.On(provider)).AdminClient;
        var (name, taken) = (await client.ModelAsync(), await client.ModelAsync());
        (await client.MlflowPostAsync("registered-models/rename", new { name, new_name = taken }))
            .ShouldBeRefused(HttpStatusCode.BadRequest, Exists).Message.ShouldBe($"Registered Model (name={taken}) already exists.");
        (await client.MlflowPostAsync("registered-models/rename", new { name }))
            .ShouldBeRefused(HttpStatusCode.BadRequest, Invalid).Message!.ShouldStartWith("Missing value for required parameter 'new_name'.");
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Tags_are_set_over_and_deleting_one_that_is_not_there_is_fine(DatabaseProvider provider)
    {
        var client = (await apps.On(provider)).AdminClient;
        var name = await client.ModelAsync();
        (await client.MlflowPostAsync("registered-models/set-tag", new { name, key = "t", value = "1" })).Ok().Text.ShouldBe("{}");
        (await client.MlflowPostAsync("registered-models/set-tag", new { name, key = "t" })).Ok();
        (await client.GetModelAsync(name)).Ok()["registered_model"].GetProperty("tags").GetRawText().ShouldBe("""[{"key":"t","value":""}]""");
        (await client.MlflowDeleteAsync("registered-models/delete-tag", new { name, key = "nothere" })).Ok();
        (await client.MlflowDeleteAsync("registered-models/delete-tag", new { name, key = "t" })).Ok();
        (await client.GetModelAsync(name)).Ok()["registered_model"].TryGetProperty("tags", out _).ShouldBeFalse();
    }

    [SkippableTheory, OnEachDatabase]
    public async Task A_deleted_model_is_gone_its_name_is_free_and_its_history_stays(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var client = app.AdminClient;
        var name = await client.ModelAsync();
        await client.VersionAsync(name);
        await client.VersionAsync(name);
        (await client.TransitionAsync(name, "2", "Production")).Ok();
        (await client.SetAliasAsync(name, "champion", "2")).Ok();

        (await client.MlflowDeleteAsync("registered-models/delete", new { name })).Ok().Text.ShouldBe("{}");

        (await client.MlflowDeleteAsync("registered-models/delete", new { name })).ShouldBeRefused(HttpStatusCode.NotFound, Missing);
        (await client.GetVersionAsync(name, "2")).ShouldBeRefused(HttpStatusCode.NotFound, Missing).Message
            .ShouldBe($"Model Version (name={name}, version=2) not found");
        (await client.MlflowGetAsync($"model-versions/search?filter=name%3D'{name}'")).Ok().Text.ShouldBe("{}");
        (await client.MlflowPostAsync("registered-models/create", new { name })).Ok();
        (await client.VersionAsync(name)).ShouldBe("1");
        (await client.GetByAliasAsync(name, "champion")).ShouldBeRefused(HttpStatusCode.BadRequest, Invalid);
        (await app.CountAsync($"SELECT COUNT(*) FROM stage_transitions t JOIN registered_models m ON m.id = t.model_id "
            + $"WHERE m.name = '{name}' AND m.deleted_ms IS NOT NULL")).ShouldBe(3);
        (await app.CountAsync($"SELECT COUNT(*) FROM alias_changes c JOIN registered_models m ON m.id = c.model_id "
            + $"WHERE m.name = '{name}' AND c.from_number = 2 AND c.to_number IS NULL")).ShouldBe(1);
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Of_fifty_that_create_the_same_model_one_wins(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var name = Any.Name();
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ =>
            app.AdminClient.MlflowPostAsync("registered-models/create", new { name })));
        answers.Count(a => a.Status == HttpStatusCode.OK).ShouldBe(1);
        foreach (var loser in answers.Where(a => a.Status != HttpStatusCode.OK))
            loser.ShouldBeRefused(HttpStatusCode.BadRequest, Exists).Message.ShouldBe($"Registered Model (name={name}) already exists.");
        app.LogText.ShouldNotContain("DbUpdateException", customMessage: "who loses a race is no error of the server");
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Each_change_is_audited_with_what_was_and_what_is(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var client = app.AdminClient;
        var name = await client.ModelAsync();
        (await client.MlflowPostAsync("registered-models/set-tag", new { name, key = "t", value = "1" })).Ok();
        (await client.MlflowPostAsync("registered-models/set-tag", new { name, key = "t", value = "1" })).Ok();
        (await client.MlflowPostAsync("registered-models/set-tag", new { name, key = "t", value = "2" })).Ok();
        (await client.MlflowPatchAsync("registered-models/update", new { name, description = "new" })).Ok();

        var of = $"FROM audit_events WHERE object_id = '{name}' AND actor_id > 0";
        (await app.CountAsync($"SELECT COUNT(*) {of} AND action = 'registered-model.created'")).ShouldBe(1);
        (await app.CountAsync($"SELECT COUNT(*) {of} AND action = 'registered-model.tag-set'")).ShouldBe(2);
        (await app.CountAsync($$"""SELECT COUNT(*) {{of}} AND action = 'registered-model.tag-set' AND "before" = '{"key":"t","value":"1"}' """)).ShouldBe(1);
        (await app.CountAsync($$"""SELECT COUNT(*) {{of}} AND action = 'registered-model.description-changed' AND "after" = '{"description":"new"}' """)).ShouldBe(1);
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Who_may_not_create_models_still_learns_that_one_is_there(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var viewer = await app.ClientAsync(RegistryRole.Viewer);
        var name = await app.AdminClient.ModelAsync();
        (await viewer.MlflowPostAsync("registered-models/create", new { name })).ShouldBeRefused(HttpStatusCode.BadRequest, Exists);
        (await viewer.MlflowPostAsync("registered-models/create", new { name = Any.Name() }))
            .ShouldBeRefused(HttpStatusCode.Forbidden, "PERMISSION_DENIED");
    }
}
