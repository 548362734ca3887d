using System.Net.Sockets;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace ModelRegistry.Core.Notices;

/// <param name="IsPassing">It may work later.</param>
internal sealed record MailResult(bool IsSent, bool IsPassing, string? Error);

/// <summary>Sends one notice. Plain text and nothing else: there is no markup that a name could break out of, and names never
/// get into a header but the subject, which is encoded.</summary>
internal sealed class MailSender(MailOptions options)
{
    private const int MaxSubjectLength = 150;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(20);

    public async Task<MailResult> SendAsync(Notice notice, string address, CancellationToken ct)
    {
        try
        {
            using var message = Compose(notice, address);
            using var client = new SmtpClient { Timeout = (int)Timeout.TotalMilliseconds };
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
            limit.CancelAfter(Timeout);
            await client.ConnectAsync(options.Host, options.Port, options.Security switch
            {
                MailSecurity.Tls => SecureSocketOptions.SslOnConnect,
                MailSecurity.StartTls => SecureSocketOptions.StartTls,
                _ => SecureSocketOptions.None,
            }, limit.Token);
            if (options.User is { } user)
                await client.AuthenticateAsync(user, options.Password!, limit.Token);
            await client.SendAsync(message, limit.Token);
            // It is sent; how the server says good-bye changes nothing.
            await client.DisconnectAsync(true, limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return new MailResult(true, false, null);
        }
        catch (SmtpCommandException e)
        {
            return new MailResult(false, (int)e.StatusCode is >= 400 and < 500, $"The mail server said {(int)e.StatusCode}.");
        }
        catch (ParseException)
        {
            return new MailResult(false, false, "The address is none.");
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException or ProtocolException or SslHandshakeException
            or AuthenticationException or ServiceNotAuthenticatedException or NotSupportedException)
        {
            return new MailResult(false, true, e switch
            {
                OperationCanceledException => "The mail server did not answer in time.",
                SslHandshakeException or NotSupportedException => "There is no TLS with the mail server, or its certificate is not trusted.",
                AuthenticationException or ServiceNotAuthenticatedException => "The mail server does not take the user or the password.",
                _ => "The mail server cannot be reached.",
            });
        }
    }

    internal MimeMessage Compose(Notice notice, string address)
    {
        var from = MailboxAddress.Parse(options.From);
        var message = new MimeMessage();
        message.From.Add(from);
        // Not parsed as a list: an address is one address, whatever is in it.
        message.To.Add(new MailboxAddress("", address));
        message.Subject = Subject(notice);
        // The same however often it is sent: a receiver can tell a repetition.
        message.MessageId = $"{notice.NoticeUuid:N}@{from.Domain}";
        message.Date = DateTimeOffset.FromUnixTimeMilliseconds(notice.CreatedMs);
        message.Headers.Add("Auto-Submitted", "auto-generated");
        message.Body = new TextPart("plain") { Text = $"{notice.Text}\r\n\r\n{options.PublicUrl}{notice.Path}\r\n\r\n-- \r\nModelRegistry. All your notices: {options.PublicUrl}/notices\r\n" };
        return message;
    }

    private static string Subject(Notice notice) => "[ModelRegistry] " + Common.NameRules.Shorten(notice.Text, MaxSubjectLength);
}
