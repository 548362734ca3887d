using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;
using ModelRegistry.Core.Retention;
using ModelRegistry.Tests.Api;
using ModelRegistry.Tests.Registry;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Governance;

/// <summary>From a policy to a certificate, over the API.</summary>
public sealed class CarryingOutRetentionTests
{
    [SkippableTheory, OnEachDatabase]
    [Trait("Case", "F13"), Trait("Case", "L06"), Trait("Case", "L07"), Trait("Case", "L09"), Trait("Case", "L13"), Trait("Case", "L17")]
    public async Task A_policy_is_written_previewed_enabled_approved_and_carried_out_and_the_trash_gives_back(DatabaseProvider provider)
    {
        await using var app = await RetentionApp.StartAsync(provider);
        var name = await app.ModelAsync(6);
        await app.Admin.SetAliasAsync(name, "champion", "2");
        (await app.Admin.TransitionAsync(name, "3", "Production")).Ok();
        (await app.Admin.MlflowPostAsync("model-versions/set-tag", new { name, version = "4", key = "k", value = "v" })).Ok();
        var policy = await app.PolicyAsync(new { name = "old versions", subject = "model-versions", model = name, keepLast = 1, deleteAfterDays = 30, waitDays = 0 });
        (await app.Author.V1PostAsync($"retention-policies/{policy}/enable", null)).ShouldBeRefused(HttpStatusCode.Conflict);
        (await app.PreviewAsync(policy)).GetProperty("examples").GetArrayLength().ShouldBe(0);
        await app.PassAsync(40);

        // The dry run changes nothing, and says for each what decides.
        var preview = await app.PreviewAsync(policy);
        (await app.LivingAsync(name)).ShouldBe([1, 2, 3, 4, 5, 6]);
        preview.GetProperty("examples").EnumerateArray().Select(e => e.GetProperty("item").GetString()).ShouldBe([$"{name}/5", $"{name}/4", $"{name}/1"]);
        var lines = await app.LinesAsync(preview.GetProperty("run").GetProperty("id").GetInt64());
        lines[$"{name}/2"].GetProperty("rule").GetString().ShouldBe("R5");
        lines[$"{name}/3"].GetProperty("rule").GetString().ShouldBe("R5");
        lines[$"{name}/6"].GetProperty("rule").GetString().ShouldBe("R9");
        lines[$"{name}/1"].GetProperty("rule").GetString().ShouldBe("R7");
        (await app.Author.V1PostAsync("retention-runs", new { policyId = policy })).ShouldBeRefused(HttpStatusCode.Conflict);
        (await app.Author.V1PostAsync($"retention-policies/{policy}/enable", null)).Should(HttpStatusCode.OK)["enabled"].GetBoolean().ShouldBeTrue();

        // Bound to the report, and to another person.
        var run = await app.RequestAsync(policy);
        var id = run.GetProperty("id").GetInt64();
        run.GetProperty("state").GetString().ShouldBe("waiting-for-approval");
        var digest = run.GetProperty("digest").GetString()!;
        (await app.Author.V1PostAsync($"retention-runs/{id}/approve", new { digest })).ShouldBeRefused(HttpStatusCode.Forbidden);
        (await app.Approver.V1PostAsync($"retention-runs/{id}/approve", new { digest = new string('0', 64) })).ShouldBeRefused(HttpStatusCode.BadRequest, "digest");
        var csv = await app.Author.GetByteArrayAsync($"/api/v1/retention-runs/{id}/report");
        Convert.ToHexStringLower(SHA256.HashData(csv)).ShouldBe(digest);
        (await app.Author.V1GetAsync($"retention-runs/{id}/report?format=json")).Should(HttpStatusCode.OK)["items"].GetArrayLength().ShouldBe(6);
        await app.App.RunRetentionAsync();
        (await app.LivingAsync(name)).Count.ShouldBe(6);
        await app.ApproveAsync(run);
        (await app.Approver.V1PostAsync($"retention-runs/{id}/approve", new { digest })).ShouldBeRefused(HttpStatusCode.Conflict);
        (await app.App.RunRetentionAsync()).Done.ShouldBe(3);
        (await app.LivingAsync(name)).ShouldBe([2, 3, 6]);
        (await app.RunAsync(id)).GetProperty("state").GetString().ShouldBe("done");

        // Back whole.
        var trash = (await app.Author.V1AllAsync("trash")).Where(t => t.GetProperty("object").GetString()!.StartsWith(name, StringComparison.Ordinal)).ToList();
        trash.Count.ShouldBe(3);
        var fourth = trash.Single(t => t.GetProperty("object").GetString() == $"{name}/4").GetProperty("id").GetString()!;
        var member = await app.App.ClientAsync(RegistryRole.Member);
        (await member.V1PostAsync($"trash/{fourth}/restore", null)).ShouldBeRefused(HttpStatusCode.Forbidden);
        (await app.Admin.V1PostAsync($"trash/{fourth}/restore", null)).Should(HttpStatusCode.OK);
        (await app.ReadAsync(name, 4)).ShouldBe($"{name} 4");
        (await app.Admin.GetVersionAsync(name, "4")).Ok()["model_version"].GetProperty("tags").ToString().ShouldBe("""[{"key":"k","value":"v"}]""");

        // The rest is purged after its time, and a certificate says what, by which rule, and who allowed it.
        (await app.App.PurgeTrashAsync()).Purged.ShouldBe(0);
        await app.PassAsync(31);
        (await app.App.PurgeTrashAsync()).Purged.ShouldBe(2);
        var certificate = (await app.Author.V1AllAsync($"certificates?object={Uri.EscapeDataString($"{name}/1")}")).ShouldHaveSingleItem();
        certificate.GetProperty("runId").GetInt64().ShouldBe(id);
        certificate.GetProperty("policyVersion").GetInt32().ShouldBe(1);
        certificate.GetProperty("reportDigest").GetString().ShouldBe(digest);
        certificate.GetProperty("approvedBy").GetInt64().ShouldNotBe(certificate.GetProperty("requestedBy").GetInt64());
        certificate.GetProperty("bytes").GetInt64().ShouldBe($"{name} 1".Length);
        certificate.ToString().ShouldNotContain("@", Case.Sensitive, "people are ids in it");
        (await app.Admin.V1PostAsync($"trash/{trash.Single(t => t.GetProperty("object").GetString() == $"{name}/1").GetProperty("id").GetString()}/restore", null))
            .ShouldBeRefused(HttpStatusCode.NotFound);
        // A number is never given again.
        (await app.Admin.VersionAsync(name)).ShouldBe("7");
    }

