using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace ModelRegistry.Core.Identity;

/// <summary>
/// Passwords that were right, so that a client which sends one with each request is not hashed for each: under a key
/// that exists in this process only. One stands for as long as the account's security stamp does.
/// </summary>
public sealed class VerifiedPasswords
{
    private const int Capacity = 1_000;

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly ConcurrentDictionary<CredentialDigest, Entry> _entries = new();

    /// <param name="credential">Name and password as they came in the header.</param>
    public CredentialDigest Digest(ReadOnlySpan<byte> credential)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, credential, hash);
        return new CredentialDigest(hash);
    }

    internal Entry? Find(in CredentialDigest digest) => _entries.GetValueOrDefault(digest);

    internal void Keep(in CredentialDigest digest, long userId, string securityStamp)
    {
        if (_entries.Count >= Capacity)
            _entries.Clear();
        _entries[digest] = new Entry(userId, securityStamp);
    }

    internal void Remove(in CredentialDigest digest) => _entries.TryRemove(digest, out _);

    internal sealed record Entry(long UserId, string SecurityStamp);
}
