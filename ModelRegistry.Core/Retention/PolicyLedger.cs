using System.Globalization;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Audit;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Holds;
using ModelRegistry.Core.Promotion;

namespace ModelRegistry.Core.Retention;

/// <param name="BroughtBack">Policies that the database had forgotten, or knew as they were before.</param>
/// <param name="StillThere">Those that were deleted, which the database has forgotten: they stay.</param>
/// <param name="Unreadable">Lines of the ledger that cannot be understood.</param>
public sealed record PolicyLedgerReport(IReadOnlyList<string> BroughtBack, IReadOnlyList<string> StillThere, int Unreadable)
{
    public bool IsSound => BroughtBack.Count + StillThere.Count + Unreadable == 0;
}

/// <summary>
/// Brings retention and promotion policies back as they last were, where the database was put back from a backup. That
/// deletes nothing: what a policy had begun is cancelled, and each report needs its approval. Nothing here takes a policy away.
/// </summary>
public sealed class PolicyLedger(RegistryDbContext db, Ledger ledger, AuditTrail audit, TimeProvider time)
{
    // Nobody has this number, and nobody gets it.
    private const long Gone = -1;

    /// <summary>Compares the two, and writes into the ledger what it lacks.</summary>
    /// <param name="bringBack">Otherwise what the database has forgotten is only listed.</param>
    public async Task<PolicyLedgerReport> CompareAsync(bool bringBack, CancellationToken ct)
    {
        var written = await ReadAsync(ct);
        var retention = await db.RetentionPolicies.AsNoTracking().OrderBy(p => p.Id).ToDictionaryAsync(p => p.PolicyUuid, ct);
        var promotion = await db.PromotionPolicies.AsNoTracking().OrderBy(p => p.Id).ToDictionaryAsync(p => p.PolicyUuid, ct);
        // What a server that died had committed and not written down.
        await ledger.AppendAsync(
        [
            .. Later(retention, written.Retention).Select(p => LedgerEntry.Of(Ledger.RetentionPolicy, p.PolicyUuid, p)),
            .. Later(promotion, written.Promotion).Where(p => !written.Deleted.Contains(p.PolicyUuid))
                .Select(p => LedgerEntry.Of(Ledger.PromotionPolicy, p.PolicyUuid, p)),
        ], ct);
        var back = new List<string>();
        foreach (var policy in Later(written.Retention, retention))
        {
            back.Add($"retention policy '{policy.Name}', {(policy.IsEnabled ? "enabled" : "disabled")}");
            if (bringBack)
                await BringBackAsync(policy, ct);
        }

        foreach (var policy in Later(written.Promotion, promotion).Where(p => !written.Deleted.Contains(p.PolicyUuid)))
        {
            back.Add($"promotion policy '{policy.Name}', {(policy.IsEnabled ? "on" : "off")}");
            if (bringBack)
                await BringBackAsync(policy, ct);
        }

        return new PolicyLedgerReport(back,
            [.. promotion.Values.Where(p => written.Deleted.Contains(p.PolicyUuid)).Select(p => $"promotion policy '{p.Name}'")], written.Unreadable);
    }

    private static IEnumerable<T> Later<T>(Dictionary<Guid, T> these, Dictionary<Guid, T> thanThose) where T : IWrittenPolicy =>
        these.Values.Where(p => !thanThose.TryGetValue(p.PolicyUuid, out var other) || other.UpdatedMs < p.UpdatedMs).OrderBy(p => p.Id);

    private sealed record Written(
        Dictionary<Guid, RetentionPolicy> Retention, Dictionary<Guid, PromotionPolicy> Promotion, HashSet<Guid> Deleted, int Unreadable);

    private async Task<Written> ReadAsync(CancellationToken ct)
    {
        var unreadable = 0;
        var (retention, promotion, deleted) = (new Dictionary<Guid, RetentionPolicy>(), new Dictionary<Guid, PromotionPolicy>(), new HashSet<Guid>());
        await foreach (var entry in ledger.ReadAsync(() => unreadable++, ct))
        {
            switch (entry.Kind)
            {
                case Ledger.PolicyDeletion:
                    deleted.Add(entry.Id);
                    break;
                case Ledger.RetentionPolicy when Read<RetentionPolicy>(entry) is { Name: not null, Definition: not null } policy:
                    Keep(retention, policy);
                    break;
                case Ledger.PromotionPolicy when Read<PromotionPolicy>(entry) is { Name: not null, ModelPattern: not null, Rules: not null } policy && CanBeRead(policy):
                    Keep(promotion, policy);
                    break;
                case Ledger.RetentionPolicy or Ledger.PromotionPolicy:
                    unreadable++;
                    break;
            }
        }

        return new Written(retention, promotion, deleted, unreadable);
    }

    private static void Keep<T>(Dictionary<Guid, T> latest, T policy) where T : IWrittenPolicy
    {
        if (!latest.TryGetValue(policy.PolicyUuid, out var before) || before.UpdatedMs < policy.UpdatedMs)
            latest[policy.PolicyUuid] = policy;
    }