    [SkippableTheory, OnEachDatabase]
    [Trait("Case", "L06"), Trait("Case", "L08")]
    public async Task What_became_protected_after_the_approval_stays_and_what_was_not_in_the_report_too(DatabaseProvider provider)
    {
        await using var app = await RetentionApp.StartAsync(provider);
        var name = await app.ModelAsync(5);
        await app.PassAsync(40);
        var policy = await app.EnabledPolicyAsync(new { name = "all", subject = "model-versions", model = name, deleteAfterDays = 30, waitDays = 0 });
        var run = await app.RequestAsync(policy);
        await app.ApproveAsync(run);
        await app.Admin.SetAliasAsync(name, "challenger", "1");
        (await app.Author.V1PostAsync("legal-holds", new { kind = "model-version", @object = $"{name}/2", matter = "m", reason = "r" })).Should(HttpStatusCode.Created);
        (await app.Admin.TransitionAsync(name, "3", "Production")).Ok();
        // A copy of version 4 makes it a source of something that is kept.
        (await app.Admin.CreateVersionAsync(await app.Admin.ModelAsync(), $"models:/{name}/4")).Ok();
        var late = await app.ModelAsync(1, "late");
        (await app.App.RunRetentionAsync()).ShouldSatisfyAllConditions(r => r.Done.ShouldBe(1), r => r.Kept.ShouldBe(4));

        (await app.LivingAsync(name)).ShouldBe([1, 2, 3, 4]);
        (await app.LivingAsync(late)).ShouldBe([1]);
        var lines = await app.LinesAsync(run.GetProperty("id").GetInt64());
        string Outcome(int number) => lines[$"{name}/{number.ToString(CultureInfo.InvariantCulture)}"].GetProperty("outcome").GetString() ?? "";
        Outcome(1).ShouldStartWith("R5");
        Outcome(2).ShouldStartWith("R2");
        Outcome(3).ShouldStartWith("R5");
        Outcome(4).ShouldStartWith("R5");
    }

