using System.Net;
using System.Text.Json;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;
using ModelRegistry.Tests.Api;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Webhooks;

public sealed class DeliveringTests(WebhookApps apps) : IClassFixture<WebhookApps>
{
    [SkippableTheory, OnEachDatabase]
    public async Task Every_change_of_a_model_is_told_as_MLflow_tells_it(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var admin = app.AdminClient;
        var path = "/" + Any.Name("all");
        await MakeAsync(admin, apps.Receiver.Url + path, "s3cret", "registered_model.created", "model_version.created", "model_version_tag.set",
            "model_version_tag.deleted", "model_version_alias.created", "model_version_alias.deleted", "model_version.stage_changed",
            "model_version.deleted", "registered_model.renamed", "registered_model.deleted");
        var name = Any.Name("model");

        await RegisterAsync(admin, name);
        (await admin.MlflowPostAsync("model-versions/set-tag", new { name, version = "1", key = "k", value = "v" })).Ok();
        (await admin.MlflowDeleteAsync("model-versions/delete-tag", new { name, version = "1", key = "k" })).Ok();
        (await admin.MlflowPostAsync("registered-models/alias", new { name, alias = "champion", version = "1" })).Ok();
        (await admin.MlflowDeleteAsync("registered-models/alias", new { name, alias = "champion" })).Ok();
        (await admin.MlflowPostAsync("model-versions/transition-stage",
            new { name, version = "1", stage = "Production", archive_existing_versions = false })).Ok();
        (await admin.MlflowPostAsync("registered-models/rename", new { name, new_name = name + "-2" })).Ok();
        (await admin.MlflowDeleteAsync("model-versions/delete", new { name = name + "-2", version = "1" })).Ok();
        (await admin.MlflowDeleteAsync("registered-models/delete", new { name = name + "-2" })).Ok();

        var told = (await apps.Receiver.WaitForAsync(10, path)).ToDictionary(
            r => $"{r.Json.GetProperty("entity")}.{r.Json.GetProperty("action")}", r => r);
        told.Values.ShouldAllBe(r => r.IsSignedWith("s3cret"));
        told.Values.Select(r => r.DeliveryId).Distinct().Count().ShouldBe(10);
        string Data(string e) => told[e].Json.GetProperty("data").ToString();
        Data("registered_model.created").ShouldBe($$"""{"name":"{{name}}","tags":{"team":"x"},"description":"d"}""");
        Data("model_version.created").ShouldBe(
            $$"""{"name":"{{name}}","version":"1","source":"s3://bucket/path/to/model","run_id":"1234567890abcdef","tags":{"a":"b"},"description":null}""");
        Data("model_version_tag.set").ShouldBe($$"""{"name":"{{name}}","version":"1","key":"k","value":"v"}""");
        Data("model_version_tag.deleted").ShouldBe($$"""{"name":"{{name}}","version":"1","key":"k"}""");
        Data("model_version_alias.created").ShouldBe($$"""{"name":"{{name}}","alias":"champion","version":"1"}""");
        Data("model_version_alias.deleted").ShouldBe($$"""{"name":"{{name}}","alias":"champion"}""");
        Data("model_version.stage_changed").ShouldBe($$"""{"name":"{{name}}","version":"1","from_stage":"Experiment","to_stage":"Production"}""");
        Data("registered_model.renamed").ShouldBe($$"""{"name":"{{name}}","new_name":"{{name}}-2"}""");
        Data("model_version.deleted").ShouldBe($$"""{"name":"{{name}}-2","version":"1"}""");
        Data("registered_model.deleted").ShouldBe($$"""{"name":"{{name}}-2"}""");
    }

