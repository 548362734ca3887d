using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using ModelRegistry.Core.Common;

namespace ModelRegistry.Web.Hosting;

/// <summary>
/// How many passwords an address may try in a minute, over all accounts; asked before a password is hashed, because
/// hashing is the costly part.
/// </summary>
public sealed class PasswordAttempts : IDisposable
{
    private readonly PartitionedRateLimiter<HttpContext> _limiter;
    private readonly ILogger _log;

    public PasswordAttempts(int perMinute, ILogger<PasswordAttempts> log)
    {
        _log = log;
        _limiter = PartitionedRateLimiter.Create<HttpContext, string>(http => RateLimitPartition.GetSlidingWindowLimiter(
            Network(http.Connection.RemoteIpAddress),
            _ => new SlidingWindowRateLimiterOptions
            {
                PermitLimit = perMinute,
                Window = TimeSpan.FromMinutes(1),
                SegmentsPerWindow = 6,
            }));
    }

    public bool TryCount(HttpContext http)
    {
        using var lease = _limiter.AttemptAcquire(http);
        if (lease.IsAcquired)
            return true;
        Log.TooManyPasswords(_log, http.Connection.RemoteIpAddress);
        http.Response.Headers.RetryAfter = "60";
        return false;
    }

    public void Dispose() => _limiter.Dispose();

    // One household of IPv6 has 2^64 addresses.
    internal static string Network(IPAddress? address)
    {
        if (address is null)
            return "";
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        return address.AddressFamily == AddressFamily.InterNetworkV6
            ? Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8))
            : address.ToString();
    }
}

internal static class PasswordAttemptsServices
{
    public const string Key = "Limits:SignInsPerMinute";
    private const int Default = 10;

    public static IServiceCollection AddPasswordAttempts(this IServiceCollection services, IConfiguration configuration)
    {
        // Read now: a wrong value stops the start.
        var perMinute = ConfigurationNumbers.Read(configuration, Key, Default, 1, 100_000);
        return services.AddSingleton(provider =>
            new PasswordAttempts(perMinute, provider.GetRequiredService<ILogger<PasswordAttempts>>()));
    }
}

internal static class ConfigurationNumbers
{
    /// <exception cref="ConfigurationException">Not a number in the range; the message names key and range.</exception>
    public static int Read(IConfiguration configuration, string key, int ifMissing, int min, int max)
    {
        if (configuration[key] is not { Length: > 0 } text)
            return ifMissing;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max
            ? value
            : throw new ConfigurationException($"{key} is '{text}'. Allowed values: a whole number from {min} to {max}.");
    }
}
