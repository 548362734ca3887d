using System.Globalization;
using System.Net;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;
using ModelRegistry.Tests.Api;
using ModelRegistry.Tests.Registry;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Governance;

/// <summary>Retention locks: who may make them weaker, and what opens them.</summary>
public sealed class LockingUntilADayTests
{
    [SkippableTheory, OnEachDatabase]
    [Trait("Case", "L04")]
    public async Task Nobody_shortens_or_removes_a_compliance_lock_whatever_they_change(DatabaseProvider provider)
    {
        await using var app = await RetentionApp.StartAsync(provider);
        var name = await app.ModelAsync(3);
        var policy = await app.EnabledPolicyAsync(new { name = "p", subject = "model-versions", model = name, retainDays = 1, deleteAfterDays = 2, waitDays = 0 });
        var id = await PlaceAsync(app, "model-version", $"{name}/1", "compliance", days: 60);
        var bypasser = await app.App.ClientAsync(RegistryRole.Admin | RegistryRole.RetentionBypass);

        (await app.Admin.V1PostAsync($"retention-locks/{id}/extend", new { until = Day(app, 59), reason = "shorter" })).ShouldBeRefused(HttpStatusCode.Conflict);
        (await app.Admin.V1PostAsync($"retention-locks/{id}/extend", new { mode = "governance", reason = "weaker" })).ShouldBeRefused(HttpStatusCode.Conflict);
        (await bypasser.V1PostAsync($"retention-locks/{id}/bypass", new { bypass = true, reason = "off" })).ShouldBeRefused(HttpStatusCode.Conflict);
        (await app.Admin.V1SendAsync(HttpMethod.Delete, $"retention-locks/{id}", null)).Status.ShouldBe(HttpStatusCode.MethodNotAllowed);
        (await app.Admin.V1PostAsync($"retention-locks/{id}/extend", new { until = Day(app, 90), reason = "longer" })).Should(HttpStatusCode.OK)
            ["until"].GetString().ShouldBe(Day(app, 90));

        // Editing and disabling policies changes no lock.
        (await app.Author.V1SendAsync(HttpMethod.Put, $"retention-policies/{policy}",
            new { name = "p", subject = "model-versions", model = name, deleteAfterDays = 1, waitDays = 0 })).Should(HttpStatusCode.OK);
        (await app.Author.V1PostAsync($"retention-policies/{policy}/disable", new { reason = "r" })).Should(HttpStatusCode.OK);
        (await app.Admin.MlflowDeleteAsync("model-versions/delete", new { name, version = "1" })).ShouldBeRefused(HttpStatusCode.Conflict, "RESOURCE_CONFLICT")
            .Message!.ShouldContain(id);

        // A policy takes the others and reports which rule kept this one.
        await app.PassAsync(10);
        var deleting = await app.EnabledPolicyAsync(new { name = "q", subject = "model-versions", model = name, deleteAfterDays = 2, waitDays = 0 });
        var run = await app.CarryOutAsync(deleting);
        (await app.LinesAsync(run.GetProperty("id").GetInt64()))[$"{name}/1"].GetProperty("rule").GetString().ShouldBe("R3");
        (await app.LivingAsync(name)).ShouldBe([1]);

        // A clock that was set opens nothing: the end of a lock is written down by a job that looks at the clock first.
        app.Time.Shift += TimeSpan.FromDays(120);
        await app.App.RunRetentionAsync();
        (await app.Admin.MlflowDeleteAsync("model-versions/delete", new { name, version = "1" })).ShouldBeRefused(HttpStatusCode.Conflict, "RESOURCE_CONFLICT");
        await app.PassAsync(0);
        await app.App.RunRetentionAsync();
        var ended = (await app.Author.V1GetAsync($"retention-locks/{id}")).Should(HttpStatusCode.OK);
        ended["endedBy"].GetString().ShouldBe("The registry");
        (await app.Admin.MlflowDeleteAsync("model-versions/delete", new { name, version = "1" })).Ok();
        (await app.App.CountAsync($"SELECT COUNT(*) FROM audit_events WHERE object_kind = 'retention-lock' AND object_id = '{id}' "
            + "AND action IN ('retention-lock.placed', 'retention-lock.extended', 'retention-lock.expired')")).ShouldBe(3);
    }

