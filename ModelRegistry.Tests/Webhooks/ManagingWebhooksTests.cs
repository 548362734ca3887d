using System.Net;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Webhooks;

public sealed class ManagingWebhooksTests(WebhookApps apps) : IClassFixture<WebhookApps>
{
    private static readonly object[] VersionCreated = [new { entity = "MODEL_VERSION", action = "CREATED" }];

    [SkippableTheory, OnEachDatabase]
    public async Task A_webhook_is_made_read_changed_and_deleted(DatabaseProvider provider)
    {
        var admin = (await apps.On(provider)).AdminClient;
        var made = (await admin.MlflowPostAsync("webhooks", new
        {
            name = "hook-1",
            url = "https://127.0.0.1:1/x",
            events = new[] { new { entity = "REGISTERED_MODEL", action = "CREATED" }, new { entity = "MODEL_VERSION", action = "CREATED" } },
            description = "d",
            secret = "s3cret",
        })).Ok()["webhook"];
        var id = made.GetProperty("webhook_id").GetString();

        made.GetProperty("status").GetString().ShouldBe("ACTIVE");
        made.GetProperty("events").ToString().ShouldBe(
            """[{"entity":"MODEL_VERSION","action":"CREATED"},{"entity":"REGISTERED_MODEL","action":"CREATED"}]""");
        made.GetProperty("creation_timestamp").GetInt64().ShouldBeGreaterThan(0);
        made.ToString().ShouldNotContain("s3cret");

        (await admin.MlflowGetAsync($"webhooks/{id}")).Ok()["webhook"].ToString().ShouldBe(made.ToString());
        var changed = (await admin.MlflowPatchAsync($"webhooks/{id}", new { status = "DISABLED", name = "n2" })).Ok()["webhook"];
        changed.GetProperty("status").GetString().ShouldBe("DISABLED");
        changed.GetProperty("name").GetString().ShouldBe("n2");
        changed.GetProperty("description").GetString().ShouldBe("d");

        (await admin.MlflowDeleteAsync($"webhooks/{id}", new { })).Ok().Text.ShouldBe("{}");
        foreach (var gone in new[]
        {
            await admin.MlflowDeleteAsync($"webhooks/{id}", new { }), await admin.MlflowGetAsync($"webhooks/{id}"),
            await admin.MlflowPatchAsync($"webhooks/{id}", new { name = "n3" }), await admin.MlflowPostAsync($"webhooks/{id}/test", new { }),
        })
        {
            gone.ShouldBeRefused(HttpStatusCode.NotFound, "RESOURCE_DOES_NOT_EXIST");
            gone.Message.ShouldBe($"Webhook with ID {id} not found.");
        }
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Lists_are_paged_newest_first(DatabaseProvider provider)
    {
        var admin = (await apps.On(provider)).AdminClient;
        var names = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            names.Insert(0, $"page-{i}");
            (await admin.MlflowPostAsync("webhooks", new { name = $"page-{i}", url = "https://127.0.0.1/x", events = VersionCreated })).Ok();
        }

        var found = new List<string>();
        var token = "";
        do
        {
            var page = (await admin.MlflowGetAsync($"webhooks?max_results=2&page_token={token}")).Ok();
            found.AddRange(page["webhooks"].EnumerateArray().Select(w => w.GetProperty("name").GetString()!));
            token = page.Json.TryGetProperty("next_page_token", out var next) ? next.GetString() : null;
        }
        while (token is not null);

        found.Where(n => n.StartsWith("page-", StringComparison.Ordinal)).ShouldBe(names);
        (await admin.MlflowGetAsync("webhooks?max_results=1001")).ShouldBeRefused(HttpStatusCode.BadRequest, "INVALID_PARAMETER_VALUE");
        (await admin.MlflowGetAsync("webhooks?page_token=abc")).ShouldBeRefused(HttpStatusCode.BadRequest, "INVALID_PARAMETER_VALUE");
    }

