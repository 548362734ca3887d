using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Erasure;
using ModelRegistry.Core.Holds;
using ModelRegistry.Core.Identity;
using ModelRegistry.Core.Retention;

namespace ModelRegistry.Core.Review;

/// <summary>What whoever governs looks at now and then, usually each month.</summary>
public enum ReviewKind
{
    /// <summary>A model that no enabled policy is about: its versions are kept for ever.</summary>
    NoRule,
    /// <summary>A legal hold that is older than a year.</summary>
    OldHold,
    /// <summary>A retention lock that ends within 90 days.</summary>
    EndingLock,
    /// <summary>Stored content that failed a check.</summary>
    Corrupted,
    /// <summary>Something in the trash whose time is over, and that something keeps.</summary>
    PurgeBlocked,
    /// <summary>A restriction of an erasure case that is to be looked at again.</summary>
    RestrictionDue,
}

/// <param name="Name">The public id of the thing; of a restriction `case/line`.</param>
/// <param name="Detail">For people.</param>
/// <param name="Day">Since when, or until when.</param>
public sealed record ReviewItem(ReviewKind Kind, string Name, string Detail, DateOnly? Day);

/// <summary>The first of each kind.</summary>
/// <param name="HasMore">Kinds of which there are more.</param>
public sealed record ReviewList(IReadOnlyList<ReviewItem> Items, IReadOnlySet<ReviewKind> HasMore);

/// <summary>Finds what may have been forgotten: holds, locks, trash, damage, restrictions, and models without a rule.</summary>
public sealed class ReviewService(RegistryDbContext db, CurrentUserHolder caller, RetentionOptions retention, TimeProvider time)
{
    public const int MostOfAKind = 50;
    private const int Ahead = 90;
    private const long DayMs = 86_400_000;

    public async Task<ReviewList> ReadAsync(CancellationToken ct)
    {
        caller.User.Require(InstanceRight.ViewAudit);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var today = UtcDay.Of(now);
        List<ReviewItem>[] found =
        [
            await WithoutRuleAsync(ct), await OldHoldsAsync(now - 365 * DayMs, ct), await EndingLocksAsync(today + Ahead, ct),
            await CorruptedAsync(ct), await BlockedAsync(now - (retention.TrashDays + 2) * DayMs, ct), await RestrictionsAsync(today, ct),
        ];
        return new ReviewList([.. found.SelectMany(f => f.Take(MostOfAKind))],
            found.Where(f => f.Count > MostOfAKind).Select(f => f[0].Kind).ToHashSet());
    }

    // By name and tags; a policy about a stage or a tag of versions counts as one about the model.
    private async Task<List<ReviewItem>> WithoutRuleAsync(CancellationToken ct)
    {
        var rules = (await db.RetentionPolicies.AsNoTracking().Where(p => p.IsEnabled).OrderBy(p => p.Id).Select(p => new { p.Id, p.Definition }).ToListAsync(ct))
            .Select(p => new RetentionRule(p.Id, RetentionDefinition.FromJson(p.Definition)))
            .Select(r => r.Definition is { } d ? r with { Definition = d with { Stage = null, Tag = null, TagValue = null } } : r).ToList();
        var without = new List<ReviewItem>();
        var after = "";
        while (without.Count <= MostOfAKind)
        {
            var page = await db.RegisteredModels.AsNoTracking().Where(m => m.DeletedMs == null && !m.IsPrompt && m.Name.CompareTo(after) > 0)
                .OrderBy(m => m.Name).Take(500).Select(m => new { m.Id, m.Name }).ToListAsync(ct);
            if (page.Count == 0)
                break;
            foreach (var model in page)
            {
                var facts = new ItemFacts { Subject = RetentionSubject.ModelVersions, Name = model.Name, ContainerId = model.Id, ContainerName = model.Name };
                if (rules.TrueForAll(r => r.Covers(facts) == false))
                    without.Add(new ReviewItem(ReviewKind.NoRule, model.Name, "No enabled policy is about it: its versions are kept for ever.", null));
            }

            after = page[^1].Name;
        }

        return without;
    }

