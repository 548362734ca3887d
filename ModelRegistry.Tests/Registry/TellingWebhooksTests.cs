using ModelRegistry.Core.Data;
using ModelRegistry.Tests.Support;
using ModelRegistry.Tests.Webhooks;

namespace ModelRegistry.Tests.Registry;

public sealed class TellingWebhooksTests(WebhookApps apps) : IClassFixture<WebhookApps>
{
    [SkippableTheory, OnEachDatabase]
    public async Task Each_change_is_told_in_MLflows_words(DatabaseProvider provider)
    {
        var client = (await apps.On(provider)).AdminClient;
        var path = $"/{Any.Name("changes")}";
        await SubscribeAsync(client, path,
            ("REGISTERED_MODEL", "CREATED"), ("MODEL_VERSION", "CREATED"), ("MODEL_VERSION_TAG", "SET"), ("MODEL_VERSION_TAG", "DELETED"),
            ("MODEL_VERSION_ALIAS", "CREATED"), ("MODEL_VERSION_ALIAS", "DELETED"));
        var name = await client.ModelAsync();
        await client.VersionAsync(name);
        (await client.MlflowPostAsync("model-versions/set-tag", new { name, version = "1", key = "k", value = "v" })).Ok();
        (await client.MlflowPostAsync("model-versions/set-tag", new { name, version = "1", key = "k", value = "v" })).Ok();
        (await client.MlflowDeleteAsync("model-versions/delete-tag", new { name, version = "1", key = "k" })).Ok();
        (await client.SetAliasAsync(name, "champion", "1")).Ok();
        (await client.MlflowDeleteAsync("model-versions/delete", new { name, version = "1" })).Ok();

        var told = (await apps.Receiver.WaitForAsync(6, path)).Where(r => r.Body.Contains(name, StringComparison.Ordinal));
        told.Select(r => $"{r.Json.GetProperty("entity")}.{r.Json.GetProperty("action")} {r.Json.GetProperty("data")}")
            .Order(StringComparer.Ordinal).ShouldBe(
            [
                $$"""model_version.created {"name":"{{name}}","version":"1","source":"s3://bucket/model","run_id":null,"tags":{},"description":null}""",
                $$"""model_version_alias.created {"name":"{{name}}","alias":"champion","version":"1"}""",
                $$"""model_version_alias.deleted {"name":"{{name}}","alias":"champion"}""",
                $$"""model_version_tag.deleted {"name":"{{name}}","version":"1","key":"k"}""",
                $$"""model_version_tag.set {"name":"{{name}}","version":"1","key":"k","value":"v"}""",
                $$"""registered_model.created {"name":"{{name}}","tags":{},"description":""}""",
            ]);
    }

    [SkippableTheory, OnEachDatabase]
    public async Task What_was_refused_or_had_happened_already_is_not_told(DatabaseProvider provider)
    {
        var client = (await apps.On(provider)).AdminClient;
        var path = $"/{Any.Name("refused")}";
        var name = await client.ModelAsync();
        await client.VersionAsync(name);
        await SubscribeAsync(client, path, ("REGISTERED_MODEL", "CREATED"), ("MODEL_VERSION_ALIAS", "CREATED"));
        (await client.MlflowPostAsync("registered-models/create", new { name })).Status.ShouldBe(System.Net.HttpStatusCode.BadRequest);
        (await client.SetAliasAsync(name, "champion", "9")).Status.ShouldBe(System.Net.HttpStatusCode.NotFound);
        (await client.SetAliasAsync(name, "champion", "1")).Ok();
        (await client.SetAliasAsync(name, "champion", "1")).Ok();
        (await client.SetAliasAsync(name, "last", "1")).Ok();

        var told = await apps.Receiver.WaitForAsync(2, path);
        told.Count(r => r.Body.Contains(name, StringComparison.Ordinal)).ShouldBe(2);
    }

    private async Task SubscribeAsync(HttpClient client, string path, params (string Entity, string Action)[] events) =>
        (await client.MlflowPostAsync("webhooks", new
        {
            name = Any.Name("hook"),
            url = apps.Receiver.Url + path,
            events = events.Select(e => new { entity = e.Entity, action = e.Action }),
        })).Ok();
}