    [SkippableTheory, OnEachDatabase]
    public async Task Runs_and_their_files_go_too_and_come_back_and_a_registered_run_stays(DatabaseProvider provider)
    {
        await using var app = await RetentionApp.StartAsync(provider);
        var (experiment, old) = await app.Admin.RunAsync();
        var registered = await RunAsync(app, experiment);
        var unfinished = await RunAsync(app, experiment);
        await app.Admin.UploadAsync($"{experiment}/{old}/artifacts/model.bin", "old");
        await app.Admin.UploadAsync($"{experiment}/{registered}/artifacts/m/model.bin", "kept");
        (await app.Admin.CreateVersionAsync(await app.Admin.ModelAsync(), $"runs:/{registered}/m", run_id: registered)).Ok();
        foreach (var run in new[] { old, registered })
            (await app.Admin.MlflowPostAsync("runs/update", new { run_id = run, status = "FINISHED", end_time = app.Time.GetUtcNow().ToUnixTimeMilliseconds() })).Ok();
        await app.PassAsync(40);

        var files = await app.EnabledPolicyAsync(new { name = "files", subject = "run-files", experiment, trigger = "finalised", deleteAfterDays = 10, waitDays = 0 });
        await app.CarryOutAsync(files);
        (await app.Admin.DownloadAsync($"mlflow-artifacts:/{experiment}/{old}/artifacts", "model.bin")).ShouldBeNull();
        (await app.Admin.DownloadAsync($"mlflow-artifacts:/{experiment}/{registered}/artifacts/m", "model.bin")).ShouldBe("kept");
        var trashed = (await app.Author.V1AllAsync("trash")).Single(t => t.GetProperty("kind").GetString() == "run-files").GetProperty("id").GetString();
        (await app.Admin.V1PostAsync($"trash/{trashed}/restore", null)).Should(HttpStatusCode.OK);
        (await app.Admin.DownloadAsync($"mlflow-artifacts:/{experiment}/{old}/artifacts", "model.bin")).ShouldBe("old");
        (await app.Author.V1PostAsync($"retention-policies/{files}/disable", null)).Should(HttpStatusCode.OK);

        var runs = await app.EnabledPolicyAsync(new { name = "runs", subject = "runs", experiment, trigger = "finalised", deleteAfterDays = 10, waitDays = 0 });
        var lines = await app.LinesAsync((await app.CarryOutAsync(runs)).GetProperty("id").GetInt64());
        lines[old].GetProperty("state").GetString().ShouldBe("done");
        lines[registered].GetProperty("rule").GetString().ShouldBe("R5");
        lines[unfinished].GetProperty("rule").GetString().ShouldBe("R11");
        await app.PassAsync(31);
        (await app.App.PurgeTrashAsync()).Purged.ShouldBe(1);
        (await app.Admin.MlflowGetAsync($"runs/get?run_id={old}")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await app.Author.V1AllAsync($"certificates?object={old}")).ShouldHaveSingleItem().GetProperty("files").GetInt32().ShouldBe(1);
    }

