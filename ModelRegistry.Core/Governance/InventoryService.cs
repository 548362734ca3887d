using System.Globalization;
using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Holds;
using ModelRegistry.Core.Identity;
using ModelRegistry.Core.Promotion;
using ModelRegistry.Core.Registry;

namespace ModelRegistry.Core.Governance;

/// <summary>What an inventory of models lacks.</summary>
public enum InventoryGap
{
    /// <summary>The owner is disabled or gone.</summary>
    Owner,
    RiskTier,
    Description,
    /// <summary>Never, or more than a year ago.</summary>
    Review,
    /// <summary>What is in Production got there without an approval.</summary>
    Approval,
    /// <summary>What is in Production was made by no run that is known.</summary>
    Lineage,
}

/// <param name="RiskTier">Of the tag `risk_tier`; null where it has none.</param>
/// <param name="Production">The newest version of what counts as Production.</param>
/// <param name="Stages">The stages that something is in, by their order in the model.</param>
/// <param name="IsHeld">A legal hold is on it or on one of its versions.</param>
/// <param name="LockedUntil">The last day of the longest lock on it or on one of its versions.</param>
/// <param name="ReviewedMs">The later of the tag `last_review` and the last approval.</param>
public sealed record InventoryRow(string Name, string Owner, string? RiskTier, InventoryVersion? Production, InventoryVersion? Staging, int Versions,
    bool IsHeld, DateOnly? LockedUntil, long? ReviewedMs, IReadOnlyList<InventoryStage> Stages, IReadOnlyList<InventoryGap> Gaps);

/// <param name="Stage">As the model calls it.</param>
public sealed record InventoryVersion(int Number, VersionStage Stage);

public sealed record InventoryStage(VersionStage Stage, int Newest, int Count);

/// <summary>All models with what a governance officer must know of each, by name. For those who oversee everything.</summary>
public sealed class InventoryService(RegistryDbContext db, CurrentUserHolder caller, TimeProvider time)
{
    /// <summary>A day, e.g. `2026-11-24`.</summary>
    public const string LastReviewTag = "last_review";
    private const long YearMs = 365L * 86_400_000;

    public async Task<Page<InventoryRow>> ListAsync(string? search, string? riskTier, string? stage, int maxResults, string? pageToken, CancellationToken ct)
    {
        caller.User.Require(InstanceRight.ViewAudit);
        var query = $"inventory|{search}|{riskTier}|{stage}";
        var models = db.RegisteredModels.AsNoTracking().Where(m => m.DeletedMs == null && !m.IsPrompt);
        if (!string.IsNullOrWhiteSpace(search))
            models = models.Where(m => m.Name.Contains(search.Trim()));
        if (!string.IsNullOrEmpty(riskTier))
            models = models.Where(m => m.Tags.Any(t => t.Key == RegisteredModel.RiskTierTag && t.Value == riskTier));
        if (stage?.Trim() is { Length: > 0 } name)
        {
            var kind = VersionStage.FindKind(name);
            models = models.Where(m => db.ModelVersions.Any(v => v.ModelId == m.Id && v.DeletedMs == null && (v.StageName == name || v.Stage == kind)));
        }

        if (PageToken.TryDecode<string>(pageToken, query, out var after))
            models = models.Where(m => m.Name.CompareTo(after) > 0);
        var found = await models.OrderBy(m => m.Name).Take(maxResults + 1).Include(m => m.Tags).ToListAsync(ct);
        var rows = found.Take(maxResults).ToList();
        return new Page<InventoryRow>(await RowsAsync(rows, ct), found.Count > rows.Count ? PageToken.Encode(rows[^1].Name, query) : null);
    }

