using System.Net;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;
using ModelRegistry.Tests.Api;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Security;

/// <summary>PostgreSQL takes no text with a NUL character: whoever sends one is told so, and it is no failure of the server.</summary>
public sealed class RefusingNulTests(RegistryApps apps) : IClassFixture<RegistryApps>
{
    private const string Password = "pale blue harbour light";

    [SkippableTheory, OnEachDatabase]
    public async Task A_NUL_in_a_query_or_a_form_is_the_callers_mistake(DatabaseProvider provider)
    {
        var app = await apps.On(provider);
        foreach (var (address, field) in new[]
        {
            ("datasets?q=a%00", "q"), ("datasets/runs?name=%00&digest=d", "name"), ("datasets/versions?name=n&digest=%00", "digest"),
            ("legal-holds?matter=%00", "matter"), ("audit-events?text=a%00b", "text"), ("history?model=%00", "model"),
        })
        {
            (await app.AdminClient.V1GetAsync(address)).ShouldBeRefused(HttpStatusCode.BadRequest, field);
        }

        var user = await app.UserAsync(RegistryRole.Admin | RegistryRole.GovernanceOfficer, password: Password);
        using var browser = app.BrowserClient();
        await browser.SignInAsync(user.Email, Password);
        foreach (var address in new[] { "/datasets?q=%00", "/datasets/uses?name=%00&digest=d", "/models?filter=a%00", "/search?q=%00", "/governance/inventory?q=%00", "/audit?text=%00" })
        {
            using var answer = await browser.GetAsync(address);
            answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest, address);
            (await answer.Content.ReadAsStringAsync()).ShouldContain("NUL");
        }

        using var posted = await browser.SubmitAsync("/models", "Create", ("Name", "a\0b"));
        posted.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        // Not encoded, as files are sent, it passes the framework.
        foreach (var (name, status) in new[] { (Any.Name("plain"), HttpStatusCode.Redirect), ("a\0b", HttpStatusCode.BadRequest) })
        {
            using var parts = new MultipartFormDataContent
            {
                { new StringContent(name), "Name" },
                { new StringContent(Browsing.FormToken(await browser.GetPageAsync("/models"))), "__RequestVerificationToken" },
            };
            using var sent = await browser.PostAsync("/models?handler=Create", parts);
            sent.StatusCode.ShouldBe(status);
        }
    }
}