    [SkippableTheory, OnEachDatabase]
    public async Task A_prompt_has_events_of_its_own(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var admin = app.AdminClient;
        var path = "/" + Any.Name("prompt");
        await MakeAsync(admin, apps.Receiver.Url + path, null, "prompt.created", "prompt_version.created", "prompt_tag.set", "prompt_tag.deleted",
            "prompt_version_tag.set", "prompt_version_tag.deleted", "prompt_alias.created", "prompt_alias.deleted",
            "registered_model.created", "model_version.created", "model_version_tag.set", "model_version_alias.created");
        var name = Any.Name("prompt");
        object[] tags = [new { key = "mlflow.prompt.is_prompt", value = "true" }, new { key = "_mlflow_prompt_type", value = "text" }];

        (await admin.MlflowPostAsync("registered-models/create", new { name, tags = tags.Append(new { key = "own", value = "1" }) })).Ok();
        (await admin.MlflowPostAsync("model-versions/create", new
        {
            name,
            source = "dummy-source",
            tags = tags.Append(new { key = "mlflow.prompt.text", value = "Hello {{name}}!" }).Append(new { key = "own", value = "2" }),
        })).Ok();
        (await admin.MlflowPostAsync("registered-models/set-tag", new { name, key = "k", value = "v" })).Ok();
        (await admin.MlflowDeleteAsync("registered-models/delete-tag", new { name, key = "k" })).Ok();
        (await admin.MlflowPostAsync("model-versions/set-tag", new { name, version = "1", key = "k", value = "v" })).Ok();
        (await admin.MlflowDeleteAsync("model-versions/delete-tag", new { name, version = "1", key = "k" })).Ok();
        (await admin.MlflowPostAsync("registered-models/alias", new { name, alias = "production", version = "1" })).Ok();
        (await admin.MlflowDeleteAsync("registered-models/alias", new { name, alias = "production" })).Ok();

        var told = (await apps.Receiver.WaitForAsync(8, path)).ToDictionary(
            r => $"{r.Json.GetProperty("entity")}.{r.Json.GetProperty("action")}", r => r.Json.GetProperty("data").ToString());
        told.Count.ShouldBe(8);
        told["prompt.created"].ShouldBe($$"""{"name":"{{name}}","tags":{"own":"1"},"description":""}""");
        told["prompt_version.created"].ShouldBe(
            $$$"""{"name":"{{{name}}}","version":"1","template":"Hello {{name}}!","tags":{"own":"2"},"description":null}""");
        told["prompt_tag.set"].ShouldBe($$"""{"name":"{{name}}","key":"k","value":"v"}""");
        told["prompt_version_tag.deleted"].ShouldBe($$"""{"name":"{{name}}","version":"1","key":"k"}""");
        told["prompt_alias.created"].ShouldBe($$"""{"name":"{{name}}","alias":"production","version":"1"}""");
    }

    [SkippableTheory, OnEachDatabase]
    public async Task What_is_refused_or_changes_nothing_is_not_told(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var admin = app.AdminClient;
        var path = "/" + Any.Name("none");
        var id = await MakeAsync(admin, apps.Receiver.Url + path, null, "registered_model.created", "model_version_tag.set");
        var name = Any.Name("model");
        using var viewer = await app.ClientAsync(RegistryRole.Viewer);

        (await viewer.MlflowPostAsync("registered-models/create", new { name })).Status.ShouldBe(HttpStatusCode.Forbidden);
        await RegisterAsync(admin, name);
        (await admin.MlflowPostAsync("registered-models/create", new { name })).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await admin.MlflowPostAsync("model-versions/set-tag", new { name, version = "1", key = "a", value = "b" })).Ok();
        (await admin.MlflowPostAsync("model-versions/set-tag", new { name, version = "2", key = "a", value = "b" })).Status.ShouldBe(HttpStatusCode.NotFound);

