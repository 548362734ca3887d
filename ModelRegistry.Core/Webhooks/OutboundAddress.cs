using System.Net;
using System.Net.Sockets;

namespace ModelRegistry.Core.Webhooks;

/// <summary>
/// Which addresses the registry may call for a user. Ranges from IANA's registries of special-purpose addresses; what is
/// not known to be public is not.
/// </summary>
internal static class OutboundAddress
{
    // Not public: 6to4 relays and AS112 are of no use to a receiver either.
    private static readonly IPNetwork[] Special = Parse(
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
        // Azure's host services, at a public address.
        "168.63.129.16/32",
        "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20");

    private static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");

    // What AllowPrivateAddresses opens: a receiver on the same machine or in the same network.
    private static readonly IPNetwork[] Private = Parse(
        "10.0.0.0/8", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7");

    // Unique local addresses of the metadata services of two clouds.
    private static readonly IPAddress[] Metadata = [IPAddress.Parse("fd00:ec2::254"), IPAddress.Parse("fd20:ce::254")];

    public static bool IsAllowed(IPAddress address, bool allowPrivate) =>
        IsPublic(address) || (allowPrivate && IsPrivate(address));

    // An IPv4 address inside an IPv6 one (mapped, NAT64, 6to4) is refused whatever it holds.
    private static bool IsPublic(IPAddress address) =>
        !address.IsIPv4MappedToIPv6
        && (address.AddressFamily == AddressFamily.InterNetwork || GlobalUnicast.Contains(address))
        && !Special.Any(network => network.Contains(address));

    private static bool IsPrivate(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return Private.Any(network => network.Contains(plain)) && !Metadata.Contains(plain);
    }

    private static IPNetwork[] Parse(params string[] networks) => [.. networks.Select(n => IPNetwork.Parse(n))];
}
