using System.Net.Http.Headers;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ModelRegistry.Core.Artifacts;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Erasure;
using ModelRegistry.Core.Governance;
using ModelRegistry.Core.Identity;
using ModelRegistry.Core.Retention;
using ModelRegistry.Web.Hosting;

namespace ModelRegistry.Tests.Support;

/// <summary>How a test wants its registry; everything else is as a user gets it.</summary>
public sealed record RegistryAppOptions
{
    /// <summary>Configuration keys, as a user would set them.</summary>
    public Dictionary<string, string> Settings { get; init; } = [];
    /// <summary>A real server on a free port of localhost, for browsers and raw sockets.</summary>
    public bool UseKestrel { get; init; }
    /// <summary>No user is made: as on the first start.</summary>
    public bool IsEmpty { get; init; }
    /// <summary>A clock that the test moves, where it needs one.</summary>
    public TimeProvider? Clock { get; init; }
    /// <summary>Its files are in memory where the system has a folder for that: what is flushed is there at once.</summary>
    public bool IsInMemory { get; init; }
}

/// <summary>
/// The real application with a database and a folder of its own. Tests say what they mean (<see cref="ClientAsync"/>,
/// <see cref="AnonymousClient"/>) and speak HTTP; they do not see the services.
/// </summary>
public sealed class RegistryApp : IAsyncDisposable
{
    private const string MemoryFolder = "/dev/shm";

    private readonly TestDatabase _database;
    private readonly Factory _factory;
    private readonly string _folder;
    private readonly bool _kestrel;
    private HttpClient? _admin;
    private bool _isGuest;

    private RegistryApp(TestDatabase database, string folder, RegistryAppOptions options)
    {
        (_database, _folder, _kestrel) = (database, folder, options.UseKestrel);
        _factory = new Factory(database, folder, options);
    }

    public DatabaseProvider Provider => _database.Provider;
    public string ConnectionString => _database.ConnectionString;

    /// <summary>The folder of SQLite's file and of the artifacts.</summary>
    public string Folder => _folder;

    /// <summary>The address of the real server.</summary>
    public Uri Address => _factory.ClientOptions.BaseAddress;

    /// <summary>Reads and changes everything. The same client each time.</summary>
    public HttpClient AdminClient => _admin ?? throw new InvalidOperationException("The registry is not started.");

