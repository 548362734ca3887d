using System.Globalization;
using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Audit;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Core.Identity;

public sealed record TeamRow(long Id, string Name, string Description, int Members, long CreatedMs);

public sealed record TeamMemberRow(long UserId, string Email, string DisplayName, bool IsDisabled);

/// <summary>
/// Teams: users who are granted things together. Everybody may see which there are, since one grants to them; who is in
/// one is seen by its members and by those who oversee everything. Admins change them.
/// </summary>
public sealed class TeamService(
    RegistryDbContext db, CurrentUserHolder caller, AuditTrail audit, AccessCache cache, TimeProvider time)
{
    public const string Noun = "team";
    private const int MaxDescriptionLength = 1000;

    public async Task<Page<TeamRow>> ListAsync(int maxResults, string? pageToken, CancellationToken ct)
    {
        caller.User.RequireScope(TokenScope.Read);
        var after = PageToken.TryDecode<string>(pageToken, Noun, out var last) ? last : "";
        var rows = await Rows(db.Teams.Where(t => t.Name.CompareTo(after) > 0).OrderBy(t => t.Name).Take(maxResults + 1)).ToListAsync(ct);
        return rows.Count <= maxResults
            ? new Page<TeamRow>(rows, null)
            : new Page<TeamRow>(rows[..maxResults], PageToken.Encode(rows[maxResults - 1].Name, Noun));
    }

    public async Task<TeamRow> GetAsync(long id, CancellationToken ct)
    {
        caller.User.RequireScope(TokenScope.Read);
        return await Rows(db.Teams.Where(t => t.Id == id)).FirstOrDefaultAsync(ct) ?? throw NotFound(id);
    }

    public async Task<IReadOnlyList<TeamMemberRow>> MembersAsync(long id, CancellationToken ct)
    {
        await GetAsync(id, ct);
        var me = caller.User;
        if (!me.ReadsEverything && !await db.TeamMembers.AnyAsync(m => m.TeamId == id && m.UserId == me.Id, ct))
            throw new ForbiddenException($"Permission denied: '{me.Name}' is not in this team.");
        return await (from member in db.TeamMembers.AsNoTracking()
                      where member.TeamId == id
                      join user in db.Users on member.UserId equals user.Id
                      orderby user.NormalizedEmail
                      select new TeamMemberRow(user.Id, user.Email!, user.DisplayName, user.IsDisabled)).ToListAsync(ct);
    }

    public async Task<TeamRow> CreateAsync(string name, string description, CancellationToken ct)
    {
        caller.User.Require(InstanceRight.Administer);
        var team = new Team
        {
            Name = RequireName(name),
            Description = RequireDescription(description),
            CreatedMs = time.GetUtcNow().ToUnixTimeMilliseconds(),
        };
        await using var write = await db.BeginWriteAsync(ct);
        if (await db.Teams.AnyAsync(t => t.Name == team.Name, ct))
            throw new AlreadyExistsException(Noun, team.Name);
        db.Add(team);
        await SaveAsync(team, ct);
        Record("team.created", team.Id, null, new { team.Name, team.Description });
        await db.SaveChangesAsync(ct);
        // Nobody is in it yet: nothing that anybody may do has changed.
        await write.CommitAsync(ct);
        return new TeamRow(team.Id, team.Name, team.Description, 0, team.CreatedMs);
    }

    /// <summary>What is null stays as it is.</summary>
    public async Task<TeamRow> UpdateAsync(long id, string? name, string? description, CancellationToken ct)
    {
        caller.User.Require(InstanceRight.Administer);
        await using (var write = await db.BeginWriteAsync(ct))
        {
            var team = await db.Teams.FirstOrDefaultAsync(t => t.Id == id, ct) ?? throw NotFound(id);
            var before = new { team.Name, team.Description };
            if (name is not null && RequireName(name) != team.Name)
            {
                if (await db.Teams.AnyAsync(t => t.Name == name.Trim() && t.Id != id, ct))
                    throw new AlreadyExistsException(Noun, name.Trim());
                team.Name = RequireName(name);
            }

            if (description is not null)
                team.Description = RequireDescription(description);
            Record("team.updated", id, before, new { team.Name, team.Description });
            await SaveAsync(team, ct);
            await write.CommitAsync(ct);
        }

        return await GetAsync(id, ct);
    }

    /// <summary>With its memberships and the grants to it.</summary>
    public async Task DeleteAsync(long id, CancellationToken ct)
    {
        caller.User.Require(InstanceRight.Administer);
        await using var write = await db.BeginWriteAsync(ct);
        var team = await db.Teams.FirstOrDefaultAsync(t => t.Id == id, ct) ?? throw NotFound(id);
        var members = await db.TeamMembers.Where(m => m.TeamId == id).ToListAsync(ct);
        var grants = await db.Grants.Where(g => g.TeamId == id).ToListAsync(ct);
        foreach (var grant in grants)
            audit.Record(db, GrantService.Entry("grant.deleted", grant) with { Before = GrantService.Audited(grant) });
        Record("team.deleted", id, new { team.Name, Members = members.Select(m => m.UserId).Order() }, null);
        db.RemoveRange(grants);
        db.RemoveRange(members);
        db.Remove(team);
        await db.SaveChangesAsync(ct);
        await cache.CommitAsync(db, write, ct);
    }

    /// <summary>It is no mistake if the user is in it already.</summary>
    public async Task AddMemberAsync(long id, long userId, CancellationToken ct)
    {
        caller.User.Require(InstanceRight.Administer);
        await using var write = await db.BeginWriteAsync(ct);
        await ChangeStamp.BumpAsync(db, ChangeStamp.Access, ct);
        if (!await db.Teams.AnyAsync(t => t.Id == id, ct))
            throw NotFound(id);
        if (!await db.Users.AnyAsync(u => u.Id == userId, ct))
            throw new NotFoundException("user", userId.ToString(CultureInfo.InvariantCulture));
        if (await db.TeamMembers.AnyAsync(m => m.TeamId == id && m.UserId == userId, ct))
            return;
        db.Add(new TeamMember { TeamId = id, UserId = userId });
        Record("team.member-added", id, null, new { userId });
        await db.SaveChangesAsync(ct);
        await cache.CommitAsync(db, write, ct);
    }

    /// <summary>It is no mistake if the user is not in it.</summary>
    public async Task RemoveMemberAsync(long id, long userId, CancellationToken ct)
    {
        caller.User.Require(InstanceRight.Administer);
        await using var write = await db.BeginWriteAsync(ct);
        if (!await db.Teams.AnyAsync(t => t.Id == id, ct))
            throw NotFound(id);
        var member = await db.TeamMembers.FirstOrDefaultAsync(m => m.TeamId == id && m.UserId == userId, ct);
        if (member is null)
            return;
        db.Remove(member);
        Record("team.member-removed", id, new { userId }, null);
        await db.SaveChangesAsync(ct);
        await cache.CommitAsync(db, write, ct);
    }

    internal static NotFoundException NotFound(long id) => new(Noun, id.ToString(CultureInfo.InvariantCulture));

    private async Task SaveAsync(Team team, CancellationToken ct)
    {
        try
        {
            await db.SaveChangesAsync(ct);
        }
        catch (DbUpdateException e) when (db.IsUniqueViolation(e))
        {
            throw new AlreadyExistsException(Noun, team.Name);
        }
    }

    private IQueryable<TeamRow> Rows(IQueryable<Team> teams) => teams.AsNoTracking().Select(t =>
        new TeamRow(t.Id, t.Name, t.Description, db.TeamMembers.Count(m => m.TeamId == t.Id), t.CreatedMs));

    private void Record(string action, long id, object? before, object? after) =>
        audit.Record(db, new AuditEntry(action, Noun, id.ToString(CultureInfo.InvariantCulture)) { Before = before, After = after });

    private static string RequireName(string name)
    {
        var line = AccountRules.Line("name", name, Team.MaxNameLength);
        return line.Length > 0 ? line : throw new InvalidArgumentException("name", "Give the team a name.");
    }

    private static string RequireDescription(string description) => description.Length <= MaxDescriptionLength
        ? description
        : throw new InvalidArgumentException("description", $"The description may have {MaxDescriptionLength} characters at most.");
}
