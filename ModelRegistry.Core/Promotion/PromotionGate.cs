using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;
using ModelRegistry.Core.Registry;

namespace ModelRegistry.Core.Promotion;

/// <summary>Asks the policies, and the approvals that were given. Nobody is exempt but the registry itself: who may change
/// the policies changes them, and that is recorded.</summary>
public sealed class PromotionGate(
    RegistryDbContext db, CurrentUserHolder caller, EvidenceReader evidence, PersonReader people, ApprovalNotices notices, TimeProvider time) : IMoveGate
{
    public async Task RequireAsync(RegisteredModel model, IReadOnlyList<VersionMove> moves, CancellationToken ct)
    {
        if (caller.User.Id == 0 || moves.Count == 0)
            return;
        foreach (var request in await RequireAsync(model, moves, [await people.OfAsync(caller.User, ct)], ct))
            await notices.DecidedAsync(request, model.Name, caller.User.Id, ct);
    }

    public async Task RequireRenameAsync(RegisteredModel model, string newName, CancellationToken ct)
    {
        if (caller.User.Id == 0 || caller.User.May(InstanceRight.Govern))
            return;
        var lost = (await PoliciesAsync(model.Name, ct)).Find(p => !p.Covers(newName));
        if (lost is not null)
        {
            throw new ForbiddenException($"Permission denied: under the name '{newName}' the model would be out of reach of the "
                + $"promotion policy '{lost.Name}' (models {lost.ModelPattern}). A governance officer may rename it so.");
        }
    }

    public async Task RequireStagesAsync(RegisteredModel model, IReadOnlyList<StageChange> changes, CancellationToken ct)
    {
        if (changes.Count == 0)
            return;
        var names = changes.Select(c => c.Before.Name).ToList();
        foreach (var request in await db.ApprovalRequests.Where(r => r.ModelId == model.Id && names.Contains(r.StageName!)
            && (r.State == ApprovalState.Open || r.State == ApprovalState.Approved)).ToListAsync(ct))
        {
            var change = changes.First(c => c.Before.Name == request.StageName);
            if (change.IsMoreThanAName)
            {
                throw new ConflictException(RegistryWork.ModelNoun, model.Name,
                    $"The request {request.Id} asks for a move into the stage '{change.Before}': have it decided on or withdrawn first.");
            }

            request.StageName = change.After!.Name;
        }

        if (caller.User.Id == 0 || caller.User.May(InstanceRight.Govern))
            return;
        // What is covered by its kind stays covered whatever it is called.
        foreach (var policy in await PoliciesAsync(model.Name, ct))
        {
            if (policy.StagePattern is { } pattern && changes.Select(c => c.Before)
                .FirstOrDefault(s => !StagePattern.CoversKind(pattern, s.Kind) && StagePattern.Covers(pattern, s)) is { } lost)
            {
                throw new ForbiddenException($"Permission denied: the promotion policy '{policy.Name}' names the stage '{lost}'. "
                    + "A governance officer may rename, map or remove it.");
            }
        }
    }

    /// <summary>As <see cref="RequireAsync(RegisteredModel, IReadOnlyList{VersionMove}, CancellationToken)"/>, where one of
    /// several people makes the move. Requests that asked for it are done with it.</summary>
    internal async Task<IReadOnlyList<ApprovalRequest>> RequireAsync(
        RegisteredModel model, IReadOnlyList<VersionMove> moves, IReadOnlyList<Person> movers, CancellationToken ct)
    {
        var policies = await PoliciesAsync(model.Name, ct);
        var failed = new List<CheckResult>();
        var done = new List<ApprovalRequest>();
        foreach (var move in moves)
        {
            var (request, checks) = await CheckAsync(policies, model, move, movers, ct);
            failed.AddRange(checks.Where(c => !c.IsMet));
            if (request is not null)
                done.Add(request);
        }

        if (failed.Count > 0)
            throw NotMet(model.Name, moves[^1].Version.Number, [.. failed.Distinct()]);
        foreach (var request in done)
            (request.State, request.ClosedMs) = (ApprovalState.Done, time.GetUtcNow().ToUnixTimeMilliseconds());
        return done;
    }

    /// <summary>What the policies that are on say of a move, as if the movers made it now. Changes nothing.</summary>
    /// <param name="movers">Null where it is not asked who moves.</param>
    internal async Task<PromotionEvaluation> EvaluateAsync(
        ModelVersion version, MoveTarget target, IReadOnlyList<Person>? movers, CancellationToken ct) =>
        new(target, (await CheckAsync(await PoliciesAsync(version.Model.Name, ct), version.Model, new VersionMove(version, target), movers, ct)).Checks);

    /// <summary>The same of given policies, on or off.</summary>
    internal async Task<IReadOnlyList<CheckResult>> EvaluateAsync(
        PromotionPolicy policy, ModelVersion version, MoveTarget target, CancellationToken ct) =>
        (await CheckAsync([policy], version.Model, new VersionMove(version, target), null, ct)).Checks;

    internal async Task<List<PromotionPolicy>> PoliciesAsync(string modelName, CancellationToken ct) =>
        [.. (await db.PromotionPolicies.AsNoTracking().Where(p => p.IsEnabled).OrderBy(p => p.Id).ToListAsync(ct)).Where(p => p.Covers(modelName))];

    internal static PolicyNotMetException NotMet(string model, int number, IReadOnlyList<CheckResult> failed) => new(
        $"Permission denied: version {number} of '{model}' may not be moved so. "
            + string.Join(" ", failed.Take(10).Select(c => $"Policy '{c.Policy}' asks: {c.Rule} {c.Found}"))
            + (failed.Count > 10 ? $" And {failed.Count - 10} more." : ""),
        [.. failed.Select(c => new FailedCheck(c.Policy, c.Kind.ToString(), c.Rule, c.Found))]);

    private async Task<(ApprovalRequest? Request, IReadOnlyList<CheckResult> Checks)> CheckAsync(
        List<PromotionPolicy> policies, RegisteredModel model, VersionMove move, IReadOnlyList<Person>? movers, CancellationToken ct)
    {
        var asked = policies.FindAll(p => p.Covers(move.Target));
        if (move.IsLeaving)
            return (null, asked.Count == 0 ? [] : await MoversAsync(asked, model, move.Version, movers, ct));
        var request = await ActiveRequestAsync(move.Version.Id, move.Target, ct);
        if (asked.Count == 0)
            return (request, []);

        var metrics = asked.SelectMany(p => PromotionRules.Parse(p.Rules).Metrics).Select(m => m.Metric).ToHashSet();
        var version = await DetailedAsync(move.Version, ct);
        var holders = new Dictionary<long, ModelVersion?>();
        foreach (var policy in asked)
            holders[policy.Id] = await HolderAsync(version, move.Target, policy, ct);
        var read = await evidence.ReadAsync([version, .. holders.Values.OfType<ModelVersion>().DistinctBy(h => h.Id)], metrics, ct);
        var approvers = await ApproversAsync(request, version, ct);
        var words = await people.WordsAsync(asked, ct);
        return (request, [.. asked.SelectMany(p => PromotionEvaluator.Evaluate(p, new MoveFacts(
            model, read[version.Id], holders[p.Id] is { } holder ? read[holder.Id] : null, movers, approvers), words))]);
    }

    private async Task<IReadOnlyList<CheckResult>> MoversAsync(
        List<PromotionPolicy> policies, RegisteredModel model, ModelVersion version, IReadOnlyList<Person>? movers, CancellationToken ct)
    {
        var facts = new MoveFacts(model, new VersionEvidence(version), null, movers, []);
        var words = await people.WordsAsync(policies, ct);
        return [.. policies.Select(p => PromotionEvaluator.Movers(p, PromotionRules.Parse(p.Rules), facts, words)).OfType<CheckResult>()];
    }

    internal Task<ApprovalRequest?> ActiveRequestAsync(long versionId, MoveTarget target, CancellationToken ct)
    {
        var stageName = target.Stage?.Name;
        return db.ApprovalRequests.Include(r => r.Entries).FirstOrDefaultAsync(r => r.VersionId == versionId && r.StageName == stageName
            && r.Alias == target.Alias && (r.State == ApprovalState.Open || r.State == ApprovalState.Approved), ct);
    }

    // The version as it is in the database, without mixing it up with what is tracked for the move.
    private async Task<ModelVersion> DetailedAsync(ModelVersion version, CancellationToken ct) =>
        await db.ModelVersions.AsNoTracking().AsSingleQuery().WithDetails().FirstAsync(v => v.Id == version.Id, ct);

    // A policy for one of the four compares with the newest of all that count as it, whatever their stages are called.
    private async Task<ModelVersion?> HolderAsync(ModelVersion version, MoveTarget target, PromotionPolicy policy, CancellationToken ct)
    {
        var others = db.ModelVersions.AsNoTracking().AsSingleQuery().WithDetails()
            .Where(v => v.ModelId == version.ModelId && v.Id != version.Id && v.DeletedMs == null);
        if (target.Stage is { } stage)
        {
            others = StagePattern.CoversKind(policy.StagePattern!, stage.Kind)
                ? others.Where(v => v.Stage == stage.Kind)
                : others.Where(v => v.StageName == stage.Name);
        }

        return target.Stage is not null
            ? await others.OrderByDescending(v => v.Number).FirstOrDefaultAsync(ct)
            : await others.FirstOrDefaultAsync(v => v.Aliases.Any(a => a.Alias == target.Alias), ct);
    }

    /// <summary>Approvals of others than the requester, in time, of these very files, by people who are still here.</summary>
    private async Task<IReadOnlyList<Person>> ApproversAsync(ApprovalRequest? request, ModelVersion version, CancellationToken ct)
    {
        if (request is null || request.ExpiresMs <= time.GetUtcNow().ToUnixTimeMilliseconds()
            || request.VersionDigest != ApprovalRequest.DigestOf(version))
        {
            return [];
        }

        var approvers = new List<Person>();
        foreach (var id in request.Entries.Where(e => e.Kind == ApprovalEntryKind.Approve && e.UserId != request.RequestedBy)
            .Select(e => e.UserId).Distinct())
        {
            if (await people.FindAsync(id, ct) is { } person)
                approvers.Add(person);
        }

        return approvers;
    }
}
