using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ModelRegistry.Tests.Webhooks;

/// <summary>What a receiver was sent.</summary>
public sealed record Received(string Path, string DeliveryId, string Timestamp, string? Signature, string Body)
{
    public JsonElement Json { get; } = Parse(Body);

    /// <summary>As a receiver checks it.</summary>
    public bool IsSignedWith(string secret) => Signature == "v1," + Convert.ToBase64String(HMACSHA256.HashData(
        Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{DeliveryId}.{Timestamp}.{Body}")));

    private static JsonElement Parse(string body)
    {
        using var document = JsonDocument.Parse(body);
        return document.RootElement.Clone();
    }
}

/// <summary>Somebody who is told, on a port of this machine.</summary>
public sealed class WebhookReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Received> _received = new();
    // The port may have been that of a receiver before, which somebody still calls.
    private readonly string _base = "/" + Guid.NewGuid().ToString("N");

    private WebhookReceiver(WebApplication app) => _app = app;

    /// <summary>Answers the attempt of that number, from 1, on that path.</summary>
    public Func<HttpContext, int, Task> Answer { get; set; } = (_, _) => Task.CompletedTask;

    public string Url => _app.Urls.Single() + _base;

    public IReadOnlyList<Received> All => [.. _received];

    public static async Task<WebhookReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var receiver = new WebhookReceiver(app);
        app.UsePathBase(receiver._base);
        app.Run(receiver.ReceiveAsync);
        await app.StartAsync();
        return receiver;
    }

    /// <summary>Those on that path, when there are so many.</summary>
    public async Task<IReadOnlyList<Received>> WaitForAsync(int count, string path = "/hook")
    {
        for (var i = 0; i < 600; i++)
        {
            var found = On(path);
            if (found.Count >= count)
                return found;
            await Task.Delay(50);
        }

        throw new ShouldAssertException($"{count} deliveries were expected on {path}; there were {On(path).Count}.");
    }

    public IReadOnlyList<Received> On(string path) => [.. _received.Where(r => r.Path == path)];

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task ReceiveAsync(HttpContext http)
    {
        if (!http.Request.PathBase.HasValue)
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        using var reader = new StreamReader(http.Request.Body);
        var headers = http.Request.Headers;
        var received = new Received(http.Request.Path, headers["X-MLflow-Delivery-Id"].ToString(),
            headers["X-MLflow-Timestamp"].ToString(), headers["X-MLflow-Signature"].FirstOrDefault(), await reader.ReadToEndAsync());
        _received.Enqueue(received);
        await Answer(http, On(received.Path).Count);
    }
}
