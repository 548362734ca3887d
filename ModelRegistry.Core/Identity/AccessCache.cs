using System.Collections.Concurrent;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Core.Identity;

/// <summary>
/// Who is behind a credential or a session, in memory, so that a request costs no query. Everything is forgotten at
/// once when users, roles, teams, grants or tokens change: at once on the node that makes the change, within seconds on
/// the others (<see cref="AccessWatcher"/>).
/// </summary>
public sealed class AccessCache(TimeProvider time)
{
    // Of each kind. Some 2 KB an entry; more tokens than this in use at once are asked of the database.
    private const int Capacity = 10_000;

    private Entries _entries = new();

    public Access? Find(in CredentialDigest credential) =>
        _entries.ByCredential.TryGetValue(credential, out var access)
        && access.ExpiresMs > time.GetUtcNow().ToUnixTimeMilliseconds() ? access : null;

    public Access? Find(long userId) => _entries.ByUser.GetValueOrDefault(userId);

    /// <summary>Take it before the database is read: what was read before a change is not kept after it.</summary>
    public Snapshot Begin() => new(_entries);

    public void Forget() => _entries = new Entries();

    /// <summary>
    /// Commits a change of access: every node learns that there was one, and this one acts on it before the answer.
    /// </summary>
    public async Task CommitAsync(RegistryDbContext db, WriteTransaction transaction, CancellationToken ct)
    {
        await ChangeStamp.BumpAsync(db, ChangeStamp.Access, ct);
        await transaction.CommitAsync(ct);
        Forget();
    }

    public readonly struct Snapshot
    {
        private readonly Entries _entries;

        internal Snapshot(Entries entries) => _entries = entries;

        public void Keep(in CredentialDigest credential, Access access) => Keep(_entries.ByCredential, credential, access);

        public void Keep(long userId, Access access) => Keep(_entries.ByUser, userId, access);

        private static void Keep<TKey>(ConcurrentDictionary<TKey, Access> entries, TKey key, Access access) where TKey : notnull
        {
            // Counting takes all locks of the dictionary: fine on a miss, which has just asked the database.
            if (entries.Count >= Capacity)
                entries.Clear();
            entries[key] = access;
        }
    }

    internal sealed class Entries
    {
        public ConcurrentDictionary<CredentialDigest, Access> ByCredential { get; } = new();
        public ConcurrentDictionary<long, Access> ByUser { get; } = new();
    }
}
