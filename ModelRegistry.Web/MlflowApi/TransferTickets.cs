using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.WebUtilities;

namespace ModelRegistry.Web.MlflowApi;

/// <summary>What an address that is called without credentials lets one do, and for whom: one thing, until it expires.</summary>
/// <param name="UserId">Who asked for it. What that user may do is asked anew when it is used.</param>
internal abstract record TransferTicket(long UserId, long ExpiresMs);

/// <summary>To send one part of an upload.</summary>
internal sealed record PartTicket(long UserId, long ExpiresMs, Guid Upload, int Number) : TransferTicket(UserId, ExpiresMs);

/// <summary>To read the content that a location has at this moment.</summary>
/// <param name="Sha256">32 bytes.</param>
internal sealed record DownloadTicket(long UserId, long ExpiresMs, byte[] Sha256, string Location) : TransferTicket(UserId, ExpiresMs);

/// <summary>Tickets as text: sealed with the keys that seal cookies, so all nodes read them and nobody else makes one.</summary>
internal sealed class TransferTickets(IDataProtectionProvider protection, TimeProvider time)
{
    private const byte Part = 1;
    private const byte Download = 2;
    private const int MaxTextLength = 4096;

    private readonly IDataProtector _protector = protection.CreateProtector("ModelRegistry.TransferTickets.v1");

    public string Seal(TransferTicket ticket)
    {
        var body = ticket switch
        {
            PartTicket part => Concat(Part, part, part.Upload.ToByteArray(), Number(part.Number)),
            DownloadTicket file => Concat(Download, file, file.Sha256, Encoding.UTF8.GetBytes(file.Location)),
            _ => throw new ArgumentException("Not a ticket that has a form.", nameof(ticket)),
        };
        return WebEncoders.Base64UrlEncode(_protector.Protect(body));
    }

    /// <summary>Null for what is no ticket of this kind, or one that has expired.</summary>
    public T? Open<T>(string? text) where T : TransferTicket =>
        Read(text) is T ticket && ticket.ExpiresMs > time.GetUtcNow().ToUnixTimeMilliseconds() ? ticket : null;

    private TransferTicket? Read(string? text)
    {
        if (text is not { Length: > 0 and <= MaxTextLength })
            return null;
        byte[] body;
        try
        {
            body = _protector.Unprotect(WebEncoders.Base64UrlDecode(text));
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            return null;
        }

        var user = BinaryPrimitives.ReadInt64LittleEndian(body.AsSpan(1));
        var expires = BinaryPrimitives.ReadInt64LittleEndian(body.AsSpan(9));
        return body[0] == Part
            ? new PartTicket(user, expires, new Guid(body.AsSpan(17, 16)), BinaryPrimitives.ReadInt32LittleEndian(body.AsSpan(33)))
            : new DownloadTicket(user, expires, body[17..49], Encoding.UTF8.GetString(body.AsSpan(49)));
    }

    private static byte[] Concat(byte kind, TransferTicket ticket, byte[] first, byte[] second)
    {
        var head = new byte[17];
        head[0] = kind;
        BinaryPrimitives.WriteInt64LittleEndian(head.AsSpan(1), ticket.UserId);
        BinaryPrimitives.WriteInt64LittleEndian(head.AsSpan(9), ticket.ExpiresMs);
        return [.. head, .. first, .. second];
    }

    private static byte[] Number(int number)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
        return bytes;
    }
}
