using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Core.Audit;

/// <summary>
/// Reads the chain from its beginning and finds the first event that is not what was sealed. Reads page by page and row
/// by row: memory does not grow with the chain, and writers are not held up.
/// </summary>
public sealed class AuditVerifier(RegistryDbContext db)
{
    /// <summary>Events, and seals, that one query reads.</summary>
    public int PageSize { get; init; } = 1000;

    /// <param name="checkpoint">A head from before, kept elsewhere; without one a tail that was cut off together with
    /// its seals cannot be told from a chain that was always shorter.</param>
    public async Task<AuditVerification> VerifyAsync(AuditCheckpoint? checkpoint, CancellationToken ct)
    {
        // In this order: a batch that is committed between the two is then covered by the seal.
        var lastEvent = await db.AuditEvents.MaxAsync(e => e.Sequence, ct) ?? 0;
        var sealedTo = await db.AuditSeals.MaxAsync(s => (long?)s.LastSequence, ct) ?? 0;
        var walk = new Walk(checkpoint);
        if (await db.AuditEvents.AnyAsync(e => e.Sequence < 1, ct))
            walk.Fail(AuditFaultKind.Inserted, 0, null, "an event stands before the first of the chain");
        while (walk.Fault is null && walk.Sequence < sealedTo)
            await ReadAsync(walk, sealedTo, ct);
        if (lastEvent > sealedTo)
            walk.Fail(AuditFaultKind.Inserted, sealedTo + 1, null, $"no seal covers event {sealedTo + 1} and what follows it");
        walk.Finish();
        var open = db.AuditEvents.Where(e => e.Sequence == null);
        return new AuditVerification(walk.Sequence, walk.Hash, walk.Fault,
            await open.LongCountAsync(ct), await open.MinAsync(e => (long?)e.AtMs, ct));
    }

    /// <summary>A page of seals, and page by page the events that they cover.</summary>
    private async Task ReadAsync(Walk walk, long sealedTo, CancellationToken ct)
    {
        var from = walk.Sequence;
        walk.Begin(await db.AuditSeals.AsNoTracking().Where(s => s.LastSequence > from && s.LastSequence <= sealedTo)
            .OrderBy(s => s.LastSequence).Take(PageSize).ToListAsync(ct));
        while (walk.Fault is null && walk.Sequence < walk.SealedTo)
        {
            from = walk.Sequence;
            var to = walk.SealedTo;
            var page = db.AuditEvents.AsNoTracking().Include(e => e.Origin)
                .Where(e => e.Sequence > from && e.Sequence <= to).OrderBy(e => e.Sequence).Take(PageSize);
            await foreach (var e in page.AsAsyncEnumerable().WithCancellation(ct))
            {
                walk.Take(e);
                if (walk.Fault is not null)
                    return;
            }

            if (walk.Sequence == from)
                walk.Fail(AuditFaultKind.Missing, from + 1, null, $"event {from + 1} is missing");
        }
    }

    private sealed class Walk(AuditCheckpoint? checkpoint)
    {
        private readonly AuditChain _chain = AuditChain.Begin();
        private readonly Queue<AuditSeal> _seals = new();

        // The head of what was sound so far.
        public long Sequence { get; private set; }
        public byte[] Hash { get; private set; } = AuditChain.Begin().Hash;
        /// <summary>What the seals at hand cover.</summary>
        public long SealedTo { get; private set; }
        public AuditFault? Fault { get; private set; }

        public void Fail(AuditFaultKind kind, long sequence, long? id, string message) =>
            Fault ??= new AuditFault(kind, sequence, id, message);

        public void Begin(List<AuditSeal> seals)
        {
            foreach (var seal in seals)
                _seals.Enqueue(seal);
            if (seals.Count == 0)
                Fail(AuditFaultKind.SealAltered, Sequence + 1, null, $"the seal of event {Sequence + 1} is missing");
            else
                SealedTo = seals[^1].LastSequence;
            CheckNextSeal();
        }

        public void Take(AuditEvent e)
        {
            var expected = Sequence + 1;
            if (e.Sequence != expected)
            {
                Fail(AuditFaultKind.Missing, expected, null, $"event {expected} is missing: {e.Sequence} follows {Sequence}");
                return;
            }

            var hash = _chain.Append(e);
            if (!hash.AsSpan().SequenceEqual(e.Hash))
            {
                Fail(AuditFaultKind.Altered, expected, e.Id,
                    $"event {expected} (id {e.Id}) was altered, or moved here from another place");
                return;
            }

            if (e.Origin is { } origin
                && !AuditChain.OriginDigest(origin.Salt, origin.Address).AsSpan().SequenceEqual(e.OriginDigest))
            {
                Fail(AuditFaultKind.OriginAltered, expected, e.Id,
                    $"the origin of event {expected} (id {e.Id}) is not the one that was recorded");
                return;
            }

            Sequence = expected;
            Hash = hash;
            MeetSeal();
            MeetCheckpoint();
        }

        public void Finish()
        {
            if (checkpoint?.Sequence > Sequence)
            {
                Fail(AuditFaultKind.CheckpointNotMet, Sequence + 1, null, $"the chain ends at event {Sequence}, "
                    + $"the checkpoint was made at event {checkpoint.Sequence}: its tail was cut off");
            }
        }

        private void MeetSeal()
        {
            if (_seals.Peek().LastSequence != Sequence)
                return;
            var seal = _seals.Dequeue();
            if (!Hash.AsSpan().SequenceEqual(seal.HeadHash))
            {
                Fail(AuditFaultKind.SealAltered, Sequence, null,
                    $"the seal of the events {seal.FirstSequence} to {Sequence} has another head than they have");
            }

            CheckNextSeal();
        }

        private void CheckNextSeal()
        {
            if (_seals.TryPeek(out var next) && next.FirstSequence != Sequence + 1)
            {
                Fail(AuditFaultKind.SealAltered, Sequence + 1, null,
                    $"the seal of event {Sequence + 1} is missing or altered: the next one begins at {next.FirstSequence}");
            }
        }

        private void MeetCheckpoint()
        {
            if (checkpoint?.Sequence == Sequence && !Hash.AsSpan().SequenceEqual(checkpoint.Hash))
            {
                Fail(AuditFaultKind.CheckpointNotMet, Sequence, null,
                    $"event {Sequence} has another hash than in the checkpoint: the chain was made anew");
            }
        }
    }
}
