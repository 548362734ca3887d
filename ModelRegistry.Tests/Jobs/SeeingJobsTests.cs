using System.Net;
using System.Text.RegularExpressions;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Jobs;

public sealed partial class SeeingJobsTests
{
    [SkippableTheory, OnEachDatabase]
    [Trait("Case", "F15"), Trait("Case", "L15")]
    public async Task Admins_see_the_jobs_and_start_one_and_nobody_else_does(DatabaseProvider provider)
    {
        await using var app = await StartAsync(provider);
        using var admin = await app.SignedInAsync(RegistryRole.Admin);

        var page = await admin.GetStringAsync("/admin/jobs/recurring");
        page.ShouldContain("remove-unreferenced-blobs");
        page.ShouldContain("remove-orphaned-objects");
        page.ShouldNotContain("Password=");
        (await TriggerAsync(admin, Antiforgery().Match(page).Groups["token"].Value)).ShouldBe(HttpStatusCode.NoContent);
        await SucceededAsync(admin);

        foreach (var role in new[] { RegistryRole.Viewer, RegistryRole.Member, RegistryRole.Auditor, RegistryRole.GovernanceOfficer })
        {
            using var other = await app.SignedInAsync(role);
            // As if from the server itself.
            other.DefaultRequestHeaders.Add("X-Forwarded-For", "127.0.0.1");
            other.DefaultRequestHeaders.Add("X-Real-IP", "127.0.0.1");
            foreach (var path in new[] { "/admin/jobs", "/admin/jobs/recurring", "/admin/jobs/stats" })
                (await other.GetAsync(path)).StatusCode.ShouldNotBe(HttpStatusCode.OK, $"{role} {path}");
            foreach (var act in new[] { "trigger", "remove" })
                (await TriggerAsync(other, Browsing.FormToken(await other.GetPageAsync("/account/profile")), act)).ShouldNotBe(HttpStatusCode.NoContent, $"{role} {act}");
        }
    }

    [Fact]
    [Trait("Case", "F15"), Trait("Case", "L15")]
    public async Task Nobody_without_a_session_sees_the_jobs_and_no_form_works_without_its_token()
    {
        await using var app = await StartAsync(DatabaseProvider.Sqlite);
        using var anonymous = app.AnonymousClient();

        (await anonymous.GetAsync("/admin/jobs")).StatusCode.ShouldNotBe(HttpStatusCode.OK);
        (await app.AdminClient.GetAsync("/admin/jobs")).StatusCode.ShouldNotBe(HttpStatusCode.OK);
        using var admin = await app.SignedInAsync(RegistryRole.Admin);
        (await TriggerAsync(admin, "forged")).ShouldNotBe(HttpStatusCode.NoContent);
    }

    [Theory]
    [InlineData("Jobs:Enabled", "maybe")]
    [InlineData("Jobs:Workers", "0")]
    public async Task A_wrong_setting_stops_the_start_and_names_its_key(string key, string value)
    {
        var run = await CommandLine.RunProcessAsync(Path.GetTempPath(), new() { [key.Replace(":", "__", StringComparison.Ordinal)] = value }, null);

        run.ExitCode.ShouldBe(2);
        run.Error.ShouldContain(key);
    }

    private static Task<RegistryApp> StartAsync(DatabaseProvider provider) =>
        RegistryApp.StartAsync(provider, new RegistryAppOptions { Settings = new() { ["Jobs:Enabled"] = "true", ["Jobs:Workers"] = "1" } });

    private static async Task<HttpStatusCode> TriggerAsync(HttpClient browser, string token, string act = "trigger")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/admin/jobs/recurring/" + act);
        request.Headers.Add("RequestVerificationToken", token);
        request.Content = new FormUrlEncodedContent([new("jobs[]", "remove-unreferenced-blobs")]);
        using var response = await browser.SendAsync(request);
        return response.StatusCode;
    }

    private static async Task SucceededAsync(HttpClient admin)
    {
        for (var i = 0; i < 100; i++)
        {
            if ((await admin.GetStringAsync("/admin/jobs/jobs/succeeded")).Contains("RemoveUnreferencedAsync"))
                return;
            await Task.Delay(100);
        }

        throw new ShouldAssertException("The job did not succeed: " + await admin.GetStringAsync("/admin/jobs/jobs/failed"));
    }

    [GeneratedRegex("""csrf-token" content="(?<token>[^"]+)""")]
    private static partial Regex Antiforgery();
}
