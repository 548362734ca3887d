using System.Net;
using IPNetwork = System.Net.IPNetwork;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.AspNetCore.HttpOverrides;
using ModelRegistry.Core.Common;

namespace ModelRegistry.Web.Hosting;

/// <summary>
/// What is in front of the server: which proxies may say where a request came from, and which names the server has.
/// Nothing of it is believed unless it is configured.
/// </summary>
internal static class Surroundings
{
    public const string ProxiesKey = "ForwardedHeaders:KnownProxies";

    public static IServiceCollection AddSurroundings(this IServiceCollection services, IConfiguration configuration)
    {
        services.Configure<HostFilteringOptions>(options => options.AllowEmptyHosts = false);
        var (addresses, networks) = ReadProxies(configuration[ProxiesKey]);
        services.Configure<ForwardedHeadersOptions>(options =>
        {
            options.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost;
            // Back to the first address that is no known proxy.
            options.ForwardLimit = null;
            options.KnownProxies.Clear();
            options.KnownIPNetworks.Clear();
            foreach (var address in addresses)
                options.KnownProxies.Add(address);
            foreach (var network in networks)
                options.KnownIPNetworks.Add(network);
        });
        return services;
    }

    public static void UseSurroundings(this WebApplication app)
    {
        // It would show a browser's script the headers that the script may not see; nobody else uses it.
        app.Use((http, next) =>
        {
            if (!HttpMethods.IsTrace(http.Request.Method))
                return next(http);
            http.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            return Task.CompletedTask;
        });
        if (!string.IsNullOrWhiteSpace(app.Configuration[ProxiesKey]))
            app.UseForwardedHeaders();
        if (PublicUrl.Read(app.Configuration) is not { } url)
            return;
        var names = string.IsNullOrEmpty(app.Configuration["AllowedHosts"]);
        app.Use((http, next) =>
        {
            if (names && !IsOwn(http.Request.Host, url.Host))
            {
                http.Response.StatusCode = StatusCodes.Status400BadRequest;
                return http.Response.WriteAsync($"This is {url.GetLeftPart(UriPartial.Authority)}; other host names are not served. "
                    + "The setting AllowedHosts adds some.");
            }

            // The proxy ends TLS, whether it says so or not.
            if (url.Scheme == Uri.UriSchemeHttps)
                http.Request.Scheme = Uri.UriSchemeHttps;
            return next(http);
        });
    }

    // A page of somebody else can make its own name point here, but not an address: those stay open for probes.
    private static bool IsOwn(HostString host, string name) =>
        host.Host.Equals(name, StringComparison.OrdinalIgnoreCase)
        || host.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || IPAddress.TryParse(host.Host, out _);

    private static (List<IPAddress> Addresses, List<IPNetwork> Networks) ReadProxies(string? text)
    {
        var (addresses, networks) = (new List<IPAddress>(), new List<IPNetwork>());
        foreach (var part in (text ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (IPAddress.TryParse(part, out var address))
            {
                addresses.Add(address);
            }
            else if (IPNetwork.TryParse(part, out var network))
            {
                networks.Add(network);
            }
            else
            {
                throw new ConfigurationException($"{ProxiesKey} has '{part}'. Allowed values: addresses and networks with commas "
                    + "between, such as 10.0.0.5,10.1.0.0/16.");
            }
        }

        return (addresses, networks);
    }
}
