using System.Globalization;
using System.Net;
using System.Text.Json;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;
using ModelRegistry.Tests.Api;
using ModelRegistry.Tests.Registry;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Governance;

/// <summary>Erasure cases: two people, no time in the trash, and what is protected stays with a reason.</summary>
public sealed class ErasingOnRequestTests
{
    [SkippableTheory, OnEachDatabase]
    public async Task A_person_is_erased_by_two_others_and_what_they_made_stays(DatabaseProvider provider)
    {
        await using var app = await RetentionApp.StartAsync(provider);
        var person = await app.App.UserAsync(RegistryRole.Member, displayName: "Paula Person");
        var name = await person.Client.ModelAsync();
        (await person.Client.V1PostAsync("erasure-cases", new { reference = "r", reason = "r", person = person.Email })).ShouldBeRefused(HttpStatusCode.Forbidden);
        (await app.Author.V1PostAsync("erasure-cases", new { reference = "r", reason = "r" })).ShouldBeRefused(HttpStatusCode.BadRequest, "items");
        (await app.Author.V1PostAsync("erasure-cases", new { reference = "r", reason = "r", person = "nobody@example.com" })).ShouldBeRefused(HttpStatusCode.BadRequest, "person");

        var id = await OpenAsync(app, new { reference = "DSR-1", reason = "consent withdrawn", person = person.Email });
        (await app.App.EraseAsync()).ShouldBe(0);
        (await app.Author.V1PostAsync($"erasure-cases/{id}/approve", null)).ShouldBeRefused(HttpStatusCode.Forbidden);
        (await person.Client.GetModelAsync(name)).Ok();
        (await app.Approver.V1PostAsync($"erasure-cases/{id}/approve", null)).Should(HttpStatusCode.OK);
        (await app.App.EraseAsync()).ShouldBe(1);

        (await person.Client.GetModelAsync(name)).Status.ShouldBe(HttpStatusCode.Unauthorized);
        (await app.Admin.GetModelAsync(name)).Ok();
        var done = (await app.Author.V1GetAsync($"erasure-cases/{id}")).Should(HttpStatusCode.OK);
        done["state"].GetString().ShouldBe("done");
        done["person"].GetString().ShouldBe($"Erased user {person.Id}");
        (await app.Admin.V1AllAsync($"audit-events?object={name}")).ShouldHaveSingleItem().GetProperty("actor").GetString().ShouldBe($"Erased user {person.Id}");
        (await app.Admin.V1GetAsync("audit-events/verify"))["intact"].GetBoolean().ShouldBeTrue();
        (await app.App.CountAsync($"SELECT COUNT(*) FROM audit_events WHERE object_kind = 'erasure-case' AND (reason IS NOT NULL OR after LIKE '%{person.Email}%')")).ShouldBe(0);
    }

