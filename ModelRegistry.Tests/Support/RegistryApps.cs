using System.Collections.Concurrent;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Tests.Support;

/// <summary>
/// The registries of one test class, one per database, started when first asked for: <c>IClassFixture&lt;RegistryApps&gt;</c>.
/// Tests of a class share them, so each makes objects with names of its own (<see cref="Any.Name"/>).
/// </summary>
public class RegistryApps : IAsyncLifetime
{
    private readonly ConcurrentDictionary<DatabaseProvider, Lazy<Task<RegistryApp>>> _apps = new();

    public Task<RegistryApp> On(DatabaseProvider provider) =>
        _apps.GetOrAdd(provider, p => new Lazy<Task<RegistryApp>>(() => RegistryApp.StartAsync(p, Options))).Value;

    protected virtual RegistryAppOptions? Options => null;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var app in _apps.Values)
        {
            if (app.IsValueCreated && app.Value.IsCompletedSuccessfully)
                await (await app.Value).DisposeAsync();
        }
    }
}

/// <summary>As <see cref="RegistryApps"/>, with real servers: what is on the wire arrives as it was sent.</summary>
public sealed class RealServers : RegistryApps
{
    protected override RegistryAppOptions Options => new() { UseKestrel = true };
}

/// <summary>Values that no other test has.</summary>
public static class Any
{
    public static string Name(string prefix = "any") => $"{prefix}-{Guid.NewGuid():N}";
}