    private async Task BringBackAsync(RetentionPolicy policy, CancellationToken ct)
    {
        policy.AuthorId = await UserAsync(policy.AuthorId, ct);
        await using var write = await BeginAsync(ct);
        if (!await PutAsync(db.RetentionPolicies, policy, ct))
            return;
        if (!await db.RetentionPolicyVersions.AnyAsync(v => v.PolicyId == policy.Id && v.Version == policy.Version, ct))
        {
            db.Add(new RetentionPolicyVersion
            {
                PolicyId = policy.Id,
                Version = policy.Version,
                Definition = policy.Definition,
                AuthorId = policy.AuthorId,
                AtMs = policy.UpdatedMs,
            });
        }

        await RetentionPolicyService.CancelRunsAsync(db, policy.Id, "An older backup was put back: the policy has changed since this run was asked for.",
            time.GetUtcNow().ToUnixTimeMilliseconds(), ct);
        Record(RetentionPolicyService.Noun, policy, new { policy.Name, policy.Version, policy.IsEnabled, policy.Definition });
        await db.SaveChangesAsync(ct);
        await write.CommitAsync(ct);
    }

    private async Task BringBackAsync(PromotionPolicy policy, CancellationToken ct)
    {
        (policy.CreatedBy, policy.UpdatedBy) = (await UserAsync(policy.CreatedBy, ct), await UserAsync(policy.UpdatedBy, ct));
        policy.Rules = (await OfThoseWhoAreThereAsync(PromotionRules.Parse(policy.Rules), ct)).ToJson();
        await using var write = await BeginAsync(ct);
        if (!await PutAsync(db.PromotionPolicies, policy, ct))
            return;
        Record(PromotionPolicyService.Noun, policy, new { policy.Name, policy.ModelPattern, policy.StagePattern, policy.AliasPattern, policy.IsEnabled, policy.Revision });
        await db.SaveChangesAsync(ct);
        await write.CommitAsync(ct);
    }

    private async Task<WriteTransaction> BeginAsync(CancellationToken ct)
    {
        db.ChangeTracker.Clear();
        return await db.BeginWriteAsync(ct);
    }

    /// <summary>False where another server of the same moment has done it.</summary>
    private async Task<bool> PutAsync<T>(DbSet<T> policies, T policy, CancellationToken ct) where T : class, IWrittenPolicy
    {
        var all = await policies.ToListAsync(ct);
        var known = all.Find(p => p.PolicyUuid == policy.PolicyUuid);
        if (known?.UpdatedMs >= policy.UpdatedMs)
            return false;
        if (all.Exists(p => p != known && string.Equals(p.Name, policy.Name, StringComparison.OrdinalIgnoreCase)))
            policy.Name = NameRules.Truncate(policy.Name, RetentionPolicy.MaxNameLength - 11) + $" ({policy.PolicyUuid.ToString("N")[..8]})";
        policy.Id = known?.Id ?? 0;
        if (known is null)
            db.Add(policy);
        else
            db.Entry(known).CurrentValues.SetValues(policy);
        try
        {
            await db.SaveChangesAsync(ct);
            return true;
        }
        catch (DbUpdateException e) when (db.IsUniqueViolation(e))
        {
            return false;
        }
    }

    private void Record(string noun, IWrittenPolicy policy, object after) =>
        audit.Record(db, new AuditEntry($"{noun}.brought-back", noun, policy.Id.ToString(CultureInfo.InvariantCulture)) { After = after });

    private async Task<PromotionRules> OfThoseWhoAreThereAsync(PromotionRules rules, CancellationToken ct) => rules with
    {
        Movers = rules.Movers is { } movers ? await OfThoseWhoAreThereAsync(movers, ct) : null,
        Approvals = rules.Approvals is { } approvals ? approvals with { From = await OfThoseWhoAreThereAsync(approvals.From, ct) } : null,
    };

    // Not left out: a set without anybody may mean everybody.
    private async Task<SubjectSet> OfThoseWhoAreThereAsync(SubjectSet set, CancellationToken ct)
    {
        var users = await db.Users.Where(u => set.Users.Contains(u.Id)).Select(u => u.Id).ToListAsync(ct);
        var teams = await db.Teams.Where(t => set.Teams.Contains(t.Id)).Select(t => t.Id).ToListAsync(ct);
        return set with
        {
            Users = [.. set.Users.Select(id => users.Contains(id) ? id : Gone).Distinct()],
            Teams = [.. set.Teams.Select(id => teams.Contains(id) ? id : Gone).Distinct()],
        };
    }

    // Whoever is not in the database either may be somebody else there tomorrow.
    private async Task<long> UserAsync(long id, CancellationToken ct) => await db.Users.AnyAsync(u => u.Id == id, ct) ? id : 0;

    private static bool CanBeRead(PromotionPolicy policy)
    {
        try
        {
            return PromotionRules.Parse(policy.Rules) is not null;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static T? Read<T>(LedgerEntry entry) where T : class, IWrittenPolicy
    {
        try
        {
            return entry.Read<T>() is { } policy && policy.PolicyUuid == entry.Id ? policy : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
