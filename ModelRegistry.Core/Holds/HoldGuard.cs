using System.Globalization;
using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Core.Holds;

/// <summary>
/// Asked by everything that destroys something, in the transaction that does it: the one place that knows what keeps a
/// thing, legal holds and retention locks alike. Whoever destroys begins with <see cref="BeginDestructiveAsync"/>, whoever
/// places a hold or lock with <see cref="BeginHoldingAsync"/>: the two wait for each other, whatever the thing and whatever
/// it is a part of, so one of them always sees the other.
/// </summary>
public static class HoldGuard
{
    /// <summary>
    /// A transaction in which no hold or lock comes into being. Its first statement takes the row that holds are placed under, before
    /// any other row, so that nobody waits in a circle.
    /// </summary>
    public static async Task<WriteTransaction> BeginDestructiveAsync(this RegistryDbContext db, CancellationToken ct)
    {
        var write = await db.BeginWriteAsync(ct);
        try
        {
            await db.ChangeStamps.Where(s => s.Name == ChangeStamp.Holds)
                .ExecuteUpdateAsync(set => set.SetProperty(s => s.Value, s => s.Value), ct);
            return write;
        }
        catch
        {
            await write.DisposeAsync();
            throw;
        }
    }

    /// <summary>A transaction in which nothing is destroyed: for placing a hold or lock.</summary>
    public static async Task<WriteTransaction> BeginHoldingAsync(this RegistryDbContext db, CancellationToken ct)
    {
        var write = await db.BeginWriteAsync(ct);
        try
        {
            await ChangeStamp.BumpAsync(db, ChangeStamp.Holds, ct);
            return write;
        }
        catch
        {
            await write.DisposeAsync();
            throw;
        }
    }

    /// <exception cref="HeldException">A hold or lock is on it, on what it belongs to, or on a part of it.</exception>
    public static async Task RequireNotHeldAsync(this RegistryDbContext db, HeldThing thing, CancellationToken ct)
    {
        if (await Holds(db, thing).OrderBy(h => h.Id).FirstOrDefaultAsync(ct) is { } hold)
        {
            throw new HeldException(Noun(thing.Target), thing.Name,
                $"The {Words(thing.Target)} '{thing.Name}' is under the legal hold {hold.HoldUuid}{Where(hold, thing)}"
                + ": it cannot be deleted, renamed or overwritten until the hold is released.")
            {
                HoldId = hold.HoldUuid,
            };
        }

        if (await Locks(db, thing).OrderByDescending(l => l.UntilDay).FirstOrDefaultAsync(ct) is { } locked)
        {
            throw new HeldException(Noun(thing.Target), thing.Name, string.Create(CultureInfo.InvariantCulture,
                $"The {Words(thing.Target)} '{thing.Name}' is locked to the end of {locked.Until:yyyy-MM-dd} by the retention lock {locked.LockUuid}{Where(locked, thing)}")
                + ": it cannot be deleted, renamed or overwritten before that.")
            {
                LockId = locked.LockUuid,
            };
        }
    }

    /// <summary>What keeps it, for those who look at it.</summary>
    public static async Task<Protection> ProtectionOfAsync(this RegistryDbContext db, HeldThing thing, CancellationToken ct)
    {
        return new Protection(thing, await Holds(db, thing).OrderBy(h => h.Id).FirstOrDefaultAsync(ct),
            await Locks(db, thing).OrderByDescending(l => l.UntilDay).FirstOrDefaultAsync(ct));
    }

    /// <summary>E.g. `model-version`.</summary>
    public static string Noun(HoldTarget target) => target switch
    {
        HoldTarget.Experiment => "experiment",
        HoldTarget.RegisteredModel => "registered-model",
        HoldTarget.Run => "run",
        HoldTarget.LoggedModel => "logged-model",
        _ => "model-version",
    };

    /// <summary>E.g. `model version`.</summary>
    public static string Words(HoldTarget target) => Noun(target).Replace('-', ' ');

    private static string Where(Keeping keeping, HeldThing thing) => keeping.Target == thing.Target && keeping.TargetId == thing.Id
        ? "" : $", which is on the {Words(keeping.Target)} '{keeping.TargetName}'";

    private static IQueryable<LegalHold> Holds(RegistryDbContext db, HeldThing thing) =>
        Over(db.LegalHolds.AsNoTracking().Where(h => h.ReleasedMs == null), thing);

    private static IQueryable<RetentionLock> Locks(RegistryDbContext db, HeldThing thing) =>
        Over(db.RetentionLocks.AsNoTracking().Where(l => l.EndedMs == null), thing);

    private static IQueryable<T> Over<T>(IQueryable<T> keeping, HeldThing thing) where T : Keeping
    {
        var (target, id, parentId, makerId) = (thing.Target, thing.Id, thing.ParentId, thing.MakerRunId);
        HoldTarget? parent = target switch
        {
            HoldTarget.Run or HoldTarget.LoggedModel => HoldTarget.Experiment,
            HoldTarget.ModelVersion => HoldTarget.RegisteredModel,
            _ => null,
        };
        // What has no parts of its own kind asks for those of none.
        HoldTarget[] parts = thing.WithParts ? target switch
        {
            HoldTarget.Experiment => [HoldTarget.Run, HoldTarget.LoggedModel],
            HoldTarget.RegisteredModel => [HoldTarget.ModelVersion],
            _ => [],
        } : [];
        return keeping.Where(k => (k.Target == target && k.TargetId == id)
            || (parent != null && k.Target == parent && k.TargetId == parentId)
            || (makerId != null && k.Target == HoldTarget.Run && k.TargetId == makerId)
            || (k.ParentId == id && parts.Contains(k.Target)));
    }
}

/// <param name="Hold">The first of those that hold it.</param>
/// <param name="Lock">The one that lasts longest.</param>
public sealed record Protection(HeldThing Thing, LegalHold? Hold, RetentionLock? Lock);

/// <summary>What is to be destroyed, with all that a hold or lock may be on to keep it.</summary>
/// <param name="Name">Its public id.</param>
public sealed record HeldThing(HoldTarget Target, long Id, string Name)
{
    /// <summary>The model of a version, the experiment of a run or logged model.</summary>
    public long? ParentId { get; init; }
    /// <summary>The run that made a logged model.</summary>
    public long? MakerRunId { get; init; }
    /// <summary>One on a part of it counts too. Not where the parts stay: files of an experiment's own place.</summary>
    public bool WithParts { get; init; } = true;

    public static HeldThing Experiment(long id, string name) => new(HoldTarget.Experiment, id, name);

    public static HeldThing Run(long id, long experimentId, string uuid) => new(HoldTarget.Run, id, uuid) { ParentId = experimentId };

    public static HeldThing Model(long id, string name) => new(HoldTarget.RegisteredModel, id, name);

    public static HeldThing Version(long id, long modelId, string name) => new(HoldTarget.ModelVersion, id, name) { ParentId = modelId };

    public static HeldThing LoggedModel(long id, long experimentId, long? makerRunId, string uuid) =>
        new(HoldTarget.LoggedModel, id, uuid) { ParentId = experimentId, MakerRunId = makerRunId };
}
