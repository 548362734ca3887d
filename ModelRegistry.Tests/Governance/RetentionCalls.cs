using System.Globalization;
using System.Net;
using System.Text.Json;
using ModelRegistry.Core.Identity;
using ModelRegistry.Tests.Api;
using ModelRegistry.Tests.Artifacts;
using ModelRegistry.Tests.Registry;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Governance;

/// <summary>A registry whose clock a test moves, with two officers.</summary>
internal sealed class RetentionApp : IAsyncDisposable
{
    private TimeSpan _signedInAt;

    private RetentionApp(RegistryApp app, ShiftedTime time) => (App, Time) = (app, time);

    public RegistryApp App { get; }
    public ShiftedTime Time { get; }
    public HttpClient Author { get; private set; } = null!;
    public HttpClient Approver { get; private set; } = null!;
    public HttpClient Admin { get; private set; } = null!;
    /// <summary>May ask that a governance lock ends.</summary>
    public HttpClient Bypasser { get; private set; } = null!;

    /// <param name="time">Another registry's, where it goes on from there.</param>
    /// <param name="inMemory">Its files are on no disk, for a test of very many steps.</param>
    public static async Task<RetentionApp> StartAsync(
        Core.Data.DatabaseProvider provider, ShiftedTime? time = null, Dictionary<string, string>? settings = null, bool inMemory = false)
    {
        time ??= new ShiftedTime();
        var app = await RegistryApp.StartAsync(provider, new RegistryAppOptions { Clock = time, Settings = settings ?? [], IsInMemory = inMemory });
        var retention = new RetentionApp(app, time);
        await retention.SignInAsync();
        await app.RunRetentionAsync();
        return retention;
    }

    private async Task SignInAsync()
    {
        _signedInAt = Time.Shift;
        Author = await App.ClientAsync(RegistryRole.GovernanceOfficer);
        Approver = await App.ClientAsync(RegistryRole.GovernanceOfficer);
        Bypasser = await App.ClientAsync(RegistryRole.RetentionBypass);
        Admin = await App.ClientAsync(RegistryRole.Admin);
    }

    /// <summary>Days go by, and somebody says that the clock is right.</summary>
    public async Task PassAsync(int days)
    {
        Time.Shift += TimeSpan.FromDays(days);
        // Tokens live for a year.
        if (Time.Shift - _signedInAt > TimeSpan.FromDays(200))
            await SignInAsync();
        await App.RunRetentionAsync();
        (await Author.V1PostAsync("retention-runs/resume", new { reason = "the tests moved the clock" })).Should(HttpStatusCode.NoContent);
    }

    public async Task<long> PolicyAsync(object body) =>
        (await Author.V1PostAsync("retention-policies", body)).Should(HttpStatusCode.Created)["id"].GetInt64();

    /// <summary>Written, looked at, enabled.</summary>
    public async Task<long> EnabledPolicyAsync(object body)
    {
        var id = await PolicyAsync(body);
        await PreviewAsync(id);
        (await Author.V1PostAsync($"retention-policies/{id}/enable", null)).Should(HttpStatusCode.OK);
        return id;
    }

    /// <summary>The run of the report.</summary>
    public async Task<JsonElement> PreviewAsync(long policy)
    {
        (await Author.V1PostAsync($"retention-policies/{policy}/preview", null)).Should(HttpStatusCode.Created);
        await App.RunRetentionAsync();
        var preview = (await Author.V1GetAsync($"retention-policies/{policy}/preview")).Should(HttpStatusCode.OK);
        preview["run"].GetProperty("state").GetString().ShouldBe("report", preview.Text);
        return preview.Json;
    }

    /// <summary>Asked for and evaluated; it waits for its approval where anything is due.</summary>
    public async Task<JsonElement> RequestAsync(long policy)
    {
        var id = (await Author.V1PostAsync("retention-runs", new { policyId = policy })).Should(HttpStatusCode.Created)["id"].GetInt64();
        await App.RunRetentionAsync();
        return await RunAsync(id);
    }

    public async Task<JsonElement> RunAsync(long id) =>
        (await Author.V1GetAsync($"retention-runs/{id}")).Should(HttpStatusCode.OK)["run"];

    public async Task ApproveAsync(JsonElement run) => (await Approver.V1PostAsync($"retention-runs/{run.GetProperty("id").GetInt64()}/approve",
        new { digest = run.GetProperty("digest").GetString(), acknowledge = true })).Should(HttpStatusCode.OK);

    /// <summary>Asked for, approved by another one, carried out.</summary>
    public async Task<JsonElement> CarryOutAsync(long policy)
    {
        var run = await RequestAsync(policy);
        await ApproveAsync(run);
        await App.RunRetentionAsync();
        return await RunAsync(run.GetProperty("id").GetInt64());
    }

    public async Task<Dictionary<string, JsonElement>> LinesAsync(long run) =>
        (await Author.V1AllAsync($"retention-runs/{run}/items", 50)).ToDictionary(i => i.GetProperty("item").GetString()!);

    /// <summary>A model with versions, each with a file of its own.</summary>
    public async Task<string> ModelAsync(int versions, string prefix = "model")
    {
        var name = await Admin.ModelAsync(prefix);
        var (experiment, run) = await Admin.RunAsync();
        for (var i = 1; i <= versions; i++)
        {
            await Admin.UploadAsync($"{experiment}/{run}/artifacts/v{i}/weights.bin", $"{name} {i}");
            await Admin.VersionAsync(name, $"runs:/{run}/v{i}");
        }

        return name;
    }

    public async Task<List<int>> LivingAsync(string model)
    {
        var answer = (await Admin.MlflowGetAsync($"model-versions/search?filter={Uri.EscapeDataString($"name='{model}'")}")).Ok();
        if (!answer.Json.TryGetProperty("model_versions", out var found))
            return [];
        return [.. found.EnumerateArray().Select(v => int.Parse(v.GetProperty("version").GetString()!, CultureInfo.InvariantCulture)).Order()];
    }

    public async Task<string?> ReadAsync(string model, int version)
    {
        var uri = (await Admin.MlflowGetAsync($"model-versions/get-download-uri?name={model}&version={version}"));
        return uri.Status == HttpStatusCode.OK ? await Admin.DownloadAsync(uri["artifact_uri"].GetString()!, "weights.bin") : null;
    }

    public ValueTask DisposeAsync() => App.DisposeAsync();
}
