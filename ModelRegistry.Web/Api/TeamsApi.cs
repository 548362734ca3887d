using ModelRegistry.Core.Identity;

namespace ModelRegistry.Web.Api;

/// <summary>`teams` and their members.</summary>
internal static class TeamsApi
{
    internal sealed record NewTeam(string Name, string Description = "");

    internal sealed record TeamChange(string? Name = null, string? Description = null);

    internal sealed record TeamAnswer(long Id, string Name, string Description, int Members, DateTimeOffset CreatedAt);

    internal sealed record MemberAnswer(long UserId, string User, string Name, bool Disabled);

    public static void Map(RouteGroupBuilder api)
    {
        var teams = api.MapGroup("/teams").WithTags("Teams");
        teams.MapGet("", ListAsync).WithSummary("The teams, by name").Produces<ListAnswer<TeamAnswer>>();
        teams.MapPost("", CreateAsync).WithSummary("Make a team").Accepts<NewTeam>("application/json").Produces<TeamAnswer>(201);
        teams.MapGet("/{id}", GetAsync).WithSummary("One team").Produces<TeamAnswer>();
        teams.MapPatch("/{id}", UpdateAsync).WithSummary("Rename or describe a team")
            .Accepts<TeamChange>("application/json").Produces<TeamAnswer>();
        teams.MapDelete("/{id}", DeleteAsync).WithSummary("Delete a team, with its memberships and the grants to it").Produces(204);
        teams.MapGet("/{id}/members", MembersAsync).WithSummary("Who is in a team").Produces<ListAnswer<MemberAnswer>>();
        teams.MapPut("/{id}/members/{user}", AddMemberAsync).WithSummary("Put a user (an e-mail address) into a team").Produces(204);
        teams.MapDelete("/{id}/members/{user}", RemoveMemberAsync).WithSummary("Take a user out of a team").Produces(204);
    }

    private static async Task<IResult> ListAsync(string? maxResults, string? pageToken, TeamService teams, CancellationToken ct) =>
        Results.Ok(ListAnswer<TeamAnswer>.Of(await teams.ListAsync(Paging.Size(maxResults), pageToken, ct), Answer));

    private static async Task<IResult> CreateAsync(HttpContext http, TeamService teams, CancellationToken ct)
    {
        var body = await ApiBody.ReadAsync<NewTeam>(http);
        var team = await teams.CreateAsync(body.Name, body.Description, ct);
        return Results.Created($"{ApiHosting.Prefix}/teams/{team.Id}", Answer(team));
    }

    private static async Task<IResult> GetAsync(string id, TeamService teams, CancellationToken ct) =>
        Results.Ok(Answer(await teams.GetAsync(Id(id), ct)));

    private static async Task<IResult> UpdateAsync(string id, HttpContext http, TeamService teams, CancellationToken ct)
    {
        var body = await ApiBody.ReadAsync<TeamChange>(http);
        return Results.Ok(Answer(await teams.UpdateAsync(Id(id), body.Name, body.Description, ct)));
    }

    private static async Task<IResult> DeleteAsync(string id, TeamService teams, CancellationToken ct)
    {
        await teams.DeleteAsync(Id(id), ct);
        return Results.NoContent();
    }

    private static async Task<IResult> MembersAsync(string id, TeamService teams, CancellationToken ct)
    {
        var members = await teams.MembersAsync(Id(id), ct);
        return Results.Ok(new ListAnswer<MemberAnswer>(
            [.. members.Select(m => new MemberAnswer(m.UserId, m.Email, m.DisplayName, m.IsDisabled))], null));
    }

    private static async Task<IResult> AddMemberAsync(
        string id, string user, TeamService teams, UserDirectory users, CancellationToken ct)
    {
        await teams.AddMemberAsync(Id(id), await users.GetIdAsync(user, ct), ct);
        return Results.NoContent();
    }

    private static async Task<IResult> RemoveMemberAsync(
        string id, string user, TeamService teams, UserDirectory users, CancellationToken ct)
    {
        await teams.RemoveMemberAsync(Id(id), await users.GetIdAsync(user, ct), ct);
        return Results.NoContent();
    }

    private static long Id(string id) => ApiBody.Id(TeamService.Noun, id);

    private static TeamAnswer Answer(TeamRow team) =>
        new(team.Id, team.Name, team.Description, team.Members, team.CreatedMs.ToTime());
}
