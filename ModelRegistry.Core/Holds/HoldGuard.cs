using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Core.Holds;

/// <summary>
/// Asked by everything that destroys something, in the transaction that does it and after the row in question is held:
/// a hold that is placed at the same time waits for that row, so one of the two sees the other.
/// </summary>
public static class HoldGuard
{
    /// <exception cref="HeldException">A hold is on it, on what it belongs to, or on a part of it.</exception>
    public static async Task RequireNotHeldAsync(
        this RegistryDbContext db, HoldTarget target, long id, long? parentId, string name, CancellationToken ct)
    {
        var hold = await Over(db, target, id, parentId).OrderBy(h => h.Id)
            .Select(h => new { h.HoldUuid, h.Target, h.TargetName }).FirstOrDefaultAsync(ct);
        if (hold is null)
            return;
        throw new HeldException(Noun(target), name, hold.HoldUuid,
            $"The {Words(target)} '{name}' is under the legal hold {hold.HoldUuid}"
            + (hold.Target == target ? "" : $", which is on the {Words(hold.Target)} '{hold.TargetName}'")
            + ": it cannot be deleted or overwritten until the hold is released.");
    }

    public static Task<bool> IsHeldAsync(
        this RegistryDbContext db, HoldTarget target, long id, long? parentId, CancellationToken ct) =>
        Over(db, target, id, parentId).AnyAsync(ct);

    /// <summary>E.g. `model-version`.</summary>
    public static string Noun(HoldTarget target) => target switch
    {
        HoldTarget.Experiment => "experiment",
        HoldTarget.RegisteredModel => "registered-model",
        HoldTarget.Run => "run",
        _ => "model-version",
    };

    private static string Words(HoldTarget target) => Noun(target).Replace('-', ' ');

    private static IQueryable<LegalHold> Over(RegistryDbContext db, HoldTarget target, long id, long? parentId)
    {
        HoldTarget? parent = target switch
        {
            HoldTarget.Run => HoldTarget.Experiment,
            HoldTarget.ModelVersion => HoldTarget.RegisteredModel,
            _ => null,
        };
        HoldTarget? child = target switch
        {
            HoldTarget.Experiment => HoldTarget.Run,
            HoldTarget.RegisteredModel => HoldTarget.ModelVersion,
            _ => null,
        };
        return db.LegalHolds.AsNoTracking().Where(h => h.ReleasedMs == null
            && ((h.Target == target && h.TargetId == id)
                || (parent != null && h.Target == parent && h.TargetId == parentId)
                || (child != null && h.Target == child && h.ParentId == id)));
    }
}
