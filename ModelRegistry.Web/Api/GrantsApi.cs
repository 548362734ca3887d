using ModelRegistry.Core.Common;
using ModelRegistry.Core.Governance;
using ModelRegistry.Core.Identity;

namespace ModelRegistry.Web.Api;

/// <summary>`grants`: who may do what beyond their role, on an object or on a name pattern.</summary>
internal static class GrantsApi
{
    /// <param name="Object">A model's name or an experiment's id; or a pattern instead.</param>
    /// <param name="Pattern">Names, with * for any run of characters.</param>
    /// <param name="User">An e-mail address; or a team instead.</param>
    internal sealed record NewGrant(
        ObjectKind Kind, IReadOnlyList<PermissionName> Permissions, string? Object = null, string? Pattern = null,
        string? User = null, string? Team = null);

    internal sealed record GrantChange(IReadOnlyList<PermissionName> Permissions);

    internal sealed record GrantAnswer(
        long Id, ObjectKind Kind, string? Object, string? Pattern, string? User, string? Team,
        IReadOnlyList<PermissionName> Permissions, DateTimeOffset CreatedAt);

    public static void Map(RouteGroupBuilder api)
    {
        var grants = api.MapGroup("/grants").WithTags("Access");
        grants.MapGet("", ListAsync).WithSummary("The grants on an object (kind and object), or all of them")
            .Produces<ListAnswer<GrantAnswer>>();
        grants.MapPost("", CreateAsync).WithSummary("Grant something").Accepts<NewGrant>("application/json").Produces<GrantAnswer>(201);
        grants.MapGet("/{id}", GetAsync).WithSummary("One grant").Produces<GrantAnswer>();
        grants.MapPatch("/{id}", UpdateAsync).WithSummary("Change what is granted")
            .Accepts<GrantChange>("application/json").Produces<GrantAnswer>();
        grants.MapDelete("/{id}", DeleteAsync).WithSummary("Take a grant back").Produces(204);
    }

    private static async Task<IResult> ListAsync(string? kind, string? @object, string? maxResults, string? pageToken,
        GrantService grants, SecurableDirectory objects, CancellationToken ct)
    {
        var size = Paging.Size(maxResults);
        Page<GrantRow> page;
        if (kind is null && @object is null)
        {
            page = await grants.ListAsync(size, pageToken, ct);
        }
        else
        {
            var on = await objects.GetAsync(ApiWords.Kind(kind),
                @object ?? throw new InvalidArgumentException("object", "Give the object with the kind."), ct);
            page = await grants.ListAsync(on.Securable, size, pageToken, on.NotFound, ct);
        }

        return Results.Ok(new ListAnswer<GrantAnswer>(await AnswerAsync(page.Items, objects, ct), page.NextPageToken));
    }

    private static async Task<IResult> CreateAsync(HttpContext http, GrantService grants, SecurableDirectory objects,
        UserDirectory users, CancellationToken ct)
    {
        var body = await ApiBody.ReadAsync<NewGrant>(http);
        if (body.Object is null == (body.Pattern is null))
            throw new InvalidArgumentException("object", "Give either an object or a pattern.");
        if (body.User is null == (body.Team is null))
            throw new InvalidArgumentException("user", "Give either a user or a team.");
        var kind = body.Kind.ToSecurable();
        var permissions = body.Permissions.ToPermissions();
        GrantRow grant;
        if (body.Pattern is not null)
        {
            grant = await grants.SetOnPatternAsync(kind, body.Pattern, await SubjectAsync(body, users, ct), permissions, mustBeNew: true, ct);
        }
        else
        {
            var on = await objects.GetAsync(kind, body.Object!, ct);
            grant = await grants.SetAsync(on.Securable, await SubjectAsync(body, users, ct), permissions, mustBeNew: true, on.NotFound, ct);
        }

        var answer = (await AnswerAsync([grant], objects, ct))[0];
        return Results.Created($"{ApiHosting.Prefix}/grants/{grant.Id}", answer);
    }

    private static async Task<IResult> GetAsync(string id, GrantService grants, SecurableDirectory objects, CancellationToken ct)
    {
        var grant = await grants.GetAsync(Id(id), (kind, on) => objects.FindAsync(kind, on, ct), ct);
        return Results.Ok((await AnswerAsync([grant], objects, ct))[0]);
    }

    private static async Task<IResult> UpdateAsync(
        string id, HttpContext http, GrantService grants, SecurableDirectory objects, CancellationToken ct)
    {
        var body = await ApiBody.ReadAsync<GrantChange>(http);
        var grant = await grants.ChangeAsync(
            Id(id), body.Permissions.ToPermissions(), (kind, on) => objects.FindAsync(kind, on, ct), ct);
        return Results.Ok((await AnswerAsync([grant], objects, ct))[0]);
    }

    private static async Task<IResult> DeleteAsync(string id, GrantService grants, SecurableDirectory objects, CancellationToken ct)
    {
        await grants.DeleteAsync(Id(id), (kind, on) => objects.FindAsync(kind, on, ct), ct);
        return Results.NoContent();
    }

    private static long Id(string id) => ApiBody.Id(GrantService.Noun, id);

    private static async Task<GrantSubject> SubjectAsync(NewGrant body, UserDirectory users, CancellationToken ct) => body.User is not null
        ? GrantSubject.User(await users.GetIdAsync(body.User, ct))
        : GrantSubject.Team(await users.GetTeamIdAsync(body.Team!, ct));

    private static async Task<IReadOnlyList<GrantAnswer>> AnswerAsync(
        IReadOnlyList<GrantRow> rows, SecurableDirectory objects, CancellationToken ct)
    {
        var names = await objects.PublicIdsAsync([.. rows.Where(g => g.ObjectId is not null).Select(g => (g.Kind, g.ObjectId!.Value))], ct);
        return [.. rows.Select(g => new GrantAnswer(
            g.Id, g.Kind.ToWord(), g.ObjectId is { } on ? names.GetValueOrDefault((g.Kind, on)) : null, g.Pattern,
            g.UserId is null ? null : g.Subject, g.TeamId is null ? null : g.Subject, g.Permissions.ToWords(), g.CreatedMs.ToTime()))];
    }
}
