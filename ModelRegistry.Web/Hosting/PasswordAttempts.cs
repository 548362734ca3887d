using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;

namespace ModelRegistry.Web.Hosting;

/// <summary>
/// How many passwords an address may try in a minute, over all accounts; asked before a password is hashed, because
/// hashing is the costly part.
/// </summary>
public sealed class PasswordAttempts : IDisposable
{
    public const string Key = "Limits:SignInsPerMinute";
    private const int Default = 10;

    private readonly PartitionedRateLimiter<HttpContext> _limiter;
    private readonly ILogger _log;

    public PasswordAttempts(IConfiguration configuration, ILogger<PasswordAttempts> log)
    {
        _log = log;
        var limit = ConfigurationNumbers.Read(configuration, Key, Default, 1, 100_000);
        _limiter = PartitionedRateLimiter.Create<HttpContext, string>(http => RateLimitPartition.GetSlidingWindowLimiter(
            Network(http.Connection.RemoteIpAddress),
            _ => new SlidingWindowRateLimiterOptions
            {
                PermitLimit = limit,
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

internal static class ConfigurationNumbers
{
    /// <exception cref="InvalidOperationException">Not a number in the range; the message names key and range.</exception>
    public static int Read(IConfiguration configuration, string key, int ifMissing, int min, int max)
    {
        if (configuration[key] is not { Length: > 0 } text)
            return ifMissing;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max
            ? value
            : throw new InvalidOperationException($"{key} is '{text}'. Allowed values: a whole number from {min} to {max}.");
    }
}