    private async Task<IReadOnlyList<InventoryRow>> RowsAsync(List<RegisteredModel> models, CancellationToken ct)
    {
        var ids = models.Select(m => m.Id).ToList();
        var ownerIds = models.Select(m => m.OwnerId).Distinct().ToList();
        var owners = await db.Users.AsNoTracking().Where(u => ownerIds.Contains(u.Id)).ToDictionaryAsync(u => u.Id, ct);
        var live = await db.ModelVersions.AsNoTracking().Where(v => ids.Contains(v.ModelId) && v.DeletedMs == null)
            .GroupBy(v => new { v.ModelId, v.Stage, v.StageName }).Select(g => new { g.Key.ModelId, g.Key.Stage, g.Key.StageName, Number = g.Max(v => v.Number), Count = g.Count() })
            .ToListAsync(ct);
        var inProduction = await db.ModelVersions.AsNoTracking()
            .Where(v => ids.Contains(v.ModelId) && v.DeletedMs == null && v.Stage == ModelStage.Production)
            .Select(v => new { v.ModelId, v.Id, HasOrigin = v.RunUuid != "" || v.LoggedModelUuid != "" }).ToListAsync(ct);
        var approvals = await db.ApprovalRequests.AsNoTracking().Where(r => ids.Contains(r.ModelId) && r.State == ApprovalState.Done)
            .Select(r => new { r.ModelId, r.VersionId, r.Stage, r.ClosedMs, HasApproval = r.Entries.Any(e => e.Kind == ApprovalEntryKind.Approve) }).ToListAsync(ct);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var held = (await OnModels(db.LegalHolds.Where(h => h.ReleasedMs == null), ids).Select(h => h.ParentId ?? h.TargetId).Distinct().ToListAsync(ct)).ToHashSet();
        var locked = (await OnModels(db.RetentionLocks.Where(l => l.EndedMs == null), ids)
                .GroupBy(l => l.ParentId ?? l.TargetId).Select(g => new { g.Key, Day = g.Max(l => l.UntilDay) }).ToListAsync(ct))
            .ToDictionary(l => l.Key, l => UtcDay.ToDate(l.Day));

        return [.. models.Select(m =>
        {
            var owner = owners.GetValueOrDefault(m.OwnerId);
            var tier = m.Tags.Find(t => t.Key == RegisteredModel.RiskTierTag)?.Value;
            var approved = approvals.Where(a => a.ModelId == m.Id && a.HasApproval).ToList();
            var reviewed = Later(Day(m.Tags.Find(t => t.Key == LastReviewTag)?.Value, now), approved.Max(a => a.ClosedMs));
            var production = inProduction.Where(v => v.ModelId == m.Id).ToList();
            List<InventoryGap> gaps = [];
            Gap(InventoryGap.Owner, owner is not { IsDisabled: false });
            Gap(InventoryGap.RiskTier, string.IsNullOrWhiteSpace(tier));
            Gap(InventoryGap.Description, m.Description.Trim().Length == 0);
            Gap(InventoryGap.Review, reviewed is null || reviewed < now - YearMs);
            Gap(InventoryGap.Approval, production.Exists(v => !approved.Exists(a => a.VersionId == v.Id && a.Stage == ModelStage.Production)));
            Gap(InventoryGap.Lineage, production.Exists(v => !v.HasOrigin));
            return new InventoryRow(m.Name, owner is null ? "Nobody" : owner.DisplayName.Length > 0 ? owner.DisplayName : owner.UserName ?? "", tier,
                Newest(m.Id, ModelStage.Production), Newest(m.Id, ModelStage.Staging), live.Where(v => v.ModelId == m.Id).Sum(v => v.Count),
                held.Contains(m.Id), locked.TryGetValue(m.Id, out var day) ? day : null, reviewed,
                [.. m.Stages.Stages.Select(s => (Stage: s, Found: live.Find(v => v.ModelId == m.Id && v.StageName == s.Name)))
                    .Where(s => s.Found is not null).Select(s => new InventoryStage(s.Stage, s.Found!.Number, s.Found.Count))], gaps);

            void Gap(InventoryGap gap, bool isThere)
            {
                if (isThere)
                    gaps.Add(gap);
            }
        })];

        InventoryVersion? Newest(long modelId, ModelStage kind) => live.Where(v => v.ModelId == modelId && v.Stage == kind).MaxBy(v => v.Number) is { } newest
            ? new InventoryVersion(newest.Number, new VersionStage(newest.StageName, kind))
            : null;
    }

    private static IQueryable<T> OnModels<T>(IQueryable<T> keeping, List<long> ids) where T : Keeping => keeping.AsNoTracking().Where(k =>
        (k.Target == HoldTarget.RegisteredModel && ids.Contains(k.TargetId))
        || (k.Target == HoldTarget.ModelVersion && k.ParentId != null && ids.Contains(k.ParentId.Value)));

    private static long? Later(long? a, long? b) => a is null ? b : b is null ? a : Math.Max(a.Value, b.Value);

    // A review in the future is no review.
    private static long? Day(string? text, long now) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var day)
        && day.ToUnixTimeMilliseconds() is var ms && ms <= now ? ms : null;
}
