using System.Net;
using System.Text;
using Microsoft.Extensions.Configuration;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;
using ModelRegistry.Core.Notices;
using ModelRegistry.Tests.Api;
using ModelRegistry.Tests.Promotion;
using ModelRegistry.Tests.Registry;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Notices;

public sealed class SendingNoticesByMailTests
{
    [SkippableTheory, OnEachDatabase]
    public async Task A_notice_is_sent_once_tried_again_and_cannot_be_broken_out_of(DatabaseProvider provider)
    {
        await using var smtp = new SmtpListener();
        var clock = new AdvancedClock();
        await using var app = await RegistryApp.StartAsync(provider, new RegistryAppOptions
        {
            Clock = clock,
            Settings =
            {
                ["Mail:Host"] = "127.0.0.1", ["Mail:Port"] = $"{smtp.Port}", ["Mail:Security"] = "None",
                ["Mail:From"] = "Model registry <registry@example.org>", ["PublicUrl"] = "https://registry.example.org",
            },
        });
        // Whoever named it wants a header of their own, a link, and a picture that tells when it is looked at.
        var name = "<img src=x onerror=alert(1)>\u2028Bcc evil@example.org " + Any.Name();
        var (owner, officer) = (await app.UserAsync(RegistryRole.Member), await app.UserAsync(RegistryRole.GovernanceOfficer));
        (await owner.Client.MlflowPostAsync("registered-models/create", new { name })).Ok();
        await owner.Client.VersionAsync(name);
        await PromotingVersionsTests.PolicyAsync(officer, new { name = Any.Name("p"), models = "*", stage = "production", approvals = new { count = 1, from = new { users = new[] { officer.Email } } } });
        // The server is full for the first one.
        smtp.Answer = (attempt, _) => attempt == 1 ? "451 later" : "250 OK";
        (await owner.Client.V1PostAsync("approvals", new { model = name, version = 1, stage = "production" })).Should(HttpStatusCode.Created);
        // Once it is written down when to try again: the clock is set after that.
        for (var i = 0; i < 200 && await app.CountAsync("SELECT COUNT(*) FROM notice_mails WHERE error IS NOT NULL") == 0; i++)
            await Task.Delay(50);
        smtp.To(officer.Email).ShouldBeEmpty();
        clock.Advance(TimeSpan.FromMinutes(1));

        var mail = (await smtp.WaitForAsync(officer.Email)).ShouldHaveSingleItem();
        mail.Recipients.ShouldBe([officer.Email]);
        mail.Header("To").ShouldBe(officer.Email);
        mail.Header("From").ShouldBe("Model registry <registry@example.org>");
        mail.Header("Content-Type").ShouldStartWith("text/plain");
        mail.Header("Auto-Submitted").ShouldBe("auto-generated");
        mail.HeaderNames().ShouldNotContain("Bcc");
        mail.Header("Message-ID").ShouldEndWith("@example.org>");
        var body = Decoded(mail);
        body.ShouldContain("https://registry.example.org/governance/approvals/");
        body.ShouldContain("Your decision is asked for: <img src=x onerror=alert(1)> Bcc evil@example.org");
        body.Split('\n').ShouldNotContain(l => l.StartsWith("Bcc"));
        smtp.Attempts.ShouldBe(2);
        // It is written down after the answer of the mail server.
        for (var i = 0; i < 200 && await app.CountAsync("SELECT COUNT(*) FROM notice_mails WHERE state = 2") == 0; i++)
            await Task.Delay(50);
        (await app.CountAsync("SELECT COUNT(*) FROM notice_mails WHERE state = 2")).ShouldBe(1);
        smtp.To(owner.Email).ShouldBeEmpty();

        // For good: it is not tried again. Nobody is told of what they have read, or after they left.
        smtp.Answer = (_, _) => "550 nobody here";
        (await officer.Client.V1PostAsync("approvals/1/reject", new { comment = "No" })).Should(HttpStatusCode.OK);
        for (var i = 0; i < 200 && await app.CountAsync("SELECT COUNT(*) FROM notice_mails WHERE state = 3") == 0; i++)
            await Task.Delay(50);
        clock.Advance(TimeSpan.FromDays(2));
        (await app.CountAsync("SELECT COUNT(*) FROM notice_mails WHERE state = 1")).ShouldBe(0);
        app.LogText.ShouldNotContain(owner.Email);
    }

