using System.Net.Sockets;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.MlflowApi;

/// <summary>MLflow's clients keep their connection; a server that closes it costs them a handshake for each call.</summary>
public sealed class KeepingConnectionsTests
{
    [Fact]
    public async Task One_connection_serves_calls_of_every_kind()
    {
        await using var app = await RegistryApp.StartAsync(options: new RegistryAppOptions { UseKestrel = true });
        var connections = 0;
        using var client = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (context, ct) =>
            {
                Interlocked.Increment(ref connections);
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(context.DnsEndPoint, ct);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });
        client.BaseAddress = app.Address;
        client.DefaultRequestHeaders.Authorization = app.AdminClient.DefaultRequestHeaders.Authorization;

        var name = Any.Name();
        (await client.MlflowPostAsync("registered-models/create", new { name })).Ok();
        (await client.MlflowPostAsync("registered-models/create", new { name })).Status.ShouldBe(System.Net.HttpStatusCode.BadRequest);
        (await client.MlflowPostAsync("registered-models/create", new { })).Status.ShouldBe(System.Net.HttpStatusCode.BadRequest);
        (await client.SendJsonAsync(HttpMethod.Post, "/api/2.0/mlflow/runs/create", new StringContent("{", null, "application/json")))
            .Status.ShouldBe(System.Net.HttpStatusCode.BadRequest);
        (await client.SendJsonAsync(HttpMethod.Post, "/api/2.0/mlflow/runs/create", new StringContent("{}", null, "text/plain")))
            .Status.ShouldBe(System.Net.HttpStatusCode.BadRequest);
        (await client.MlflowGetAsync("registered-models/search")).Ok();
        (await client.MlflowPatchAsync("registered-models/update", new { name, description = "d" })).Ok();
        var run = (await client.MlflowPostAsync("runs/create", new { })).Ok()["run"].GetProperty("info").GetProperty("run_id").GetString();
        (await client.MlflowPostAsync("runs/log-batch", new { run_id = run, metrics = new[] { new { key = "m", value = 1, timestamp = 1 } } })).Ok();
        (await client.MlflowPostAsync("runs/log-batch", new { run_id = run, metrics = new[] { new { key = "m" } } })).Status
            .ShouldBe(System.Net.HttpStatusCode.BadRequest);
        (await client.MlflowDeleteAsync("registered-models/delete", new { name })).Ok();
        connections.ShouldBe(1);
    }
}
