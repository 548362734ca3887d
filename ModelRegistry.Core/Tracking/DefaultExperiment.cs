using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Core.Tracking;

/// <summary>The experiment "0" named "Default": clients log to it where they name none.</summary>
public static class DefaultExperiment
{
    public static async Task EnsureAsync(RegistryDbContext db, TimeProvider time, CancellationToken ct)
    {
        if (await db.Experiments.AnyAsync(e => e.Id == 0, ct))
            return;
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        db.Add(new Experiment
        {
            Id = 0,
            Name = "Default",
            ArtifactLocation = ArtifactLocation.OfExperiment(0),
            CreatedMs = now,
            UpdatedMs = now,
        });
        try
        {
            await db.SaveChangesAsync(ct);
        }
        catch (DbUpdateException e) when (db.IsUniqueViolation(e))
        {
            // Another node starts at the same time.
            db.ChangeTracker.Clear();
        }
    }
}
