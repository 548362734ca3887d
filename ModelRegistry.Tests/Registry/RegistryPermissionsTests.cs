using System.Net;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Registry;

public sealed class RegistryPermissionsTests(RegistryApps apps) : IClassFixture<RegistryApps>
{
    private const string Missing = "RESOURCE_DOES_NOT_EXIST";
    private const string Denied = "PERMISSION_DENIED";

    [SkippableTheory, OnEachDatabase]
    [Trait("Case", "F03")]
    public async Task Another_teams_private_model_does_not_exist(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var (owner, other) = (await app.ClientAsync(RegistryRole.Member), await app.ClientAsync(RegistryRole.Member));
        var name = await owner.ModelAsync();
        await owner.VersionAsync(name);
        (await owner.SetAliasAsync(name, "champion", "1")).Ok();
        await app.MakePrivateAsync(name);

        var unknown = Any.Name("unknown");
        foreach (var call in new Func<string, Task<ApiAnswer>>[]
        {
            n => other.GetModelAsync(n),
            n => other.GetVersionAsync(n, "1"),
            n => other.GetByAliasAsync(n, "champion"),
            n => other.MlflowGetAsync($"model-versions/get-download-uri?name={n}&version=1"),
            n => other.MlflowPostAsync("registered-models/get-latest-versions", new { name = n }),
            n => other.MlflowPostAsync("registered-models/rename", new { name = n, new_name = Any.Name() }),
            n => other.MlflowPatchAsync("registered-models/update", new { name = n, description = "x" }),
            n => other.MlflowDeleteAsync("registered-models/delete", new { name = n }),
            n => other.MlflowPostAsync("registered-models/set-tag", new { name = n, key = "k", value = "v" }),
            n => other.MlflowDeleteAsync("registered-models/delete-tag", new { name = n, key = "k" }),
            n => other.SetAliasAsync(n, "champion", "1"),
            n => other.MlflowDeleteAsync("registered-models/alias", new { name = n, alias = "champion" }),
            n => other.CreateVersionAsync(n),
            n => other.MlflowPatchAsync("model-versions/update", new { name = n, version = "1", description = "x" }),
            n => other.TransitionAsync(n, "1", "Production"),
            n => other.MlflowDeleteAsync("model-versions/delete", new { name = n, version = "1" }),
            n => other.MlflowPostAsync("model-versions/set-tag", new { name = n, version = "1", key = "k", value = "v" }),
            n => other.MlflowDeleteAsync("model-versions/delete-tag", new { name = n, version = "1", key = "k" }),
        })
        {
            var (hidden, absent) = (await call(name), await call(unknown));
            hidden.Status.ShouldBe(HttpStatusCode.NotFound);
            hidden.Text.Replace(name, unknown).ShouldBe(absent.Text, "the answer tells nothing");
        }

        (await other.MlflowGetAsync($"registered-models/search?filter=name%3D'{name}'")).Ok().Text.ShouldBe("{}");
        (await other.MlflowGetAsync($"model-versions/search?filter=name%3D'{name}'")).Ok().Text.ShouldBe("{}");
        (await owner.MlflowGetAsync($"registered-models/search?filter=name%3D'{name}'")).Ok().Models().ShouldBe([name]);
        (await owner.GetByAliasAsync(name, "champion")).Ok();
        (await (await app.ClientAsync(RegistryRole.Auditor)).GetModelAsync(name)).Ok();
    }

    [SkippableTheory, OnEachDatabase]
    [Trait("Case", "F14")]
    public async Task A_viewer_reads_and_changes_nothing(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var viewer = await app.ClientAsync(RegistryRole.Viewer);
        var name = await app.AdminClient.ModelAsync();
        await app.AdminClient.VersionAsync(name);

        (await viewer.GetVersionAsync(name, "1")).Ok();
        foreach (var refused in new[]
        {
            await viewer.CreateVersionAsync(name),
            await viewer.SetAliasAsync(name, "champion", "1"),
            await viewer.TransitionAsync(name, "1", "Production"),
            await viewer.MlflowPatchAsync("registered-models/update", new { name, description = "x" }),
            await viewer.MlflowPostAsync("model-versions/set-tag", new { name, version = "1", key = "k", value = "v" }),
            await viewer.MlflowDeleteAsync("registered-models/delete", new { name }),
        })
        {
            refused.ShouldBeRefused(HttpStatusCode.Forbidden, Denied);
        }
        (await app.CountAsync($"SELECT COUNT(*) FROM model_versions v JOIN registered_models m ON m.id = v.model_id WHERE m.name = '{name}'")).ShouldBe(1);
    }

    [SkippableTheory, OnEachDatabase]
    [Trait("Case", "F07")]
    public async Task A_member_registers_and_promotes_and_deletes_only_what_is_theirs(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var member = await app.ClientAsync(RegistryRole.Member);
        var name = await app.AdminClient.ModelAsync();
        (await member.VersionAsync(name)).ShouldBe("1");
        (await member.TransitionAsync(name, "1", "Staging")).Ok();
        (await member.SetAliasAsync(name, "champion", "1")).Ok();
        (await member.MlflowDeleteAsync("model-versions/delete", new { name, version = "1" })).ShouldBeRefused(HttpStatusCode.Forbidden, Denied);
        (await member.MlflowPostAsync("registered-models/rename", new { name, new_name = Any.Name() })).ShouldBeRefused(HttpStatusCode.Forbidden, Denied);

        var own = await member.ModelAsync();
        await member.VersionAsync(own);
        (await member.MlflowDeleteAsync("model-versions/delete", new { name = own, version = "1" })).Ok();
        (await member.MlflowDeleteAsync("registered-models/delete", new { name = own })).Ok();
    }

