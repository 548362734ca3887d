using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Core.Audit;

/// <summary>
/// Gives committed events their place in the chain, a batch in one transaction. Writers never wait for each other's
/// hashes: an event is without a place for the seconds until its batch.
/// </summary>
/// <remarks>
/// One at a time: the lease row is locked by its renewal until the batch is committed, and the unique index on the
/// sequence is the second wall. Databases give ids before commits, so an event may appear below an id that is sealed
/// already: what is taken is whatever has no sequence, and the chain's order is that of the batches.
/// </remarks>
public sealed class AuditSealer(RegistryDbContext db, TimeProvider time, ILogger<AuditSealer> log)
{
    public const string LeaseName = "audit-sealer";
    public const int BatchSize = 500;
    public static readonly TimeSpan LeaseDuration = TimeSpan.FromSeconds(5);

    /// <summary>The number of events sealed; fewer than <see cref="BatchSize"/> when none was left, null while another
    /// process is the sealer.</summary>
    public async Task<int?> SealBatchAsync(string holder, CancellationToken ct)
    {
        // Most of the time there is nothing to do, and then nothing is written.
        if (!await db.AuditEvents.AnyAsync(e => e.Sequence == null, ct))
            return 0;
        await using var change = await db.BeginWriteAsync(ct);
        if (!await Lease.TryTakeAsync(db, LeaseName, holder, LeaseDuration, time, ct))
            return null;
        var chain = await HeadAsync(ct);
        var events = await db.AuditEvents.Where(e => e.Sequence == null).OrderBy(e => e.Id).Take(BatchSize).ToListAsync(ct);
        if (events.Count == 0)
            return 0;
        var first = chain.Sequence + 1;
        foreach (var e in events)
        {
            e.Hash = chain.Append(e);
            e.Sequence = chain.Sequence;
        }

        db.Add(new AuditSeal
        {
            AtMs = time.GetUtcNow().ToUnixTimeMilliseconds(),
            FirstSequence = first,
            LastSequence = chain.Sequence,
            HeadHash = chain.Hash,
        });
        await db.SaveChangesAsync(ct);
        await change.CommitAsync(ct);
        db.ChangeTracker.Clear();
        return events.Count;
    }

    private async Task<AuditChain> HeadAsync(CancellationToken ct)
    {
        var seal = await db.AuditSeals.AsNoTracking().OrderByDescending(s => s.LastSequence).FirstOrDefaultAsync(ct);
        var last = await db.AuditEvents.Where(e => e.Sequence != null).OrderByDescending(e => e.Sequence)
            .Select(e => new { e.Sequence, e.Hash }).FirstOrDefaultAsync(ct);
        var sealedTo = seal?.LastSequence ?? 0;
        if (sealedTo != (last?.Sequence ?? 0))
        {
            // Somebody has been at the tables. New events go on being sealed, after whichever end is further: the
            // verifier finds the fault whatever comes after it.
            log.ChainAltered(sealedTo, last?.Sequence ?? 0);
        }

        if (last is { Sequence: { } sequence, Hash: { } hash } && sequence > sealedTo)
            return new AuditChain(sequence, hash);
        return seal is null ? AuditChain.Begin() : new AuditChain(seal.LastSequence, seal.HeadHash);
    }
}
