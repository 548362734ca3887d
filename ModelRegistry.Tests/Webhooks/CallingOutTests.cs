using System.Net;
using System.Net.Sockets;
using Microsoft.Data.Sqlite;
using ModelRegistry.Core.Data;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Webhooks;

/// <summary>Nobody makes the server call what only the server can reach.</summary>
public sealed class CallingOutTests(RegistryApps closed, WebhookApps open) : IClassFixture<RegistryApps>, IClassFixture<WebhookApps>
{
    private static readonly object[] Events = [new { entity = "REGISTERED_MODEL", action = "CREATED" }];

    public static TheoryData<string> Forbidden => new()
    {
        // Loopback in all its spellings.
        "https://127.0.0.1/", "https://127.0.0.1:8443/x", "https://localhost/", "https://localhost./", "https://LOCALHOST/", "https://[::1]/",
        "https://2130706433/", "https://0x7f000001/", "https://0177.0.0.1/", "https://127.1/", "https://0/", "https://0.0.0.0/", "https://[::]/",
        "https://127.0.0.1./", "https://%31%32%37.0.0.1/",
        // IPv4 in IPv6.
        "https://[::ffff:127.0.0.1]/", "https://[::ffff:a9fe:a9fe]/", "https://[::ffff:8.8.8.8]/", "https://[64:ff9b::7f00:1]/",
        "https://[64:ff9b::808:808]/", "https://[64:ff9b:1::1]/", "https://[2002:7f00:1::]/", "https://[::127.0.0.1]/", "https://[2001:0:4136:e378::1]/",
        // Metadata services.
        "https://169.254.169.254/latest/meta-data/", "https://[fd00:ec2::254]/", "https://[fd20:ce::254]/", "https://100.100.100.200/",
        "https://168.63.129.16/", "https://192.0.0.192/", "https://metadata.google.internal/",
        // Private, shared, reserved, multicast, broadcast, documentation.
        "https://10.0.0.1/", "https://172.16.0.1/", "https://172.31.255.255/", "https://192.168.1.1/", "https://100.64.0.1/", "https://198.18.0.1/",
        "https://192.0.2.1/", "https://203.0.113.1/", "https://224.0.0.1/", "https://255.255.255.255/", "https://240.0.0.1/",
        "https://[fc00::1]/", "https://[fe80::1]/", "https://[fe80::1%25eth0]/", "https://[ff02::1]/", "https://[2001:db8::1]/", "https://[3fff::1]/",
        "https://[100::1]/", "https://[fec0::1]/",
        // Other schemes.
        "file:///etc/passwd", "ftp://example.org/", "gopher://example.org/", "ldap://example.org/", "http://93.184.215.14/", "javascript:alert(1)",
        "//example.org/", "/hook", "example.org", "https:example.org", "https:/example.org", "https:///x", "https://", "",
        // What parsers disagree about.
        "https://good@93.184.215.14/", "https://good:pass@93.184.215.14/", "https://good\\@93.184.215.14/", "https://93.184.215.14#@127.0.0.1/",
        "https://93.184.215.14/#x", "https://93.184.\t215.14/", "https://93.184.215.14\n/", "https://127。0。0。1/", "https://ⓔxample.org/",
        " https://93.184.215.14/", "https://93.184.215.14/\r\nX-Injected: 1", "https://@/", "https://93.184.215.14:99999/", "https://93.184.215.14/ü",
        // No host.
        "https://no-such-host.invalid/",
    };

    [Theory, MemberData(nameof(Forbidden))]
    public async Task Such_an_address_is_refused_when_the_webhook_is_made_and_when_it_is_changed(string url)
    {
        var admin = (await closed.On(DatabaseProvider.Sqlite)).AdminClient;
        (await admin.MlflowPostAsync("webhooks", new { name = "h", url, events = Events }))
            .ShouldBeRefused(HttpStatusCode.BadRequest, "INVALID_PARAMETER_VALUE");
        if (url.Length == 0)
            return;

        var id = await ManagingWebhooksTests.MakeAsync(admin, "https://93.184.215.14/x", null, Events);
        (await admin.MlflowPatchAsync($"webhooks/{id}", new { url })).ShouldBeRefused(HttpStatusCode.BadRequest, "INVALID_PARAMETER_VALUE");
        (await admin.MlflowGetAsync($"webhooks/{id}")).Ok()["webhook"].GetProperty("url").GetString().ShouldBe("https://93.184.215.14/x");
        (await admin.MlflowDeleteAsync($"webhooks/{id}", new { })).Ok();
    }