    public static async Task<RegistryApp> StartAsync(
        DatabaseProvider provider = DatabaseProvider.Sqlite, RegistryAppOptions? options = null)
    {
        options ??= new RegistryAppOptions();
        var folder = options.IsInMemory && Directory.Exists(MemoryFolder)
            ? Directory.CreateDirectory(Path.Combine(MemoryFolder, $"mreg-test-{Guid.NewGuid():N}")).FullName
            : Directory.CreateTempSubdirectory("mreg-test-").FullName;
        var database = await TestDatabase.CreateAsync(provider, folder);
        var app = new RegistryApp(database, folder, options);
        try
        {
            if (options.UseKestrel)
                app._factory.StartServer();
            if (options.IsEmpty)
                app.AnonymousClient().Dispose();
            else
                app._admin = await app.ClientAsync(RegistryRole.Admin);
            return app;
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    /// <summary>A second server on the same database and folder; dispose of it first.</summary>
    public Task<RegistryApp> StartAnotherNodeAsync()
    {
        var node = new RegistryApp(_database, _folder, new RegistryAppOptions()) { _isGuest = true };
        node.AnonymousClient().Dispose();
        return Task.FromResult(node);
    }

    /// <summary>The methods and pattern of every route.</summary>
    public IReadOnlyList<(string Method, string Pattern, bool IsAnonymous)> Routes =>
    [
        .. _factory.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .SelectMany(route => (route.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["GET", "POST"])
                .Select(method => (method, "/" + route.RoutePattern.RawText?.TrimStart('/'), AnonymousRoutes.Allow(route)))),
    ];

    /// <summary>A client with the token of a new user.</summary>
    public async Task<HttpClient> ClientAsync(RegistryRole roles, TokenScope scopes = TokenScope.All) =>
        (await UserAsync(roles, scopes)).Client;

    /// <summary>A new user who has only a token, and a client that sends it.</summary>
    public async Task<TestUser> UserAsync(
        RegistryRole roles, TokenScope scopes = TokenScope.All, string? password = null, string displayName = "")
    {
        var email = $"{roles.ToString().Split(',')[0].ToLowerInvariant()}-{Guid.NewGuid():N}@example.org";
        await using var scope = _factory.Services.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<CurrentUserHolder>().User = CurrentUser.System;
        var user = await scope.ServiceProvider.GetRequiredService<UserService>()
            .CreateAsync(new NewUser(email, displayName, roles, password), default);
        var token = await scope.ServiceProvider.GetRequiredService<TokenService>()
            .CreateAsync(user.Id, new NewToken("test", scopes, NewToken.MaxDays), default);
        return new TestUser(user.Id, email, token.Secret, ClientWithToken(token.Secret));
    }

    /// <summary>Another token of a user.</summary>
    public async Task<string> TokenAsync(long userId, TokenScope scopes, int days = NewToken.MaxDays)
    {
        await using var scope = _factory.Services.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<CurrentUserHolder>().User = CurrentUser.System;
        return (await scope.ServiceProvider.GetRequiredService<TokenService>()
            .CreateAsync(userId, new NewToken($"test-{Guid.NewGuid():N}", scopes, days), default)).Secret;
    }

    public HttpClient ClientWithToken(string token)
    {
        var client = AnonymousClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    /// <summary>Sends no credentials, follows no redirect, and keeps no cookies.</summary>
    public HttpClient AnonymousClient() => Client(cookies: false);

    /// <summary>As a browser: keeps cookies; redirects are shown to the test.</summary>
    public HttpClient BrowserClient() => Client(cookies: true);

    /// <summary>A browser in which a new user has signed in.</summary>
    public async Task<HttpClient> SignedInAsync(RegistryRole roles)
    {
        const string Password = "pale blue harbour light";
        var user = await UserAsync(roles, password: Password);
        var browser = BrowserClient();
        await browser.SignInAsync(user.Email, Password);
        return browser;
    }

    /// <summary>What the retention jobs do within a minute.</summary>
    public Task<(int Told, int Expired)> ExpireTokensAsync() =>
        AsSystemAsync<Core.Notices.TokenExpiry, (int Told, int Expired)>(expiry => expiry.RunAsync(default));

    public Task<RetentionJobReport> RunRetentionAsync(CancellationToken ct = default) =>
        AsSystemAsync<RetentionJobs, RetentionJobReport>(jobs => jobs.RunAsync(ct));

    /// <summary>What they do in the night.</summary>
    public Task<PurgeReport> PurgeTrashAsync(CancellationToken ct = default) =>
        AsSystemAsync<TrashPurge, PurgeReport>(purge => purge.RunAsync(10_000, ct));

    public Task<BlobRemovalReport> RemoveBlobsAsync() => AsSystemAsync<BlobRemoval, BlobRemovalReport>(removal => removal.RunAsync(10_000, default));

    public Task<int> EraseAsync() => AsSystemAsync<ErasureExecution, int>(erasure => erasure.RunAsync(default));

    public Task<int> EvaluatePoliciesAsync() => AsSystemAsync<RetentionJobs, int>(jobs => jobs.EvaluateAllAsync(default));

    public Task<ScrubReport> CheckStoredContentAsync() =>
        AsSystemAsync<StoredContentScrub, ScrubReport>(scrub => scrub.RunAsync(long.MaxValue, 10_000, default));

    /// <summary>What `ledger check` says.</summary>
    public async Task<(int Forgotten, int Revived)> CheckLedgerAsync()
    {
        var report = await AsSystemAsync<PurgeLedger, PurgeLedgerReport>(ledger => ledger.CompareAsync(default));
        await AsSystemAsync<HoldLedger, HoldLedgerReport>(ledger => ledger.CompareAsync(placeAgain: false, default));
        return (report.Forgotten.Count, report.Revived.Count);
    }

    public Task<PolicyLedgerReport> ComparePoliciesAsync(bool bringBack) =>
        AsSystemAsync<PolicyLedger, PolicyLedgerReport>(ledger => ledger.CompareAsync(bringBack, default));

    /// <summary>What `ledger apply` does; what it left.</summary>
    public Task<IReadOnlyList<string>> ApplyLedgerAsync() => AsSystemAsync<PurgeLedger, IReadOnlyList<string>>(
        async ledger => await ledger.ApplyAsync(await ledger.CompareAsync(default), default));

    /// <summary>What was logged, and what the console showed apart from it.</summary>
    public string LogText => _factory.Log.ToString();
    public string ConsoleText => _factory.Console.ToString();

    public async ValueTask DisposeAsync()
    {
        _admin?.Dispose();
        await _factory.DisposeAsync();
        if (_isGuest)
            return;
        await _database.DisposeAsync();
        await DeleteFolderAsync();
    }

    // Pools are cleared for the whole process: another test's clearing may still be closing this one's connections, and
    // SQLite tidies up its files as the last one goes.
    private async Task DeleteFolderAsync()
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                Directory.Delete(_folder, recursive: true);
                return;
            }
            catch (IOException) when (attempt < 50)
            {
                await Task.Delay(100);
            }
        }
    }

