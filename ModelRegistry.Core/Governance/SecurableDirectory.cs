using System.Globalization;
using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;
using ModelRegistry.Core.Tracking;

namespace ModelRegistry.Core.Governance;

/// <param name="PublicId">A model's name, an experiment's id.</param>
/// <param name="NotFound">The answer to those who may not read it: that of a missing object.</param>
public sealed record FoundObject(Securable Securable, string PublicId, Func<NotFoundException> NotFound);

/// <summary>Finds what access is granted on, by its public id or its own.</summary>
public sealed class SecurableDirectory(RegistryDbContext db, CurrentUserHolder caller)
{
    /// <exception cref="NotFoundException">It is not there, or may not be read.</exception>
    public async Task<FoundObject> GetAsync(SecurableKind kind, string publicId, CancellationToken ct)
    {
        var missing = Missing(kind, publicId);
        Securable? found = null;
        if (kind == SecurableKind.RegisteredModel)
        {
            found = (await db.RegisteredModels.AsNoTracking()
                .FirstOrDefaultAsync(m => m.Name == publicId && m.DeletedMs == null, ct))?.AsSecurable();
        }
        else if (long.TryParse(publicId, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
        {
            found = await FindAsync(kind, id, ct);
        }

        if (found is not { } securable)
            throw missing();
        caller.User.Require(Permission.Read, securable, missing);
        return new FoundObject(securable, publicId, missing);
    }

    /// <summary>By internal id, deleted ones too, without asking who wants to know.</summary>
    public async Task<Securable?> FindAsync(SecurableKind kind, long id, CancellationToken ct) => kind == SecurableKind.RegisteredModel
        ? (await db.RegisteredModels.AsNoTracking().FirstOrDefaultAsync(m => m.Id == id, ct))?.AsSecurable()
        : (await db.Experiments.AsNoTracking().FirstOrDefaultAsync(e => e.Id == id, ct))?.AsSecurable();

    public async Task<IReadOnlyDictionary<(SecurableKind Kind, long Id), string>> PublicIdsAsync(
        IReadOnlyCollection<(SecurableKind Kind, long Id)> objects, CancellationToken ct)
    {
        var ids = objects.Where(o => o.Kind == SecurableKind.RegisteredModel).Select(o => o.Id).Distinct().ToList();
        var names = ids.Count == 0 ? [] : await db.RegisteredModels.AsNoTracking().Where(m => ids.Contains(m.Id))
            .ToDictionaryAsync(m => m.Id, m => m.Name, ct);
        return objects.Distinct().ToDictionary(o => o, o => o.Kind == SecurableKind.Experiment
            ? o.Id.ToString(CultureInfo.InvariantCulture)
            : names.GetValueOrDefault(o.Id, ""));
    }

    private static Func<NotFoundException> Missing(SecurableKind kind, string publicId) => kind == SecurableKind.RegisteredModel
            ? () => new NotFoundException("registered-model", publicId, $"Registered Model with name={publicId} not found")
            : () => ExperimentService.NotFound(publicId);
}
