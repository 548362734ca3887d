using System.Net;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;
using ModelRegistry.Tests.Api;
using ModelRegistry.Tests.Promotion;
using ModelRegistry.Tests.Registry;
using ModelRegistry.Tests.Support;
using ModelRegistry.Tests.Webhooks;

namespace ModelRegistry.Tests.Notices;

public sealed class TellingReceiversTests(WebhookApps apps) : IClassFixture<WebhookApps>
{
    [SkippableTheory, OnEachDatabase]
    public async Task Approvals_and_holds_are_told_with_the_same_signature_and_without_names_of_people(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var (officer, owner) = (await app.UserAsync(RegistryRole.GovernanceOfficer), await app.UserAsync(RegistryRole.Member));
        var path = "/" + Any.Name("governance");
        (await app.AdminClient.V1PostAsync("webhooks", new
        {
            name = "governance",
            url = apps.Receiver.Url + path,
            secret = "s3cret",
            events = new[] { "approval.requested", "approval.decided", "retention.notice", "legal_hold.set", "legal_hold.released" },
        })).Should(HttpStatusCode.Created);
        var name = await owner.Client.ModelAsync("told");
        await owner.Client.VersionAsync(name);
        await PromotingVersionsTests.PolicyAsync(officer, new { name = Any.Name("p"), models = name, stage = "production", approvals = new { count = 1 } });
        var request = (await owner.Client.V1PostAsync("approvals", new { model = name, version = 1, stage = "production" })).Should(HttpStatusCode.Created)["id"];
        (await officer.Client.V1PostAsync($"approvals/{request}/approve", null)).Should(HttpStatusCode.OK);
        var hold = (await officer.Client.V1PostAsync("legal-holds", new { kind = "registered-model", @object = name, matter = "Secret matter", reason = "Asked for" })).Should(HttpStatusCode.Created)["id"];
        (await officer.Client.V1PostAsync($"legal-holds/{hold}/release", new { reason = "Over" })).Should(HttpStatusCode.OK);

        var told = await apps.Receiver.WaitForAsync(4, path);
        told.ShouldAllBe(r => r.IsSignedWith("s3cret"));
        told.ToDictionary(r => $"{r.Json.GetProperty("entity")}.{r.Json.GetProperty("action")}", r => r.Json.GetProperty("data").ToString()).ShouldBe(
            new Dictionary<string, string>
            {
                ["approval.requested"] = $$"""{"id":{{request}},"name":"{{name}}","version":"1","stage":"Production"}""",
                ["approval.decided"] = $$"""{"id":{{request}},"name":"{{name}}","version":"1","stage":"Production","state":"done"}""",
                ["legal_hold.set"] = $$"""{"id":"{{hold}}","kind":"registered-model","object":"{{name}}"}""",
                ["legal_hold.released"] = $$"""{"id":"{{hold}}","kind":"registered-model","object":"{{name}}"}""",
            }, ignoreOrder: true);
        // MLflow's clients do not see events that they have no name for.
        (await app.AdminClient.MlflowGetAsync("webhooks")).Text.ShouldNotContain("legal_hold");
    }
}
