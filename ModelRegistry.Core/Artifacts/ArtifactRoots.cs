using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Core.Artifacts;

/// <summary>Keys of trees, and the lock that makes the changes of a tree go one after another.</summary>
public static class ArtifactRoots
{
    public static string OfRun(string runUuid) => "run/" + runUuid;

    public static string OfLoggedModel(string modelUuid) => "logged-model/" + modelUuid;

    public static string OfExperiment(long experimentId) => FormattableString.Invariant($"experiment/{experimentId}");

    public static string OfVersion(Guid versionUuid) => $"version/{versionUuid:D}";

    /// <summary>Holds the tree until the transaction ends, and returns its id; null where it has no row yet. The row is
    /// written to though nothing changes: that makes all who change the tree go one after another, on every database, so
    /// that whoever pins it sees all of a change or nothing.</summary>
    internal static async Task<long?> LockAsync(RegistryDbContext db, string key, CancellationToken ct) =>
        await db.ArtifactRoots.Where(r => r.Key == key).ExecuteUpdateAsync(set => set.SetProperty(r => r.Key, key), ct) == 0
            ? null
            : await db.ArtifactRoots.Where(r => r.Key == key).Select(r => r.Id).SingleAsync(ct);

    internal static async Task<long> AddAsync(RegistryDbContext db, string key, CancellationToken ct)
    {
        var root = new ArtifactRoot { Key = key };
        db.Add(root);
        try
        {
            await db.SaveChangesAsync(ct);
            return root.Id;
        }
        catch (DbUpdateException e) when (db.IsUniqueViolation(e))
        {
            // Another upload made it just now.
            return (await LockAsync(db, key, ct)).GetValueOrDefault();
        }
        finally
        {
            db.Entry(root).State = EntityState.Detached;
        }
    }
}
