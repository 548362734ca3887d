using ModelRegistry.Core.Common;
using ModelRegistry.Core.Governance;
using ModelRegistry.Core.Holds;
using ModelRegistry.Core.Identity;

namespace ModelRegistry.Web.Api;

/// <summary>`legal-holds`: what nobody destroys until they are released.</summary>
internal static class LegalHoldsApi
{
    /// <param name="Object">A model's name, name/version, a run's or logged model's id, an experiment's id.</param>
    /// <param name="Matter">The case that it belongs to.</param>
    /// <param name="Owner">The e-mail address of who answers for it; oneself by default.</param>
    internal sealed record NewHoldBody(HoldTarget Kind, string Object, string Matter, string Reason, string? Owner = null);

    internal sealed record ReleaseBody(string Reason);

    internal sealed record HoldAnswer(string Id, HoldTarget Kind, string Object, string Matter, string Reason, string Owner,
        DateTimeOffset CreatedAt, string CreatedBy, DateTimeOffset? ReleasedAt, string? ReleasedBy, string? ReleaseReason);

    public static void Map(RouteGroupBuilder api)
    {
        var holds = api.MapGroup("/legal-holds").WithTags("Legal holds");
        holds.MapGet("", ListAsync).WithSummary("The holds, newest first; by state (active, released), kind, object, matter")
            .Produces<ListAnswer<HoldAnswer>>();
        holds.MapPost("", PlaceAsync).WithSummary("Place a hold: nobody deletes, renames or overwrites its object until it is released")
            .Accepts<NewHoldBody>("application/json").Produces<HoldAnswer>(201);
        holds.MapGet("/{id}", GetAsync).WithSummary("One hold").Produces<HoldAnswer>();
        holds.MapPost("/{id}/release", ReleaseAsync).WithSummary("Release a hold; it stays as a record")
            .Accepts<ReleaseBody>("application/json").Produces<HoldAnswer>();
    }

    private static async Task<IResult> ListAsync(string? state, string? kind, string? @object, string? matter, string? maxResults,
        string? pageToken, HoldService holds, CancellationToken ct) =>
        Results.Ok(ListAnswer<HoldAnswer>.Of(await holds.ListAsync(new HoldQuery
        {
            IsReleased = state switch
            {
                null or "" => null,
                "active" => false,
                "released" => true,
                _ => throw new InvalidArgumentException("state", "state must be one of: active, released."),
            },
            Target = string.IsNullOrEmpty(kind) ? null : Kind(kind),
            PublicId = @object,
            Matter = matter,
            MaxResults = Paging.Size(maxResults),
            PageToken = pageToken,
        }, ct), Answer));

    private static async Task<IResult> PlaceAsync(HttpContext http, HoldService holds, UserDirectory users, CancellationToken ct)
    {
        var body = await ApiBody.ReadAsync<NewHoldBody>(http);
        var owner = body.Owner is null ? (long?)null : await users.FindIdAsync(body.Owner, ct)
            ?? throw new InvalidArgumentException("owner", "There is no user with that e-mail address.");
        var hold = await holds.PlaceAsync(new NewHold(body.Kind, body.Object, body.Matter, body.Reason, owner), ct);
        return Results.Created($"{ApiHosting.Prefix}/legal-holds/{hold.Hold.HoldUuid}", Answer(hold));
    }

    private static async Task<IResult> GetAsync(string id, HoldService holds, CancellationToken ct) =>
        Results.Ok(Answer(await holds.GetAsync(id, ct)));

    private static async Task<IResult> ReleaseAsync(string id, HttpContext http, HoldService holds, CancellationToken ct)
    {
        var body = await ApiBody.ReadAsync<ReleaseBody>(http);
        return Results.Ok(Answer(await holds.ReleaseAsync(id, body.Reason, ct)));
    }

    internal static HoldTarget Kind(string text) =>
        Enum.GetValues<HoldTarget>().Where(t => HoldGuard.Noun(t) == text).Cast<HoldTarget?>().FirstOrDefault()
        ?? throw new InvalidArgumentException("kind",
            $"kind must be one of: {string.Join(", ", Enum.GetValues<HoldTarget>().Select(HoldGuard.Noun))}.");

    private static HoldAnswer Answer(HoldRow row)
    {
        var hold = row.Hold;
        return new HoldAnswer(hold.HoldUuid.ToString("D"), hold.Target, hold.TargetName, hold.Matter, hold.Reason, row.Owner,
            hold.CreatedMs.ToTime(), row.CreatedBy, hold.ReleasedMs?.ToTime(), row.ReleasedBy, hold.ReleaseReason);
    }
}
