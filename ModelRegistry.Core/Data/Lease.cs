using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ModelRegistry.Core.Data;

/// <summary>
/// Who of several processes may do a piece of work now. Held until <see cref="ExpiresMs"/>; a holder that is gone loses
/// it then. Clocks may differ: work that must never be done by two takes or renews the lease inside its own
/// transaction, where the row's lock keeps the other one waiting.
/// </summary>
public sealed class Lease
{
    public required string Name { get; set; }
    public required string Holder { get; set; }
    public long ExpiresMs { get; set; }

    /// <summary>Takes or renews the lease; false while somebody else holds it.</summary>
    public static async Task<bool> TryTakeAsync(
        RegistryDbContext db, string name, string holder, TimeSpan duration, TimeProvider time, CancellationToken ct)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var expires = now + (long)duration.TotalMilliseconds;
        if (await TakeAsync() == 1)
            return true;
        if (await db.Leases.AnyAsync(l => l.Name == name, ct))
            return false;
        try
        {
            // Not through the change tracker: a refused row would stay in it.
            await db.Database.ExecuteSqlAsync(
                $"INSERT INTO leases (name, holder, expires_ms) VALUES ({name}, {holder}, {expires})", ct);
            return true;
        }
        catch (System.Data.Common.DbException e) when (db.IsUniqueViolation(e))
        {
            return false;
        }

        Task<int> TakeAsync() => db.Leases
            .Where(l => l.Name == name && (l.Holder == holder || l.ExpiresMs <= now))
            .ExecuteUpdateAsync(set => set.SetProperty(l => l.Holder, holder).SetProperty(l => l.ExpiresMs, expires), ct);
    }

    /// <summary>Lets the next one in at once, where this holder still has it.</summary>
    public static Task ReleaseAsync(RegistryDbContext db, string name, string holder, CancellationToken ct) =>
        db.Leases.Where(l => l.Name == name && l.Holder == holder)
            .ExecuteUpdateAsync(set => set.SetProperty(l => l.ExpiresMs, 0L), ct);
}

internal sealed class LeaseConfiguration : IEntityTypeConfiguration<Lease>
{
    public void Configure(EntityTypeBuilder<Lease> entity)
    {
        entity.HasKey(l => l.Name);
        entity.Property(l => l.Name).HasMaxLength(64);
        entity.Property(l => l.Holder).HasMaxLength(64);
    }
}
