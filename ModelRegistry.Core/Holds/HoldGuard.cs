using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Core.Holds;

/// <summary>
/// Asked by everything that destroys something, in the transaction that does it. Whoever destroys begins with
/// <see cref="BeginDestructiveAsync"/>, whoever places a hold with <see cref="BeginHoldingAsync"/>: the two wait for each
/// other, whatever the thing and whatever it is a part of, so one of them always sees the other.
/// </summary>
public static class HoldGuard
{
    /// <summary>
    /// A transaction in which no hold comes into being. Its first statement takes the row that holds are placed under, before
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

    /// <summary>A transaction in which nothing is destroyed: for placing a hold.</summary>
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

    /// <exception cref="HeldException">A hold is on it, on what it belongs to, or on a part of it.</exception>
    public static async Task RequireNotHeldAsync(this RegistryDbContext db, HeldThing thing, CancellationToken ct)
    {
        var hold = await Over(db, thing).OrderBy(h => h.Id)
            .Select(h => new { h.HoldUuid, h.Target, h.TargetId, h.TargetName }).FirstOrDefaultAsync(ct);
        if (hold is null)
            return;
        var isOnIt = hold.Target == thing.Target && hold.TargetId == thing.Id;
        throw new HeldException(Noun(thing.Target), thing.Name, hold.HoldUuid,
            $"The {Words(thing.Target)} '{thing.Name}' is under the legal hold {hold.HoldUuid}"
            + (isOnIt ? "" : $", which is on the {Words(hold.Target)} '{hold.TargetName}'")
            + ": it cannot be deleted, renamed or overwritten until the hold is released.");
    }

    public static Task<bool> IsHeldAsync(this RegistryDbContext db, HeldThing thing, CancellationToken ct) => Over(db, thing).AnyAsync(ct);

    /// <summary>E.g. `model-version`.</summary>
    public static string Noun(HoldTarget target) => target switch
    {
        HoldTarget.Experiment => "experiment",
        HoldTarget.RegisteredModel => "registered-model",
        HoldTarget.Run => "run",
        HoldTarget.LoggedModel => "logged-model",
        _ => "model-version",
    };

    private static string Words(HoldTarget target) => Noun(target).Replace('-', ' ');

    private static IQueryable<LegalHold> Over(RegistryDbContext db, HeldThing thing)
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
        return db.LegalHolds.AsNoTracking().Where(h => h.ReleasedMs == null
            && ((h.Target == target && h.TargetId == id)
                || (parent != null && h.Target == parent && h.TargetId == parentId)
                || (makerId != null && h.Target == HoldTarget.Run && h.TargetId == makerId)
                || (h.ParentId == id && parts.Contains(h.Target))));
    }
}

/// <summary>What is to be destroyed, with all that a hold may be on to keep it.</summary>
/// <param name="Name">Its public id.</param>
public sealed record HeldThing(HoldTarget Target, long Id, string Name)
{
    /// <summary>The model of a version, the experiment of a run or logged model.</summary>
    public long? ParentId { get; init; }
    /// <summary>The run that made a logged model.</summary>
    public long? MakerRunId { get; init; }
    /// <summary>A hold on one of its parts counts too. Not where the parts stay: files of an experiment's own place.</summary>
    public bool WithParts { get; init; } = true;

    public static HeldThing Experiment(long id, string name) => new(HoldTarget.Experiment, id, name);

    public static HeldThing Run(long id, long experimentId, string uuid) => new(HoldTarget.Run, id, uuid) { ParentId = experimentId };

    public static HeldThing Model(long id, string name) => new(HoldTarget.RegisteredModel, id, name);

    public static HeldThing Version(long id, long modelId, string name) => new(HoldTarget.ModelVersion, id, name) { ParentId = modelId };

    public static HeldThing LoggedModel(long id, long experimentId, long? makerRunId, string uuid) =>
        new(HoldTarget.LoggedModel, id, uuid) { ParentId = experimentId, MakerRunId = makerRunId };
}
