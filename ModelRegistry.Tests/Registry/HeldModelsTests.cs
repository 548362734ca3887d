using System.Net;
using ModelRegistry.Core.Data;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Registry;

public sealed class HeldModelsTests(RegistryApps apps) : IClassFixture<RegistryApps>
{
    [SkippableTheory, OnEachDatabase]
    public async Task A_version_under_a_hold_is_not_deleted_and_its_model_neither_deleted_nor_renamed(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var client = app.AdminClient;
        var name = await client.ModelAsync();
        await client.VersionAsync(name);
        await client.VersionAsync(name);
        await HoldAsync(app, "v.id, v.model_id", 4, name, "JOIN model_versions v ON v.model_id = m.id AND v.number = 1");

        (await client.MlflowDeleteAsync("model-versions/delete", new { name, version = "1" }))
            .ShouldBeRefused(HttpStatusCode.Conflict, "RESOURCE_CONFLICT").Message!.ShouldContain("legal hold");
        (await client.MlflowDeleteAsync("registered-models/delete", new { name })).ShouldBeRefused(HttpStatusCode.Conflict, "RESOURCE_CONFLICT");
        (await client.MlflowPostAsync("registered-models/rename", new { name, new_name = Any.Name() })).ShouldBeRefused(HttpStatusCode.Conflict, "RESOURCE_CONFLICT");
        (await client.MlflowDeleteAsync("model-versions/delete", new { name, version = "2" })).Ok();
        (await client.GetVersionAsync(name, "1")).Ok();

        await app.ExecuteAsync("UPDATE legal_holds SET released_ms = 1");
        (await client.MlflowDeleteAsync("registered-models/delete", new { name })).Ok();
    }

    [SkippableTheory, OnEachDatabase]
    public async Task A_hold_on_the_model_covers_its_versions(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var client = app.AdminClient;
        var name = await client.ModelAsync();
        await client.VersionAsync(name);
        await HoldAsync(app, "m.id, NULL", 2, name, "");
        (await client.MlflowDeleteAsync("model-versions/delete", new { name, version = "1" })).ShouldBeRefused(HttpStatusCode.Conflict, "RESOURCE_CONFLICT");
        (await client.MlflowDeleteAsync("registered-models/delete", new { name })).ShouldBeRefused(HttpStatusCode.Conflict, "RESOURCE_CONFLICT");
    }

    private static Task HoldAsync(RegistryApp app, string ids, int target, string name, string join)
    {
        var uuid = app.Provider == DatabaseProvider.PostgreSql ? $"'{Guid.NewGuid()}'::uuid" : $"'{Guid.NewGuid().ToString().ToUpperInvariant()}'";
        return app.ExecuteAsync("INSERT INTO legal_holds (hold_uuid, matter, reason, owner_id, target, target_id, parent_id, target_name, created_ms, created_by) "
            + $"SELECT {uuid}, 'matter', 'reason', 1, {target}, {ids}, '{name}', 1, 1 FROM registered_models m {join} WHERE m.name = '{name}'");
    }
}