        await apps.Receiver.WaitForAsync(1, path);
        (await admin.V1AllAsync($"webhooks/{id}/deliveries")).ShouldHaveSingleItem().GetProperty("event").GetString().ShouldBe("registered_model.created");
    }

    [SkippableTheory, OnEachDatabase]
    public async Task A_receiver_that_fails_is_told_again_with_the_same_id_until_it_answers(DatabaseProvider provider)
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.Answer = async (http, attempt) =>
        {
            http.Response.StatusCode = attempt <= 2 ? 500 : 200;
            await http.Response.Body.WriteAsync(System.Text.Encoding.UTF8.GetBytes(new string('x', 5000)));
        };
        var admin = (await apps.On(provider)).AdminClient;
        var id = await MakeAsync(admin, receiver.Url + "/hook", "k", "registered_model.created");

        await RegisterAsync(admin, Any.Name("model"));

        var sent = await receiver.WaitForAsync(3);
        sent.Select(r => r.DeliveryId).Distinct().ShouldHaveSingleItem();
        sent.ShouldAllBe(r => r.IsSignedWith("k"));
        sent.Select(r => r.Body).Distinct().ShouldHaveSingleItem();
        var delivery = await FinishedAsync(admin, id);
        delivery.GetProperty("state").GetString().ShouldBe("delivered");
        delivery.GetProperty("attempts").GetInt32().ShouldBe(3);
        var log = (await admin.V1GetAsync($"webhooks/{id}/deliveries/{delivery.GetProperty("id")}")).Should(HttpStatusCode.OK);
        log["payload"].GetString().ShouldBe(sent[0].Body);
        var attempts = log["attempts"].EnumerateArray().ToList();
        attempts.Select(a => a.GetProperty("status").GetInt32()).ShouldBe([500, 500, 200]);
        attempts[0].GetProperty("answer").GetString()!.Length.ShouldBe(1024);
    }

    [Fact]
    public async Task Retry_after_is_honoured_and_hours_of_failure_end()
    {
        var clock = new AdvancedClock();
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.Answer = (http, attempt) =>
        {
            http.Response.StatusCode = attempt == 1 ? 429 : 503;
            if (attempt == 1)
                http.Response.Headers.RetryAfter = "600";
            return Task.CompletedTask;
        };
        await using var app = await RegistryApp.StartAsync(DatabaseProvider.Sqlite, new RegistryAppOptions
        {
            Clock = clock,
            Settings = { ["Webhooks:AllowedSchemes"] = "http", ["Webhooks:AllowPrivateAddresses"] = "true" },
        });
        var id = await MakeAsync(app.AdminClient, receiver.Url + "/hook", null, "registered_model.created");
        await RegisterAsync(app.AdminClient, "model");
        await receiver.WaitForAsync(1);
        await AttemptsAsync(app.AdminClient, id, 1);

        // Nothing before the ten minutes are over.
        clock.Advance(TimeSpan.FromMinutes(9));
        await Task.Delay(3000);
        receiver.All.Count.ShouldBe(1);
        clock.Advance(TimeSpan.FromMinutes(2));
        await receiver.WaitForAsync(2);

        for (var attempt = 3; attempt <= 11; attempt++)
        {
            // Its answer is written down before the clock moves on.
            await AttemptsAsync(app.AdminClient, id, attempt - 1);
            clock.Advance(TimeSpan.FromHours(10));
            await receiver.WaitForAsync(attempt);
        }

        (await FinishedAsync(app.AdminClient, id)).GetProperty("state").GetString().ShouldBe("failed");
        clock.Advance(TimeSpan.FromDays(1));
        await Task.Delay(2500);
        receiver.All.Count.ShouldBe(11);
    }

    [Theory]
    [InlineData(302), InlineData(400), InlineData(404), InlineData(410)]
    public async Task A_refusal_is_final_and_can_be_replayed(int status)
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.Answer = (http, attempt) =>
        {
            http.Response.StatusCode = attempt == 1 ? status : 204;
            return Task.CompletedTask;
        };
        var admin = (await apps.On(DatabaseProvider.Sqlite)).AdminClient;
        var id = await MakeAsync(admin, receiver.Url + "/hook", "k", "registered_model.created");
        await RegisterAsync(admin, Any.Name("model"));

        var failed = await FinishedAsync(admin, id);
        failed.GetProperty("state").GetString().ShouldBe("failed");
        failed.GetProperty("attempts").GetInt32().ShouldBe(1);
        var replay = (await admin.V1PostAsync($"webhooks/{id}/deliveries/{failed.GetProperty("id")}/replay", null)).Should(HttpStatusCode.Created);

        var sent = await receiver.WaitForAsync(2);
        sent[1].Body.ShouldBe(sent[0].Body);
        sent[1].DeliveryId.ShouldBe(replay["id"].GetString());
        sent[1].DeliveryId.ShouldNotBe(sent[0].DeliveryId);
        (await admin.V1GetAsync($"webhooks/{id}/deliveries?state=failed"))["items"].GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task A_webhook_that_is_switched_off_or_deleted_is_told_nothing_any_more()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.Answer = (http, _) =>
        {
            http.Response.StatusCode = 503;
            http.Response.Headers.RetryAfter = "3600";
            return Task.CompletedTask;
        };
        var admin = (await apps.On(DatabaseProvider.Sqlite)).AdminClient;
        var id = await MakeAsync(admin, receiver.Url + "/hook", null, "registered_model.created");
        await RegisterAsync(admin, Any.Name("model"));
        await receiver.WaitForAsync(1);
        await AttemptsAsync(admin, id, 1);

        (await admin.MlflowPatchAsync($"webhooks/{id}", new { status = "DISABLED" })).Ok();
        var delivery = await FinishedAsync(admin, id);
        delivery.GetProperty("state").GetString().ShouldBe("cancelled");
        (await admin.V1PostAsync($"webhooks/{id}/deliveries/{delivery.GetProperty("id")}/replay", null)).ShouldBeRefused(HttpStatusCode.Conflict);
        await RegisterAsync(admin, Any.Name("model"));
        (await admin.V1AllAsync($"webhooks/{id}/deliveries")).Count.ShouldBe(1);
        (await admin.MlflowDeleteAsync($"webhooks/{id}", new { })).Ok();
        // The log stays.
        (await admin.V1AllAsync($"webhooks/{id}/deliveries")).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_receiver_that_hangs_holds_up_nobody_else()
    {
        await using var slow = await WebhookReceiver.StartAsync();
        slow.Answer = (http, _) => Task.Delay(TimeSpan.FromSeconds(30), http.RequestAborted);
        var admin = (await apps.On(DatabaseProvider.Sqlite)).AdminClient;
        var path = "/" + Any.Name("quick");
        var hanging = await MakeAsync(admin, slow.Url + "/hook", null, "registered_model.created");
        for (var i = 0; i < 12; i++)
            await RegisterAsync(admin, Any.Name("model"));
        await slow.WaitForAsync(2);
        await MakeAsync(admin, apps.Receiver.Url + path, null, "registered_model.created");
        await RegisterAsync(admin, Any.Name("model"));

        var started = DateTime.UtcNow;
        await apps.Receiver.WaitForAsync(1, path);
        (DateTime.UtcNow - started).ShouldBeLessThan(TimeSpan.FromSeconds(9));
        slow.All.Count.ShouldBe(2);
        (await admin.MlflowDeleteAsync($"webhooks/{hanging}", new { })).Ok();
    }

    [Fact]
    [Trait("Case", "F04")]
    public async Task Only_admins_read_the_log_and_replay()
    {
        var app = await apps.On(DatabaseProvider.Sqlite);
        var path = "/" + Any.Name("log");
        var id = await MakeAsync(app.AdminClient, apps.Receiver.Url + path, null, "registered_model.created");
        await RegisterAsync(app.AdminClient, Any.Name("model"));
        var delivery = (await FinishedAsync(app.AdminClient, id)).GetProperty("id");
        var other = await MakeAsync(app.AdminClient, apps.Receiver.Url + path, null, "registered_model.created");

        foreach (var role in new[] { RegistryRole.Member, RegistryRole.Auditor, RegistryRole.GovernanceOfficer })
        {
            using var client = await app.ClientAsync(role);
            (await client.V1GetAsync($"webhooks/{id}/deliveries")).ShouldBeRefused(HttpStatusCode.Forbidden);
            (await client.V1GetAsync($"webhooks/{id}/deliveries/{delivery}")).ShouldBeRefused(HttpStatusCode.Forbidden);
            (await client.V1PostAsync($"webhooks/{id}/deliveries/{delivery}/replay", null)).ShouldBeRefused(HttpStatusCode.Forbidden);
            (await client.V1GetAsync($"webhooks/{id}")).ShouldBeRefused(HttpStatusCode.Forbidden);
        }

        // A delivery of another webhook is not found under this one.
        (await app.AdminClient.V1GetAsync($"webhooks/{other}/deliveries/{delivery}")).ShouldBeRefused(HttpStatusCode.NotFound);
        (await app.AdminClient.V1PostAsync($"webhooks/{other}/deliveries/{delivery}/replay", null)).ShouldBeRefused(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task The_secret_is_shown_to_nobody_and_stored_sealed()
    {
        var app = await apps.On(DatabaseProvider.Sqlite);
        var secret = Any.Name("secret");
        var id = await MakeAsync(app.AdminClient, apps.Receiver.Url + "/sealed", secret, "registered_model.created");
        (await app.AdminClient.V1PatchAsync($"webhooks/{id}", new { secret = secret + "-2" })).Should(HttpStatusCode.OK)["signed"].GetBoolean().ShouldBeTrue();

        (await app.AdminClient.V1GetAsync($"webhooks/{id}")).Text.ShouldNotContain(secret);
        (await app.AdminClient.MlflowGetAsync("webhooks?max_results=1000")).Ok().Text.ShouldNotContain(secret);
        app.LogText.ShouldNotContain(secret);
        foreach (var file in Directory.GetFiles(app.Folder, "registry.db*"))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(stream, System.Text.Encoding.Latin1);
            (await reader.ReadToEndAsync()).ShouldNotContain(secret);
        }

        (await app.AdminClient.V1PatchAsync($"webhooks/{id}", new { secret = "" }))["signed"].GetBoolean().ShouldBeFalse();
    }

    private static async Task<string> MakeAsync(HttpClient admin, string url, string? secret, params string[] events) =>
        (await admin.V1PostAsync("webhooks", new { name = "hook", url, secret, events })).Should(HttpStatusCode.Created)["id"].GetString()!;

    private static async Task RegisterAsync(HttpClient client, string name)
    {
        (await client.MlflowPostAsync("registered-models/create",
            new { name, description = "d", tags = new[] { new { key = "team", value = "x" } } })).Ok();
        (await client.MlflowPostAsync("model-versions/create", new
        {
            name,
            source = "s3://bucket/path/to/model",
            run_id = "1234567890abcdef",
            tags = new[] { new { key = "a", value = "b" } },
        })).Ok();
    }

    /// <summary>The oldest delivery of a webhook, when it is over.</summary>
    private static async Task<JsonElement> FinishedAsync(HttpClient admin, string id)
    {
        for (var i = 0; i < 600; i++)
        {
            var all = await admin.V1AllAsync($"webhooks/{id}/deliveries", 100);
            if (all.Count > 0 && all[^1].GetProperty("state").GetString() != "pending")
                return all[^1];
            await Task.Delay(50);
        }

        throw new ShouldAssertException("The delivery is still pending.");
    }

    private static async Task AttemptsAsync(HttpClient admin, string id, int count)
    {
        for (var i = 0; i < 600; i++)
        {
            var all = await admin.V1AllAsync($"webhooks/{id}/deliveries", 100);
            var log = (await admin.V1GetAsync($"webhooks/{id}/deliveries/{all[^1].GetProperty("id")}"))["attempts"];
            if (log.GetArrayLength() >= count)
                return;
            await Task.Delay(50);
        }

        throw new ShouldAssertException($"{count} attempts were expected.");
    }
}
