using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using ModelRegistry.Core.Identity;

namespace ModelRegistry.Web.Hosting;

/// <summary>
/// The way into a registry without users: a link with a code that lives in memory, is written to the console once, and
/// dies with the first user, however that one comes to be.
/// </summary>
public sealed class FirstRun(IServiceScopeFactory scopes)
{
    private readonly string _code = RandomNumberGenerator.GetString("abcdefghijkmnopqrstuvwxyz23456789", 26);
    private volatile bool _over;

    public async ValueTask<bool> IsOpenAsync(CancellationToken ct)
    {
        if (_over)
            return false;
        await using var scope = scopes.CreateAsyncScope();
        if (await scope.ServiceProvider.GetRequiredService<UserService>().AnyAsync(ct))
            _over = true;
        return !_over;
    }

    public async ValueTask<bool> TakesAsync(string? code, CancellationToken ct) =>
        code is not null && code.Length < 100
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(code), Encoding.UTF8.GetBytes(_code))
        && await IsOpenAsync(ct);

    public void Close() => _over = true;

    internal string Link(string address) => $"{address.TrimEnd('/')}/setup?code={_code}";
}

/// <summary>What the server says on its console, apart from the log: a code in a log would be kept and copied.</summary>
internal sealed record ServerConsole(TextWriter Out);

internal static class FirstRunServices
{
    public static IServiceCollection AddFirstRun(this IServiceCollection services) => services
        .AddSingleton<FirstRun>()
        .AddSingleton(new ServerConsole(Console.Out))
        .AddHostedService<FirstRunAnnouncement>();
}

/// <summary>Writes the link when the server listens.</summary>
internal sealed class FirstRunAnnouncement(
    FirstRun firstRun, IServer server, ServerConsole console, IConfiguration configuration, IHostApplicationLifetime lifetime)
    : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (await firstRun.IsOpenAsync(cancellationToken))
            lifetime.ApplicationStarted.Register(Announce);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void Announce() =>
        console.Out.WriteLine($"Nobody can sign in yet. Make the first admin here (the link works once): {firstRun.Link(Address())}");

    private string Address()
    {
        if (configuration["PublicUrl"] is { Length: > 0 } url)
            return url;
        var address = server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() ?? "http://localhost:5000";
        // What one listens on is not always what one can open.
        return address.Replace("[::]", "localhost").Replace("0.0.0.0", "localhost").Replace("//+", "//localhost")
            .Replace("//*", "//localhost");
    }
}
