using System.Collections.Concurrent;
using ModelRegistry.Core.Data;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Webhooks;

/// <summary>Registries that may call receivers on this machine, and one such receiver.</summary>
public sealed class WebhookApps : IAsyncLifetime
{
    private readonly ConcurrentDictionary<DatabaseProvider, Lazy<Task<RegistryApp>>> _apps = new();

    public WebhookReceiver Receiver { get; private set; } = null!;

    public Task<RegistryApp> On(DatabaseProvider provider) => _apps.GetOrAdd(provider, p => new Lazy<Task<RegistryApp>>(() =>
        RegistryApp.StartAsync(p, new RegistryAppOptions
        {
            Settings = { ["Webhooks:AllowedSchemes"] = "http,https", ["Webhooks:AllowPrivateAddresses"] = "true" },
        }))).Value;

    public async Task InitializeAsync() => Receiver = await WebhookReceiver.StartAsync();

    public async Task DisposeAsync()
    {
        foreach (var app in _apps.Values)
        {
            if (app.IsValueCreated && app.Value.IsCompletedSuccessfully)
                await (await app.Value).DisposeAsync();
        }

        await Receiver.DisposeAsync();
    }
}
