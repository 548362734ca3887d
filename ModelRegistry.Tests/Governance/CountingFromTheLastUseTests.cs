using System.Globalization;
using System.Net;
using ModelRegistry.Core.Data;
using ModelRegistry.Tests.Registry;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Governance;

/// <summary>Periods that begin with the last use: what counts as one, and that none is lost.</summary>
public sealed class CountingFromTheLastUseTests
{
    [SkippableTheory, OnEachDatabase]
    public async Task Each_way_to_load_a_version_or_a_file_of_a_run_counts_as_a_use(DatabaseProvider provider)
    {
        await using var app = await RetentionApp.StartAsync(provider);
        var name = await app.ModelAsync(6);
        await app.Admin.SetAliasAsync(name, "temporary", "2");
        var location = (await app.Admin.MlflowGetAsync($"model-versions/get-download-uri?name={name}&version=4")).Ok()["artifact_uri"].GetString()!;
        await app.PassAsync(40);
        // Four ways; 5 is looked at only, 6 is left alone.
        (await app.Admin.MlflowGetAsync($"model-versions/get-download-uri?name={name}&version=1")).Ok();
        (await app.Admin.MlflowGetAsync($"registered-models/alias?name={name}&alias=temporary")).Ok();
        using (var browser = await app.App.SignedInAsync(Core.Identity.RegistryRole.Viewer))
        {
            (await browser.GetAsync($"/models/{name}/versions/3/files?handler=Download&path=weights.bin")).StatusCode.ShouldBe(HttpStatusCode.OK);
            (await browser.GetAsync($"/models/{name}/versions/5/files")).StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        (await app.Admin.DownloadAsync(location, "weights.bin")).ShouldBe($"{name} 4");
        (await app.Admin.GetVersionAsync(name, "5")).Ok();
        (await app.Admin.MlflowDeleteAsync("registered-models/alias", new { name, alias = "temporary" })).Ok();
        await app.PassAsync(10);

        var policy = await app.EnabledPolicyAsync(new { name = "unused", subject = "model-versions", model = name, trigger = "last-used", deleteAfterDays = 30, waitDays = 0 });
        await app.CarryOutAsync(policy);
        (await app.LivingAsync(name)).ShouldBe([1, 2, 3, 4]);
        await app.PassAsync(21);
        await app.CarryOutAsync(policy);
        (await app.LivingAsync(name)).ShouldBeEmpty();
    }

    [SkippableTheory, OnEachDatabase]
    public async Task What_was_used_in_the_last_days_is_protected_where_a_policy_says_so(DatabaseProvider provider)
    {
        await using var app = await RetentionApp.StartAsync(provider);
        var name = await app.ModelAsync(2);
        var (experiment, run) = await app.Admin.RunAsync();
        await app.Admin.UploadAsync($"{experiment}/{run}/artifacts/model.bin", "bytes");
        (await app.Admin.MlflowPostAsync("runs/update", new { run_id = run, status = "FINISHED", end_time = app.Time.GetUtcNow().ToUnixTimeMilliseconds() })).Ok();
        await app.PassAsync(40);
        (await app.ReadAsync(name, 1)).ShouldBe($"{name} 1");
        (await app.Admin.DownloadAsync($"mlflow-artifacts:/{experiment}/{run}/artifacts", "model.bin")).ShouldBe("bytes");
        // Twice on a day is written once.
        (await app.Admin.DownloadAsync($"mlflow-artifacts:/{experiment}/{run}/artifacts", "model.bin")).ShouldBe("bytes");
        var today = app.Time.GetUtcNow().ToUnixTimeMilliseconds() / 86_400_000;
        (await app.App.CountAsync($"SELECT COUNT(*) FROM last_uses WHERE {Quoted("key", provider)} = 'run/{run}' AND day = {today.ToString(CultureInfo.InvariantCulture)}")).ShouldBe(1);

        await app.PassAsync(5);
        var versions = await app.EnabledPolicyAsync(new { name = "v", subject = "model-versions", model = name, deleteAfterDays = 30, protectUsedDays = 7, waitDays = 0 });
        var runs = await app.EnabledPolicyAsync(new { name = "r", subject = "runs", experiment, deleteAfterDays = 30, protectUsedDays = 7, waitDays = 0 });
        var preview = (await app.PreviewAsync(versions)).GetProperty("run").GetProperty("id").GetInt64();
        var line = (await app.LinesAsync(preview))[$"{name}/1"];
        line.GetProperty("rule").GetString().ShouldBe("R5");
        line.GetProperty("reason").GetString()!.ShouldStartWith("It was used on ");
        await app.CarryOutAsync(versions);
        (await app.LivingAsync(name)).ShouldBe([1]);
        (await app.RequestAsync(runs)).GetProperty("state").GetString().ShouldBe("done");
        await app.PassAsync(3);
        await app.CarryOutAsync(versions);
        (await app.LivingAsync(name)).ShouldBeEmpty();
        await app.CarryOutAsync(runs);
        (await app.Admin.MlflowGetAsync($"runs/get?run_id={run}")).Ok()["run"].GetProperty("info").GetProperty("lifecycle_stage").GetString().ShouldBe("deleted");
    }

    private static string Quoted(string name, DatabaseProvider provider) => provider == DatabaseProvider.SqlServer ? $"[{name}]" : $"\"{name}\"";
}
