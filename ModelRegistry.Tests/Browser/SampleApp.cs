using Microsoft.Playwright;
using ModelRegistry.Core.Identity;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Browser;

/// <summary>One registry on a real port with a team's data in it, and an admin who is signed in; shared by all browser
/// tests. Tests that change something make it themselves.</summary>
public sealed class SampleApp : IAsyncLifetime
{
    internal const string Password = "window-harbour-lantern-41";

    private RegistryApp? _app;
    private readonly Dictionary<(ColorScheme Theme, int Width, bool Scripts), IBrowserContext> _contexts = [];
    private string? _state;
    private TestUser? _ada;

    internal RegistryApp App => _app ?? throw new InvalidOperationException("The sample registry is not started.");
    internal SampleRegistry Sample { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        if (!Chromium.IsInstalled)
            return;
        _app = await RegistryApp.StartAsync(options: new RegistryAppOptions
        {
            UseKestrel = true,
            // The gallery is shown in Development only.
            Settings = { ["environment"] = "Development" },
        });
        // Before Grace does anything: what she asks for is told to her.
        _ada = await App.UserAsync(RegistryRole.Admin | RegistryRole.Member, password: Password, displayName: "Ada Lovelace");
        var grace = await App.UserAsync(RegistryRole.Admin | RegistryRole.Member, displayName: "Grace Hopper");
        Sample = await new SampleRegistry(grace.Client).FillAsync();
    }

    /// <summary>A tab in which an admin is signed in. Tabs of one look share a browser, hence its cache.</summary>
    internal async Task<BrowserSession> OpenAsync(
        ColorScheme theme = ColorScheme.Light, int width = 1280, bool scripts = true)
    {
        Chromium.SkipWhereMissing();
        _state ??= await SignInAsync();
        if (!_contexts.TryGetValue((theme, width, scripts), out var context))
        {
            context = await BrowserSession.ContextAsync(App.Address, _state, theme, width, scripts);
            _contexts[(theme, width, scripts)] = context;
        }

        return await BrowserSession.OpenAsync(context);
    }

    /// <summary>A tab of a browser that nobody has used.</summary>
    internal async Task<BrowserSession> OpenAnonymousAsync() =>
        await BrowserSession.OpenAsync(await BrowserSession.ContextAsync(App.Address));

    private async Task<string> SignInAsync()
    {
        await using var session = await OpenAnonymousAsync();
        await session.SignInAsync(_ada!.Email, Password);
        return await session.StateAsync();
    }

    public async Task DisposeAsync()
    {
        foreach (var context in _contexts.Values)
            await context.DisposeAsync();
        if (_app is not null)
            await _app.DisposeAsync();
    }
}

[CollectionDefinition(Name)]
public sealed class BrowserCollection : ICollectionFixture<SampleApp>
{
    public const string Name = "browser";
}