    private async Task<TResult> AsSystemAsync<TService, TResult>(Func<TService, Task<TResult>> act) where TService : notnull
    {
        await using var scope = _factory.Services.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<CurrentUserHolder>().User = CurrentUser.System;
        return await act(scope.ServiceProvider.GetRequiredService<TService>());
    }

    private HttpClient Client(bool cookies)
    {
        if (_kestrel)
        {
            var handler = new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseCookies = cookies,
                UseProxy = false,
                // A busy server may take longer than a second to refuse what it was asked for first.
                Expect100ContinueTimeout = TimeSpan.FromMinutes(1),
            };
            return new HttpClient(handler) { BaseAddress = Address };
        }

        return _factory.CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false, HandleCookies = cookies });
    }

    private sealed class Factory : WebApplicationFactory<Program>
    {
        private readonly TestDatabase _database;
        private readonly string _folder;
        private readonly RegistryAppOptions _options;

        public Factory(TestDatabase database, string folder, RegistryAppOptions options)
        {
            (_database, _folder, _options) = (database, folder, options);
            if (options.UseKestrel)
                UseKestrel(0);
        }

        public CapturedLog Log { get; } = new();
        public StringWriter Console { get; } = new();

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            builder.UseEnvironment("Production");
            // Not ConfigureAppConfiguration: that comes too late for what the program reads early.
            builder.UseSetting("Database:Provider", _database.Provider.ToString());
            builder.UseSetting("ConnectionStrings:Registry", _database.ConnectionString);
            builder.UseSetting("Storage:Artifacts", $"disk://path={Path.Combine(_folder, "artifacts")}");
            builder.UseSetting("Logging:LogLevel:Default", "Warning");
            // Tests of the limit set it; the others sign in as often as they like.
            builder.UseSetting("Limits:SignInsPerMinute", "100000");
            // Its threads and tables cost each test class seconds; tests of jobs turn it on.
            builder.UseSetting("Jobs:Enabled", "false");
            foreach (var (key, value) in _options.Settings)
                builder.UseSetting(key, value);
            builder.ConfigureTestServices(services =>
            {
                services.AddSingleton<ILoggerProvider>(Log);
                services.AddSingleton<ILoggerFactory>(sp => new LastingLoggerFactory(new LoggerFactory(
                    sp.GetServices<ILoggerProvider>(), sp.GetRequiredService<IOptionsMonitor<LoggerFilterOptions>>())));
                services.AddSingleton(new ServerConsole(TextWriter.Synchronized(Console)));
                if (_options.Clock is { } clock)
                    services.AddSingleton(clock);
            });
        }
    }
}

/// <summary>Hangfire logs through the app that started last, for the whole process: the end of one app must not stop another's jobs.</summary>
internal sealed class LastingLoggerFactory(LoggerFactory factory) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) => factory.CreateLogger(categoryName);

    public void AddProvider(ILoggerProvider provider) => factory.AddProvider(provider);

    public void Dispose()
    {
        // Its providers are the container's, which disposes of them.
    }
}

/// <summary>A user that a test made.</summary>
public sealed record TestUser(long Id, string Email, string Token, HttpClient Client);