    public static TheoryData<object, string> Mistakes => new()
    {
        { new { name = "h" }, "Missing value for required parameter 'url'." },
        { new { name = "h", url = "https://127.0.0.1/x" }, "Missing value for required parameter 'events'." },
        { new { name = "h", url = "https://127.0.0.1/x", events = Array.Empty<object>() },
            "Webhook events must be a non-empty list of WebhookEvent objects: []." },
        { new { name = "h", url = "https://127.0.0.1/x", events = new[] { new { entity = "MODEL_VERSION", action = "DELETED" } } },
            "Invalid action 'deleted' for entity 'model_version'. Valid actions are: ['created']" },
        { new { name = "h", url = "https://127.0.0.1/x", events = new[] { new { entity = "MODEL_VERSION_ALIAS", action = "SET" } } },
            "Invalid action 'set' for entity 'model_version_alias'. Valid actions are: ['created', 'deleted']" },
        { new { name = "h", url = "https://127.0.0.1/x", events = new[] { new { entity = "NONSENSE", action = "SET" } } },
            "Invalid value \"NONSENSE\" for parameter 'events[0].entity'" },
        { new { name = "bad name", url = "https://127.0.0.1/x", events = VersionCreated }, "Webhook name 'bad name' is invalid." },
        { new { name = new string('n', 64), url = "https://127.0.0.1/x", events = VersionCreated }, "is invalid." },
        { new { name = "h", url = "ftp://x/y", events = VersionCreated }, "Invalid webhook URL scheme: 'ftp'. Allowed schemes are: http, https." },
        { new { name = "h", url = "https://127.0.0.1/x", events = VersionCreated, status = "SLEEPING" }, "Invalid value \"SLEEPING\"" },
        { new { name = "h", url = "https://127.0.0.1/x", events = VersionCreated, secret = new string('s', 1001) }, "secret" },
    };

    [Theory, MemberData(nameof(Mistakes))]
    public async Task A_mistake_is_refused_in_MLflows_words(object body, string message)
    {
        var admin = (await apps.On(DatabaseProvider.Sqlite)).AdminClient;

        (await admin.MlflowPostAsync("webhooks", body)).ShouldBeRefused(HttpStatusCode.BadRequest, "INVALID_PARAMETER_VALUE")
            .Message.ShouldNotBeNull().ShouldContain(message);
    }

    [Theory]
    [InlineData(RegistryRole.Viewer), InlineData(RegistryRole.Member), InlineData(RegistryRole.GovernanceOfficer)]
    [InlineData(RegistryRole.Auditor), InlineData(RegistryRole.None)]
    public async Task Only_admins_manage_webhooks(RegistryRole role)
    {
        var app = await apps.On(DatabaseProvider.Sqlite);
        await ShouldManageNothingAsync(app, await app.ClientAsync(role));
    }

