using System.Collections.Concurrent;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Tests.Support;

/// <summary>
/// The registries of one test class, one per database, started when first asked for: <c>IClassFixture&lt;RegistryApps&gt;</c>.
/// Tests of a class share them, so each makes objects with names of its own (<see cref="Any.Name"/>).
/// </summary>
public sealed class RegistryApps : IAsyncLifetime
{
    private readonly ConcurrentDictionary<DatabaseProvider, Lazy<Task<RegistryApp>>> _apps = new();

    public Task<RegistryApp> On(DatabaseProvider provider) =>
        _apps.GetOrAdd(provider, p => new Lazy<Task<RegistryApp>>(() => RegistryApp.StartAsync(p))).Value;

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

/// <summary>Values that no other test has.</summary>
public static class Any
{
    public static string Name(string prefix = "any") => $"{prefix}-{Guid.NewGuid():N}";
}
