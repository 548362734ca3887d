using System.Globalization;
using System.Net;
using ModelRegistry.Core.Data;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Registry;

public sealed class StagesAndAliasesTests(RegistryApps apps) : IClassFixture<RegistryApps>
{
    private const string Missing = "RESOURCE_DOES_NOT_EXIST";
    private const string Invalid = "INVALID_PARAMETER_VALUE";

    [SkippableTheory, OnEachDatabase]
    public async Task A_promotion_can_archive_what_was_there_before(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var client = app.AdminClient;
        var name = await client.ModelAsync();
        await client.VersionAsync(name);
        await client.VersionAsync(name);
        (await client.TransitionAsync(name, "1", "Production")).Ok()["model_version"].GetProperty("current_stage").GetString().ShouldBe("Production");
        (await client.TransitionAsync(name, "2", "production", archive: true)).Ok()["model_version"]
            .GetProperty("current_stage").GetString().ShouldBe("Production");
        (await client.GetVersionAsync(name, "1")).Ok()["model_version"].GetProperty("current_stage").GetString().ShouldBe("Archived");

        (await client.TransitionAsync(name, "2", "production", archive: true)).Ok();
        (await app.CountAsync($"SELECT COUNT(*) FROM stage_transitions t JOIN registered_models m ON m.id = t.model_id WHERE m.name = '{name}'"))
            .ShouldBe(5, "two creations, two promotions, one archiving; the repeated promotion is none");
        (await app.CountAsync($"SELECT COUNT(*) FROM audit_events WHERE action = 'model-version.stage-changed' AND object_id LIKE '{name}/%'")).ShouldBe(3);
    }

    [Fact]
    public async Task Stages_that_are_none_are_refused_in_MLflows_words()
    {
        var client = (await apps.On(DatabaseProvider.Sqlite)).AdminClient;
        var name = await client.ModelAsync();
        await client.VersionAsync(name);
        const string message = "Invalid Model Version stage: bogus. Value must be one of None, Staging, Production, Archived.";
        (await client.TransitionAsync(name, "1", "bogus")).ShouldBeRefused(HttpStatusCode.BadRequest, Invalid).Message.ShouldBe(message);
        (await client.MlflowPostAsync("registered-models/get-latest-versions", new { name, stages = new[] { "bogus" } }))
            .ShouldBeRefused(HttpStatusCode.BadRequest, Invalid).Message.ShouldBe(message);
        (await client.TransitionAsync(name, "1", "Archived", archive: true)).ShouldBeRefused(HttpStatusCode.BadRequest, Invalid).Message.ShouldBe(
            "Model version transition cannot archive existing model versions because 'Archived' is not an Active stage. Valid stages are ['Staging', 'Production']");
        (await client.TransitionAsync(name, "9", "Staging")).ShouldBeRefused(HttpStatusCode.NotFound, Missing);
    }

    [SkippableTheory, OnEachDatabase]
    public async Task The_latest_versions_are_the_newest_of_each_stage(DatabaseProvider provider)
    {
        var client = (await apps.On(provider)).AdminClient;
        var name = await client.ModelAsync();
        foreach (var stage in new[] { "Archived", "Production", "Archived", "Production", "Staging", "Staging", "None" })
            (await client.TransitionAsync(name, await client.VersionAsync(name), stage)).Ok();

        Stages(await client.MlflowPostAsync("registered-models/get-latest-versions", new { name }))
            .ShouldBe(["3 Archived", "4 Production", "6 Staging", "7 None"]);
        Stages(await client.MlflowGetAsync($"registered-models/get-latest-versions?name={name}&stages=none&stages=STAGING"))
            .ShouldBe(["6 Staging", "7 None"]);
        Stages(await client.MlflowPostAsync("registered-models/get-latest-versions", new { name, stages = Array.Empty<string>() })).Count.ShouldBe(4);
        (await client.GetModelAsync(name)).Ok()["registered_model"].GetProperty("latest_versions").GetArrayLength().ShouldBe(4);
        (await client.MlflowPostAsync("registered-models/get-latest-versions", new { name = await client.ModelAsync() })).Ok().Text.ShouldBe("{}");
    }