    [SkippableTheory, OnEachDatabase]
    [Trait("Case", "F11")]
    public async Task A_token_without_the_scope_cannot_register(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var name = await app.AdminClient.ModelAsync();
        var writer = await app.ClientAsync(RegistryRole.Admin, TokenScope.Read | TokenScope.Write);
        (await writer.GetModelAsync(name)).Ok();
        (await writer.CreateVersionAsync(name)).ShouldBeRefused(HttpStatusCode.Forbidden, Denied).Message!.ShouldContain("scope");
        (await writer.MlflowPostAsync("registered-models/create", new { name = Any.Name() })).ShouldBeRefused(HttpStatusCode.Forbidden, Denied);
    }

    [SkippableTheory, OnEachDatabase]
    [Trait("Case", "F09")]
    public async Task What_is_not_the_senders_to_say_is_not_taken_from_them(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var member = await app.UserAsync(RegistryRole.Member);
        var more = new Dictionary<string, object>
        {
            ["id"] = 1,
            ["owner"] = "admin",
            ["owner_id"] = 1,
            ["ownerId"] = 1,
            ["is_private"] = true,
            ["isPrivate"] = true,
            ["IsPrivate"] = true,
            ["is_admin"] = true,
            ["roles"] = new[] { "Admin" },
            ["created_at"] = 1,
            ["creation_timestamp"] = 1,
            ["creation_time"] = 1,
            ["last_updated_timestamp"] = 1,
            ["lifecycle_stage"] = "deleted",
            ["legal_hold"] = true,
            ["retention_until"] = "2200-01-01",
            ["scan_status"] = "clean",
            ["digest"] = "x",
            ["current_stage"] = "Production",
            ["stage"] = "Production",
            ["version"] = "99",
            ["aliases"] = new[] { "champion" },
            ["status_message"] = "x",
            ["last_version"] = 99,
            ["deleted_ms"] = 1,
            ["deletedMs"] = 1,
            ["user"] = "admin",
            ["created_by"] = 1,
            ["permissions"] = "MANAGE",
        };
        var name = Any.Name("model");
        var model = (await member.Client.MlflowPostAsync("registered-models/create", With(("name", name)))).Ok()["registered_model"];
        model.GetProperty("creation_timestamp").GetInt64().ShouldBeGreaterThan(1_700_000_000_000);
        model.ToString().ShouldNotContain("champion");
        var version = (await member.Client.MlflowPostAsync("model-versions/create", With(("name", name), ("source", "s3://bucket/model"), ("status", "FAILED_REGISTRATION"))))
            .Ok()["model_version"];
        version.GetProperty("version").GetString().ShouldBe("1");
        version.GetProperty("current_stage").GetString().ShouldBe("None");
        version.GetProperty("status").GetString().ShouldBe("READY");
        var experiment = (await member.Client.MlflowPostAsync("experiments/create", With(("name", Any.Name()), ("experiment_id", "0")))).Ok()["experiment_id"].GetString()!;
        experiment.ShouldNotBe("0");
        var run = (await member.Client.MlflowPostAsync("runs/create", With(("experiment_id", experiment), ("run_id", new string('a', 32)), ("run_uuid", new string('a', 32)), ("artifact_uri", "file:///etc"))))
            .Ok()["run"].GetProperty("info");
        run.GetProperty("lifecycle_stage").GetString().ShouldBe("active");
        run.GetProperty("run_id").GetString().ShouldNotBe(new string('a', 32));
        run.GetProperty("artifact_uri").GetString().ShouldStartWith("mlflow-artifacts:/");
        (await member.Client.MlflowPatchAsync("registered-models/update", With(("name", name), ("description", "d")))).Ok();
        (await member.Client.MlflowPatchAsync("model-versions/update", With(("name", name), ("version", "1"), ("description", "d")))).Ok();
        (await member.Client.MlflowPostAsync("experiments/update", With(("experiment_id", experiment), ("new_name", Any.Name())))).Ok();

        // Open, owned by who made it, alive, and nobody's admin.
        using var viewer = await app.ClientAsync(RegistryRole.Viewer);
        (await viewer.GetVersionAsync(name, "1")).Ok()["model_version"].GetProperty("current_stage").GetString().ShouldBe("None");
        (await viewer.MlflowGetAsync($"experiments/get?experiment_id={experiment}")).Ok()["experiment"].GetProperty("lifecycle_stage").GetString().ShouldBe("active");
        (await app.CountAsync($"SELECT COUNT(*) FROM registered_models WHERE name = '{name}' AND owner_id = {member.Id} AND deleted_ms IS NULL AND last_version = 1")).ShouldBe(1);
        (await app.CountAsync($"SELECT COUNT(*) FROM experiments WHERE id = {experiment} AND owner_id = {member.Id}")).ShouldBe(1);
        (await member.Client.MlflowGetAsync("users/list")).ShouldBeRefused(HttpStatusCode.Forbidden, Denied);

        Dictionary<string, object> With(params (string Key, string Value)[] own)
        {
            var body = new Dictionary<string, object>(more);
            foreach (var (key, value) in own)
                body[key] = value;
            return body;
        }
    }
}
