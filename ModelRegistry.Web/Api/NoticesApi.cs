using ModelRegistry.Core.Identity;
using ModelRegistry.Core.Notices;

namespace ModelRegistry.Web.Api;

/// <summary>`notices`: what the caller is told.</summary>
internal static class NoticesApi
{
    /// <param name="Path">The page that it leads to, from the root of the registry.</param>
    /// <param name="By">Who caused it (an e-mail address); null where nobody did.</param>
    internal sealed record NoticeAnswer(string Id, NoticeKind Kind, string Text, string Path, string? By, DateTimeOffset CreatedAt, DateTimeOffset? ReadAt);

    public static void Map(RouteGroupBuilder api)
    {
        var notices = api.MapGroup("/notices").WithTags("Notices");
        notices.MapGet("", ListAsync).WithSummary("One's own notices, newest first; unread=true leaves out those that were read").Produces<ListAnswer<NoticeAnswer>>();
        notices.MapPost("/{id}/read", ReadAsync).WithSummary("Say that it was read").Produces<NoticeAnswer>();
        notices.MapPost("/read-all", ReadAllAsync).WithSummary("Say that all were read").Produces(204);
    }

    private static async Task<IResult> ListAsync(
        bool? unread, string? maxResults, string? pageToken, NoticeService notices, PeopleDirectory names, CancellationToken ct)
    {
        var page = await notices.ListAsync(unread ?? false, Paging.Size(maxResults), pageToken, ct);
        var people = await names.AddressesAsync(page.Items.Select(n => n.ActorId).OfType<long>(), ct);
        return Results.Ok(ListAnswer<NoticeAnswer>.Of(page, n => Answer(n, people)));
    }

    private static async Task<IResult> ReadAsync(string id, NoticeService notices, PeopleDirectory names, CancellationToken ct)
    {
        var notice = await notices.ReadAsync(id, ct);
        return Results.Ok(Answer(notice, await names.AddressesAsync(notice.ActorId is { } actor ? [actor] : [], ct)));
    }

    private static async Task<IResult> ReadAllAsync(NoticeService notices, CancellationToken ct)
    {
        await notices.ReadAllAsync(ct);
        return Results.NoContent();
    }

    private static NoticeAnswer Answer(Notice n, IReadOnlyDictionary<long, string> people) => new(n.NoticeUuid.ToString("D"), n.Kind, n.Text, n.Path,
        n.ActorId is { } id ? people.GetValueOrDefault(id, $"user {id}") : null, n.CreatedMs.ToTime(), n.ReadMs?.ToTime());
}