    [SkippableTheory, OnEachDatabase]
    public async Task What_is_archived_is_read_only_out_of_sight_and_comes_back(DatabaseProvider provider)
    {
        await using var app = await RetentionApp.StartAsync(provider);
        var name = await app.ModelAsync(1);
        var (experiment, run) = await app.Admin.RunAsync();
        (await app.Admin.MlflowPostAsync("runs/update", new { run_id = run, status = "FINISHED" })).Ok();
        await app.PassAsync(40);
        await app.CarryOutAsync(await app.EnabledPolicyAsync(new { name = "v", subject = "model-versions", model = name, archiveAfterDays = 30, waitDays = 0 }));
        await app.CarryOutAsync(await app.EnabledPolicyAsync(new { name = "r", subject = "runs", experiment, archiveAfterDays = 30, waitDays = 0 }));

        (await app.LivingAsync(name)).ShouldBeEmpty();
        (await app.ReadAsync(name, 1)).ShouldBe($"{name} 1");
        (await app.Admin.SetAliasAsync(name, "champion", "1")).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await app.Admin.TransitionAsync(name, "1", "Staging")).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await app.Admin.MlflowPostAsync("runs/log-metric", new { run_id = run, key = "a", value = 1.0, timestamp = 1 })).Status.ShouldNotBe(HttpStatusCode.OK);
        (await app.Admin.MlflowPostAsync("runs/search", new { experiment_ids = new[] { experiment } })).Ok().Text.ShouldNotContain(run);
        var archive = await app.Author.V1AllAsync("trash?state=archived");
        archive.Count.ShouldBe(2);
        foreach (var one in archive)
            (await app.Admin.V1PostAsync($"trash/{one.GetProperty("id").GetString()}/restore", null)).Should(HttpStatusCode.OK);
        (await app.LivingAsync(name)).ShouldBe([1]);
        (await app.Admin.SetAliasAsync(name, "champion", "1")).Ok();
        (await app.Admin.MlflowPostAsync("runs/search", new { experiment_ids = new[] { experiment } })).Ok().Text.ShouldContain(run);
    }

    [SkippableTheory, OnEachDatabase]
    [Trait("Case", "L02"), Trait("Case", "L13")]
    public async Task A_deleted_model_comes_back_with_its_versions_and_aliases_unless_its_name_is_taken(DatabaseProvider provider)
    {
        await using var app = await RetentionApp.StartAsync(provider);
        var name = await app.ModelAsync(2);
        await app.Admin.SetAliasAsync(name, "champion", "2");
        (await app.Admin.MlflowDeleteAsync("model-versions/delete", new { name, version = "1" })).Ok();
        (await app.Admin.MlflowDeleteAsync("registered-models/delete", new { name })).Ok();
        var id = (await app.Author.V1AllAsync("trash")).Single(t => t.GetProperty("object").GetString() == name).GetProperty("id").GetString();
        (await app.Admin.MlflowPostAsync("registered-models/create", new { name })).Ok();
        (await app.Admin.V1PostAsync($"trash/{id}/restore", null)).ShouldBeRefused(HttpStatusCode.Conflict);
        (await app.Admin.MlflowPostAsync("registered-models/rename", new { name, new_name = name + "-other" })).Ok();
        (await app.Admin.V1PostAsync($"trash/{id}/restore", null)).Should(HttpStatusCode.OK);
        // What was deleted before it stays in the trash, and what went with it is back.
        (await app.LivingAsync(name)).ShouldBe([2]);
        (await app.Admin.GetByAliasAsync(name, "champion")).Ok()["model_version"].GetProperty("version").GetString().ShouldBe("2");
        (await app.ReadAsync(name, 2)).ShouldBe($"{name} 2");

        // A hold on what is in the trash keeps it from being purged, and so does a policy that retains.
        (await app.Admin.MlflowDeleteAsync("registered-models/delete", new { name })).Ok();
        var hold = (await app.Author.V1PostAsync("legal-holds", new { kind = "model-version", @object = $"{name}/1", matter = "m", reason = "r" }))
            .Should(HttpStatusCode.Created)["id"].GetString();
        await app.EnabledPolicyAsync(new { name = "keep", subject = "model-versions", model = name, retainDays = 100 });
        await app.PassAsync(31);
        (await app.App.PurgeTrashAsync()).ShouldSatisfyAllConditions(r => r.Purged.ShouldBe(0), r => r.Kept.Count.ShouldBeGreaterThanOrEqualTo(2));
        await app.PassAsync(80);
        (await app.App.PurgeTrashAsync()).Purged.ShouldBe(1);
        (await app.Author.V1PostAsync($"legal-holds/{hold}/release", new { reason = "r" })).Should(HttpStatusCode.OK);
        (await app.App.PurgeTrashAsync()).Purged.ShouldBe(2);
        (await app.Author.V1AllAsync($"certificates?object={name}")).ShouldHaveSingleItem();
    }

    [Fact]
    [Trait("Case", "L11")]
    public async Task Many_at_once_or_a_high_risk_must_be_seen_and_an_edit_ends_what_was_begun()
    {
        await using var app = await RetentionApp.StartAsync(DatabaseProvider.Sqlite);
        var name = await app.ModelAsync(1);
        (await app.Admin.MlflowPostAsync("registered-models/set-tag", new { name, key = "risk_tier", value = "high" })).Ok();
        await app.PassAsync(40);
        object body = new { name = "p", subject = "model-versions", model = name, deleteAfterDays = 30, waitDays = 3 };
        var policy = await app.EnabledPolicyAsync(body);
        var run = await app.RequestAsync(policy);
        var (id, digest) = (run.GetProperty("id").GetInt64(), run.GetProperty("digest").GetString());
        (await app.Approver.V1PostAsync($"retention-runs/{id}/approve", new { digest })).ShouldBeRefused(HttpStatusCode.BadRequest, "acknowledge");
        (await app.Approver.V1PostAsync($"retention-runs/{id}/approve", new { digest, acknowledge = true })).Should(HttpStatusCode.OK);
        // Owners have three days, and use them.
        (await app.App.RunRetentionAsync()).Done.ShouldBe(0);
        (await app.Approver.V1PostAsync("retention-runs", new { policyId = policy })).ShouldBeRefused(HttpStatusCode.Conflict);
        (await app.Author.V1SendAsync(HttpMethod.Put, $"retention-policies/{policy}", new { name = "p", subject = "model-versions", model = name, deleteAfterDays = 20, waitDays = 0 }))
            .Should(HttpStatusCode.OK)["enabled"].GetBoolean().ShouldBeFalse();
        (await app.RunAsync(id)).GetProperty("state").GetString().ShouldBe("cancelled");

        await app.PreviewAsync(policy);
        (await app.Author.V1PostAsync($"retention-policies/{policy}/enable", null)).Should(HttpStatusCode.OK);
        (await app.App.EvaluatePoliciesAsync()).ShouldBe(1);
        (await app.App.EvaluatePoliciesAsync()).ShouldBe(0);
        await app.App.RunRetentionAsync();
        var nightly = (await app.Author.V1AllAsync($"retention-runs?policyId={policy}"))[0];
        nightly.GetProperty("state").GetString().ShouldBe("waiting-for-approval");
        (await app.Admin.V1PostAsync($"retention-runs/{nightly.GetProperty("id").GetInt64()}/object", new { line = 1, reason = "still used on site" })).Should(HttpStatusCode.NoContent);
        await app.ApproveAsync(nightly);
        await app.App.RunRetentionAsync();
        (await app.LivingAsync(name)).ShouldBe([1]);
        (await app.LinesAsync(nightly.GetProperty("id").GetInt64()))[$"{name}/1"].GetProperty("outcome").GetString().ShouldBe("Objection: still used on site");

        // Many of one policy at once, whatever their risk.
        var many = await app.ModelAsync(0, "many");
        for (var i = 0; i <= RetentionSummary.ManyItems; i++)
            await app.Admin.VersionAsync(many);
        await app.PassAsync(31);
        var all = await app.RequestAsync(await app.EnabledPolicyAsync(new { name = "many", subject = "model-versions", model = many, deleteAfterDays = 30, waitDays = 0 }));
        (await app.Approver.V1PostAsync($"retention-runs/{all.GetProperty("id")}/approve", new { digest = all.GetProperty("digest").GetString() }))
            .ShouldBeRefused(HttpStatusCode.BadRequest, "acknowledge").Text.ShouldContain("51 of the 51");
        await app.App.RunRetentionAsync();
        (await app.LivingAsync(many)).Count.ShouldBe(51);

        var last = await app.RequestAsync(policy);
        await app.ApproveAsync(last);
        (await app.Approver.V1PostAsync($"retention-runs/{last.GetProperty("id").GetInt64()}/stop", new { reason = "second thoughts" })).Should(HttpStatusCode.OK);
        (await app.App.RunRetentionAsync()).Done.ShouldBe(0);
        (await app.LivingAsync(name)).ShouldBe([1]);
    }

    [Fact]
    [Trait("Case", "L18")]
    public async Task A_jump_of_the_clock_stops_what_destroys_until_somebody_looks()
    {
        await using var app = await RetentionApp.StartAsync(DatabaseProvider.Sqlite);
        var name = await app.ModelAsync(1);
        var policy = await app.EnabledPolicyAsync(new { name = "p", subject = "model-versions", model = name, deleteAfterDays = 30, waitDays = 0 });
        (await app.Admin.MlflowDeleteAsync("registered-models/delete", new { name = await app.ModelAsync(1) })).Ok();
        app.Time.Shift += TimeSpan.FromDays(40);
        var run = await app.RequestAsync(policy);
        await app.ApproveAsync(run);
        (await app.App.RunRetentionAsync()).PausedBecause!.ShouldContain("clock");
        (await app.App.PurgeTrashAsync()).ShouldSatisfyAllConditions(r => r.Purged.ShouldBe(0), r => r.PausedBecause.ShouldNotBeNull());
        app.Time.Shift = TimeSpan.Zero;
        (await app.App.RunRetentionAsync()).Done.ShouldBe(0);
        var member = await app.App.ClientAsync(RegistryRole.Member);
        (await member.V1PostAsync("retention-runs/resume", new { reason = "r" })).ShouldBeRefused(HttpStatusCode.Forbidden);
        (await app.Author.V1PostAsync("retention-runs/resume", new { reason = " " })).ShouldBeRefused(HttpStatusCode.BadRequest, "reason");
        (await app.Author.V1PostAsync("retention-runs/resume", new { reason = "NTP was off" })).Should(HttpStatusCode.NoContent);
        // What was evaluated under the wrong clock is decided on again, by the right one.
        (await app.App.RunRetentionAsync()).Done.ShouldBe(0);
        (await app.LivingAsync(name)).ShouldBe([1]);
    }

    [Fact]
    [Trait("Case", "L18")]
    public async Task Two_servers_whose_clocks_differ_by_minutes_are_no_jump()
    {
        await using var app = await RetentionApp.StartAsync(DatabaseProvider.Sqlite);
        foreach (var minutes in new[] { 10, -10, 10, 0 })
        {
            app.Time.Shift = TimeSpan.FromMinutes(minutes);
            (await app.App.RunRetentionAsync()).PausedBecause.ShouldBeNull();
            (await app.App.PurgeTrashAsync()).PausedBecause.ShouldBeNull();
        }

        // Ten years ahead and back again: nothing went in between, and nothing goes until somebody has looked.
        (await app.Admin.MlflowDeleteAsync("registered-models/delete", new { name = await app.ModelAsync(1) })).Ok();
        app.Time.Shift = TimeSpan.FromDays(3650);
        (await app.App.PurgeTrashAsync()).ShouldSatisfyAllConditions(r => r.Purged.ShouldBe(0), r => r.PausedBecause!.ShouldContain("clock"));
        app.Time.Shift = TimeSpan.Zero;
        (await app.App.PurgeTrashAsync()).ShouldSatisfyAllConditions(r => r.Purged.ShouldBe(0), r => r.PausedBecause.ShouldNotBeNull());
        (await app.Author.V1PostAsync("retention-runs/resume", new { reason = "NTP was off" })).Should(HttpStatusCode.NoContent);
        (await app.App.PurgeTrashAsync()).ShouldSatisfyAllConditions(r => r.Purged.ShouldBe(0), r => r.PausedBecause.ShouldBeNull());
    }

    [SkippableTheory, OnEachDatabase]
    [Trait("Case", "L12")]
    public async Task What_cannot_be_deleted_or_read_stays_and_is_reported_and_the_rest_goes_on(DatabaseProvider provider)
    {
        await using var app = await RetentionApp.StartAsync(provider);
        var name = await app.ModelAsync(3);
        await app.PassAsync(40);
        var policy = await app.EnabledPolicyAsync(new { name = "all", subject = "model-versions", model = name, deleteAfterDays = 30, waitDays = 0 });
        await FailOnUpdateAsync(app.App, name, 2);
        var run = await app.CarryOutAsync(policy);
        run.GetProperty("state").GetString().ShouldBe("done");
        (await app.LivingAsync(name)).ShouldBe([2]);
        var line = (await app.LinesAsync(run.GetProperty("id").GetInt64()))[$"{name}/2"];
        line.GetProperty("state").GetString().ShouldBe("kept");
        line.GetProperty("outcome").GetString().ShouldBe("It could not be read or changed.");
        (await app.ReadAsync(name, 2)).ShouldBe($"{name} 2");

        // A policy that nobody can read any more might have kept it: so it is kept.
        var other = await app.EnabledPolicyAsync(new { name = "unreadable", subject = "model-versions", model = "another", retainDays = 10 });
        await app.App.ExecuteAsync($"UPDATE retention_policies SET definition = 'garbage' WHERE id = {other}");
        var lines = await app.LinesAsync((await app.PreviewAsync(policy)).GetProperty("run").GetProperty("id").GetInt64());
        lines[$"{name}/2"].GetProperty("rule").GetString().ShouldBe("R1");
    }

    [Fact]
    [Trait("Case", "L19")]
    public async Task Content_that_two_versions_share_stays_until_the_last_of_them_is_purged()
    {
        await using var app = await RetentionApp.StartAsync(DatabaseProvider.Sqlite);
        var (experiment, run) = await app.Admin.RunAsync();
        var name = await app.Admin.ModelAsync();
        foreach (var version in new[] { "1", "2" })
        {
            await app.Admin.UploadAsync($"{experiment}/{run}/artifacts/v{version}/weights.bin", "shared");
            (await app.Admin.VersionAsync(name, $"runs:/{run}/v{version}")).ShouldBe(version);
        }

        (await app.Admin.MlflowPostAsync("runs/delete", new { run_id = run })).Ok();
        (await app.Admin.MlflowDeleteAsync("model-versions/delete", new { name, version = "1" })).Ok();
        await PurgeAllAsync();
        (await app.Author.V1AllAsync($"certificates?object={name}%2F1")).ShouldHaveSingleItem();
        (await app.ReadAsync(name, 2)).ShouldBe("shared");
        Blobs().ShouldBe(1);

        (await app.Admin.MlflowDeleteAsync("model-versions/delete", new { name, version = "2" })).Ok();
        var report = await PurgeAllAsync();
        Blobs().ShouldBe(0, report.ToString() + string.Join(", ", report.Kept));

        async Task<PurgeReport> PurgeAllAsync()
        {
            await app.PassAsync(31);
            var purged = await app.App.PurgeTrashAsync();
            app.Time.Shift += TimeSpan.FromHours(3);
            await app.App.RemoveBlobsAsync();
            return purged;
        }

        int Blobs() => Directory.GetFiles(Path.Combine(app.App.Folder, "artifacts", "blobs"), "*", SearchOption.AllDirectories).Length;
    }

    private static readonly (string Body, string Field)[] WrongPolicies =
    [
        ("""{"name":"p","subject":"model-versions","model":"m"}""", "retainDays"),
        ("""{"name":"p","subject":"model-versions","model":"m","deleteAfterDays":0}""", "deleteAfterDays"),
        ("""{"name":"p","subject":"model-versions","model":"m","deleteAfterDays":-1}""", "deleteAfterDays"),
        ("""{"name":"p","subject":"model-versions","model":"m","deleteAfterDays":1000000000}""", "deleteAfterDays"),
        ("""{"name":"p","subject":"model-versions","model":"m","deleteAfterDays":99999999999}""", "deleteAfterDays"),
        ("""{"name":"p","subject":"model-versions","model":"m","keepLast":0}""", "keepLast"),
        ("""{"name":"p","subject":"model-versions","deleteAfterDays":30}""", "matchesEverything"),
        ("""{"name":"p","subject":"model-versions","model":"*","deleteAfterDays":30}""", "matchesEverything"),
        ("""{"name":"p","subject":"model-versions","model":"m","deleteAfterDays":30,"pattern":".*"}""", "pattern"),
        ("""{"name":"p","subject":"everything","model":"m","deleteAfterDays":30}""", "subject"),
        ("""{"name":"p","subject":"model-versions","model":" ","deleteAfterDays":30}""", "model"),
        ("""{"name":" ","subject":"model-versions","model":"m","deleteAfterDays":30}""", "name"),
        ("""{"name":"p","subject":"runs","stage":"production","deleteAfterDays":30}""", "stage"),
        ("""{"name":"p","subject":"model-versions","model":"m","deleteAfterDays":30,"trigger":"event"}""", "eventTag"),
        ("""{"name":"p","subject":"model-versions","model":"m","deleteAfterDays":30,"archiveAfterDays":30}""", "archiveAfterDays"),
        ("""{"name":"p","subject":"model-versions","model":"m","keepLast":-1}""", "keepLast"),
        ("""{"name":"p","subject":"model-versions","model":"m","keepLast":1.5}""", "keepLast"),
        ("""{"name":"p","subject":"model-versions","model":"m","retainDays":0}""", "retainDays"),
        ("""{"name":"p","subject":"model-versions","model":"m","archiveAfterDays":-3}""", "archiveAfterDays"),
        ("""{"name":"p","subject":"model-versions","model":"m","deleteAfterDays":"30"}""", "deleteAfterDays"),
        ("""{"name":"p","subject":"model-versions","deleteAfterDays":30,"matchesEverything":"yes"}""", "matchesEverything"),
        ("""{"name":"p","subject":"model-versions","deleteAfterDays":30,"matchesEverything":false}""", "matchesEverything"),
        ("""{"name":"p","subject":"model-versions","model":"m","retainUntil":"soon"}""", "retainUntil"),
        ("""{"name":"p","subject":"model-versions","model":"m","deleteAfterDays":30,"waitDays":-1}""", "waitDays"),
    ];

    [Fact]
    [Trait("Case", "L10"), Trait("Case", "L15"), Trait("Case", "L16")]
    public async Task A_policy_that_says_nothing_or_too_much_is_refused_by_the_name_of_its_member()
    {
        await using var app = await RetentionApp.StartAsync(DatabaseProvider.Sqlite);
        foreach (var (body, field) in WrongPolicies)
            (await app.Author.V1PostAsync("retention-policies", body)).ShouldBeRefused(HttpStatusCode.BadRequest, field);
        foreach (var role in new[] { RegistryRole.Viewer, RegistryRole.Member, RegistryRole.Auditor })
        {
            var other = await app.App.ClientAsync(role);
            (await other.V1PostAsync("retention-policies", """{"name":"p","subject":"model-versions","model":"m","deleteAfterDays":30}"""))
                .ShouldBeRefused(HttpStatusCode.Forbidden);
            (await other.V1PostAsync("retention-runs", new { policyId = 1 })).ShouldBeRefused(HttpStatusCode.Forbidden);
        }

        // On the page it is typed.
        using var officer = await app.App.SignedInAsync(RegistryRole.GovernanceOfficer);
        foreach (var (typed, status) in new[] { ("", HttpStatusCode.BadRequest), ("yes", HttpStatusCode.BadRequest), ("everything", HttpStatusCode.Redirect) })
        {
            using var saved = await officer.SubmitAsync("/governance/policies/new", "Save", ("Input.Name", "all"), ("Input.Subject", "ModelVersions"),
                ("Input.DeleteAfterDays", "30"), ("Input.WaitDays", "0"), ("Input.Everything", typed));
            saved.StatusCode.ShouldBe(status, typed);
        }

        var member = await app.App.ClientAsync(RegistryRole.Member);
        foreach (var path in new[] { "retention-policies", "retention-policies/1", "retention-runs", "retention-runs/1", "certificates" })
            (await member.V1GetAsync(path)).ShouldBeRefused(HttpStatusCode.Forbidden);
    }

    [Fact]
    [Trait("Case", "L12")]
    public async Task Damaged_content_is_found_and_never_removed_by_a_rule()
    {
        await using var app = await RetentionApp.StartAsync(DatabaseProvider.Sqlite);
        var name = await app.ModelAsync(2);
        var blobs = Directory.GetFiles(Path.Combine(app.App.Folder, "artifacts", "blobs"), "*", SearchOption.AllDirectories);
        var blob = blobs.Single(f => File.ReadAllText(f) == $"{name} 1");
        File.SetAttributes(blob, FileAttributes.Normal);
        await File.WriteAllTextAsync(blob, $"{name} X");
        (await app.App.CheckStoredContentAsync()).Findings.ShouldHaveSingleItem().ShouldContain("altered");
        await app.PassAsync(40);
        var policy = await app.EnabledPolicyAsync(new { name = "p", subject = "model-versions", model = name, deleteAfterDays = 30, waitDays = 0 });
        var lines = await app.LinesAsync((await app.CarryOutAsync(policy)).GetProperty("id").GetInt64());
        lines[$"{name}/1"].GetProperty("rule").GetString().ShouldBe("R1");
        (await app.LivingAsync(name)).ShouldBe([1]);
        await File.WriteAllTextAsync(blob, $"{name} 1");
        (await app.App.CheckStoredContentAsync()).Findings.ShouldBeEmpty();
        (await app.PreviewAsync(policy)).GetProperty("examples").GetArrayLength().ShouldBe(1);
    }

    /// <summary>From now on the database refuses to change that version.</summary>
    private static Task FailOnUpdateAsync(RegistryApp app, string model, int number) => app.ExecuteAsync(app.Provider switch
    {
        DatabaseProvider.Sqlite => "CREATE TRIGGER refuse BEFORE UPDATE ON model_versions WHEN OLD.number = "
            + $"{number} AND OLD.model_id = (SELECT id FROM registered_models WHERE name = '{model}') BEGIN SELECT RAISE(ABORT, 'no'); END",
        DatabaseProvider.PostgreSql => "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF OLD.number = "
            + $"{number} AND OLD.model_id = (SELECT id FROM registered_models WHERE name = '{model}') THEN RAISE EXCEPTION 'no'; END IF; RETURN NEW; END $$; "
            + "CREATE TRIGGER refuse BEFORE UPDATE ON model_versions FOR EACH ROW EXECUTE FUNCTION refuse()",
        _ => $"CREATE TRIGGER refuse ON model_versions AFTER UPDATE AS IF EXISTS (SELECT 1 FROM inserted i JOIN registered_models m ON m.id = i.model_id WHERE i.number = {number} AND m.name = '{model}') THROW 50000, 'no', 1",
    });

    private static async Task<string> RunAsync(RetentionApp app, string experiment) =>
        (await app.Admin.MlflowPostAsync("runs/create", new { experiment_id = experiment, start_time = app.Time.GetUtcNow().ToUnixTimeMilliseconds() }))
            .Ok()["run"].GetProperty("info").GetProperty("run_id").GetString()!;
}
