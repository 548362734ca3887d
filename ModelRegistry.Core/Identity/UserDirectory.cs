using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Core.Identity;

public sealed record UserSummary(long Id, string Email, RegistryRole Roles, bool IsDisabled);

/// <summary>Finds users by e-mail address and teams by name: whoever grants something names them so.</summary>
public sealed class UserDirectory(RegistryDbContext db, ILookupNormalizer normalizer)
{
    public async Task<long> GetIdAsync(string email, CancellationToken ct) =>
        await FindIdAsync(email, ct) ?? throw NotFound(email);

    public Task<long?> FindIdAsync(string email, CancellationToken ct)
    {
        var name = normalizer.NormalizeName(email.Trim());
        return db.Users.Where(u => u.NormalizedUserName == name).Select(u => (long?)u.Id).FirstOrDefaultAsync(ct);
    }

    public Task<UserSummary?> FindAsync(string email, CancellationToken ct)
    {
        var name = normalizer.NormalizeName(email.Trim());
        return db.Users.AsNoTracking().Where(u => u.NormalizedUserName == name).Select(u => new UserSummary(u.Id, u.Email ?? "",
            (RegistryRole)db.UserRoles.Where(r => r.UserId == u.Id).Sum(r => r.RoleId), u.IsDisabled)).FirstOrDefaultAsync(ct);
    }

    public async Task<long> GetTeamIdAsync(string name, CancellationToken ct) =>
        await db.Teams.Where(t => t.Name == name).Select(t => (long?)t.Id).FirstOrDefaultAsync(ct)
        ?? throw new NotFoundException(TeamService.Noun, name);

    public static NotFoundException NotFound(string email) => new("user", email, $"User '{email}' not found.");
}
