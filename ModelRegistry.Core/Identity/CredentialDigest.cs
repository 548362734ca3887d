using System.Buffers.Binary;

namespace ModelRegistry.Core.Identity;

/// <summary>32 bytes over a credential as a key of the cache, without an array.</summary>
public readonly record struct CredentialDigest(ulong A, ulong B, ulong C, ulong D)
{
    public CredentialDigest(ReadOnlySpan<byte> hash)
        : this(Part(hash, 0), Part(hash, 8), Part(hash, 16), Part(hash, 24))
    {
    }

    // The bits are uniform already.
    public override int GetHashCode() => A.GetHashCode();

    public byte[] ToArray()
    {
        var bytes = new byte[32];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, A);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8), B);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(16), C);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(24), D);
        return bytes;
    }

    private static ulong Part(ReadOnlySpan<byte> hash, int at) => BinaryPrimitives.ReadUInt64LittleEndian(hash[at..]);
}
