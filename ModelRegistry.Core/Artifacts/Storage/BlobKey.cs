using System.Diagnostics.CodeAnalysis;

namespace ModelRegistry.Core.Artifacts.Storage;

/// <summary>The name of content in a store: its SHA-256. Nothing a user wrote is part of it.</summary>
public readonly record struct BlobKey
{
    private BlobKey(string hex) => Hex = hex;

    /// <summary>64 lower-case hex digits.</summary>
    public string Hex { get; }

    /// <summary>Where stores with folders put it: `ab/cd/abcd…`.</summary>
    public string Path => $"{Hex[..2]}/{Hex[2..4]}/{Hex}";

    public static BlobKey Of(ReadOnlySpan<byte> sha256) => sha256.Length == 32
        ? new BlobKey(Convert.ToHexStringLower(sha256))
        : throw new ArgumentException("A SHA-256 has 32 bytes.", nameof(sha256));

    /// <summary>Reads <see cref="Path"/> back; false for anything else that lies in the store.</summary>
    public static bool TryParsePath(string path, [NotNullWhen(true)] out BlobKey? key)
    {
        key = null;
        if (path.Length != 70 || path.AsSpan(6).ContainsAnyExcept(Digits))
            return false;
        var found = new BlobKey(path[6..]);
        if (found.Path != path)
            return false;
        key = found;
        return true;
    }

    public byte[] ToBytes() => Convert.FromHexString(Hex);

    public override string ToString() => Hex;

    private static readonly System.Buffers.SearchValues<char> Digits = System.Buffers.SearchValues.Create("0123456789abcdef");
}