    [Fact]
    public async Task Nothing_is_erased_until_somebody_has_looked_at_a_clock_that_jumped()
    {
        await using var app = await RetentionApp.StartAsync(DatabaseProvider.Sqlite);
        var name = await app.ModelAsync(2);
        await app.App.RunRetentionAsync();
        var id = await OpenAsync(app, new { reference = "DSR-9", reason = "r", items = new[] { new { kind = "model-version", @object = $"{name}/1" } } });
        (await app.Approver.V1PostAsync($"erasure-cases/{id}/approve", null)).Should(HttpStatusCode.OK);

        app.Time.Shift += TimeSpan.FromDays(30);
        (await app.App.EraseAsync()).ShouldBe(0);
        (await app.LivingAsync(name)).ShouldBe([1, 2]);

        (await app.Author.V1PostAsync("retention-runs/resume", new { reason = "the server was off" })).Should(HttpStatusCode.NoContent);
        (await app.App.EraseAsync()).ShouldBe(1);
        (await app.LivingAsync(name)).ShouldBe([2]);
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Things_go_at_once_and_what_is_held_or_locked_waits_for_a_legal_basis(DatabaseProvider provider)
    {
        await using var app = await RetentionApp.StartAsync(provider);
        var name = await app.ModelAsync(4, "paula-person");
        var whole = await app.ModelAsync(1);
        var (experiment, run) = await app.Admin.RunAsync();
        await app.Admin.UploadAsync($"{experiment}/{run}/artifacts/face.png", "personal");
        (await app.Admin.MlflowPostAsync("runs/update", new { run_id = run, status = "FINISHED" })).Ok();
        (await app.Author.V1PostAsync("legal-holds", new { kind = "model-version", @object = $"{name}/2", matter = "m", reason = "r" })).Should(HttpStatusCode.Created);
        (await app.Author.V1PostAsync("retention-locks", new { kind = "model-version", @object = $"{name}/3", mode = "compliance", until = Day(app, 400), reason = "law" })).Should(HttpStatusCode.Created);
        object[] items =
        [
            new { kind = "model-version", @object = $"{name}/1" }, new { kind = "model-version", @object = $"{name}/2" },
            new { kind = "model-version", @object = $"{name}/3" }, new { kind = "registered-model", @object = whole }, new { kind = "run", @object = run },
        ];
        var id = await OpenAsync(app, new { reference = "DSR-2", reason = "r", items });
        (await app.Approver.V1PostAsync($"erasure-cases/{id}/approve", null)).Should(HttpStatusCode.OK);
        (await app.App.EraseAsync()).ShouldBe(3, string.Join("; ", await ItemsAsync(app, id)));

        // Gone without time in the trash; the certificate and the case name nobody.
        (await app.LivingAsync(name)).ShouldBe([2, 3, 4]);
        (await app.Author.V1AllAsync("trash")).ShouldBeEmpty();
        (await app.Admin.GetModelAsync(whole)).Status.ShouldBe(HttpStatusCode.NotFound);
        (await app.Admin.MlflowGetAsync($"runs/get?run_id={run}")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await app.App.CountAsync("SELECT COUNT(*) FROM purge_certificates WHERE name LIKE '%paula%'")).ShouldBe(0);
        var certificates = (await app.Author.V1AllAsync("certificates", 50)).ToList();
        certificates.ShouldAllBe(c => c.GetProperty("erasureCaseId").GetInt64() == id
            && c.GetProperty("requestedBy").GetInt64() != c.GetProperty("approvedBy").GetInt64());
        certificates.Select(c => c.GetProperty("kind").GetString()).Order().ShouldBe(["model-version", "model-version", "registered-model", "run"]);

        // What is protected says by what, and waits.
        var waiting = await ItemsAsync(app, id);
        waiting.Select(i => i.GetProperty("state").GetString()).ShouldBe(["erased", "pending", "pending", "erased", "erased"]);
        waiting[0].GetProperty("object").GetString()!.ShouldStartWith("erased-");
        waiting[1].GetProperty("outcome").GetString()!.ShouldContain("legal hold");
        waiting[2].GetProperty("outcome").GetString()!.ShouldContain("retention lock");
        (await app.Author.V1GetAsync($"erasure-cases/{id}"))["state"].GetString().ShouldBe("approved");
        (await app.Author.V1PostAsync($"erasure-cases/{id}/items/2/restrict", new { reviewOn = Day(app, 90) })).ShouldBeRefused(HttpStatusCode.BadRequest, "legalBasis");
        (await app.Author.V1PostAsync($"erasure-cases/{id}/items/2/restrict", new { legalBasis = "claims" })).ShouldBeRefused(HttpStatusCode.BadRequest, "reviewOn");
        foreach (var line in new[] { 2, 3 })
        {
            (await app.Author.V1PostAsync($"erasure-cases/{id}/items/{line.ToString(CultureInfo.InvariantCulture)}/restrict",
                new { legalBasis = "Art. 17(3)(e): claims", reviewOn = Day(app, 90) })).Should(HttpStatusCode.OK);
        }

        await app.App.EraseAsync();
        (await app.Author.V1GetAsync($"erasure-cases/{id}"))["state"].GetString().ShouldBe("done");

        // What is restricted, held or locked for long comes back to mind.
        await app.PassAsync(400);
        var list = (await app.Author.V1GetAsync("governance-review")).Should(HttpStatusCode.OK)["items"].EnumerateArray()
            .Select(i => (Kind: i.GetProperty("kind").GetString(), Name: i.GetProperty("name").GetString())).ToList();
        list.ShouldContain(("restriction-due", $"{id}/2"));
        list.ShouldContain(("old-hold", $"{name}/2"));
        list.ShouldContain(("ending-lock", $"{name}/3"));
        list.ShouldContain(("no-rule", name));

        // The hold is released and the case goes on.
        var hold = (await app.Author.V1AllAsync("legal-holds?state=active")).Single().GetProperty("id").GetString();
        (await app.Author.V1PostAsync($"legal-holds/{hold}/release", new { reason = "settled" })).Should(HttpStatusCode.OK);
        (await app.Author.V1PostAsync($"erasure-cases/{id}/items/2/resume", null)).Should(HttpStatusCode.OK);
        (await app.App.EraseAsync()).ShouldBe(1);
        (await app.LivingAsync(name)).ShouldBe([3, 4]);
        (await app.Author.V1PostAsync($"erasure-cases/{id}/withdraw", new { reason = "late" })).ShouldBeRefused(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task A_case_is_opened_agreed_to_and_restricted_on_its_pages()
    {
        await using var app = await RetentionApp.StartAsync(DatabaseProvider.Sqlite);
        var name = await app.ModelAsync(2);
        (await app.Author.V1PostAsync("legal-holds", new { kind = "model-version", @object = $"{name}/2", matter = "m", reason = "r" })).Should(HttpStatusCode.Created);
        using var officer = await app.App.SignedInAsync(RegistryRole.GovernanceOfficer);
        using var second = await app.App.SignedInAsync(RegistryRole.Admin);
        using (var refused = await officer.SubmitAsync("/governance/erasure", "Open", ("Input.Reference", "DSR-3"), ("Input.Reason", "r"), ("Input.Items", "churn/3")))
            refused.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        using var opened = await officer.SubmitAsync("/governance/erasure", "Open", ("Input.Reference", "DSR-3"), ("Input.Reason", "r"),
            ("Input.Items", $"version {name}/1\nversion {name}/2"));
        opened.StatusCode.ShouldBe(HttpStatusCode.Redirect, await opened.Content.ReadAsStringAsync());
        var page = opened.Headers.Location!.ToString();
        using (await second.SubmitAsync(page, "Approve"))
            await app.App.EraseAsync();
        (await officer.GetPageAsync(page)).ShouldContain("under the legal hold");
        using (var restricted = await officer.SubmitAsync(page, "Restrict", ("line", "2"), ("LegalBasis", "claims"), ("ReviewOn", Day(app, 30))))
            restricted.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        await app.App.EraseAsync();
        (await officer.GetPageAsync(page)).ShouldContain("restricted");
        (await officer.GetPageAsync("/governance/erasure")).ShouldContain("DSR-3");
        using var member = await app.App.SignedInAsync(RegistryRole.Member);
        (await member.GetAsync(page)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    private static async Task<long> OpenAsync(RetentionApp app, object body) =>
        (await app.Author.V1PostAsync("erasure-cases", body)).Should(HttpStatusCode.Created)["id"].GetInt64();

    private static async Task<List<JsonElement>> ItemsAsync(RetentionApp app, long id) =>
        [.. (await app.Author.V1GetAsync($"erasure-cases/{id}"))["items"].EnumerateArray()];

    private static string Day(RetentionApp app, int days) =>
        app.Time.GetUtcNow().AddDays(days).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