    [Fact]
    public async Task Whoever_wants_fewer_mails_gets_those_that_ask_for_something()
    {
        await using var smtp = new SmtpListener();
        await using var app = await RegistryApp.StartAsync(options: new RegistryAppOptions
        {
            Settings =
            {
                ["Mail:Host"] = "127.0.0.1", ["Mail:Port"] = $"{smtp.Port}", ["Mail:Security"] = "None",
                ["Mail:From"] = "registry@example.org", ["PublicUrl"] = "http://localhost",
            },
        });
        const string Password = "window-harbour-lantern-41";
        var (owner, officer) = (await app.UserAsync(RegistryRole.Member, password: Password), await app.UserAsync(RegistryRole.GovernanceOfficer, password: Password));
        foreach (var user in new[] { owner, officer })
        {
            using var browser = app.BrowserClient();
            await browser.SignInAsync(user.Email, Password);
            (await browser.SubmitAsync("/account/profile", "Mails", ("FewerMails", "true"))).StatusCode.ShouldBe(HttpStatusCode.Redirect);
            (await browser.GetPageAsync("/account/profile")).ShouldMatch("id=\"mails-few\"[^>]*checked");
        }

        var name = Any.Name();
        (await owner.Client.MlflowPostAsync("registered-models/create", new { name })).Ok();
        await owner.Client.VersionAsync(name);
        await PromotingVersionsTests.PolicyAsync(officer, new { name = Any.Name("p"), models = "*", stage = "production", approvals = new { count = 1, from = new { users = new[] { officer.Email } } } });
        (await owner.Client.V1PostAsync("approvals", new { model = name, version = 1, stage = "production" })).Should(HttpStatusCode.Created);
        (await smtp.WaitForAsync(officer.Email)).ShouldHaveSingleItem();
        (await officer.Client.V1PostAsync("approvals/1/reject", new { comment = "No" })).Should(HttpStatusCode.OK);
        (await owner.Client.V1AllAsync("notices")).ShouldHaveSingleItem().GetProperty("kind").GetString().ShouldBe("approval-decided");
        (await app.CountAsync("SELECT COUNT(*) FROM notice_mails")).ShouldBe(1);
    }

    [Theory]
    [InlineData("Mail:Host", "not a host", "Mail:Host")]
    [InlineData("Mail:Port", "0", "Mail:Port")]
    [InlineData("Mail:Security", "maybe", "Mail:Security")]
    [InlineData("Mail:Security", "1", "Mail:Security")]
    [InlineData("Mail:From", "", "Mail:From")]
    [InlineData("Mail:From", "a@example.org, b@example.org", "Mail:From")]
    [InlineData("Mail:User", "me", "Mail:Password")]
    public void A_wrong_setting_stops_the_start(string key, string value, string named)
    {
        var settings = new Dictionary<string, string?> { ["Mail:Host"] = "mail.example.org", ["Mail:From"] = "registry@example.org", [key] = value };
        Should.Throw<ConfigurationException>(() => Read(settings, new Uri("https://registry.example.org"))).Message.ShouldContain(named);
    }

    [Fact]
    public void Mail_needs_a_public_address_and_no_password_goes_in_the_clear()
    {
        var settings = new Dictionary<string, string?> { ["Mail:Host"] = "mail.example.org", ["Mail:From"] = "registry@example.org" };
        Should.Throw<ConfigurationException>(() => Read(settings, null)).Message.ShouldContain("PublicUrl");
        settings["Mail:User"] = "me";
        settings["Mail:Password"] = "secret";
        settings["Mail:Security"] = "None";
        var refused = Should.Throw<ConfigurationException>(() => Read(settings, new Uri("https://registry.example.org"))).Message;
        refused.ShouldContain("in the clear");
        refused.ShouldNotContain("secret");
        Read([], null).IsOn.ShouldBeFalse();
    }

    private static MailOptions Read(Dictionary<string, string?> settings, Uri? publicUrl) =>
        MailOptions.Read(new ConfigurationBuilder().AddInMemoryCollection(settings).Build(), publicUrl);

    private static string Decoded(ReceivedMail mail)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(mail.Text));
        using var message = MimeKit.MimeMessage.Load(stream);
        message.HtmlBody.ShouldBeNull();
        message.Subject.ShouldStartWith("[ModelRegistry] Your decision is asked for: <img");
        return message.TextBody!;
    }
}
