using System.Globalization;
using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Audit;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Holds;
using ModelRegistry.Core.Identity;
using ModelRegistry.Core.Registry;

namespace ModelRegistry.Core.Promotion;

/// <summary>A policy as its author writes it.</summary>
public sealed record PolicyInput(string Name, string ModelPattern, string? StagePattern, string? AliasPattern, PromotionRules Rules)
{
    public string Description { get; init; } = "";
    public bool IsEnabled { get; init; } = true;
}

/// <summary>What a policy says of one version.</summary>
public sealed record PolicyTrial(string Model, int Number, VersionStage Stage, string Target, IReadOnlyList<CheckResult> Checks)
{
    public bool IsMet => Checks.All(c => c.IsMet);
}

/// <summary>
/// Promotion policies: everybody may read the rules that they are judged by; governance officers write them. Evaluating
/// one changes nothing and works on policies that are off too.
/// </summary>
public sealed class PromotionPolicyService(
    RegistryDbContext db, CurrentUserHolder caller, AuditTrail audit, PromotionGate gate, PersonReader people, RegistryWork work, TimeProvider time, Ledger ledger)
{
    public const string Noun = "promotion-policy";
    public const int MaxTrials = 200;
    private const int MaxPolicies = 500;

    public async Task<Page<PromotionPolicy>> ListAsync(int maxResults, string? pageToken, CancellationToken ct)
    {
        caller.User.RequireScope(TokenScope.Read);
        var after = PageToken.TryDecode<long>(pageToken, Noun, out var last) ? last : 0;
        var rows = await db.PromotionPolicies.AsNoTracking().Where(p => p.Id > after).OrderBy(p => p.Id).Take(maxResults + 1).ToListAsync(ct);
        return rows.Count <= maxResults
            ? new Page<PromotionPolicy>(rows, null)
            : new Page<PromotionPolicy>(rows[..maxResults], PageToken.Encode(rows[maxResults - 1].Id, Noun));
    }

    public async Task<PromotionPolicy> GetAsync(long id, CancellationToken ct)
    {
        caller.User.RequireScope(TokenScope.Read);
        return await db.PromotionPolicies.AsNoTracking().FirstOrDefaultAsync(p => p.Id == id, ct) ?? throw NotFound(id);
    }

    public Task<Func<SubjectSet, string>> WordsAsync(IEnumerable<PromotionPolicy> policies, CancellationToken ct) =>
        people.WordsAsync(policies, ct);

    /// <summary>The policies that are on and cover a model that the caller may read.</summary>
    public async Task<IReadOnlyList<PromotionPolicy>> OfModelAsync(string name, CancellationToken ct)
    {
        await work.GetModelAsync(name, Permission.Read, ct);
        return await gate.PoliciesAsync(name, ct);
    }

    public void RequireMayWrite() => caller.User.Require(InstanceRight.Govern);

    public async Task<PromotionPolicy> CreateAsync(PolicyInput input, CancellationToken ct)
    {
        caller.User.Require(InstanceRight.Govern);
        RequireValid(input);
        await ledger.RequireWritableAsync(ct);
        await using var write = await db.BeginWriteAsync(ct);
        if (await db.PromotionPolicies.CountAsync(ct) >= MaxPolicies)
            throw new ConflictException(Noun, input.Name, $"There may be {MaxPolicies} promotion policies at most; use patterns.");
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var policy = new PromotionPolicy
        {
            PolicyUuid = Guid.NewGuid(),
            Name = "",
            ModelPattern = "",
            Rules = "",
            CreatedMs = now,
            CreatedBy = caller.User.Id,
        };
        Apply(policy, input, now);
        db.Add(policy);
        await SaveAsync(policy, ct);
        Record("created", policy, null);
        await db.SaveChangesAsync(ct);
        await write.CommitAsync(ct);
        await ledger.AppendAsync([LedgerEntry.Of(Ledger.PromotionPolicy, policy.PolicyUuid, policy)], ct);
        return policy;
    }

    /// <summary>Replaces all of it.</summary>
    public async Task<PromotionPolicy> UpdateAsync(long id, PolicyInput input, CancellationToken ct)
    {
        caller.User.Require(InstanceRight.Govern);
        RequireValid(input);
        await ledger.RequireWritableAsync(ct);
        await using var write = await db.BeginWriteAsync(ct);
        var policy = await db.PromotionPolicies.FirstOrDefaultAsync(p => p.Id == id, ct) ?? throw NotFound(id);
        var before = Audited(policy);
        Apply(policy, input, time.GetUtcNow().ToUnixTimeMilliseconds());
        Record("changed", policy, before);
        await SaveAsync(policy, ct);
        await write.CommitAsync(ct);
        await ledger.AppendAsync([LedgerEntry.Of(Ledger.PromotionPolicy, policy.PolicyUuid, policy)], ct);
        return policy;
    }

    public async Task DeleteAsync(long id, CancellationToken ct)
    {
        caller.User.Require(InstanceRight.Govern);
        await using var write = await db.BeginWriteAsync(ct);
        var policy = await db.PromotionPolicies.FirstOrDefaultAsync(p => p.Id == id, ct) ?? throw NotFound(id);
        audit.Record(db, Entry("deleted", policy) with { Before = Audited(policy) });
        db.Remove(policy);
        await db.SaveChangesAsync(ct);
        // Before the commit: without this line it would come back.
        await ledger.AppendAsync([LedgerEntry.Of(Ledger.PolicyDeletion, policy.PolicyUuid, new { policy.Name })], ct);
        await write.CommitAsync(ct);
    }

    /// <summary>All policies that are on, for a move that the caller thinks of; check by check.</summary>
    public async Task<PromotionEvaluation> EvaluateAsync(string name, int number, TargetName target, CancellationToken ct)
    {
        RequireTarget(target);
        var version = await work.GetVersionAsync(name, number, ct);
        return await gate.EvaluateAsync(version, target.On(version.Model), [await people.OfAsync(caller.User, ct)], ct);
    }

    /// <summary>One policy on one version, or on the holders and the newest version of each model that it covers; as many
    /// as <see cref="MaxTrials"/>, in the order of the models' names.</summary>
    public async Task<IReadOnlyList<PolicyTrial>> TryAsync(long id, string? name, int? number, string? alias, CancellationToken ct)
    {
        var policy = await GetAsync(id, ct);
        var trials = new List<PolicyTrial>();
        if (name is null)
        {
            foreach (var model in await CoveredAsync(policy, ct))
            {
                foreach (var version in await CandidatesAsync(policy, model, ct))
                    await TryAsync(trials, policy, version, alias, ct);
                if (trials.Count >= MaxTrials)
                    break;
            }
        }
        else if (number is { } one)
        {
            await TryAsync(trials, policy, await work.GetVersionAsync(name, one, ct), alias, ct);
        }
        else
        {
            var model = await work.GetModelAsync(name, Permission.Read, ct);
            foreach (var version in await CandidatesAsync(policy, model, ct))
                await TryAsync(trials, policy, version, alias, ct);
        }

        return trials;
    }

    private async Task TryAsync(List<PolicyTrial> trials, PromotionPolicy policy, ModelVersion version, string? alias, CancellationToken ct)
    {
        // Of an alias pattern the name itself stands for all that match it; of stages the first that the model has.
        var target = policy.StagePattern is null
            ? MoveTarget.At(alias ?? policy.AliasPattern!)
            : policy.StagesOf(version.Model).Select(MoveTarget.To).FirstOrDefault();
        if (target is not null)
        {
            trials.Add(new PolicyTrial(version.Model.Name, version.Number, version.InStage, target.ToString(),
                await gate.EvaluateAsync(policy, version, target, ct)));
        }
    }

    private async Task<List<RegisteredModel>> CoveredAsync(PromotionPolicy policy, CancellationToken ct)
    {
        var covered = new List<RegisteredModel>();
        var models = db.RegisteredModels.AsNoTracking().Where(m => m.DeletedMs == null && m.LastVersion > 0).OrderBy(m => m.Name);
        await foreach (var model in models.AsAsyncEnumerable().WithCancellation(ct))
        {
            if (policy.Covers(model.Name) && caller.User.May(Permission.Read, model.AsSecurable()))
                covered.Add(model);
            if (covered.Count == MaxTrials)
                break;
        }

        return covered;
    }

    private async Task<List<ModelVersion>> CandidatesAsync(PromotionPolicy policy, RegisteredModel model, CancellationToken ct)
    {
        var versions = db.ModelVersions.Where(v => v.ModelId == model.Id && v.DeletedMs == null);
        var newest = await versions.MaxAsync(v => (int?)v.Number, ct);
        var stages = policy.StagesOf(model).Select(s => s.Name).ToList();
        var byAlias = policy.StagePattern is null;
        var found = await versions.AsNoTracking().AsSingleQuery().WithDetails()
            .Where(v => v.Number == newest || stages.Contains(v.StageName) || (byAlias && v.Aliases.Count > 0))
            .OrderBy(v => v.Number).Take(20).ToListAsync(ct);
        return [.. found.Where(v => v.Number == newest || !byAlias || v.Aliases.Exists(a => policy.Covers(MoveTarget.At(a.Alias))))];
    }

    internal static void RequireTarget(TargetName target)
    {
        if (target.Stage is null == (target.Alias is null))
            throw new InvalidArgumentException("stage", "Give either a stage or an alias.");
        if (target.Alias is { } alias)
            RegistryRules.RequireAlias(alias);
    }

    private static void RequireValid(PolicyInput input)
    {
        if (input.Name.Trim().Length is 0 or > PromotionPolicy.MaxNameLength || input.Name.Any(char.IsControl))
            throw new InvalidArgumentException("name", $"A name has 1 to {PromotionPolicy.MaxNameLength} characters.");
        NameRules.RequireMaxLength("description", input.Description, PromotionPolicy.MaxDescriptionLength);
        NamePattern.Require("models", input.ModelPattern);
        if (input.StagePattern is null == (input.AliasPattern is null))
            throw new InvalidArgumentException("stage", "Give either a stage or an alias (a pattern of aliases).");
        if (input.StagePattern is not null)
            StagePattern.Require("stage", StagePattern.Normalize(input.StagePattern));
        if (input.AliasPattern is not null)
            NamePattern.Require("alias", input.AliasPattern);
        input.Rules.RequireValid();
    }

    private void Apply(PromotionPolicy policy, PolicyInput input, long now)
    {
        (policy.Name, policy.Description) = (input.Name.Trim(), input.Description);
        (policy.ModelPattern, policy.AliasPattern) = (input.ModelPattern, input.AliasPattern);
        policy.StagePattern = input.StagePattern is { } stages ? StagePattern.Normalize(stages) : null;
        (policy.IsEnabled, policy.Rules) = (input.IsEnabled, input.Rules.ToJson());
        (policy.UpdatedMs, policy.UpdatedBy) = (Math.Max(now, policy.UpdatedMs + 1), caller.User.Id);
        policy.Revision++;
    }

    private async Task SaveAsync(PromotionPolicy policy, CancellationToken ct)
    {
        try
        {
            await db.SaveChangesAsync(ct);
        }
        catch (DbUpdateException e) when (db.IsUniqueViolation(e))
        {
            throw new AlreadyExistsException(Noun, policy.Name);
        }
    }

    private void Record(string change, PromotionPolicy policy, object? before) =>
        audit.Record(db, Entry(change, policy) with { Before = before, After = Audited(policy) });

    private static AuditEntry Entry(string change, PromotionPolicy policy) =>
        new($"{Noun}.{change}", Noun, policy.Id.ToString(CultureInfo.InvariantCulture));

    // The rules name users and teams by id only.
    private static object Audited(PromotionPolicy p) => new
    {
        p.Name,
        p.ModelPattern,
        p.StagePattern,
        p.AliasPattern,
        p.IsEnabled,
        p.Revision,
        Rules = System.Text.Json.JsonDocument.Parse(p.Rules).RootElement.Clone(),
    };

    internal static NotFoundException NotFound(long id) => new(Noun, id.ToString(CultureInfo.InvariantCulture));
}
