using System.Globalization;
using Microsoft.Extensions.Configuration;
using MimeKit;
using ModelRegistry.Core.Common;

namespace ModelRegistry.Core.Notices;

public enum MailSecurity
{
    /// <summary>Begins in the clear and must become TLS before anything is said.</summary>
    StartTls,
    Tls,
    /// <summary>For a relay on the same machine.</summary>
    None,
}

/// <summary>The mail server that notices are sent through; off where there is none. Read once at start; a wrong value
/// stops it.</summary>
/// <param name="PublicUrl">Links lead there; never to an address that a request named.</param>
public sealed record MailOptions(string Host, int Port, MailSecurity Security, string? User, string? Password, string From, string PublicUrl)
{
    public static MailOptions Off { get; } = new("", 0, MailSecurity.StartTls, null, null, "", "");

    public bool IsOn => Host.Length > 0;

    // Not what a record would say: the password is among it.
    public override string ToString() => Host;

    /// <exception cref="ConfigurationException">A key has a value that is not allowed; the message names both.</exception>
    public static MailOptions Read(IConfiguration configuration, Uri? publicUrl)
    {
        var host = configuration["Mail:Host"]?.Trim() ?? "";
        if (host.Length == 0)
            return Off;
        if (Uri.CheckHostName(host) == UriHostNameType.Unknown)
            throw new ConfigurationException($"Mail:Host is '{host}'. Allowed values: empty (no mail), or the name or address of a mail server.");
        var portText = Text("Mail:Port", "587");
        if (!int.TryParse(portText, NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65535)
            throw new ConfigurationException($"Mail:Port is '{portText}'. Allowed values: a whole number from 1 to 65535.");
        var securityText = Text("Mail:Security", nameof(MailSecurity.StartTls));
        if (!Enum.TryParse<MailSecurity>(securityText, ignoreCase: true, out var security) || !Enum.IsDefined(security) || char.IsDigit(securityText[0]))
            throw new ConfigurationException($"Mail:Security is '{securityText}'. Allowed values: StartTls, Tls, None.");
        var from = Text("Mail:From", "");
        if (!MailboxAddress.TryParse(from, out _))
            throw new ConfigurationException($"Mail:From is '{from}'. Allowed values: an address such as Model registry <registry@example.org>.");
        var (user, password) = (configuration["Mail:User"], configuration["Mail:Password"]);
        if (string.IsNullOrEmpty(user) != string.IsNullOrEmpty(password))
            throw new ConfigurationException("Mail:User and Mail:Password are given together, or neither.");
        if (!string.IsNullOrEmpty(password) && security == MailSecurity.None)
            throw new ConfigurationException("Mail:Security is 'None' with a Mail:Password, which would be sent in the clear. Allowed values: StartTls, Tls.");
        if (publicUrl is null)
            throw new ConfigurationException("Mail:Host is set without PublicUrl: mails hold links, and nothing else says where the registry is.");
        return new MailOptions(host, port, security, string.IsNullOrEmpty(user) ? null : user, password, from, publicUrl.ToString().TrimEnd('/'));

        string Text(string key, string fallback) => configuration[key] is { } value && !string.IsNullOrWhiteSpace(value) ? value.Trim() : fallback;
    }
}
