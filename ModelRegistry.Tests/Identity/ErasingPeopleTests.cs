using System.Globalization;
using System.Net;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;
using ModelRegistry.Tests.Api;
using ModelRegistry.Tests.Registry;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Identity;

public sealed class ErasingPeopleTests(RegistryApps apps) : IClassFixture<RegistryApps>
{
    [SkippableTheory, OnEachDatabase]
    [Trait("Case", "L22")]
    public async Task What_they_did_stays_and_the_chain_verifies(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        var person = await app.UserAsync(RegistryRole.Member, displayName: "Paula Person");
        var name = await person.Client.ModelAsync();
        using var browser = await app.SignedInAsync(RegistryRole.Admin);
        await SealedAsync(app);

        using (var refused = await EraseAsync("somebody else"))
            refused.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await person.Client.GetModelAsync(name)).Ok();
        using (var done = await EraseAsync(person.Email))
            done.StatusCode.ShouldBe(HttpStatusCode.Redirect, await done.Content.ReadAsStringAsync());

        (await person.Client.GetModelAsync(name)).Status.ShouldBe(HttpStatusCode.Unauthorized);
        (await app.AdminClient.GetModelAsync(name)).Ok();
        var made = (await app.AdminClient.V1AllAsync($"audit-events?object={name}")).ShouldHaveSingleItem();
        made.GetProperty("actor").GetString().ShouldBe($"Erased user {person.Id}");
        made.GetProperty("address").GetString().ShouldBeNull();
        (await app.AdminClient.V1GetAsync("audit-events/verify"))["intact"].GetBoolean().ShouldBeTrue();
        (await app.CountAsync($"SELECT COUNT(*) FROM users WHERE email = '{person.Email}' OR display_name LIKE '%Paula%'")).ShouldBe(0);
        (await app.CountAsync($"SELECT COUNT(*) FROM audit_origins o JOIN audit_events e ON e.id = o.event_id WHERE e.actor_id = {person.Id}")).ShouldBe(0);
        // For good: nobody knows whom it would be opened for.
        using var enabled = await browser.SubmitAsync("/admin/users", "Enable", ("id", person.Id.ToString(CultureInfo.InvariantCulture)));
        (await app.CountAsync($"SELECT COUNT(*) FROM users WHERE id = {person.Id} AND erased_ms IS NOT NULL")).ShouldBe(1);
        (await browser.GetPageAsync("/admin/users?q=erased-" + person.Id)).ShouldContain("disabled");

        Task<HttpResponseMessage> EraseAsync(string confirm) => browser.SubmitAsync(
            "/admin/users", "Erase", ("id", person.Id.ToString(CultureInfo.InvariantCulture)), ("email", person.Email), ("confirmName", confirm));
    }

    // The chain is only proof of what is in it.
    private static async Task SealedAsync(RegistryApp app)
    {
        for (var i = 0; i < 100; i++)
        {
            if ((await app.AdminClient.V1GetAsync("audit-events/verify"))["openEvents"].GetInt64() == 0)
                return;
            await Task.Delay(100);
        }
    }
}