    [Theory]
    [InlineData("https://169.254.169.254/"), InlineData("https://[fe80::1]/"), InlineData("https://[fd00:ec2::254]/")]
    [InlineData("https://0.0.0.0/"), InlineData("https://224.0.0.1/"), InlineData("https://[::ffff:169.254.169.254]/")]
    public async Task Metadata_services_stay_closed_where_private_addresses_are_open(string url)
    {
        var admin = (await open.On(DatabaseProvider.Sqlite)).AdminClient;

        (await admin.MlflowPostAsync("webhooks", new { name = "h", url, events = Events }))
            .ShouldBeRefused(HttpStatusCode.BadRequest, "INVALID_PARAMETER_VALUE");
    }

    [Theory]
    [InlineData("http://127.0.0.1:{0}/"), InlineData("https://127.0.0.1:{0}/"), InlineData("https://localhost:{0}/"), InlineData("https://[::1]:{0}/")]
    public async Task A_row_that_was_changed_in_the_database_is_not_called_either(string pattern)
    {
        var app = await closed.On(DatabaseProvider.Sqlite);
        var admin = app.AdminClient;
        using var listener = new TcpListener(IPAddress.IPv6Any, 0) { Server = { DualMode = true } };
        listener.Start();
        var url = string.Format(null, pattern, ((IPEndPoint)listener.LocalEndpoint).Port);
        var id = await ManagingWebhooksTests.MakeAsync(admin, "https://93.184.215.14/x", null, Events);
        await using (var connection = new SqliteConnection(app.ConnectionString))
        {
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = "UPDATE webhooks SET url = $url WHERE upper(webhook_uuid) = upper($id)";
            command.Parameters.AddWithValue("$url", url);
            command.Parameters.AddWithValue("$id", id);
            (await command.ExecuteNonQueryAsync()).ShouldBe(1);
        }

        var result = (await admin.MlflowPostAsync($"webhooks/{id}/test", new { })).Ok()["result"];

        result.GetProperty("success").GetBoolean().ShouldBeFalse();
        result.GetProperty("error_message").GetString().ShouldBe("The webhook's address is not one that the registry may call.");
        listener.Pending().ShouldBeFalse();
        (await admin.MlflowDeleteAsync($"webhooks/{id}", new { })).Ok();
    }

    [Theory]
    [InlineData(302), InlineData(307), InlineData(308)]
    public async Task Redirects_are_not_followed(int status)
    {
        var admin = (await open.On(DatabaseProvider.Sqlite)).AdminClient;
        await using var other = await WebhookReceiver.StartAsync();
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.Answer = (http, _) =>
        {
            http.Response.StatusCode = status;
            http.Response.Headers.Location = other.Url + "/hook";
            return Task.CompletedTask;
        };
        var id = await ManagingWebhooksTests.MakeAsync(admin, receiver.Url + "/hook", null, Events);

        var result = (await admin.MlflowPostAsync($"webhooks/{id}/test", new { })).Ok()["result"];

        result.GetProperty("success").GetBoolean().ShouldBeFalse();
        result.GetProperty("response_status").GetInt32().ShouldBe(status);
        other.All.ShouldBeEmpty();
        (await admin.MlflowDeleteAsync($"webhooks/{id}", new { })).Ok();
    }

    [Fact]
    public async Task Of_a_huge_answer_the_beginning_is_read()
    {
        var admin = (await open.On(DatabaseProvider.Sqlite)).AdminClient;
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.Answer = async (http, _) =>
        {
            var block = new byte[64 * 1024];
            Array.Fill(block, (byte)'a');
            for (var i = 0; i < 16 * 1024; i++)
                await http.Response.Body.WriteAsync(block, http.RequestAborted);
        };
        var id = await ManagingWebhooksTests.MakeAsync(admin, receiver.Url + "/hook", null, Events);

        var result = (await admin.MlflowPostAsync($"webhooks/{id}/test", new { })).Ok()["result"];

        result.GetProperty("response_body").GetString()!.Length.ShouldBe(64 * 1024);
        (await admin.MlflowDeleteAsync($"webhooks/{id}", new { })).Ok();
    }

    [Fact]
    public async Task A_closed_port_and_one_that_never_answers_look_the_same()
    {
        var admin = (await open.On(DatabaseProvider.Sqlite)).AdminClient;
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        string closedUrl;
        using (var gone = new TcpListener(IPAddress.Loopback, 0))
        {
            gone.Start();
            closedUrl = $"http://127.0.0.1:{((IPEndPoint)gone.LocalEndpoint).Port}/";
        }

        var answers = new List<string>();
        foreach (var url in new[] { closedUrl, $"http://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}/", "http://no-such-host.invalid/" })
        {
            var id = await ManagingWebhooksTests.MakeAsync(admin, url, null, Events);
            answers.Add((await admin.MlflowPostAsync($"webhooks/{id}/test", new { })).Ok().Text);
            (await admin.MlflowDeleteAsync($"webhooks/{id}", new { })).Ok();
        }

        answers.Distinct().ShouldHaveSingleItem().ShouldBe(
            """{"result":{"success":false,"error_message":"The receiver could not be reached or did not answer in time."}}""");
    }
}