    [SkippableTheory, OnEachDatabase]
    public async Task An_alias_moves_and_each_move_is_kept(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var client = app.AdminClient;
        var name = await client.ModelAsync();
        await client.VersionAsync(name);
        await client.VersionAsync(name);
        (await client.SetAliasAsync(name, "champion", "1")).Ok().Text.ShouldBe("{}");
        (await client.SetAliasAsync(name, "Champion", "2")).Ok();
        (await client.SetAliasAsync(name, "champion", "2")).Ok();
        (await client.SetAliasAsync(name, "champion", "2")).Ok();
        (await client.GetByAliasAsync(name, "champion")).Ok()["model_version"].GetProperty("version").GetString().ShouldBe("2");
        (await client.GetVersionAsync(name, "2")).Ok()["model_version"].GetProperty("aliases").GetRawText().ShouldBe("""["Champion","champion"]""");
        (await client.GetModelAsync(name)).Ok()["registered_model"].GetProperty("aliases").GetRawText()
            .ShouldBe("""[{"alias":"Champion","version":"2"},{"alias":"champion","version":"2"}]""");
        (await client.MlflowDeleteAsync("registered-models/alias", new { name, alias = "champion" })).Ok();
        (await client.MlflowDeleteAsync("registered-models/alias", new { name, alias = "champion" })).Ok();
        (await client.GetByAliasAsync(name, "champion")).ShouldBeRefused(HttpStatusCode.BadRequest, Invalid)
            .Message.ShouldBe("Registered model alias champion not found.");
        (await app.CountAsync("SELECT COUNT(*) FROM alias_changes c JOIN registered_models m ON m.id = c.model_id "
            + $"WHERE m.name = '{name}' AND c.alias = 'champion'")).ShouldBe(3);
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Latest_is_the_highest_number(DatabaseProvider provider)
    {
        var client = (await apps.On(provider)).AdminClient;
        var name = await client.ModelAsync();
        (await client.GetByAliasAsync(name, "latest")).ShouldBeRefused(HttpStatusCode.NotFound, Missing)
            .Message.ShouldBe($"Latest version not found for model {name}.");
        await client.VersionAsync(name);
        await client.VersionAsync(name);
        (await client.TransitionAsync(name, "1", "Production")).Ok();
        (await client.GetByAliasAsync(name, "Latest")).Ok()["model_version"].GetProperty("version").GetString().ShouldBe("2");
        (await client.GetByAliasAsync("zz", "latest")).ShouldBeRefused(HttpStatusCode.NotFound, Missing)
            .Message.ShouldBe("Registered Model with name=zz not found");
    }

    [Theory]
    [InlineData("latest", "'latest' alias name (case insensitive) is reserved.")]
    [InlineData("LATEST", "'latest' alias name (case insensitive) is reserved.")]
    [InlineData("v12", "Version alias name 'v12' is reserved.")]
    [InlineData("bad alias", "Invalid alias name: 'bad alias'. Names may only contain alphanumerics, underscores (_), and dashes (-).")]
    public async Task Names_that_no_alias_may_have_are_refused(string alias, string message)
    {
        var client = (await apps.On(DatabaseProvider.Sqlite)).AdminClient;
        var name = await client.ModelAsync();
        await client.VersionAsync(name);
        (await client.SetAliasAsync(name, alias, "1")).ShouldBeRefused(HttpStatusCode.BadRequest, Invalid).Message.ShouldBe(message);
    }

    [Fact]
    public async Task An_alias_needs_a_version_that_is_there()
    {
        var client = (await apps.On(DatabaseProvider.Sqlite)).AdminClient;
        var name = await client.ModelAsync();
        (await client.SetAliasAsync(name, "a1", "99")).ShouldBeRefused(HttpStatusCode.NotFound, Missing)
            .Message.ShouldBe($"Model Version (name={name}, version=99) not found");
        (await client.SetAliasAsync("zz", "a1", "1")).ShouldBeRefused(HttpStatusCode.NotFound, Missing)
            .Message.ShouldBe("Model Version (name=zz, version=1) not found");
        (await client.SetAliasAsync(name, "a1", "x")).ShouldBeRefused(HttpStatusCode.BadRequest, Invalid)
            .Message.ShouldBe("Parameter 'version' must be an integer, got 'x'.");
        (await client.SetAliasAsync(name, new string('x', 256), "1")).ShouldBeRefused(HttpStatusCode.BadRequest, Invalid)
            .Message.ShouldBe("'Registered model alias name' exceeds the maximum length of 255 characters");
    }

    [SkippableTheory, OnEachDatabase]
    public async Task The_aliases_of_a_deleted_version_go_with_it(DatabaseProvider provider)
    {
        var client = (await apps.On(provider)).AdminClient;
        var name = await client.ModelAsync();
        await client.VersionAsync(name);
        (await client.SetAliasAsync(name, "champion", "1")).Ok();
        (await client.MlflowDeleteAsync("model-versions/delete", new { name, version = "1" })).Ok();
        (await client.GetModelAsync(name)).Ok()["registered_model"].TryGetProperty("aliases", out _).ShouldBeFalse();
        (await client.GetByAliasAsync(name, "champion")).ShouldBeRefused(HttpStatusCode.BadRequest, Invalid);
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Fifty_that_move_an_alias_leave_one_holder_and_fifty_promotions_one_version_in_production(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var client = app.AdminClient;
        var name = await client.ModelAsync();
        for (var i = 0; i < 10; i++)
            await client.VersionAsync(name);
        var moves = Enumerable.Range(0, 50).Select(i => client.SetAliasAsync(name, "champion", $"{(i % 10) + 1}"));
        var promotions = Enumerable.Range(0, 50).Select(i => client.TransitionAsync(name, $"{(i % 10) + 1}", "Production", archive: true));
        foreach (var answer in await Task.WhenAll(moves))
            answer.Ok();
        foreach (var answer in await Task.WhenAll(promotions))
            answer.Ok();

        (await app.CountAsync($"SELECT COUNT(*) FROM registered_model_aliases a JOIN registered_models m ON m.id = a.model_id WHERE m.name = '{name}'")).ShouldBe(1);
        (await app.CountAsync($"SELECT COUNT(*) FROM model_versions v JOIN registered_models m ON m.id = v.model_id WHERE m.name = '{name}' AND v.stage = 2")).ShouldBe(1);
        var holder = (await client.GetByAliasAsync(name, "champion")).Ok()["model_version"].GetProperty("version").GetString();
        (await app.CountAsync("SELECT c.to_number FROM alias_changes c WHERE c.id = (SELECT MAX(x.id) FROM alias_changes x JOIN registered_models m "
            + $"ON m.id = x.model_id WHERE m.name = '{name}')")).ToString(CultureInfo.InvariantCulture).ShouldBe(holder, "the history ends where the alias is");
    }

    private static List<string> Stages(ApiAnswer answer) => [.. answer.Ok()["model_versions"].EnumerateArray()
        .Select(v => $"{v.GetProperty("version").GetString()} {v.GetProperty("current_stage").GetString()}")];
}
