using System.Globalization;
using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;
using ModelRegistry.Core.Notices;
using ModelRegistry.Core.Registry;
using ModelRegistry.Core.Webhooks;

namespace ModelRegistry.Core.Promotion;

/// <summary>Tells people of requests, in the transaction of what is told: those who may decide, who asked, and webhooks.</summary>
public sealed class ApprovalNotices(RegistryDbContext db, NoticeBoard board, EventOutbox outbox, PersonReader people)
{
    private const int MaxTold = 200;

    internal async Task RequestedAsync(ApprovalRequest request, RegisteredModel model, List<PromotionPolicy> policies, CancellationToken ct)
    {
        var notice = new NewNotice(NoticeKind.ApprovalWanted, Key(request, "wanted"), $"Your decision is asked for: {Subject(request, model.Name)}.",
            Path(request), request.RequestedBy);
        await board.AddAsync(db, notice, await DecidersAsync(request, model, policies, ct), ct);
        await outbox.AddAsync(db, RegistryEvent.ApprovalRequested(request.Id, model.Name, request.Number, request.StageName, request.Alias), ct);
    }

    /// <summary>The request is not open any more.</summary>
    /// <param name="actorId">Who brought it about; null where time did.</param>
    internal async Task DecidedAsync(ApprovalRequest request, string modelName, long? actorId, CancellationToken ct)
    {
        await board.SettleAsync(db, Key(request, "wanted"), ct);
        await outbox.AddAsync(db, RegistryEvent.ApprovalDecided(request.Id, modelName, request.Number, request.StageName, request.Alias, Word(request.State)), ct);
        if (actorId == request.RequestedBy)
            return;
        var what = Subject(request, modelName);
        var text = request.State switch
        {
            ApprovalState.Approved => $"Approved: {what}. Somebody who may must still make the move.",
            ApprovalState.Done => $"Done: {what}.",
            ApprovalState.Rejected => $"Rejected: {what}.",
            ApprovalState.Withdrawn => $"Withdrawn by somebody who manages the model: {what}.",
            _ => $"Expired: {what}. Nobody decided in time, or the version is gone.",
        };
        var kind = request.State == ApprovalState.Expired ? NoticeKind.ApprovalExpired : NoticeKind.ApprovalDecided;
        await board.AddAsync(db, new NewNotice(kind, Key(request, Word(request.State)), text, Path(request), actorId), [request.RequestedBy], ct);
    }

    // Who could be named by anything is looked up; who really may decide says the same function that decides.
    private async Task<IReadOnlyList<long>> DecidersAsync(ApprovalRequest request, RegisteredModel model, List<PromotionPolicy> policies, CancellationToken ct)
    {
        var rules = policies.Where(p => p.Covers(request.Target)).Select(p => PromotionRules.Parse(p.Rules)).ToList();
        var sets = rules.Select(r => r.Approvals?.From).Concat(rules.Select(r => r.Movers)).OfType<SubjectSet>().ToList();
        var (users, teams) = (sets.SelectMany(s => s.Users).ToList(), sets.SelectMany(s => s.Teams).ToList());
        var roles = sets.Aggregate(RegistryRole.GovernanceOfficer | RegistryRole.Admin, (all, s) => all | s.Roles);
        var roleIds = Enum.GetValues<RegistryRole>().Where(r => r != RegistryRole.None && roles.HasFlag(r)).Select(r => (long)r).ToList();
        var grants = db.Grants.Where(g => g.Kind == SecurableKind.RegisteredModel && (g.ObjectId == null || g.ObjectId == model.Id));
        var candidates = await db.Users.AsNoTracking().Where(u => !u.IsDisabled && u.Id != request.RequestedBy
                && (users.Contains(u.Id) || db.TeamMembers.Any(m => m.UserId == u.Id && teams.Contains(m.TeamId))
                    || db.UserRoles.Any(r => r.UserId == u.Id && roleIds.Contains(r.RoleId))
                    || grants.Any(g => g.UserId == u.Id || db.TeamMembers.Any(m => m.UserId == u.Id && m.TeamId == g.TeamId))))
            .OrderBy(u => u.Id).Take(MaxTold).Select(u => u.Id).ToListAsync(ct);
        var deciders = new List<long>();
        foreach (var id in candidates)
        {
            if (await people.FindAsync(id, ct) is { } person && person.User.May(Permission.Read, model.AsSecurable())
                && ApprovalService.MayDecide(request, model, policies, person))
            {
                deciders.Add(id);
            }
        }

        return deciders;
    }

    private static string Subject(ApprovalRequest request, string modelName) =>
        string.Create(CultureInfo.InvariantCulture, $"{modelName} version {request.Number} to {request.Target}");

    private static string Word(ApprovalState state) => state.ToString().ToLowerInvariant();

    private static string Key(ApprovalRequest request, string what) => string.Create(CultureInfo.InvariantCulture, $"approval/{request.Id}/{what}");

    private static string Path(ApprovalRequest request) => string.Create(CultureInfo.InvariantCulture, $"/governance/approvals/{request.Id}");
}
