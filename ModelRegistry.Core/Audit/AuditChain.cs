using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace ModelRegistry.Core.Audit;

/// <summary>
/// The head of the chain, and how an event follows it: hash = SHA-256(hash before, canonical bytes of the event). The
/// bytes are specified in docs/audit.md, so that anybody can check a chain without this program; they never change.
/// </summary>
public sealed class AuditChain(long sequence, byte[] hash)
{
    private static readonly byte[] Genesis = SHA256.HashData("ModelRegistry audit chain v1"u8);

    private readonly ArrayBufferWriter<byte> _bytes = new(1024);

    /// <summary>The sequence of the last event; 0 before the first.</summary>
    public long Sequence { get; private set; } = sequence;
    public byte[] Hash { get; private set; } = hash;

    public static AuditChain Begin() => new(0, Genesis);

    /// <summary>The hash of the event as the next one of the chain. <see cref="AuditEvent.Sequence"/> is not read.</summary>
    public byte[] Append(AuditEvent e)
    {
        _bytes.ResetWrittenCount();
        _bytes.Write(Hash);
        Write(Sequence + 1);
        Write(e.Id);
        Write(e.AtMs);
        Write(e.ActorId);
        WriteOptional(e.TokenId);
        Write(e.Action);
        Write(e.ObjectKind);
        Write(e.ObjectId);
        WriteOptional((long?)e.ScopeKind);
        WriteOptional(e.ScopeId);
        WriteOptional(e.Before);
        WriteOptional(e.After);
        WriteOptional(e.Reason);
        WriteOptional(e.OriginDigest);
        Sequence++;
        return Hash = SHA256.HashData(_bytes.WrittenSpan);
    }

    /// <summary>What binds the origin of an event without telling it.</summary>
    public static byte[] OriginDigest(byte[] salt, string address) =>
        SHA256.HashData([.. salt, .. Encoding.UTF8.GetBytes(address)]);

    private void Write(long value)
    {
        BinaryPrimitives.WriteInt64BigEndian(_bytes.GetSpan(8), value);
        _bytes.Advance(8);
    }

    private void Write(string value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        WriteLength(length);
        Encoding.UTF8.GetBytes(value, _bytes);
    }

    private void WriteLength(int length)
    {
        BinaryPrimitives.WriteInt32BigEndian(_bytes.GetSpan(4), length);
        _bytes.Advance(4);
    }

    private void WriteOptional(long? value)
    {
        if (WritePresence(value is not null))
            Write(value!.Value);
    }

    private void WriteOptional(string? value)
    {
        if (WritePresence(value is not null))
            Write(value!);
    }

    private void WriteOptional(byte[]? value)
    {
        if (!WritePresence(value is not null))
            return;
        WriteLength(value!.Length);
        _bytes.Write(value);
    }

    private bool WritePresence(bool present)
    {
        _bytes.GetSpan(1)[0] = present ? (byte)1 : (byte)0;
        _bytes.Advance(1);
        return present;
    }
}
