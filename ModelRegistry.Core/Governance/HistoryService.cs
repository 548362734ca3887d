using System.Globalization;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;
using ModelRegistry.Core.Promotion;
using ModelRegistry.Core.Registry;

namespace ModelRegistry.Core.Governance;

/// <param name="SinceMs">When it got there.</param>
/// <param name="ByUserId">Who moved it.</param>
/// <param name="ApprovedBy">Who had approved that very move; empty where no request was made for it.</param>
public sealed record StageThen(int Number, VersionStage Stage, long SinceMs, long ByUserId, IReadOnlyList<long> ApprovedBy);

public sealed record AliasThen(string Alias, int Number, long SinceMs, long ByUserId, IReadOnlyList<long> ApprovedBy);

/// <param name="Name">As it was called then.</param>
/// <param name="IsGone">The model is deleted by now.</param>
public sealed record ModelThen(long Id, string Name, bool IsGone, IReadOnlyList<StageThen> Versions, IReadOnlyList<AliasThen> Aliases);

/// <summary>
/// What was in which stage, which alias pointed where, and who had approved it, at any moment: from the moves themselves,
/// which are kept for ever, so that it is the same answer whoever asks later.
/// </summary>
public sealed class HistoryService(RegistryDbContext db, CurrentUserHolder caller, ReadConnections connections)
{
    /// <param name="modelName">As it is called now, or was when it was deleted; null for all models.</param>
    /// <param name="everything">Versions in Experiment and Archived too, and models without anything to tell.</param>
    public async Task<Page<ModelThen>> AtAsync(
        long atMs, string? modelName, bool everything, int maxResults, string? pageToken, CancellationToken ct)
    {
        caller.User.RequireScope(TokenScope.Read);
        var query = string.Create(CultureInfo.InvariantCulture, $"history|{atMs}|{modelName}|{everything}");
        // Deleted models too: who might read one when it was there may read what became of it.
        var models = db.RegisteredModels.Readable(caller.User, SecurableKind.RegisteredModel, connections).Where(m => m.CreatedMs <= atMs && (m.DeletedMs == null || m.DeletedMs > atMs));
        if (modelName is not null)
            models = models.Where(m => m.Name == modelName);
        if (!everything)
        {
            // Something was moved by then; whether it still stood is seen below.
            models = models.Where(m => db.AliasChanges.Any(c => c.ModelId == m.Id && c.AtMs <= atMs)
                || db.StageTransitions.Any(t => t.ModelId == m.Id && t.AtMs <= atMs && t.From != null));
        }

        if (PageToken.TryDecode<long>(pageToken, query, out var last))
            models = models.Where(m => m.Id > last);
        var found = await models.OrderBy(m => m.Id).Take(maxResults + 1).Select(m => new { m.Id, m.Name, m.DeletedMs }).ToListAsync(ct);
        var rows = found.Take(maxResults).ToList();
        var ids = rows.Select(m => m.Id).ToList();
        var (stages, aliases) = (await StagesAsync(ids, atMs, everything, ct), await AliasesAsync(ids, atMs, ct));
        var names = await NamesThenAsync(ids, atMs, ct);
        return new Page<ModelThen>(
            [.. rows.Select(m => new ModelThen(m.Id, names.GetValueOrDefault(m.Id, m.Name), m.DeletedMs is not null, [.. stages[m.Id]], [.. aliases[m.Id]]))
                .Where(m => everything || m.Versions.Count + m.Aliases.Count > 0)],
            found.Count > rows.Count ? PageToken.Encode(rows[^1].Id, query) : null);
    }

