using System.Diagnostics;
using System.Globalization;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;
using ModelRegistry.Tests.Registry;
using ModelRegistry.Tests.Support;
using Xunit.Abstractions;

namespace ModelRegistry.Tests.Governance;

/// <summary>How long a preview of very many versions takes, and what memory; see docs/governance.md.</summary>
public sealed class EvaluatingManyVersionsTests(ITestOutputHelper output)
{
    private const string VersionsVariable = "MODELREGISTRY_TEST_VERSIONS";
    private const int Models = 100;

    [SkippableTheory, OnEachDatabase]
    public async Task A_hundred_thousand_versions_are_decided_on_in_a_minute_and_shown_in_a_second(DatabaseProvider provider)
    {
        var versions = int.Parse(Environment.GetEnvironmentVariable(VersionsVariable) ?? "0", CultureInfo.InvariantCulture);
        Skip.If(versions == 0, $"Set {VersionsVariable} to a number of versions, such as 100000.");
        Skip.If(provider == DatabaseProvider.SqlServer, "The versions are made with statements of the two others.");
        await using var app = await RetentionApp.StartAsync(provider);
        await FillAsync(app, provider, versions);
        var policy = await app.PolicyAsync(new { name = "p", subject = "model-versions", matchesEverything = true, keepLast = 10, deleteAfterDays = 30 });
        await app.PassAsync(40);
        using var browser = await app.App.SignedInAsync(RegistryRole.GovernanceOfficer);

        await browser.GetPageAsync($"/governance/policies/{policy}");
        var (before, peak) = (GC.GetTotalMemory(forceFullCollection: true), 0L);
        using var end = new CancellationTokenSource();
        var watch = Task.Run(async () =>
        {
            while (!end.IsCancellationRequested)
            {
                peak = Math.Max(peak, GC.GetTotalMemory(forceFullCollection: false));
                await Task.Delay(20);
            }
        });
        var clock = Stopwatch.StartNew();
        var preview = await app.PreviewAsync(policy);
        var evaluation = clock.Elapsed;
        await end.CancelAsync();
        await watch;
        preview.GetProperty("run").GetProperty("evaluated").GetInt32().ShouldBe(versions);

        await browser.GetPageAsync($"/governance/policies/{policy}");
        clock.Restart();
        await browser.GetPageAsync($"/governance/policies/{policy}");
        var page = clock.Elapsed;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{provider}: {versions} versions in {evaluation.TotalSeconds:0.0} s, heap from {before / 1e6:0} to {peak / 1e6:0} MB at most, page in {page.TotalMilliseconds:0} ms"));
        (peak - before).ShouldBeLessThan(300_000_000);
        evaluation.ShouldBeLessThan(TimeSpan.FromMinutes(1));
        page.ShouldBeLessThan(TimeSpan.FromSeconds(1));
    }

    // As a client would have registered them, each with a file of its own.
    private static async Task FillAsync(RetentionApp app, DatabaseProvider provider, int versions)
    {
        await app.ModelAsync(1, "first");
        for (var i = 0; i < Models; i++)
            (await app.Admin.MlflowPostAsync("registered-models/create", new { name = $"many-{i}" })).Ok();
        var first = $"(SELECT MIN(id) FROM registered_models WHERE name LIKE 'many-%')";
        var (series, uuid, number) = provider == DatabaseProvider.Sqlite
            ? ($"(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {versions - 1}) SELECT n FROM s)",
                "printf('%08X-0000-4000-8000-%012X', s.n, s.n)", "(s.n - 1) / 100 + 1")
            : ($"(SELECT n FROM generate_series(1, {versions - 1}) n)",
                "(lpad(to_hex(s.n), 8, '0') || '-0000-4000-8000-' || lpad(to_hex(s.n), 12, '0'))::uuid", "(s.n - 1) / 100 + 1");
        const string Same = "stage, stage_name, status, description, source, storage_location, run_uuid, run_link, logged_model_uuid, digest, size_bytes, file_count, "
            + "created_ms, updated_ms, created_by";
        await app.App.ExecuteAsync($"INSERT INTO model_versions (version_uuid, model_id, number, {Same}) SELECT {uuid}, {first} + (s.n - 1) % {Models}, {number}, {Same} "
            + $"FROM model_versions v, {series} s WHERE v.id = (SELECT MIN(id) FROM model_versions)");
        var text = provider == DatabaseProvider.Sqlite ? "version_uuid" : "CAST(version_uuid AS text)";
        await app.App.ExecuteAsync($"INSERT INTO artifact_roots (key) SELECT 'version/' || lower({text}) FROM model_versions WHERE model_id >= {first}");
        await app.App.ExecuteAsync("INSERT INTO artifact_files (root_id, path, blob_id, size_bytes, created_ms, created_by) "
            + "SELECT r.id, 'weights.bin', f.blob_id, f.size_bytes, f.created_ms, f.created_by FROM artifact_roots r, (SELECT * FROM artifact_files LIMIT 1) f "
            + "WHERE r.key LIKE 'version/%' AND r.id NOT IN (SELECT root_id FROM artifact_files)");
        await app.App.ExecuteAsync($"UPDATE registered_models SET last_version = {versions / Models} WHERE name LIKE 'many-%'");
    }
}