    [Fact]
    public async Task An_admins_token_needs_the_scope_for_it()
    {
        var app = await apps.On(DatabaseProvider.Sqlite);
        await ShouldManageNothingAsync(app, await app.ClientAsync(RegistryRole.Admin, TokenScope.Register | TokenScope.Read));
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Trying_a_webhook_sends_a_signed_example_at_once(DatabaseProvider provider)
    {
        var admin = (await apps.On(provider)).AdminClient;
        var path = "/try-" + Any.Name();
        var id = await MakeAsync(admin, apps.Receiver.Url + path, "k3y", VersionCreated);

        var result = (await admin.MlflowPostAsync($"webhooks/{id}/test", new { })).Ok()["result"];

        result.GetProperty("success").GetBoolean().ShouldBeTrue();
        result.GetProperty("response_status").GetInt32().ShouldBe(200);
        result.TryGetProperty("error_message", out _).ShouldBeFalse();
        var sent = apps.Receiver.On(path).ShouldHaveSingleItem();
        sent.IsSignedWith("k3y").ShouldBeTrue();
        sent.IsSignedWith("key").ShouldBeFalse();
        Guid.TryParse(sent.DeliveryId, out _).ShouldBeTrue();
        sent.Json.GetProperty("entity").GetString().ShouldBe("model_version");
        sent.Json.GetProperty("action").GetString().ShouldBe("created");
        sent.Json.GetProperty("timestamp").GetDateTimeOffset().Offset.ShouldBe(TimeSpan.Zero);
        sent.Json.GetProperty("data").ToString().ShouldBe("""
            {"name":"example_model","version":"1","source":"models:/123","run_id":"abcd1234abcd5678","tags":{"example_key":"example_value"},"description":"An example model version"}
            """.Trim());
    }

    [Fact]
    public async Task Trying_a_webhook_sends_the_event_that_was_asked_for()
    {
        var admin = (await apps.On(DatabaseProvider.Sqlite)).AdminClient;
        var path = "/try-" + Any.Name();
        var id = await MakeAsync(admin, apps.Receiver.Url + path, null, VersionCreated);

        (await admin.MlflowPostAsync($"webhooks/{id}/test", new { @event = new { entity = "PROMPT_VERSION", action = "CREATED" } })).Ok();

        var sent = apps.Receiver.On(path).ShouldHaveSingleItem();
        sent.Signature.ShouldBeNull();
        sent.Json.GetProperty("data").GetProperty("template").GetString().ShouldBe("Hello {{name}}!");
    }

    [Fact]
    public async Task Every_event_has_an_example()
    {
        var admin = (await apps.On(DatabaseProvider.Sqlite)).AdminClient;
        var path = "/try-" + Any.Name();
        var id = await MakeAsync(admin, apps.Receiver.Url + path, null, VersionCreated);
        string[] events =
        [
            "REGISTERED_MODEL.CREATED", "MODEL_VERSION.CREATED", "MODEL_VERSION_TAG.SET", "MODEL_VERSION_TAG.DELETED",
            "MODEL_VERSION_ALIAS.CREATED", "MODEL_VERSION_ALIAS.DELETED", "PROMPT.CREATED", "PROMPT_VERSION.CREATED", "PROMPT_TAG.SET",
            "PROMPT_TAG.DELETED", "PROMPT_VERSION_TAG.SET", "PROMPT_VERSION_TAG.DELETED", "PROMPT_ALIAS.CREATED",
            "PROMPT_ALIAS.DELETED", "BUDGET_POLICY.EXCEEDED",
        ];

        foreach (var one in events)
        {
            var body = new { @event = new { entity = one.Split('.')[0], action = one.Split('.')[1] } };
            (await admin.MlflowPostAsync($"webhooks/{id}/test", body)).Ok()["result"].GetProperty("success").GetBoolean().ShouldBeTrue();
        }

        apps.Receiver.On(path).Select(r => $"{r.Json.GetProperty("entity")}.{r.Json.GetProperty("action")}".ToUpperInvariant()).ShouldBe(events);
    }

    [Fact]
    public async Task A_refusal_of_the_receiver_is_shown()
    {
        var admin = (await apps.On(DatabaseProvider.Sqlite)).AdminClient;
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.Answer = async (http, _) =>
        {
            http.Response.StatusCode = 404;
            await http.Response.Body.WriteAsync("no such hook"u8.ToArray());
        };
        var id = await MakeAsync(admin, receiver.Url + "/hook", null, VersionCreated);

        var result = (await admin.MlflowPostAsync($"webhooks/{id}/test", new { })).Ok()["result"];

        result.GetProperty("success").GetBoolean().ShouldBeFalse();
        result.GetProperty("response_status").GetInt32().ShouldBe(404);
        result.GetProperty("response_body").GetString().ShouldBe("no such hook");
        result.TryGetProperty("error_message", out _).ShouldBeFalse();
    }

    internal static async Task<string> MakeAsync(HttpClient admin, string url, string? secret, object[] events) =>
        (await admin.MlflowPostAsync("webhooks", new { name = "hook", url, secret, events })).Ok()["webhook"]
            .GetProperty("webhook_id").GetString()!;

    private static async Task ShouldManageNothingAsync(RegistryApp app, HttpClient client)
    {
        var id = await MakeAsync(app.AdminClient, "https://127.0.0.1/x", "s", VersionCreated);
        foreach (var answer in new[]
        {
            await client.MlflowPostAsync("webhooks", new { name = "h", url = "https://127.0.0.1/x", events = VersionCreated }),
            await client.MlflowGetAsync("webhooks"), await client.MlflowGetAsync($"webhooks/{id}"),
            await client.MlflowGetAsync("webhooks/no-such"), await client.MlflowPatchAsync($"webhooks/{id}", new { name = "n" }),
            await client.MlflowPostAsync($"webhooks/{id}/test", new { }), await client.MlflowDeleteAsync($"webhooks/{id}", new { }),
        })
        {
            answer.ShouldBeRefused(HttpStatusCode.Forbidden, "PERMISSION_DENIED");
        }

        (await app.AdminClient.MlflowGetAsync($"webhooks/{id}")).Ok();
    }
}