    private async Task<ILookup<long, StageThen>> StagesAsync(List<long> modelIds, long atMs, bool everything, CancellationToken ct)
    {
        // Ids grow with time, under the model's lock: the highest up to then is the last one.
        var lasts = db.StageTransitions.Where(t => modelIds.Contains(t.ModelId) && t.AtMs <= atMs)
            .GroupBy(t => t.VersionId).Select(g => g.Max(t => t.Id));
        var moves = db.StageTransitions.AsNoTracking().Where(t => lasts.Contains(t.Id)
            && !db.ModelVersions.Any(v => v.Id == t.VersionId && v.DeletedMs != null && v.DeletedMs <= atMs));
        if (!everything)
            moves = moves.Where(t => t.To == ModelStage.Production || t.To == ModelStage.Staging);
        var found = await moves.OrderByDescending(t => t.To == ModelStage.Production).ThenByDescending(t => t.Number).ToListAsync(ct);
        var approved = await ApprovalsAsync(modelIds, atMs, ct);
        var renames = (await db.StageRenames.AsNoTracking().Where(r => modelIds.Contains(r.ModelId) && r.AtMs <= atMs).OrderBy(r => r.Id)
            .ToListAsync(ct)).ToLookup(r => r.ModelId);
        return found.ToLookup(t => t.ModelId, t => new StageThen(t.Number, t.InStage with { Name = Renamed(t, renames[t.ModelId]) }, t.AtMs, t.UserId,
            Approvers(approved, t.ModelId, t.Number, MoveTarget.To(t.InStage), t.AtMs)));
    }

    // What the stage had come to be called by then.
    private static string Renamed(StageTransition move, IEnumerable<StageRename> renames) => renames.Where(r => r.AtMs >= move.AtMs)
        .Aggregate(move.ToName, (name, rename) => rename.From == name ? rename.To : name);

    private async Task<ILookup<long, AliasThen>> AliasesAsync(List<long> modelIds, long atMs, CancellationToken ct)
    {
        var lasts = db.AliasChanges.Where(c => modelIds.Contains(c.ModelId) && c.AtMs <= atMs)
            .GroupBy(c => new { c.ModelId, c.Alias }).Select(g => g.Max(c => c.Id));
        var found = await db.AliasChanges.AsNoTracking().Where(c => lasts.Contains(c.Id) && c.ToNumber != null)
            .OrderBy(c => c.Alias).ToListAsync(ct);
        var approved = await ApprovalsAsync(modelIds, atMs, ct);
        return found.ToLookup(c => c.ModelId, c => new AliasThen(c.Alias, c.ToNumber!.Value, c.AtMs, c.UserId,
            Approvers(approved, c.ModelId, c.ToNumber.Value, MoveTarget.At(c.Alias), c.AtMs)));
    }

    private Task<List<ApprovalRequest>> ApprovalsAsync(List<long> modelIds, long atMs, CancellationToken ct) =>
        db.ApprovalRequests.AsNoTracking().Include(r => r.Entries)
            .Where(r => modelIds.Contains(r.ModelId) && r.State == ApprovalState.Done && r.ClosedMs <= atMs).ToListAsync(ct);

    // A request closes in the transaction of the move that it was made for.
    private static IReadOnlyList<long> Approvers(List<ApprovalRequest> requests, long modelId, int number, MoveTarget target, long movedMs) =>
        requests.FindLast(r => r.ModelId == modelId && r.Number == number && r.Target == target && Math.Abs(r.ClosedMs!.Value - movedMs) < 1000) is { } request
            ? [.. request.Entries.Where(e => e.Kind == ApprovalEntryKind.Approve && e.UserId != request.RequestedBy).Select(e => e.UserId).Distinct()]
            : [];

    /// <summary>The names of models that were renamed since, as the audit trail has them.</summary>
    private async Task<Dictionary<long, string>> NamesThenAsync(List<long> modelIds, long atMs, CancellationToken ct)
    {
        var renames = await db.AuditEvents.AsNoTracking().Where(e => e.ScopeKind == SecurableKind.RegisteredModel
                && modelIds.Contains(e.ScopeId!.Value) && e.Action == "registered-model.renamed" && e.AtMs > atMs)
            .OrderBy(e => e.Id).Select(e => new { e.ScopeId, e.Before }).ToListAsync(ct);
        return renames.GroupBy(e => e.ScopeId!.Value)
            .ToDictionary(g => g.Key, g => JsonDocument.Parse(g.First().Before!).RootElement.GetProperty("name").GetString()!);
    }
}
