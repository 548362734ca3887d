using System.Net;
using System.Net.Sockets;
using ModelRegistry.Core.Common;

namespace ModelRegistry.Core.Webhooks;

/// <summary>The address of a receiver is one that the registry does not call.</summary>
public sealed class OutboundRefusedException(string host)
    : Exception($"The address of '{host}' is not one that the registry may call.");

/// <summary>
/// Keeps users from making the server call what only the server can reach. The address is checked when a webhook is
/// made, which finds mistakes early, and again on the very address that is dialled, which is what counts: a name may
/// resolve to something else by then.
/// </summary>
public sealed class OutboundGuard(WebhookOptions options)
{
    private const string Field = "url";
    private static readonly TimeSpan ResolveTimeout = TimeSpan.FromSeconds(5);

    /// <exception cref="InvalidArgumentException">The URL is none, or points where webhooks may not.</exception>
    public async Task RequireAllowedAsync(string url, CancellationToken ct)
    {
        var uri = Parse(url);
        if (IPAddress.TryParse(uri.IdnHost, out var literal))
        {
            RequireAllowed(uri, literal);
            return;
        }

        // With private addresses open, a name need not resolve yet: in a cluster it often does not.
        if (options.AllowPrivateAddresses)
            return;
        IPAddress[] addresses;
        try
        {
            addresses = await ResolveAsync(uri.IdnHost, ct);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException && !ct.IsCancellationRequested)
        {
            throw new InvalidArgumentException(Field, $"Cannot resolve webhook URL hostname '{uri.IdnHost}'.");
        }

        foreach (var address in addresses)
            RequireAllowed(uri, address);
    }

    /// <summary>The URL of a row, once more: rows can be changed by others than this program.</summary>
    internal Uri? TryParse(string url)
    {
        try
        {
            return Parse(url);
        }
        catch (InvalidArgumentException)
        {
            return null;
        }
    }

    /// <summary>For <see cref="SocketsHttpHandler.ConnectCallback"/>: connects to checked addresses only.</summary>
    /// <exception cref="OutboundRefusedException">One of the host's addresses is not allowed.</exception>
    internal async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken ct)
    {
        var endpoint = context.DnsEndPoint;
        var addresses = IPAddress.TryParse(endpoint.Host, out var literal)
            ? [literal]
            : await Dns.GetHostAddressesAsync(endpoint.Host, ct);
        // All of them: a name with one address outside and one inside is a trap.
        if (addresses.Length == 0 || !addresses.All(a => OutboundAddress.IsAllowed(a, options.AllowPrivateAddresses)))
            throw new OutboundRefusedException(endpoint.Host);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, endpoint.Port, ct);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private Uri Parse(string url)
    {
        if (string.IsNullOrWhiteSpace(url))
            throw new InvalidArgumentException(Field, $"Webhook URL cannot be empty or just whitespace: '{url}'");
        if (url.Length > Webhook.MaxUrlLength)
            throw new InvalidArgumentException(Field, $"The webhook URL may have {Webhook.MaxUrlLength} characters at most.");
        // Parsers disagree about everything else: a host that one of them sees elsewhere is no host.
        if (url.Any(c => c is <= ' ' or > '~' or '\\'))
        {
            throw new InvalidArgumentException(Field,
                "The webhook URL may hold printable ASCII characters only, without spaces and backslashes; write other host names as xn--….");
        }

        var scheme = url.IndexOf(':') is > 0 and var colon ? url[..colon].ToLowerInvariant() : "";
        if (!options.AllowedSchemes.Contains(scheme))
        {
            throw new InvalidArgumentException(Field, $"Invalid webhook URL scheme: '{(scheme.Length <= 20 ? scheme : scheme[..20])}'. "
                + $"Allowed schemes are: {string.Join(", ", options.AllowedSchemes)}.");
        }

        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.IdnHost.Length == 0
            || !url.AsSpan(scheme.Length).StartsWith("://", StringComparison.Ordinal))
        {
            throw new InvalidArgumentException(Field, "Invalid webhook URL: it must include a hostname, e.g. https://ci.example.org/hook");
        }

        if (uri.UserInfo.Length > 0 || url.AsSpan(scheme.Length + 3).IndexOf('@') is >= 0 and var at
            && url.AsSpan(scheme.Length + 3).IndexOfAny('/', '?', '#') is var end && (end < 0 || at < end))
        {
            throw new InvalidArgumentException(Field,
                "The webhook URL must not hold a user name or password; use a secret, which signs what is sent.");
        }

        return uri.Fragment.Length == 0
            ? uri
            : throw new InvalidArgumentException(Field, "The webhook URL must not have a fragment (#…): receivers never see it.");
    }

    private void RequireAllowed(Uri uri, IPAddress address)
    {
        if (!OutboundAddress.IsAllowed(address, options.AllowPrivateAddresses))
        {
            throw new InvalidArgumentException(Field, "Webhook URL must not resolve to a non-public IP address. "
                + $"'{uri.IdnHost}' does.");
        }
    }

    private static async Task<IPAddress[]> ResolveAsync(string host, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(ResolveTimeout);
        var addresses = await Dns.GetHostAddressesAsync(host, limit.Token);
        return addresses.Length > 0 ? addresses : throw new SocketException((int)SocketError.HostNotFound);
    }
}
