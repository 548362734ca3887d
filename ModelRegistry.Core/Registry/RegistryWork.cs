using System.Globalization;
using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Audit;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;
using ModelRegistry.Core.Webhooks;

namespace ModelRegistry.Core.Registry;

/// <summary>
/// What the services of this folder share: finding a model or version that the caller may touch, holding the model's row
/// while it changes, and who is told of the change: the audit trail and the webhooks.
/// </summary>
public sealed class RegistryWork(
    RegistryDbContext db, CurrentUserHolder caller, AuditTrail audit, EventOutbox outbox, IMoveGate gate, TimeProvider time)
{
    public const string ModelNoun = "registered-model";
    public const string VersionNoun = "model-version";

    internal RegistryDbContext Db => db;
    internal IMoveGate Gate => gate;
    internal CurrentUser User => caller.User;
    internal long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    internal static NotFoundException ModelNotFound(string name) =>
        new(ModelNoun, name, $"Registered Model with name={name} not found");

    internal static NotFoundException VersionNotFound(string name, int number) => new(VersionNoun, VersionId(name, number),
        string.Create(CultureInfo.InvariantCulture, $"Model Version (name={name}, version={number}) not found"));

    internal static AlreadyExistsException NameTaken(string name, string message) => new(ModelNoun, name, message);

    internal static string VersionId(string name, int number) =>
        string.Create(CultureInfo.InvariantCulture, $"{name}/{number}");

    /// <summary>The model and the number of an id such as `name/3`; null where it is none.</summary>
    public static (string Name, int Number)? ParseVersionId(string id) => id.LastIndexOf('/') is > 0 and var slash
        && int.TryParse(id.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? (id[..slash], number)
            : null;

    /// <summary>The living model of that name, for reading.</summary>
    internal async Task<RegisteredModel> GetModelAsync(string name, Permission permission, CancellationToken ct)
    {
        var model = await db.RegisteredModels.AsNoTracking()
            .FirstOrDefaultAsync(m => m.Name == name && m.DeletedMs == null, ct) ?? throw ModelNotFound(name);
        caller.User.Require(permission, model.AsSecurable(), () => ModelNotFound(name));
        return model;
    }

    /// <summary>The model, tracked; its row is held to the end of the transaction, so that changes of one model and its
    /// versions and aliases come one after another on every database.</summary>
    /// <param name="missing">What is said where there is no such model; the model itself by default.</param>
    internal async Task<RegisteredModel> LockModelAsync(
        string name, Permission permission, CancellationToken ct, Func<NotFoundException>? missing = null)
    {
        missing ??= () => ModelNotFound(name);
        // What an earlier change of this scope read may be old by now, and the row is held only from here on.
        db.ChangeTracker.Clear();
        var held = await db.RegisteredModels.Where(m => m.Name == name && m.DeletedMs == null)
            .ExecuteUpdateAsync(set => set.SetProperty(m => m.LastVersion, m => m.LastVersion), ct);
        if (held == 0)
            throw missing();
        var model = await db.RegisteredModels.FirstAsync(m => m.Name == name && m.DeletedMs == null, ct);
        caller.User.Require(permission, model.AsSecurable(), missing);
        return model;
    }

    /// <summary>The version, tracked, with its model's row held.</summary>
    internal async Task<ModelVersion> LockVersionAsync(string name, int number, Permission permission, CancellationToken ct)
    {
        var model = await LockModelAsync(name, permission, ct, () => VersionNotFound(name, number));
        var version = await db.ModelVersions
            .FirstOrDefaultAsync(v => v.ModelId == model.Id && v.Number == number && v.DeletedMs == null, ct)
            ?? throw VersionNotFound(name, number);
        version.Model = model;
        // Who manages it may still delete it; taking it out of the archive is the trash's.
        if (version.ArchivedMs is not null && permission != Permission.Manage)
        {
            throw new ConflictException(VersionNoun, VersionId(name, number),
                $"Version {number} of '{name}' is archived, so it is read only. Take it out of the archive to change it.");
        }

        return version;
    }

    /// <summary>The version with its model, tags and aliases, for reading.</summary>
    internal async Task<ModelVersion> GetVersionAsync(string name, int number, CancellationToken ct)
    {
        var version = await db.ModelVersions.AsNoTracking().AsSingleQuery().WithDetails()
            .FirstOrDefaultAsync(v => v.Model.Name == name && v.Model.DeletedMs == null && v.Number == number
                && v.DeletedMs == null, ct) ?? throw VersionNotFound(name, number);
        caller.User.Require(Permission.Read, version.Model.AsSecurable(), () => VersionNotFound(name, number));
        return version;
    }

    /// <summary>Webhooks hear of it when, and only when, the change is committed.</summary>
    internal Task TellAsync(RegistryEvent happened, CancellationToken ct) => outbox.AddAsync(db, happened, ct);

    internal void Record(RegisteredModel model, string change, object? before, object? after, string? reason = null) =>
        audit.Record(db, new AuditEntry($"{ModelNoun}.{change}", ModelNoun, model.Name)
        {
            Before = before,
            After = after,
            Reason = reason,
            Scope = AuditEntry.ScopeOf(SecurableKind.RegisteredModel, model.Id),
        });

    internal void Record(ModelVersion version, string change, object? before, object? after, string? reason = null) =>
        audit.Record(db, new AuditEntry($"{VersionNoun}.{change}", VersionNoun, VersionId(version.Model.Name, version.Number))
        {
            Before = before,
            After = after,
            Reason = reason,
            Scope = AuditEntry.ScopeOf(SecurableKind.RegisteredModel, version.ModelId),
        });
}
