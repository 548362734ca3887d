using System.Globalization;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Artifacts;
using ModelRegistry.Core.Audit;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Holds;
using ModelRegistry.Core.Registry;
using ModelRegistry.Core.Tracking;

namespace ModelRegistry.Core.Retention;

/// <param name="Forgotten">Certificates that the ledger has and the database has not.</param>
/// <param name="Revived">What of that is there again, and not in the trash.</param>
public sealed record PurgeLedgerReport(IReadOnlyList<PurgeCertificate> Forgotten, IReadOnlyList<PurgeCertificate> Revived, int Unreadable)
{
    public bool IsSound => Forgotten.Count == 0 && Unreadable == 0;
}

/// <summary>
/// Writes purges down where they outlive the database. A database that has forgotten some was put back from a backup: then
/// nothing is purged until somebody has let <see cref="ApplyAsync"/> bring it up to date.
/// </summary>
public sealed class PurgeLedger(
    RegistryDbContext db, Ledger ledger, AuditTrail audit, ModelVersionService versions, RegisteredModelService models, RunLifecycleService runs,
    ExperimentService experiments, LoggedModelService loggedModels)
{
    internal Task RequireWritableAsync(CancellationToken ct) => ledger.RequireWritableAsync(ct);

    internal Task PurgedAsync(IReadOnlyCollection<PurgeCertificate> certificates, CancellationToken ct) =>
        ledger.AppendAsync([.. certificates.Select(Entry)], ct);

    /// <summary>Compares the two, and writes into the ledger what it lacks.</summary>
    public async Task<PurgeLedgerReport> CompareAsync(CancellationToken ct)
    {
        var unreadable = 0;
        var unwritten = (await db.PurgeCertificates.Select(c => c.CertificateUuid).ToListAsync(ct)).ToHashSet();
        var known = unwritten.ToHashSet();
        var forgotten = new List<PurgeCertificate>();
        await foreach (var entry in ledger.ReadAsync(() => unreadable++, ct))
        {
            if (entry.Kind != Ledger.Purge)
                continue;
            unwritten.Remove(entry.Id);
            if (!known.Add(entry.Id))
                continue;
            if (Read(entry) is { } certificate)
                forgotten.Add(certificate);
            else
                unreadable++;
        }

        await CatchUpAsync(unwritten, ct);
        var revived = new List<PurgeCertificate>();
        foreach (var certificate in forgotten)
        {
            if (await LivingAsync(certificate, ct) is not null)
                revived.Add(certificate);
        }

        return new PurgeLedgerReport(forgotten, revived, unreadable);
    }

    /// <summary>Why nothing may be purged, which every destructive job is told from then on; null where the two agree.</summary>
    public async Task<string?> PauseWhereForgottenAsync(CancellationToken ct)
    {
        var report = await CompareAsync(ct);
        if (report.Forgotten.Count == 0)
            return null;
        var reason = string.Create(CultureInfo.InvariantCulture,
            $"The database has forgotten {report.Forgotten.Count} purges that the ledger knows: it was put back from a backup. Run 'ledger apply' on the server.");
        await db.RetentionClocks.Where(c => c.PausedBecause == null).ExecuteUpdateAsync(set => set.SetProperty(c => c.PausedBecause, reason), ct);
        return reason;
    }

    /// <summary>Puts what was purged and is there again into the trash, from where it goes as everything does, and the
    /// certificates back. What cannot go there is listed, with the reason.</summary>
    public async Task<IReadOnlyList<string>> ApplyAsync(PurgeLedgerReport report, CancellationToken ct)
    {
        var kept = new List<string>();
        // Parts before what they are parts of.
        foreach (var certificate in report.Forgotten.OrderBy(c => Array.IndexOf(Order, c.Kind)))
        {
            db.ChangeTracker.Clear();
            if (await LivingAsync(certificate, ct) is { } delete)
            {
                try
                {
                    await delete();
                }
                catch (RegistryException e)
                {
                    kept.Add($"{certificate.Kind} {certificate.Name}: {e.Message}");
                }
            }

            db.ChangeTracker.Clear();
            await using var write = await db.BeginWriteAsync(ct);
            certificate.Id = 0;
            db.Add(certificate);
            audit.Record(db, new AuditEntry("certificate.restored", CertificateService.Noun, certificate.CertificateUuid.ToString("D"))
            {
                After = new { certificate.Kind, certificate.Name, certificate.PurgedMs },
            });
            await db.SaveChangesAsync(ct);
            await write.CommitAsync(ct);
        }

        return kept;
    }

    private static readonly string[] Order = [RegistryWork.VersionNoun, "logged-model", "run-files", "run", RegistryWork.ModelNoun, "experiment"];

    private async Task CatchUpAsync(HashSet<Guid> unwritten, CancellationToken ct)
    {
        foreach (var ids in unwritten.Chunk(500))
        {
            var certificates = await db.PurgeCertificates.AsNoTracking().Where(c => ids.Contains(c.CertificateUuid)).OrderBy(c => c.Id).ToListAsync(ct);
            await PurgedAsync(certificates, ct);
        }
    }

    /// <summary>What puts it into the trash; null where it is not there, or in the trash already.</summary>
    private async Task<Func<Task>?> LivingAsync(PurgeCertificate purged, CancellationToken ct)
    {
        var (key, createdMs) = (purged.ObjectUuid, purged.CreatedMs);
        var reason = $"Purged before, see certificate {purged.CertificateUuid}; a backup had brought it back";
        switch (purged.Kind)
        {
            case RegistryWork.VersionNoun when Guid.TryParseExact(key, "D", out var uuid):
                var version = await db.ModelVersions.AsNoTracking().Where(v => v.VersionUuid == uuid && v.DeletedMs == null && v.Model.DeletedMs == null)
                    .Select(v => new { v.Model.Name, v.Number }).FirstOrDefaultAsync(ct);
                return version is null ? null : () => versions.DeleteAsync(version.Name, version.Number, reason, ct);
            case "run":
                return await db.Runs.AnyAsync(r => r.RunUuid == key && r.Lifecycle != Lifecycle.Deleted, ct) ? () => runs.DeleteAsync(key, ct) : null;
            case "run-files":
                return await HasFilesAsync(key, ct) ? () => throw new ConflictException("run", key, "Its files are back: let a policy about files of runs take them.") : null;
            case "logged-model":
                return await db.LoggedModels.AnyAsync(m => m.ModelUuid == key && m.DeletedMs == null, ct) ? () => loggedModels.DeleteAsync(key, ct) : null;
            // Numbers of rows are given again after a restore: the time it was made tells the one from the other.
            case RegistryWork.ModelNoun when Number(key) is { } id:
                var model = await db.RegisteredModels.AsNoTracking().FirstOrDefaultAsync(m => m.Id == id && m.CreatedMs == createdMs && m.DeletedMs == null, ct);
                return model is null ? null : () => DeleteModelAsync(model, reason, ct);
            case "experiment" when Number(key) is { } id:
                return await db.Experiments.AnyAsync(e => e.Id == id && e.CreatedMs == createdMs && e.Lifecycle != Lifecycle.Deleted, ct)
                    ? () => DeleteExperimentAsync(id, purged.Name, ct) : null;
            default:
                return null;
        }
    }

    // It was purged without anything in it: what is in it now came later.
    private async Task DeleteModelAsync(RegisteredModel model, string reason, CancellationToken ct)
    {
        if (await db.ModelVersions.AnyAsync(v => v.ModelId == model.Id && v.DeletedMs == null, ct))
            throw new ConflictException(RegistryWork.ModelNoun, model.Name, "It has versions.");
        await models.DeleteAsync(model.Name, reason, ct);
    }

    private async Task DeleteExperimentAsync(long id, string name, CancellationToken ct)
    {
        if (await db.Runs.AnyAsync(r => r.ExperimentId == id && r.Lifecycle != Lifecycle.Deleted, ct))
            throw new ConflictException("experiment", name, "It has runs.");
        await experiments.DeleteAsync(id, ct);
    }

    private Task<bool> HasFilesAsync(string runUuid, CancellationToken ct)
    {
        var key = ArtifactRoots.OfRun(runUuid);
        return db.ArtifactRoots.AnyAsync(r => r.Key == key && db.ArtifactFiles.Any(f => f.RootId == r.Id), ct);
    }

    private static long? Number(string key) => long.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;

    private static LedgerEntry Entry(PurgeCertificate certificate) => LedgerEntry.Of(Ledger.Purge, certificate.CertificateUuid, certificate);

    private static PurgeCertificate? Read(LedgerEntry entry)
    {
        try
        {
            return entry.Read<PurgeCertificate>() is { Kind: not null, Name: not null, ObjectUuid: not null } read && read.CertificateUuid == entry.Id
                ? read : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