    private async Task<List<ReviewItem>> OldHoldsAsync(long before, CancellationToken ct) =>
        [.. (await db.LegalHolds.AsNoTracking().Where(h => h.ReleasedMs == null && h.CreatedMs < before).OrderBy(h => h.CreatedMs).Take(MostOfAKind + 1).ToListAsync(ct))
            .Select(h => new ReviewItem(ReviewKind.OldHold, h.TargetName, $"{HoldGuard.Words(h.Target)}: {h.Matter}", UtcDay.ToDate(UtcDay.Of(h.CreatedMs))))];

    private async Task<List<ReviewItem>> EndingLocksAsync(int until, CancellationToken ct) =>
        [.. (await db.RetentionLocks.AsNoTracking().Where(l => l.EndedMs == null && l.UntilDay <= until).OrderBy(l => l.UntilDay).Take(MostOfAKind + 1).ToListAsync(ct))
            .Select(l => new ReviewItem(ReviewKind.EndingLock, l.TargetName, $"{HoldGuard.Words(l.Target)}: {l.Reason}", l.Until))];

    private async Task<List<ReviewItem>> CorruptedAsync(CancellationToken ct) => [.. (await (
        from blob in db.ArtifactBlobs
        where blob.DamagedMs != null
        join file in db.ArtifactFiles on blob.Id equals file.BlobId
        join root in db.ArtifactRoots on file.RootId equals root.Id
        orderby root.Key, file.Path
        select new { root.Key, file.Path, blob.DamagedMs }).AsNoTracking().Take(MostOfAKind + 1).ToListAsync(ct))
        .Select(f => new ReviewItem(ReviewKind.Corrupted, f.Key, f.Path, UtcDay.ToDate(UtcDay.Of(f.DamagedMs!.Value))))];

    // The purge is each night: what is still there two nights later is kept by something.
    private async Task<List<ReviewItem>> BlockedAsync(long before, CancellationToken ct)
    {
        var versions = await db.ModelVersions.AsNoTracking().Where(v => v.DeletedMs < before).OrderBy(v => v.DeletedMs).Take(MostOfAKind + 1)
            .Select(v => new { v.Model.Name, v.Number, At = v.DeletedMs!.Value }).ToListAsync(ct);
        var runs = await db.Runs.AsNoTracking().Where(r => r.DeletedMs < before).OrderBy(r => r.DeletedMs).Take(MostOfAKind + 1)
            .Select(r => new { r.RunUuid, At = r.DeletedMs!.Value }).ToListAsync(ct);
        return
        [
            .. versions.Select(v => Blocked(string.Create(CultureInfo.InvariantCulture, $"{v.Name}/{v.Number}"), v.At))
                .Concat(runs.Select(r => Blocked(r.RunUuid, r.At))).OrderBy(b => b.Day).Take(MostOfAKind + 1),
        ];

        static ReviewItem Blocked(string name, long at) =>
            new(ReviewKind.PurgeBlocked, name, "Its time in the trash is over, and something keeps it.", UtcDay.ToDate(UtcDay.Of(at)));
    }

    private async Task<List<ReviewItem>> RestrictionsAsync(int today, CancellationToken ct) =>
        [.. (await db.ErasureItems.AsNoTracking().Where(i => i.State == ErasureItemState.Restricted && i.ReviewDay <= today)
                .OrderBy(i => i.ReviewDay).Take(MostOfAKind + 1).ToListAsync(ct))
            .Select(i => new ReviewItem(ReviewKind.RestrictionDue, string.Create(CultureInfo.InvariantCulture, $"{i.CaseId}/{i.Line}"), i.LegalBasis ?? "", i.ReviewOn))];
}

public static class ReviewServices
{
    public static IServiceCollection AddReview(this IServiceCollection services) => services.AddScoped<ReviewService>();
}
