using System.Globalization;
using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Audit;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Holds;
using ModelRegistry.Core.Identity;

namespace ModelRegistry.Core.Retention;

/// <param name="MatchesEverything">Has to be said where the definition has no condition.</param>
public sealed record PolicyText(string Name, string Description, RetentionDefinition Definition, bool MatchesEverything = false);

/// <param name="Definition">Null where what is stored cannot be read: then nothing that it may be about goes.</param>
public sealed record PolicyRow(RetentionPolicy Policy, RetentionDefinition? Definition, string Author, RetentionRun? LastPreview, RetentionRun? LastRun);

/// <summary>Writes, enables and disables retention policies. They are saved disabled; each edit is a new version, disables
/// the policy, and ends what the old version had begun.</summary>
public sealed class RetentionPolicyService(
    RegistryDbContext db, CurrentUserHolder caller, AuditTrail audit, TimeProvider time, PeopleDirectory people, Ledger ledger)
{
    public const string Noun = "retention-policy";

    public async Task<PolicyRow> CreateAsync(PolicyText text, CancellationToken ct)
    {
        caller.User.Require(InstanceRight.Govern);
        Require(text);
        await ledger.RequireWritableAsync(ct);
        await using var write = await db.BeginWriteAsync(ct);
        await RefuseTakenAsync(text.Name.Trim(), except: null, ct);
        var now = Now();
        var policy = new RetentionPolicy
        {
            PolicyUuid = Guid.NewGuid(),
            Name = text.Name.Trim(),
            Description = text.Description,
            Version = 1,
            Definition = text.Definition.ToJson(),
            CreatedMs = now,
            UpdatedMs = now,
            AuthorId = caller.User.Id,
        };
        db.Add(policy);
        await db.SaveChangesAsync(ct);
        AddVersion(policy);
        Record(policy, "created", null, Shown(policy));
        await db.SaveChangesAsync(ct);
        await write.CommitAsync(ct);
        await WriteDownAsync(policy, ct);
        return (await RowsAsync([policy], ct))[0];
    }

    /// <summary>A new version, which is disabled until somebody has looked at its preview.</summary>
    public async Task<PolicyRow> UpdateAsync(long id, PolicyText text, CancellationToken ct)
    {
        caller.User.Require(InstanceRight.Govern);
        Require(text);
        await ledger.RequireWritableAsync(ct);
        await using var write = await db.BeginWriteAsync(ct);
        var policy = await LockAsync(id, ct);
        await RefuseTakenAsync(text.Name.Trim(), id, ct);
        var before = Shown(policy);
        policy.Name = text.Name.Trim();
        policy.Description = text.Description;
        policy.UpdatedMs = Math.Max(Now(), policy.UpdatedMs + 1);
        var definition = text.Definition.ToJson();
        if (definition != policy.Definition)
        {
            policy.Definition = definition;
            policy.Version++;
            policy.AuthorId = caller.User.Id;
            policy.IsEnabled = false;
            AddVersion(policy);
            await CancelRunsAsync(id, $"The policy was changed: it is version {policy.Version} now.", ct);
        }

        Record(policy, "changed", before, Shown(policy));
        await db.SaveChangesAsync(ct);
        await write.CommitAsync(ct);
        await WriteDownAsync(policy, ct);
        return (await RowsAsync([policy], ct))[0];
    }

    /// <summary>From now on it keeps what it retains, and the nightly evaluation looks for what is due. Nothing goes before
    /// its report is approved.</summary>
    public Task<PolicyRow> EnableAsync(long id, CancellationToken ct) => SetEnabledAsync(id, enabled: true, null, ct);

    public Task<PolicyRow> DisableAsync(long id, string? reason, CancellationToken ct) => SetEnabledAsync(id, enabled: false, reason, ct);

    public async Task<PolicyRow> GetAsync(long id, CancellationToken ct)
    {
        caller.User.Require(InstanceRight.ViewAudit);
        var policy = await db.RetentionPolicies.AsNoTracking().FirstOrDefaultAsync(p => p.Id == id, ct) ?? throw NotFound(id);
        return (await RowsAsync([policy], ct))[0];
    }

    /// <summary>Oldest first.</summary>
    public async Task<Page<PolicyRow>> ListAsync(int maxResults, string? pageToken, CancellationToken ct)
    {
        caller.User.Require(InstanceRight.ViewAudit);
        var policies = db.RetentionPolicies.AsNoTracking();
        if (PageToken.TryDecode<long>(pageToken, Noun, out var last))
            policies = policies.Where(p => p.Id > last);
        var found = await policies.OrderBy(p => p.Id).Take(maxResults + 1).ToListAsync(ct);
        var rows = found.Take(maxResults).ToList();
        return new Page<PolicyRow>(await RowsAsync(rows, ct), found.Count > rows.Count ? PageToken.Encode(rows[^1].Id, Noun) : null);
    }

    /// <summary>Oldest first.</summary>
    public async Task<IReadOnlyList<(RetentionPolicyVersion Version, string Author)>> VersionsAsync(long id, CancellationToken ct)
    {
        caller.User.Require(InstanceRight.ViewAudit);
        var versions = await db.RetentionPolicyVersions.AsNoTracking().Where(v => v.PolicyId == id).OrderBy(v => v.Version).ToListAsync(ct);
        await people.LoadAsync(versions.Select(v => v.AuthorId), ct);
        return [.. versions.Select(v => (v, people.NameOf(v.AuthorId)))];
    }

    internal static NotFoundException NotFound(long id) => new(Noun, id.ToString(CultureInfo.InvariantCulture));

    /// <summary>The enabled policies, as the engine uses them; and one more where it is previewed.</summary>
    internal static async Task<List<RetentionRule>> RulesAsync(RegistryDbContext db, RetentionRule? also, CancellationToken ct)
    {
        var enabled = await db.RetentionPolicies.AsNoTracking().Where(p => p.IsEnabled && (also == null || p.Id != also.PolicyId))
            .OrderBy(p => p.Id).Select(p => new { p.Id, p.Definition }).ToListAsync(ct);
        var rules = enabled.Select(p => new RetentionRule(p.Id, RetentionDefinition.FromJson(p.Definition))).ToList();
        if (also is not null)
            rules.Add(also);
        return rules;
    }

    private async Task<PolicyRow> SetEnabledAsync(long id, bool enabled, string? reason, CancellationToken ct)
    {
        caller.User.Require(InstanceRight.Govern);
        // What is disabled stops at once, ledger or not.
        if (enabled)
            await ledger.RequireWritableAsync(ct);
        await using var write = await db.BeginWriteAsync(ct);
        var policy = await LockAsync(id, ct);
        if (policy.IsEnabled != enabled)
        {
            if (enabled && RetentionDefinition.FromJson(policy.Definition) is null)
                throw new ConflictException(Noun, policy.Name, "The stored policy cannot be read. Write it anew.");
            var version = policy.Version;
            if (enabled && !await db.RetentionRuns.AnyAsync(r => r.PolicyId == id && r.PolicyVersion == version && r.Digest != null, ct))
            {
                throw new ConflictException(Noun, policy.Name,
                    "Look at a preview of this version first: it says what the policy is about, and what it would take.");
            }

            policy.IsEnabled = enabled;
            policy.UpdatedMs = Math.Max(Now(), policy.UpdatedMs + 1);
            if (!enabled)
                await CancelRunsAsync(id, "The policy was disabled.", ct);
            Record(policy, enabled ? "enabled" : "disabled", null, new { policy.Version }, reason);
            await db.SaveChangesAsync(ct);
            await write.CommitAsync(ct);
            await WriteDownAsync(policy, ct);
        }

        return (await RowsAsync([policy], ct))[0];
    }

    private async Task<RetentionPolicy> LockAsync(long id, CancellationToken ct)
    {
        db.ChangeTracker.Clear();
        var held = await db.RetentionPolicies.Where(p => p.Id == id).ExecuteUpdateAsync(set => set.SetProperty(p => p.Version, p => p.Version), ct);
        return held == 0 ? throw NotFound(id) : await db.RetentionPolicies.FirstAsync(p => p.Id == id, ct);
    }

    // After the commit: a line of what was never so would come back at the next start.
    private Task WriteDownAsync(RetentionPolicy policy, CancellationToken ct) =>
        ledger.AppendAsync([LedgerEntry.Of(Ledger.RetentionPolicy, policy.PolicyUuid, policy)], ct);

    private Task<int> CancelRunsAsync(long id, string message, CancellationToken ct) => CancelRunsAsync(db, id, message, Now(), ct);

    internal static Task<int> CancelRunsAsync(RegistryDbContext db, long id, string message, long now, CancellationToken ct) =>
        db.RetentionRuns.Where(r => r.PolicyId == id && !r.IsPreview && r.State < RetentionRunState.Done)
            .ExecuteUpdateAsync(set => set.SetProperty(r => r.State, RetentionRunState.Cancelled)
                .SetProperty(r => r.Message, message).SetProperty(r => r.EndedMs, now), ct);

    private void AddVersion(RetentionPolicy policy) => db.Add(new RetentionPolicyVersion
    {
        PolicyId = policy.Id,
        Version = policy.Version,
        Definition = policy.Definition,
        AuthorId = caller.User.Id,
        AtMs = policy.UpdatedMs,
    });

    private async Task RefuseTakenAsync(string name, long? except, CancellationToken ct)
    {
        if (await db.RetentionPolicies.AnyAsync(p => p.Name == name && p.Id != except, ct))
            throw new AlreadyExistsException(Noun, name, $"There is a retention policy '{name}' already.");
    }

    private async Task<IReadOnlyList<PolicyRow>> RowsAsync(IReadOnlyList<RetentionPolicy> policies, CancellationToken ct)
    {
        var ids = policies.Select(p => p.Id).ToList();
        var newest = await db.RetentionRuns.AsNoTracking().Where(r => ids.Contains(r.PolicyId)).GroupBy(r => new { r.PolicyId, r.IsPreview })
            .Select(g => g.Max(r => r.Id)).ToListAsync(ct);
        var runs = await db.RetentionRuns.AsNoTracking().Where(r => newest.Contains(r.Id)).ToListAsync(ct);
        await people.LoadAsync(policies.Select(p => p.AuthorId), ct);
        return [.. policies.Select(p => new PolicyRow(p, RetentionDefinition.FromJson(p.Definition), people.NameOf(p.AuthorId),
            runs.FirstOrDefault(r => r.PolicyId == p.Id && r.IsPreview), runs.FirstOrDefault(r => r.PolicyId == p.Id && !r.IsPreview)))];
    }

    private void Record(RetentionPolicy policy, string change, object? before, object? after, string? reason = null) =>
        audit.Record(db, new AuditEntry($"{Noun}.{change}", Noun, policy.Id.ToString(CultureInfo.InvariantCulture))
        {
            Before = before,
            After = after,
            Reason = reason,
        });

    private static object Shown(RetentionPolicy policy) => new { policy.Name, policy.Version, policy.IsEnabled, policy.Definition };

    private static void Require(PolicyText text)
    {
        if (string.IsNullOrWhiteSpace(text.Name))
            throw new InvalidArgumentException("name", "Give the policy a name.");
        NameRules.RequireMaxLength("name", text.Name.Trim(), RetentionPolicy.MaxNameLength);
        NameRules.RequireMaxLength("description", text.Description, RetentionPolicy.MaxDescriptionLength);
        text.Definition.Require(text.MatchesEverything);
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
