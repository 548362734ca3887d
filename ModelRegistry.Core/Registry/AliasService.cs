using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Artifacts;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Identity;
using ModelRegistry.Core.Webhooks;

namespace ModelRegistry.Core.Registry;

/// <summary>Names that point at one version of a model, such as `champion`, and move; each move is kept.</summary>
public sealed class AliasService(RegistryWork work, UseLog uses)
{
    /// <summary>Gives the alias to a version, taking it from the one that has it.</summary>
    public async Task SetAsync(string name, string alias, int number, string? reason, CancellationToken ct)
    {
        RegistryRules.RequireModelName("name", name);
        RegistryRules.RequireAlias(alias);
        var db = work.Db;
        await using var write = await db.BeginWriteAsync(ct);
        var version = await work.LockVersionAsync(name, number, Permission.Promote, ct);
        var existing = await db.RegisteredModelAliases
            .FirstOrDefaultAsync(a => a.ModelId == version.ModelId && a.Alias == alias, ct);
        if (existing?.VersionId == version.Id)
            return;
        await work.Gate.RequireAsync(version.Model, [new VersionMove(version, MoveTarget.At(alias))], ct);
        await ApplyAsync(version, alias, existing, reason, ct);
        await db.SaveChangesAsync(ct);
        await write.CommitAsync(ct);
    }

    /// <summary>For those who have asked the gate; in their transaction.</summary>
    internal async Task ApplyAsync(ModelVersion version, string alias, RegisteredModelAlias? existing, string? reason, CancellationToken ct)
    {
        var db = work.Db;
        var (name, number) = (version.Model.Name, version.Number);
        var from = existing?.Number;
        work.Record(version.Model, "alias-set", from is null ? null : new { alias, Version = from },
            new { alias, Version = number }, reason);
        await work.TellAsync(RegistryEvent.AliasCreated(name, version.Model.IsPrompt, alias, number), ct);
        existing ??= db.Add(new RegisteredModelAlias { ModelId = version.ModelId, Alias = alias }).Entity;
        db.AddAliasChange(work, existing, number, work.NowMs, reason);
        existing.VersionId = version.Id;
        existing.Number = number;
    }

    /// <summary>It is no mistake if the alias is not there.</summary>
    public async Task DeleteAsync(string name, string alias, string? reason, CancellationToken ct)
    {
        var db = work.Db;
        await using var write = await db.BeginWriteAsync(ct);
        var model = await work.LockModelAsync(name, Permission.Promote, ct);
        var existing = await db.RegisteredModelAliases.FirstOrDefaultAsync(a => a.ModelId == model.Id && a.Alias == alias, ct);
        if (existing is null)
            return;
        var version = await db.ModelVersions.FirstAsync(v => v.Id == existing.VersionId, ct);
        await work.Gate.RequireAsync(model, [new VersionMove(version, MoveTarget.At(alias), IsLeaving: true)], ct);
        await RemoveAsync(work, model, existing, work.NowMs, reason, ct);
        await db.SaveChangesAsync(ct);
        await write.CommitAsync(ct);
    }

    /// <summary>The version that has the alias; `latest` is the one with the highest number. Asked for by those who load it:
    /// this is its last use from then on.</summary>
    public async Task<ModelVersion> GetVersionForUseAsync(string name, string alias, CancellationToken ct)
    {
        var version = await FindAsync(name, alias, ct);
        await uses.RecordAsync(ArtifactRoots.OfVersion(version.VersionUuid), ct);
        return version;
    }

    private async Task<ModelVersion> FindAsync(string name, string alias, CancellationToken ct)
    {
        var model = await work.GetModelAsync(name, Permission.Read, ct);
        var versions = work.Db.ModelVersions.AsNoTracking().AsSingleQuery().WithDetails();
        if (RegistryRules.IsLatest(alias))
        {
            return await versions.Where(v => v.ModelId == model.Id && v.DeletedMs == null && v.ArchivedMs == null)
                .OrderByDescending(v => v.Number).FirstOrDefaultAsync(ct)
                ?? throw new NotFoundException(RegistryWork.VersionNoun, alias, $"Latest version not found for model {name}.");
        }

        // MLflow calls an unknown alias an invalid argument, and its clients look for that.
        return await versions.Where(v => v.ModelId == model.Id && v.Aliases.Any(a => a.Alias == alias)).FirstOrDefaultAsync(ct)
            ?? throw new InvalidArgumentException("alias", $"Registered model alias {alias} not found.");
    }

    internal static async Task RemoveAsync(
        RegistryWork work, RegisteredModel model, RegisteredModelAlias alias, long now, string? reason, CancellationToken ct)
    {
        work.Record(model, "alias-deleted", new { alias.Alias, Version = alias.Number }, null, reason);
        work.Db.AddAliasChange(work, alias, to: null, now, reason);
        work.Db.Remove(alias);
        await work.TellAsync(RegistryEvent.AliasDeleted(model.Name, model.IsPrompt, alias.Alias), ct);
    }
}
