using System.Globalization;
using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Audit;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;
using ModelRegistry.Core.Registry;

namespace ModelRegistry.Core.Promotion;

public sealed record NewApproval(string ModelName, int Number, TargetName Target)
{
    public bool ArchiveExisting { get; init; }
    public string Reason { get; init; } = "";
    public int ExpiresInDays { get; init; } = ApprovalService.DefaultDays;
}

/// <summary>Which requests; null is any.</summary>
public sealed record ApprovalQuery
{
    public ApprovalState? State { get; init; }
    public string? ModelName { get; init; }
    public int? Number { get; init; }
    public long? RequestedBy { get; init; }
    public int MaxResults { get; init; } = 50;
    public string? PageToken { get; init; }
}

/// <param name="MayDecide">The caller may approve or reject it.</param>
public sealed record ApprovalRow(ApprovalRequest Request, string ModelName, bool MayDecide);

/// <summary>
/// Requests that a version gets a stage or an alias. The requester never decides. With the approval that was the last one
/// missing the move is made at once, where requester or approver may make it; otherwise the request waits for somebody
/// who may.
/// </summary>
public sealed class ApprovalService(
    RegistryDbContext db, CurrentUserHolder caller, ReadConnections connections, AuditTrail audit, PromotionGate gate, PersonReader people,
    ApprovalNotices notices, RegistryWork work, ModelVersionService versions, AliasService aliases)
{
    public const string Noun = "approval";
    public const int DefaultDays = 14;
    public const int MaxDays = 90;
    private const int MaxCounted = 200;
    private const long DayMs = 86_400_000;

    public async Task<ApprovalRow> RequestAsync(NewApproval input, CancellationToken ct)
    {
        PromotionPolicyService.RequireTarget(input.Target);
        RequireText("reason", input.Reason);
        if (input.ExpiresInDays is < 1 or > MaxDays)
            throw new InvalidArgumentException("expiresInDays", $"expiresInDays must be a whole number from 1 to {MaxDays}.");
        await using var write = await db.BeginWriteAsync(ct);
        var version = await work.LockVersionAsync(input.ModelName, input.Number, Permission.Edit, ct);
        var target = input.Target.On(version.Model);
        if (input.ArchiveExisting && target.Stage is not { IsActive: true })
        {
            throw new InvalidArgumentException("archiveExisting",
                "Only the versions of a stage that maps to Staging or Production can be archived for a newcomer.");
        }

        if (await IsThereAsync(version, target, ct))
            throw Conflict(version, $"Version {version.Number} is at {target} already.");
        if (await gate.ActiveRequestAsync(version.Id, target, ct) is { } same)
            throw Conflict(version, $"The request {same.Id} asks for this already.");
        var me = await people.OfAsync(caller.User, ct);
        var found = await gate.EvaluateAsync(version, target, [me], ct);
        if (!found.OnlyPeopleAreMissing)
        {
            throw PromotionGate.NotMet(input.ModelName, version.Number,
                [.. found.Checks.Where(c => !c.IsMet && c.Kind is not (CheckKind.Movers or CheckKind.Approvals))]);
        }

        if (found.IsMet && caller.User.May(Permission.Promote, version.Model.AsSecurable()))
            throw Conflict(version, "Nobody has to approve this: make the move.");
        var request = new ApprovalRequest
        {
            ModelId = version.ModelId,
            VersionId = version.Id,
            Number = version.Number,
            Stage = target.Stage?.Kind,
            StageName = target.Stage?.Name,
            Alias = target.Alias,
            ArchiveExisting = input.ArchiveExisting,
            VersionDigest = ApprovalRequest.DigestOf(version),
            Reason = input.Reason,
            State = ApprovalState.Open,
            RequestedBy = caller.User.Id,
            CreatedMs = work.NowMs,
            ExpiresMs = work.NowMs + input.ExpiresInDays * DayMs,
        };
        db.Add(request);
        await db.SaveChangesAsync(ct);
        Record("requested", request, version.Model.Name, new { Target = request.Target.ToString(), request.VersionDigest, request.ArchiveExisting }, input.Reason);
        await notices.RequestedAsync(request, version.Model, await gate.PoliciesAsync(version.Model.Name, ct), ct);
        await db.SaveChangesAsync(ct);
        await write.CommitAsync(ct);
        return new ApprovalRow(request, version.Model.Name, MayDecide: false);
    }

    /// <summary>The requests for models that the caller may read, newest first.</summary>
    public async Task<Page<ApprovalRow>> ListAsync(ApprovalQuery query, CancellationToken ct)
    {
        caller.User.RequireScope(TokenScope.Read);
        var text = string.Join('|', Noun, query.State, query.ModelName, query.Number, query.RequestedBy);
        var requests = Visible();
        if (query.State is { } state)
            requests = requests.Where(r => r.State == state);
        if (query.ModelName is { } name)
            requests = requests.Where(r => db.RegisteredModels.Any(m => m.Id == r.ModelId && m.Name == name && m.DeletedMs == null));
        if (query.Number is { } number)
            requests = requests.Where(r => r.Number == number);
        if (query.RequestedBy is { } user)
            requests = requests.Where(r => r.RequestedBy == user);
        if (PageToken.TryDecode<long>(query.PageToken, text, out var last))
            requests = requests.Where(r => r.Id < last);
        var found = await requests.OrderByDescending(r => r.Id).Take(query.MaxResults + 1).Include(r => r.Entries).ToListAsync(ct);
        var rows = found.Take(query.MaxResults).ToList();
        return new Page<ApprovalRow>(await RowsAsync(rows, ct), found.Count > rows.Count ? PageToken.Encode(rows[^1].Id, text) : null);
    }

    public async Task<ApprovalRow> GetAsync(long id, CancellationToken ct)
    {
        caller.User.RequireScope(TokenScope.Read);
        var request = await Visible().Include(r => r.Entries.OrderBy(e => e.Id)).FirstOrDefaultAsync(r => r.Id == id, ct) ?? throw NotFound(id);
        return (await RowsAsync([request], ct))[0];
    }

    /// <summary>How many open requests wait for the caller.</summary>
    public async Task<int> CountWaitingAsync(CancellationToken ct)
    {
        var me = caller.User.Id;
        // Who may decide hangs on the model and the target: one row for all requests that have these in common.
        var open = await Visible().Where(r => r.State == ApprovalState.Open && r.RequestedBy != me
                && !r.Entries.Any(e => e.Kind == ApprovalEntryKind.Approve && e.UserId == me))
            .GroupBy(r => new { r.ModelId, r.Stage, r.StageName, r.Alias })
            .Select(g => new { First = g.Min(r => r.Id), Count = g.Count() })
            .OrderBy(g => g.First).Take(MaxCounted).ToDictionaryAsync(g => g.First, g => g.Count, ct);
        if (open.Count == 0)
            return 0;
        var ids = open.Keys.ToList();
        var firsts = await db.ApprovalRequests.AsNoTracking().Where(r => ids.Contains(r.Id)).ToListAsync(ct);
        return (await RowsAsync(firsts, ct)).Where(r => r.MayDecide).Sum(r => open[r.Request.Id]);
    }

    /// <param name="digest">What the approver has looked at; must be that of the request where it is given.</param>
    /// <returns>Done where the move was made with it.</returns>
    public Task<ApprovalRow> ApproveAsync(long id, string? digest, string comment, CancellationToken ct) => DecideAsync(id, comment, async (request, version) =>
    {
        if (digest is not null && digest != request.VersionDigest)
            throw new ConflictException(Noun, Text(id), "The request is for other files than those of the digest that was sent.");
        if (request.VersionDigest != ApprovalRequest.DigestOf(version))
            throw new ConflictException(Noun, Text(id), "The files of the version are not those that the request was made for: ask again.");
        if (request.Entries.Exists(e => IsApprovalOf(e, caller.User.Id)))
            throw new ConflictException(Noun, Text(id), "You have approved it already.");
        Add(request, ApprovalEntryKind.Approve, comment);
        Record("approved", request, version.Model.Name, new { Target = request.Target.ToString(), request.VersionDigest }, comment);
        await db.SaveChangesAsync(ct);
        await MoveAsync(request, version, ct);
        if (request.State != ApprovalState.Open)
            await notices.DecidedAsync(request, version.Model.Name, caller.User.Id, ct);
    }, ct);

    public Task<ApprovalRow> RejectAsync(long id, string comment, CancellationToken ct) => DecideAsync(id, comment, async (request, version) =>
    {
        if (comment.Trim().Length == 0)
            throw new InvalidArgumentException("comment", "Say why it is rejected.");
        Add(request, ApprovalEntryKind.Reject, comment);
        Close(request, ApprovalState.Rejected);
        Record("rejected", request, version.Model.Name, null, comment);
        await notices.DecidedAsync(request, version.Model.Name, caller.User.Id, ct);
    }, ct);

    /// <summary>By the requester, or by who manages the model.</summary>
    public Task<ApprovalRow> WithdrawAsync(long id, string comment, CancellationToken ct) => ChangeAsync(id, comment, async (request, model) =>
    {
        RequireActive(request);
        if (request.RequestedBy != caller.User.Id)
            caller.User.Require(Permission.Manage, model.AsSecurable(), () => NotFound(id));
        else
            caller.User.RequireScope(TokenScope.Register);
        Add(request, ApprovalEntryKind.Withdraw, comment);
        Close(request, ApprovalState.Withdrawn);
        Record("withdrawn", request, model.Name, null, comment);
        await notices.DecidedAsync(request, model.Name, caller.User.Id, ct);
    }, ct);

    /// <summary>By everybody who may read the model, whatever became of the request.</summary>
    public Task<ApprovalRow> CommentAsync(long id, string comment, CancellationToken ct) => ChangeAsync(id, comment, (request, model) =>
    {
        if (comment.Trim().Length == 0)
            throw new InvalidArgumentException("comment", "Write something.");
        if (!caller.User.Scopes.HasFlag(TokenScope.Register))
            caller.User.RequireScope(TokenScope.Govern);
        Add(request, ApprovalEntryKind.Comment, comment);
        Record("commented", request, model.Name, null, null);
        return Task.CompletedTask;
    }, ct);

    private Task<ApprovalRow> DecideAsync(long id, string comment, Func<ApprovalRequest, ModelVersion, Task> decide, CancellationToken ct) =>
        ChangeAsync(id, comment, async (request, model) =>
        {
            RequireActive(request);
            if (request.RequestedBy == caller.User.Id)
                throw new ForbiddenException("Permission denied: who asks for a move does not decide on it.");
            caller.User.RequireScope(TokenScope.Govern);
            if (!MayDecide(request, model, await gate.PoliciesAsync(model.Name, ct), await people.OfAsync(caller.User, ct)))
                throw new ForbiddenException($"Permission denied: no policy names '{caller.User.Name}' for approvals of {request.Target} on '{model.Name}'.");
            var version = await db.ModelVersions.FirstOrDefaultAsync(v => v.Id == request.VersionId && v.DeletedMs == null, ct)
                ?? throw RegistryWork.VersionNotFound(model.Name, request.Number);
            version.Model = model;
            await decide(request, version);
        }, ct);

    private async Task<ApprovalRow> ChangeAsync(
        long id, string comment, Func<ApprovalRequest, RegisteredModel, Task> change, CancellationToken ct)
    {
        RequireText("comment", comment);
        var row = await GetAsync(id, ct);
        await using (var write = await db.BeginWriteAsync(ct))
        {
            // All decisions on a model come one after another: the second of two last approvals sees the first.
            var model = await work.LockModelAsync(row.ModelName, Permission.Read, ct, () => NotFound(id));
            var request = await db.ApprovalRequests.Include(r => r.Entries).FirstOrDefaultAsync(r => r.Id == id && r.ModelId == model.Id, ct)
                ?? throw NotFound(id);
            await change(request, model);
            await db.SaveChangesAsync(ct);
            await write.CommitAsync(ct);
        }

        return await GetAsync(id, ct);
    }

    /// <summary>Makes the move where nothing is missing any more.</summary>
    private async Task MoveAsync(ApprovalRequest request, ModelVersion version, CancellationToken ct)
    {
        var approver = await people.OfAsync(caller.User, ct);
        var requester = await people.FindAsync(request.RequestedBy, ct);
        List<Person> movers = [approver, .. requester is null ? [] : new[] { requester }];
        var found = await gate.EvaluateAsync(version, request.Target, movers, ct);
        if (found.Checks.Any(c => c.Kind == CheckKind.Approvals && !c.IsMet))
            return;
        request.State = ApprovalState.Approved;
        movers.RemoveAll(m => !m.User.May(Permission.Promote, version.Model.AsSecurable()));
        if (movers.Count == 0)
            return;
        try
        {
            await ApplyAsync(request, version, movers, ct);
        }
        catch (PolicyNotMetException)
        {
            // Another check fails by now, or neither of the two may move it: the approval stands, the move waits.
        }
    }

    private async Task ApplyAsync(ApprovalRequest request, ModelVersion version, List<Person> movers, CancellationToken ct)
    {
        var reason = $"Request {Text(request.Id)}" + (request.Reason.Length > 0 ? $": {request.Reason}" : "");
        if (reason.Length > ApprovalRequest.MaxReasonLength)
            reason = reason[..ApprovalRequest.MaxReasonLength];
        if (request.Target.Stage is { } stage)
        {
            var replaced = request.ArchiveExisting ? await versions.HoldersAsync(version, stage, ct) : [];
            await gate.RequireAsync(version.Model, ModelVersionService.Moves(version, stage, replaced), movers, ct);
            await versions.ApplyAsync(version, stage, replaced, reason, ct);
        }
        else
        {
            var existing = await db.RegisteredModelAliases.FirstOrDefaultAsync(a => a.ModelId == version.ModelId && a.Alias == request.Alias, ct);
            await gate.RequireAsync(version.Model, [new VersionMove(version, request.Target)], movers, ct);
            await aliases.ApplyAsync(version, request.Alias!, existing, reason, ct);
        }

        Close(request, ApprovalState.Done);
    }

    private async Task<IReadOnlyList<ApprovalRow>> RowsAsync(IReadOnlyList<ApprovalRequest> requests, CancellationToken ct)
    {
        var ids = requests.Select(r => r.ModelId).Distinct().ToList();
        var models = await db.RegisteredModels.AsNoTracking().Where(m => ids.Contains(m.Id)).ToDictionaryAsync(m => m.Id, ct);
        var me = await people.OfAsync(caller.User, ct);
        var policies = await db.PromotionPolicies.AsNoTracking().Where(p => p.IsEnabled).ToListAsync(ct);
        return [.. requests.Select(r => new ApprovalRow(r, models[r.ModelId].Name,
            r.IsActive && r.RequestedBy != caller.User.Id && caller.User.Scopes.HasFlag(TokenScope.Govern)
                && models[r.ModelId].DeletedMs is null
                && MayDecide(r, models[r.ModelId], policies.FindAll(p => p.Covers(models[r.ModelId].Name)), me)))];
    }

    // Who is named for approvals; where no policy names anybody, who may make the move.
    internal static bool MayDecide(ApprovalRequest request, RegisteredModel model, List<PromotionPolicy> policies, Person person)
    {
        var rules = policies.Where(p => p.Covers(request.Target)).Select(p => PromotionRules.Parse(p.Rules)).ToList();
        var approvals = rules.Select(r => r.Approvals).OfType<ApprovalRule>().ToList();
        if (approvals.Count > 0)
            return approvals.Exists(a => PromotionEvaluator.MayApprove(a, model, person));
        return person.User.May(Permission.Approve, model.AsSecurable())
            || (person.User.May(Permission.Promote, model.AsSecurable()) && rules.Exists(r => r.Movers?.Includes(person) == true));
    }

    private IQueryable<ApprovalRequest> Visible()
    {
        var models = db.RegisteredModels.Readable(caller.User, SecurableKind.RegisteredModel, connections);
        return db.ApprovalRequests.AsNoTracking().Where(r => models.Any(m => m.Id == r.ModelId));
    }

    private async Task<bool> IsThereAsync(ModelVersion version, MoveTarget target, CancellationToken ct) => target.Stage is { } stage
        ? version.InStage == stage
        : await db.RegisteredModelAliases.AnyAsync(a => a.VersionId == version.Id && a.Alias == target.Alias, ct);

    private void RequireActive(ApprovalRequest request)
    {
        if (!request.IsActive || request.ExpiresMs <= work.NowMs)
        {
            var state = request.IsActive ? ApprovalState.Expired : request.State;
            throw new ConflictException(Noun, Text(request.Id), $"The request is closed: {state.ToString().ToLowerInvariant()}.");
        }
    }

    private void Add(ApprovalRequest request, ApprovalEntryKind kind, string text) => request.Entries.Add(
        new ApprovalEntry { RequestId = request.Id, Kind = kind, UserId = caller.User.Id, AtMs = work.NowMs, Text = text });

    private void Close(ApprovalRequest request, ApprovalState state) => (request.State, request.ClosedMs) = (state, work.NowMs);

    private void Record(string change, ApprovalRequest request, string model, object? after, string? reason) =>
        audit.Record(db, Entry(change, request) with { Before = new { Version = RegistryWork.VersionId(model, request.Number) }, After = after, Reason = string.IsNullOrWhiteSpace(reason) ? null : reason });

    internal static AuditEntry Entry(string change, ApprovalRequest request) => new($"{Noun}.{change}", Noun,
        Text(request.Id))
    {
        Scope = AuditEntry.ScopeOf(SecurableKind.RegisteredModel, request.ModelId),
    };

    private static bool IsApprovalOf(ApprovalEntry entry, long userId) => entry.Kind == ApprovalEntryKind.Approve && entry.UserId == userId;

    private static void RequireText(string field, string text)
    {
        NameRules.RequireMaxLength(field, text, ApprovalRequest.MaxReasonLength);
        if (text.Contains('\0'))
            throw new InvalidArgumentException(field, $"{field} must not have NUL characters.");
    }

    private static ConflictException Conflict(ModelVersion version, string message) =>
        new(RegistryWork.VersionNoun, RegistryWork.VersionId(version.Model.Name, version.Number), message);

    private static NotFoundException NotFound(long id) => new(Noun, Text(id));

    private static string Text(long id) => id.ToString(CultureInfo.InvariantCulture);
}