    [SkippableTheory, OnEachDatabase]
    [Trait("Case", "L05")]
    public async Task A_governance_lock_gives_way_to_two_people_a_flag_and_a_reason_only(DatabaseProvider provider)
    {
        await using var app = await RetentionApp.StartAsync(provider);
        var name = await app.ModelAsync(1);
        var id = await PlaceAsync(app, "registered-model", name, "governance", days: 60);
        var bypass = $"retention-locks/{id}/bypass";
        var asker = await app.App.ClientAsync(RegistryRole.GovernanceOfficer | RegistryRole.RetentionBypass);

        // Nobody has the right from another role, and it needs the flag and the reason.
        (await app.Admin.V1PostAsync(bypass, new { bypass = true, reason = "r" })).ShouldBeRefused(HttpStatusCode.Forbidden);
        (await app.Author.V1PostAsync(bypass, new { bypass = true, reason = "r" })).ShouldBeRefused(HttpStatusCode.Forbidden);
        (await asker.V1PostAsync(bypass, new { reason = "r" })).ShouldBeRefused(HttpStatusCode.BadRequest, "bypass");
        (await asker.V1PostAsync(bypass, new { bypass = true })).ShouldBeRefused(HttpStatusCode.BadRequest, "reason");
        (await asker.V1PostAsync(bypass, new { bypass = true, reason = "r", until = Day(app, 70) })).ShouldBeRefused(HttpStatusCode.BadRequest, "until");

        // Asked for; refused; asked for again; not by the same person; extending takes it off the table.
        var first = await AskAsync(new { bypass = true, reason = "wrong model" });
        (await asker.V1PostAsync(bypass, new { bypass = true, reason = "twice" })).ShouldBeRefused(HttpStatusCode.Conflict);
        (await app.Approver.V1PostAsync($"{bypass}/reject", new { request = first, reason = "it is the right one" })).Should(HttpStatusCode.OK);
        var second = await AskAsync(new { bypass = true, reason = "shorter", until = Day(app, 5) });
        (await app.Approver.V1PostAsync($"{bypass}/approve", new { request = first })).ShouldBeRefused(HttpStatusCode.Conflict);
        (await asker.V1PostAsync($"{bypass}/approve", new { request = second })).ShouldBeRefused(HttpStatusCode.Forbidden);
        (await app.Author.V1PostAsync($"retention-locks/{id}/extend", new { until = Day(app, 61), reason = "longer" })).Should(HttpStatusCode.OK);
        (await app.Approver.V1PostAsync($"{bypass}/approve", new { request = second })).ShouldBeRefused(HttpStatusCode.Conflict);

        // Shortened, then taken off.
        var third = await AskAsync(new { bypass = true, reason = "shorter", until = Day(app, 5) });
        (await app.Approver.V1PostAsync($"{bypass}/approve", new { request = third })).Should(HttpStatusCode.OK)["until"].GetString().ShouldBe(Day(app, 5));
        (await app.Admin.MlflowDeleteAsync("registered-models/delete", new { name })).ShouldBeRefused(HttpStatusCode.Conflict, "RESOURCE_CONFLICT");
        var fourth = await AskAsync(new { bypass = true, reason = "off" });
        var off = (await app.Approver.V1PostAsync($"{bypass}/approve", new { request = fourth })).Should(HttpStatusCode.OK);
        off["endReason"].GetString().ShouldBe("Bypassed: off");
        (await app.Author.V1AllAsync($"retention-locks?state=active&object={name}")).ShouldBeEmpty();
        (await app.Admin.MlflowDeleteAsync("registered-models/delete", new { name })).Ok();
        (await app.App.CountAsync($"SELECT COUNT(*) FROM audit_events WHERE object_id = '{id}' AND action = 'retention-lock.bypassed' AND reason IN ('shorter', 'off')")).ShouldBe(2);

        async Task<string?> AskAsync(object body) =>
            (await asker.V1PostAsync(bypass, body)).Should(HttpStatusCode.OK)["bypass"].GetProperty("request").GetString();
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Officers_place_locks_with_a_day_and_a_reason_and_they_keep_what_is_in_the_trash(DatabaseProvider provider)
    {
        await using var app = await RetentionApp.StartAsync(provider);
        var name = await app.ModelAsync(2);
        var member = await app.App.ClientAsync(RegistryRole.Member);
        var auditor = await app.App.ClientAsync(RegistryRole.Auditor);
        object Body(string until, string reason = "law") => new { kind = "model-version", @object = $"{name}/1", mode = "compliance", until, reason };

        (await member.V1PostAsync("retention-locks", Body(Day(app, 9)))).ShouldBeRefused(HttpStatusCode.Forbidden);
        (await auditor.V1PostAsync("retention-locks", Body(Day(app, 9)))).ShouldBeRefused(HttpStatusCode.Forbidden);
        (await member.V1GetAsync("retention-locks")).ShouldBeRefused(HttpStatusCode.Forbidden);
        (await app.Author.V1PostAsync("retention-locks", Body(Day(app, -1)))).ShouldBeRefused(HttpStatusCode.BadRequest, "until");
        (await app.Author.V1PostAsync("retention-locks", Body(Day(app, 40_000)))).ShouldBeRefused(HttpStatusCode.BadRequest, "until");
        (await app.Author.V1PostAsync("retention-locks", Body("soon"))).ShouldBeRefused(HttpStatusCode.BadRequest, "until");
        (await app.Author.V1PostAsync("retention-locks", Body(Day(app, 9), " "))).ShouldBeRefused(HttpStatusCode.BadRequest, "reason");
        (await app.Author.V1PostAsync("retention-locks", new { kind = "run", @object = "nope", mode = "governance", until = Day(app, 9), reason = "r" }))
            .ShouldBeRefused(HttpStatusCode.NotFound);

        (await app.Admin.MlflowDeleteAsync("model-versions/delete", new { name, version = "1" })).Ok();
        (await app.Admin.MlflowDeleteAsync("model-versions/delete", new { name, version = "2" })).Ok();
        var id = await PlaceAsync(app, "model-version", $"{name}/1", "compliance", days: 90);
        await app.PassAsync(40);
        (await app.App.PurgeTrashAsync()).Purged.ShouldBe(1);
        (await auditor.V1AllAsync("retention-locks?state=active&mode=compliance&kind=model-version")).ShouldHaveSingleItem()
            .GetProperty("id").GetString().ShouldBe(id);
        (await app.Author.V1GetAsync("retention-locks?mode=soft")).ShouldBeRefused(HttpStatusCode.BadRequest, "mode");
        (await app.Author.V1AllAsync("trash")).ShouldHaveSingleItem().GetProperty("object").GetString().ShouldBe($"{name}/1");
    }

    [Fact]
    public async Task Officers_lock_and_bypass_on_the_page_and_everybody_sees_the_lock()
    {
        await using var app = await RetentionApp.StartAsync(DatabaseProvider.Sqlite);
        var name = await app.ModelAsync(1);
        using var officer = await app.App.SignedInAsync(RegistryRole.GovernanceOfficer | RegistryRole.RetentionBypass);
        using var second = await app.App.SignedInAsync(RegistryRole.Admin);
        (await officer.GetPageAsync($"/models/{name}/versions/1")).ShouldContain($"/governance/locks?kind=ModelVersion&amp;object={name}%2F1");
        (await officer.GetPageAsync($"/governance/locks?kind=ModelVersion&object={name}%2F1")).ShouldContain($"value=\"{name}/1\"");

        using (var refused = await officer.SubmitAsync("/governance/locks", "Place", ("Input.Kind", "ModelVersion"), ("Input.PublicId", $"{name}/1"),
            ("Input.Mode", "Compliance"), ("Input.Until", Day(app, 9)), ("Input.Reason", "law")))
        {
            refused.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        }

        using (var placed = await officer.SubmitAsync("/governance/locks", "Place", ("Input.Kind", "ModelVersion"), ("Input.PublicId", $"{name}/1"),
            ("Input.Mode", "Governance"), ("Input.Until", Day(app, 9)), ("Input.Reason", "law")))
        {
            placed.StatusCode.ShouldBe(HttpStatusCode.Redirect, await placed.Content.ReadAsStringAsync());
        }

        using var viewer = await app.App.SignedInAsync(RegistryRole.Viewer);
        (await viewer.GetPageAsync($"/models/{name}/versions/1")).ShouldContain($"locked until {Day(app, 9)}");
        (await officer.GetPageAsync("/governance/inventory")).ShouldContain($"until {Day(app, 9)}");
        (await viewer.GetAsync("/governance/locks")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);

        var id = (await app.Author.V1AllAsync("retention-locks")).Single().GetProperty("id").GetString()!;
        using (await officer.SubmitAsync("/governance/locks", "Bypass", ("id", id), ("bypass", "true"), ("Why", "the wrong one")))
        {
            (await second.GetPageAsync("/governance/locks")).ShouldContain("the wrong one");
        }

        var request = (await app.Author.V1GetAsync($"retention-locks/{id}"))["bypass"].GetProperty("request").GetString()!;
        using (var agreed = await second.SubmitAsync("/governance/locks", "Approve", ("id", id), ("request", request)))
            agreed.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        (await second.GetPageAsync("/governance/locks?view=ended")).ShouldContain("Bypassed: the wrong one");
        (await viewer.GetPageAsync($"/models/{name}/versions/1")).ShouldNotContain("locked until");
    }

    private static async Task<string> PlaceAsync(RetentionApp app, string kind, string on, string mode, int days) =>
        (await app.Author.V1PostAsync("retention-locks", new { kind, @object = on, mode, until = Day(app, days), reason = "law" }))
            .Should(HttpStatusCode.Created)["id"].GetString()!;

    private static string Day(RetentionApp app, int days) =>
        app.Time.GetUtcNow().AddDays(days).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
