using ModelRegistry.Core.Common;
using ModelRegistry.Core.Governance;
using ModelRegistry.Core.Holds;

namespace ModelRegistry.Web.Api;

/// <summary>`retention-locks`: what nobody destroys before a day.</summary>
internal static class RetentionLocksApi
{
    /// <param name="Object">A model's name, name/version, a run's or logged model's id, an experiment's id.</param>
    /// <param name="Until">The last day on which it is kept (UTC).</param>
    internal sealed record NewLockBody(HoldTarget Kind, string Object, RetentionLockMode Mode, DateOnly Until, string Reason);

    /// <param name="Until">A later day.</param>
    /// <param name="Mode">A stronger mode.</param>
    internal sealed record ExtendBody(string Reason, DateOnly? Until = null, RetentionLockMode? Mode = null);

    /// <param name="Bypass">Must be true: nobody does it by accident.</param>
    /// <param name="Until">The new last day; left out where the lock shall come off.</param>
    internal sealed record BypassBody(bool Bypass = false, string? Reason = null, DateOnly? Until = null);

    /// <param name="Request">The id of the request that was seen.</param>
    internal sealed record ApproveBypassBody(string Request);

    /// <param name="Request">The id of the request that was seen.</param>
    internal sealed record RejectBypassBody(string Request, string? Reason = null);

    /// <param name="Until">The new last day; null where the lock shall come off.</param>
    internal sealed record BypassAnswer(string Request, DateOnly? Until, string Reason, string RequestedBy, DateTimeOffset RequestedAt);

    internal sealed record LockAnswer(string Id, HoldTarget Kind, string Object, RetentionLockMode Mode, DateOnly Until, string Reason,
        DateTimeOffset CreatedAt, string CreatedBy, BypassAnswer? Bypass, DateTimeOffset? EndedAt, string? EndedBy, string? EndReason);

    public static void Map(RouteGroupBuilder api)
    {
        var locks = api.MapGroup("/retention-locks").WithTags("Retention locks");
        locks.MapGet("", ListAsync).WithSummary("The locks, newest first; by state (active, ended), kind, object, mode")
            .Produces<ListAnswer<LockAnswer>>();
        locks.MapPost("", PlaceAsync).WithSummary("Place a lock: nobody deletes, renames or overwrites its object before the end of its day")
            .Accepts<NewLockBody>("application/json").Produces<LockAnswer>(201);
        locks.MapGet("/{id}", GetAsync).WithSummary("One lock").Produces<LockAnswer>();
        locks.MapPost("/{id}/extend", ExtendAsync).WithSummary("Make a lock longer, or governance into compliance; never the other way")
            .Accepts<ExtendBody>("application/json").Produces<LockAnswer>();
        locks.MapPost("/{id}/bypass", BypassAsync).WithSummary("Ask that a governance lock ends before its day; a second person has to agree")
            .Accepts<BypassBody>("application/json").Produces<LockAnswer>();
        locks.MapPost("/{id}/bypass/approve", ApproveAsync).WithSummary("Agree, as the second person")
            .Accepts<ApproveBypassBody>("application/json").Produces<LockAnswer>();
        locks.MapPost("/{id}/bypass/reject", RejectAsync).WithSummary("Refuse, or take one's own request back")
            .Accepts<RejectBypassBody>("application/json").Produces<LockAnswer>();
    }

    private static async Task<IResult> ListAsync(string? state, string? kind, string? @object, string? mode, string? maxResults,
        string? pageToken, RetentionLockService locks, CancellationToken ct) =>
        Results.Ok(ListAnswer<LockAnswer>.Of(await locks.ListAsync(new LockQuery
        {
            IsEnded = state switch
            {
                null or "" => null,
                "active" => false,
                "ended" => true,
                _ => throw new InvalidArgumentException("state", "state must be one of: active, ended."),
            },
            Target = string.IsNullOrEmpty(kind) ? null : LegalHoldsApi.Kind(kind),
            PublicId = @object,
            Mode = mode switch
            {
                null or "" => null,
                "governance" => RetentionLockMode.Governance,
                "compliance" => RetentionLockMode.Compliance,
                _ => throw new InvalidArgumentException("mode", "mode must be one of: governance, compliance."),
            },
            MaxResults = Paging.Size(maxResults),
            PageToken = pageToken,
        }, ct), Answer));

    private static async Task<IResult> PlaceAsync(HttpContext http, RetentionLockService locks, CancellationToken ct)
    {
        var body = await ApiBody.ReadAsync<NewLockBody>(http);
        var placed = await locks.PlaceAsync(new NewLock(body.Kind, body.Object, body.Mode, body.Until, body.Reason), ct);
        return Results.Created($"{ApiHosting.Prefix}/retention-locks/{placed.Lock.LockUuid}", Answer(placed));
    }

    private static async Task<IResult> GetAsync(string id, RetentionLockService locks, CancellationToken ct) =>
        Results.Ok(Answer(await locks.GetAsync(id, ct)));

    private static async Task<IResult> ExtendAsync(string id, HttpContext http, RetentionLockService locks, CancellationToken ct)
    {
        var body = await ApiBody.ReadAsync<ExtendBody>(http);
        return Results.Ok(Answer(await locks.ExtendAsync(id, body.Until, body.Mode, body.Reason, ct)));
    }

    private static async Task<IResult> BypassAsync(string id, HttpContext http, RetentionLockService locks, CancellationToken ct)
    {
        var body = await ApiBody.ReadAsync<BypassBody>(http);
        return Results.Ok(Answer(await locks.RequestBypassAsync(id, body.Bypass, body.Until, body.Reason, ct)));
    }

    private static async Task<IResult> ApproveAsync(string id, HttpContext http, RetentionLockService locks, CancellationToken ct)
    {
        var body = await ApiBody.ReadAsync<ApproveBypassBody>(http);
        return Results.Ok(Answer(await locks.ApproveBypassAsync(id, body.Request, ct)));
    }

    private static async Task<IResult> RejectAsync(string id, HttpContext http, RetentionLockService locks, CancellationToken ct)
    {
        var body = await ApiBody.ReadAsync<RejectBypassBody>(http);
        return Results.Ok(Answer(await locks.RejectBypassAsync(id, body.Request, body.Reason, ct)));
    }

    private static LockAnswer Answer(LockRow row)
    {
        var one = row.Lock;
        var bypass = one.BypassUuid is { } request
            ? new BypassAnswer(request.ToString("D"), one.BypassUntil, one.BypassReason!, row.BypassBy!, one.BypassMs!.Value.ToTime())
            : null;
        return new LockAnswer(one.LockUuid.ToString("D"), one.Target, one.TargetName, one.Mode, one.Until, one.Reason,
            one.CreatedMs.ToTime(), row.CreatedBy, bypass, one.EndedMs?.ToTime(), row.EndedBy, one.EndReason);
    }
}
