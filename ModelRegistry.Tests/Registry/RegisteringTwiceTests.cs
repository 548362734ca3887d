using System.Net;
using System.Net.Http.Json;
using Microsoft.Data.Sqlite;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Registry;

/// <summary>A lost answer makes one version; two that are meant make two. See docs/decisions/010. A real server: what
/// tells them apart is the connection.</summary>
public sealed class RegisteringTwiceTests : IAsyncLifetime
{
    private readonly AdvancedClock _clock = new();
    private RegistryApp _app = null!;
    private string _name = null!;
    private string _run = null!;

    public async Task InitializeAsync()
    {
        _app = await RegistryApp.StartAsync(options: new RegistryAppOptions { UseKestrel = true, Clock = _clock });
        _name = await _app.AdminClient.ModelAsync();
        (_, _run) = await _app.AdminClient.RunAsync();
    }

    public async Task DisposeAsync() => await _app.DisposeAsync();

    [Fact]
    public async Task The_same_client_registers_the_same_run_twice_and_gets_two()
    {
        (await RegisterAsync(_app.AdminClient)).ShouldBe("1");
        (await RegisterAsync(_app.AdminClient)).ShouldBe("2");
    }

    [Fact]
    public async Task A_client_that_lost_the_answer_and_asks_again_gets_the_same_version()
    {
        (await RegisterAsync(Another())).ShouldBe("1");
        using var answer = await SendAsync(Another());
        answer.Headers.GetValues("Idempotent-Replayed").ShouldBe(["true"]);
        (await NumberAsync(answer)).ShouldBe("1");
        (await RegisterAsync(Another())).ShouldBe("1");
    }

    [Fact]
    public async Task Anything_in_between_or_different_makes_another_version()
    {
        (await RegisterAsync(Another())).ShouldBe("1");
        (await RegisterAsync(Another(), description: "other")).ShouldBe("2");
        (await RegisterAsync(Another())).ShouldBe("3");
        (await _app.AdminClient.TransitionAsync(_name, "3", "Staging")).Ok();
        (await RegisterAsync(Another())).ShouldBe("4");
        (await _app.AdminClient.SetAliasAsync(_name, "a", "4")).Ok();
        (await RegisterAsync(Another())).ShouldBe("5");
        (await _app.AdminClient.MlflowPostAsync("model-versions/set-tag", new { name = _name, version = "5", key = "k", value = "v" })).Ok();
        (await RegisterAsync(Another())).ShouldBe("6");
        (await _app.AdminClient.MlflowDeleteAsync("model-versions/delete", new { name = _name, version = "6" })).Ok();
        (await RegisterAsync(Another())).ShouldBe("7");
    }

    [Fact]
    public async Task After_two_minutes_it_is_another_version()
    {
        (await RegisterAsync(Another())).ShouldBe("1");
        _clock.Advance(TimeSpan.FromSeconds(126));
        (await RegisterAsync(Another())).ShouldBe("2");
    }

    [Fact]
    public async Task Clients_that_work_in_parallel_get_one_version_each()
    {
        // All of them have arrived before the first is done: the database lets nobody write until then.
        await using var connection = new SqliteConnection(_app.ConnectionString);
        await connection.OpenAsync();
        var held = connection.BeginTransaction(deferred: false);
        var registrations = Enumerable.Range(0, 50).Select(_ => RegisterAsync(Another())).ToList();
        await Task.Delay(TimeSpan.FromSeconds(2));
        await held.DisposeAsync();
        var numbers = await Task.WhenAll(registrations);
        numbers.Select(int.Parse).Order().ShouldBe(Enumerable.Range(1, 50));
    }

    [Fact]
    public async Task Behind_a_proxy_the_connection_says_nothing()
    {
        var client = Another();
        client.DefaultRequestHeaders.Add("X-Forwarded-For", "192.0.2.1");
        (await RegisterAsync(client)).ShouldBe("1");
        (await RegisterAsync(client)).ShouldBe("1");
    }

    [Fact]
    public async Task A_place_outside_makes_no_claim_to_be_the_same()
    {
        (await NumberAsync(await SendAsync(Another(), source: "s3://bucket/model", run: ""))).ShouldBe("1");
        (await NumberAsync(await SendAsync(Another(), source: "s3://bucket/model", run: ""))).ShouldBe("2");
    }

    [Fact]
    public async Task Another_user_registers_another_version()
    {
        (await RegisterAsync(Another())).ShouldBe("1");
        (await RegisterAsync(await _app.ClientAsync(Core.Identity.RegistryRole.Member))).ShouldBe("2");
    }

    [Fact]
    public async Task An_idempotency_key_gives_the_first_answer_again_however_late()
    {
        (await NumberAsync(await SendAsync(_app.AdminClient, key: "k1"))).ShouldBe("1");
        (await NumberAsync(await SendAsync(_app.AdminClient, key: "k2"))).ShouldBe("2");
        _clock.Advance(TimeSpan.FromDays(1));
        (await NumberAsync(await SendAsync(_app.AdminClient, key: "k1"))).ShouldBe("1");
        var numbers = await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ => await NumberAsync(await SendAsync(Another(), key: "k3"))));
        numbers.ShouldAllBe(n => n == "3");
        (await RegisterAsync(_app.AdminClient)).ShouldBe("4");
    }

    [Fact]
    public async Task A_key_that_was_used_for_something_else_is_refused()
    {
        (await NumberAsync(await SendAsync(_app.AdminClient, key: "k1"))).ShouldBe("1");
        using var other = await SendAsync(_app.AdminClient, key: "k1", source: "s3://bucket/other");
        (await other.ReadAnswerAsync()).ShouldBeRefused(HttpStatusCode.BadRequest, "INVALID_PARAMETER_VALUE").Message!.ShouldContain("Idempotency-Key");
        (await _app.AdminClient.MlflowDeleteAsync("model-versions/delete", new { name = _name, version = "1" })).Ok();
        using var deleted = await SendAsync(_app.AdminClient, key: "k1");
        (await deleted.ReadAnswerAsync()).ShouldBeRefused(HttpStatusCode.BadRequest, "INVALID_PARAMETER_VALUE").Message!.ShouldContain("deleted");
    }

    // The administrator over connections of its own.
    private HttpClient Another()
    {
        var client = _app.AnonymousClient();
        client.DefaultRequestHeaders.Authorization = _app.AdminClient.DefaultRequestHeaders.Authorization;
        return client;
    }

    private async Task<string> RegisterAsync(HttpClient client, string? description = null) =>
        await NumberAsync(await SendAsync(client, description: description));

    private Task<HttpResponseMessage> SendAsync(
        HttpClient client, string? key = null, string? source = null, string? run = null, string? description = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/api/2.0/mlflow/model-versions/create")
        {
            Content = JsonContent.Create(new { name = _name, source = source ?? $"runs:/{_run}/model", run_id = run ?? _run, description }),
        };
        if (key is not null)
            request.Headers.Add("Idempotency-Key", key);
        return client.SendAsync(request);
    }

    private static async Task<string> NumberAsync(HttpResponseMessage response) =>
        (await response.ReadAnswerAsync()).Ok()["model_version"].GetProperty("version").GetString()!;
}
