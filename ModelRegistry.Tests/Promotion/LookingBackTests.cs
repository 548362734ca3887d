using System.Net;
using System.Text.Json;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;
using ModelRegistry.Tests.Api;
using ModelRegistry.Tests.Registry;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Promotion;

public sealed class LookingBackTests(RegistryApps apps) : IClassFixture<RegistryApps>
{
    [SkippableTheory, OnEachDatabase]
    public async Task Any_moment_is_told_as_it_was(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var (officer, owner) = (await app.UserAsync(RegistryRole.GovernanceOfficer), await app.UserAsync(RegistryRole.Member));
        var client = owner.Client;
        var before = Now();
        var name = await client.ModelAsync("then");
        var one = await client.VersionAsync(name);
        (await client.TransitionAsync(name, one, "Production")).Ok();
        (await client.SetAliasAsync(name, "champion", one)).Ok();
        var first = Now();
        await PromotingVersionsTests.PolicyAsync(officer, new { name = Any.Name("p"), models = name, stage = "production", approvals = new { count = 1 } });
        var two = await client.VersionAsync(name);
        var request = (await client.V1PostAsync("approvals", new { model = name, version = 2, stage = "production", archiveExisting = true })).Should(HttpStatusCode.Created);
        (await officer.Client.V1PostAsync($"approvals/{request["id"]}/approve", null)).Should(HttpStatusCode.OK)["state"].GetString().ShouldBe("done");
        (await client.SetAliasAsync(name, "champion", two)).Ok();
        var second = Now();
        (await client.MlflowDeleteAsync("registered-models/alias", new { name, alias = "champion" })).Ok();
        var renamed = Any.Name("now");
        (await app.AdminClient.MlflowPostAsync("registered-models/rename", new { name, new_name = renamed })).Ok();
        var third = Now();
        (await app.AdminClient.MlflowDeleteAsync("registered-models/delete", new { name = renamed })).Ok();

        (await client.V1GetAsync($"history?at={before}&model={renamed}"))["items"].GetArrayLength().ShouldBe(0);
        Told(await AtAsync(first)).ShouldBe($"{name} 1:Production[] champion→1 deleted");
        Told(await AtAsync(second)).ShouldBe($"{name} 2:Production[{officer.Email}] champion→2 deleted");
        Told(await AtAsync(third)).ShouldBe($"{renamed} 2:Production[{officer.Email}] deleted");
        (await client.V1GetAsync($"history?model={renamed}"))["items"].GetArrayLength().ShouldBe(0);
        (await client.V1GetAsync("history?at=once")).ShouldBeRefused(HttpStatusCode.BadRequest, "at");
        await app.MakePrivateAsync(renamed);
        using var other = await app.ClientAsync(RegistryRole.Member);
        (await other.V1GetAsync($"history?at={second}&model={renamed}"))["items"].GetArrayLength().ShouldBe(0);

        async Task<JsonElement> AtAsync(string at) =>
            (await client.V1GetAsync($"history?at={at}&model={renamed}")).Should(HttpStatusCode.OK)["items"].EnumerateArray().ShouldHaveSingleItem();
    }

    private static string Told(JsonElement model) => string.Join(' ',
    [
        model.GetProperty("model").GetString()!,
        .. model.GetProperty("versions").EnumerateArray().Select(v => $"{v.GetProperty("version")}:{v.GetProperty("stage")}[{string.Join(',', v.GetProperty("approvedBy").EnumerateArray())}]"),
        .. model.GetProperty("aliases").EnumerateArray().Select(a => $"{a.GetProperty("alias")}→{a.GetProperty("version")}"),
        .. model.GetProperty("deleted").GetBoolean() ? new[] { "deleted" } : [],
    ]);

    private static string Now()
    {
        // Moves of one millisecond are not told apart by a time.
        Thread.Sleep(3);
        var now = DateTimeOffset.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture);
        Thread.Sleep(3);
        return now;
    }
}
