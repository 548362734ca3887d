using System.Net;
using System.Text.Json;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;
using ModelRegistry.Tests.Registry;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Api;

public sealed class ReadingTheAuditTests(RegistryApps apps) : IClassFixture<RegistryApps>
{
    [SkippableTheory, OnEachDatabase]
    public async Task What_may_not_be_read_is_not_in_the_list(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var owner = await app.UserAsync(RegistryRole.Member);
        var other = await app.UserAsync(RegistryRole.Member);
        var name = await owner.Client.ModelAsync();
        await owner.Client.VersionAsync(name);

        (await ActionsAsync(other.Client, $"model={name}")).ShouldBe(["model-version.created", "registered-model.created"]);
        await app.MakePrivateAsync(name);
        (await other.Client.V1GetAsync($"audit-events?model={name}")).ShouldBeRefused(HttpStatusCode.NotFound);
        (await ActionsAsync(other.Client, $"object={name}")).ShouldBeEmpty();
        (await ActionsAsync(owner.Client, $"object={name}")).ShouldBe(["registered-model.created"]);
        (await other.Client.GetStringAsync($"/api/v1/audit-events/export?object={name}")).ShouldBeEmpty();
        (await ActionsAsync(app.AdminClient, $"actor={owner.Email}&kind=model-version")).ShouldBe(["model-version.created"]);
        (await ActionsAsync(app.AdminClient, "actor=nobody@example.org")).ShouldBeEmpty();
        (await ActionsAsync(app.AdminClient, $"object={name}&from=2200-01-01")).ShouldBeEmpty();
        (await app.AdminClient.V1GetAsync("audit-events?from=yesterday")).ShouldBeRefused(HttpStatusCode.BadRequest, "from");
    }

    [Fact]
    public async Task The_whole_log_is_exported_and_verified_by_auditors()
    {
        var app = await apps.On(DatabaseProvider.Sqlite);
        var name = await app.AdminClient.ModelAsync();
        using var auditor = await app.ClientAsync(RegistryRole.Auditor);
        using var member = await app.ClientAsync(RegistryRole.Member);

        var lines = (await auditor.GetStringAsync("/api/v1/audit-events/export")).TrimEnd('\n').Split('\n');
        lines.Select(l => JsonDocument.Parse(l).RootElement.GetProperty("object_id").GetString()).ShouldContain(name);
        using var csv = await auditor.GetAsync("/api/v1/audit-events/export?format=csv");
        csv.Content.Headers.ContentType!.MediaType.ShouldBe("text/csv");
        csv.Content.Headers.ContentDisposition!.FileName!.Trim('"').ShouldBe("audit.csv");
        (await csv.Content.ReadAsStringAsync()).Split("\r\n").Length.ShouldBeGreaterThanOrEqualTo(lines.Length + 2);
        (await auditor.V1GetAsync("audit-events/export?format=xml")).ShouldBeRefused(HttpStatusCode.BadRequest, "format");

        (await auditor.V1GetAsync("audit-events/verify")).Should(HttpStatusCode.OK)["intact"].GetBoolean().ShouldBeTrue();
        (await auditor.V1PostAsync("audit-events/verify", "no checkpoint")).ShouldBeRefused(HttpStatusCode.BadRequest, "checkpoint");
        (await member.V1GetAsync("audit-events/verify")).ShouldBeRefused(HttpStatusCode.Forbidden);
    }

    private static async Task<List<string>> ActionsAsync(HttpClient client, string filter) =>
        [.. (await client.V1AllAsync($"audit-events?{filter}")).Select(e => e.GetProperty("action").GetString()!)];

    [Fact]
    [Trait("Case", "F20")]
    public async Task No_route_changes_the_trail()
    {
        var app = await apps.On(DatabaseProvider.Sqlite);
        await app.AdminClient.ModelAsync();
        app.Routes.Where(r => r.Pattern.Contains("audit", StringComparison.OrdinalIgnoreCase) && r.Method is not ("GET" or "HEAD"))
            .Select(r => $"{r.Method} {r.Pattern}").Order().ShouldBe(["POST /api/v1/audit-events/verify", "POST /audit"]);

        var before = await app.CountAsync("SELECT COUNT(*) FROM audit_events");
        foreach (var method in new[] { HttpMethod.Delete, HttpMethod.Put, HttpMethod.Patch, HttpMethod.Post })
        {
            foreach (var path in new[] { "audit-events/1", "audit-events", "audit-events/export" })
                (await app.AdminClient.V1SendAsync(method, path, new { action = "x" })).Status.ShouldBeOneOf(HttpStatusCode.NotFound, HttpStatusCode.MethodNotAllowed);
        }

        (await app.CountAsync("SELECT COUNT(*) FROM audit_events")).ShouldBe(before);
    }
}
