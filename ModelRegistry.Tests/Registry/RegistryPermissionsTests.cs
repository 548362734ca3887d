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
    public async Task A_token_without_the_scope_cannot_register(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var name = await app.AdminClient.ModelAsync();
        var writer = await app.ClientAsync(RegistryRole.Admin, TokenScope.Read | TokenScope.Write);
        (await writer.GetModelAsync(name)).Ok();
        (await writer.CreateVersionAsync(name)).ShouldBeRefused(HttpStatusCode.Forbidden, Denied).Message!.ShouldContain("scope");
        (await writer.MlflowPostAsync("registered-models/create", new { name = Any.Name() })).ShouldBeRefused(HttpStatusCode.Forbidden, Denied);
    }
}
