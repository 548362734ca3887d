using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Audit;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Core.Identity;

/// <param name="Password">Null for a robot, which only ever uses tokens.</param>
public sealed record NewUser(string Email, string DisplayName, RegistryRole Roles, string? Password)
{
    /// <summary>The password was made by somebody else: the user chooses another at the first sign-in.</summary>
    public bool IsTemporary { get; init; }
}

/// <summary>A line of the list of users.</summary>
public sealed record UserRow(long Id, string Email, string DisplayName, RegistryRole Roles, bool IsDisabled, bool IsRobot,
    bool HasSecondFactor, DateTimeOffset? LockedUntil, long CreatedMs, int ActiveTokens, long? TokenUsedMs);

/// <summary>The users, for admins. The registry always keeps an admin who can sign in.</summary>
public sealed class UserService(
    RegistryDbContext db, UserManager<RegistryUser> users, CurrentUserHolder caller, AuditTrail audit, AccessCache cache,
    TimeProvider time)
{
    private const int PageSize = 100;

    public Task<bool> AnyAsync(CancellationToken ct) => db.Users.AnyAsync(ct);

    /// <param name="search">A part of the name or e-mail address.</param>
    public async Task<Page<UserRow>> ListAsync(string? search, string? pageToken, CancellationToken ct)
    {
        caller.User.Require(InstanceRight.Administer);
        var query = "users:" + search;
        var rows = db.Users.AsNoTracking();
        if (!string.IsNullOrWhiteSpace(search))
        {
            // Names are compared as they are stored; addresses without regard to case.
            var (part, normalized) = (search.Trim(), users.NormalizeEmail(search.Trim()));
            rows = rows.Where(u => u.DisplayName.Contains(part) || u.NormalizedEmail!.Contains(normalized));
        }

        if (PageToken.TryDecode<string>(pageToken, query, out var after))
            rows = rows.Where(u => u.NormalizedEmail!.CompareTo(after) > 0);
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        var found = await rows.OrderBy(u => u.NormalizedEmail).Take(PageSize + 1)
            .Select(u => new
            {
                Key = u.NormalizedEmail,
                Row = new UserRow(u.Id, u.Email!, u.DisplayName,
                    (RegistryRole)db.UserRoles.Where(r => r.UserId == u.Id).Sum(r => r.RoleId),
                    u.IsDisabled, u.PasswordHash == null, u.TwoFactorEnabled, u.LockoutEnd, u.CreatedMs,
                    db.ApiTokens.Count(t => t.UserId == u.Id && t.RevokedMs == null && t.ExpiresMs > nowMs),
                    db.ApiTokens.Where(t => t.UserId == u.Id).Max(t => t.LastUsedMs)),
            })
            .ToListAsync(ct);
        var next = found.Count > PageSize ? PageToken.Encode(found[PageSize - 1].Key, query) : null;
        return new Page<UserRow>([.. found.Take(PageSize).Select(f => f.Row)], next);
    }

    public async Task<RegistryUser> CreateAsync(NewUser input, CancellationToken ct)
    {
        caller.User.Require(InstanceRight.Administer);
        var user = await PrepareAsync(input);
        await using var transaction = await db.BeginWriteAsync(ct);
        await AddAsync(user, input, ct);
        await cache.CommitAsync(db, transaction, ct);
        return user;
    }

    /// <summary>Makes the admin of an empty registry.</summary>
    /// <exception cref="ConflictException">There is a user already.</exception>
    public async Task<RegistryUser> CreateFirstAdminAsync(NewUser input, CancellationToken ct)
    {
        caller.User.Require(InstanceRight.Administer);
        var user = await PrepareAsync(input);
        await using var transaction = await db.BeginWriteAsync(ct);
        await LockAsync(ct);
        if (await db.Users.AnyAsync(ct))
            throw new ConflictException("Registry", "set-up", "This registry is set up already: sign in instead.");
        await AddAsync(user, input with { Roles = input.Roles | RegistryRole.Admin }, ct);
        await cache.CommitAsync(db, transaction, ct);
        return user;
    }

    public async Task<RegistryUser> GetByEmailAsync(string email, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        caller.User.Require(InstanceRight.Administer);
        return await users.FindByEmailAsync(email.Trim()) ?? throw new NotFoundException("User", email.Trim());
    }

    /// <summary>Roles hold from the next request on, in open sessions and for tokens too.</summary>
    public Task SetRolesAsync(long userId, RegistryRole roles, CancellationToken ct) => ChangeAsync(userId, async user =>
    {
        var rows = await db.UserRoles.Where(r => r.UserId == userId).ToListAsync(ct);
        var before = (RegistryRole)rows.Sum(r => r.RoleId);
        if (before == roles)
            return null;
        if (before.HasFlag(RegistryRole.Admin) && !roles.HasFlag(RegistryRole.Admin))
            await RequireAnotherAdminAsync(user, ct);
        db.UserRoles.RemoveRange(rows.Where(r => !roles.HasFlag((RegistryRole)r.RoleId)));
        db.UserRoles.AddRange(RoleRows(userId, roles & ~before));
        return Entry("user.roles-changed", user) with { Before = new { Roles = before }, After = new { Roles = roles } };
    }, ct);

    /// <summary>A disabled user neither signs in nor uses tokens; sessions end at once.</summary>
    public Task SetDisabledAsync(long userId, bool disabled, CancellationToken ct) => ChangeAsync(userId, async user =>
    {
        if (user.IsDisabled == disabled)
            return null;
        if (user.ErasedMs is not null)
            throw new ConflictException("User", user.Email!, "Nobody knows who this was: an erased account stays closed.");
        if (disabled)
        {
            if (userId == caller.User.Id)
                throw new ConflictException("User", user.Email!, "You cannot disable your own account.");
            await RequireAnotherAdminAsync(user, ct);
            EndSessions(user);
        }

        user.IsDisabled = disabled;
        return Entry(disabled ? "user.disabled" : "user.enabled", user);
    }, ct);

    /// <summary>
    /// Forgets who it was: name, address, credentials, memberships, grants, and the network addresses of what they did. What
    /// they did stays, under their number; the audit chain holds that number only, so it verifies as before. For good.
    /// </summary>
    public Task EraseAsync(long userId, CancellationToken ct) => ChangeAsync(userId, async user =>
    {
        if (user.ErasedMs is not null)
            return null;
        if (userId == caller.User.Id)
            throw new ConflictException("User", user.Email!, "You cannot erase your own account.");
        await RequireAnotherAdminAsync(user, ct);
        var name = string.Create(CultureInfo.InvariantCulture, $"erased-{userId}@erased.invalid");
        (user.UserName, user.NormalizedUserName) = (name, users.NormalizeName(name));
        (user.Email, user.NormalizedEmail) = (name, users.NormalizeEmail(name));
        user.DisplayName = string.Create(CultureInfo.InvariantCulture, $"Erased user {userId}");
        (user.PhoneNumber, user.PasswordHash, user.TwoFactorEnabled, user.LockoutEnd) = (null, null, false, null);
        user.IsDisabled = true;
        user.ErasedMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        EndSessions(user);
        foreach (var grant in await db.Grants.Where(g => g.UserId == userId).ToListAsync(ct))
        {
            audit.Record(db, GrantService.Entry("grant.deleted", grant) with { Before = GrantService.Audited(grant) });
            db.Remove(grant);
        }

        await db.ApiTokens.Where(t => t.UserId == userId).ExecuteUpdateAsync(
            set => set.SetProperty(t => t.Name, "").SetProperty(t => t.RevokedMs, t => t.RevokedMs ?? user.ErasedMs), ct);
        await db.TeamMembers.Where(m => m.UserId == userId).ExecuteDeleteAsync(ct);
        await db.UserRoles.Where(r => r.UserId == userId).ExecuteDeleteAsync(ct);
        await db.UserTokens.Where(t => t.UserId == userId).ExecuteDeleteAsync(ct);
        await db.UserLogins.Where(l => l.UserId == userId).ExecuteDeleteAsync(ct);
        await db.UserClaims.Where(c => c.UserId == userId).ExecuteDeleteAsync(ct);
        await db.Set<IdentityUserPasskey<long>>().Where(p => p.UserId == userId).ExecuteDeleteAsync(ct);
        await db.AuditOrigins.Where(o => db.AuditEvents.Any(e => e.Id == o.EventId && e.ActorId == userId)).ExecuteDeleteAsync(ct);
        return Entry("user.erased", user);
    }, ct);

    public Task SignOutEverywhereAsync(long userId, CancellationToken ct) => ChangeAsync(userId, user =>
    {
        EndSessions(user);
        return Task.FromResult<AuditEntry?>(Entry("user.sessions-ended", user));
    }, ct);

    /// <summary>Ends the sessions, the lock and the second factor, which a person who lost a password has often lost too.</summary>
    /// <returns>The new password, to be handed over; its user must choose another at the first sign-in.</returns>
    public async Task<string> ResetPasswordAsync(long userId, CancellationToken ct)
    {
        caller.User.Require(InstanceRight.Administer);
        var password = TemporaryPassword();
        var hash = users.PasswordHasher.HashPassword(new RegistryUser(), password);
        await ChangeAsync(userId, async user =>
        {
            user.PasswordHash = hash;
            user.TwoFactorEnabled = false;
            user.LockoutEnd = null;
            user.AccessFailedCount = 0;
            EndSessions(user);
            await AccountMarks.SetAsync(db, userId, AccountMarks.PasswordIsTemporary, true, ct);
            return Entry("user.password-reset", user);
        }, ct);
        return password;
    }

    /// <summary>A password that somebody else chose, as MLflow's calls set it; sessions end, the second factor stays.</summary>
    public async Task SetPasswordAsync(long userId, string password, CancellationToken ct)
    {
        caller.User.Require(InstanceRight.Administer);
        var known = await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.Id == userId, ct)
            ?? throw new NotFoundException("User", userId.ToString(CultureInfo.InvariantCulture));
        if (known.PasswordHash is null)
            throw new ConflictException("User", known.Email!, "This is a robot: it signs in with tokens, not with a password.");
        var hash = await users.HashValidPasswordAsync(known, password);
        await ChangeAsync(userId, user =>
        {
            user.PasswordHash = hash;
            EndSessions(user);
            return Task.FromResult<AuditEntry?>(Entry("user.password-set", user));
        }, ct);
    }

    /// <summary>About 98 bits, in groups that can be read out.</summary>
    public static string TemporaryPassword() => string.Join('-',
        Enumerable.Range(0, 4).Select(_ => RandomNumberGenerator.GetString("abcdefghjkmnpqrstuvwxyz23456789", 5)));

    private async Task ChangeAsync(long userId, Func<RegistryUser, Task<AuditEntry?>> change, CancellationToken ct)
    {
        caller.User.Require(InstanceRight.Administer);
        await using var transaction = await db.BeginWriteAsync(ct);
        await LockAsync(ct);
        var user = await db.Users.SingleOrDefaultAsync(u => u.Id == userId, ct)
            ?? throw new NotFoundException("User", userId.ToString(CultureInfo.InvariantCulture));
        if (await change(user) is not { } entry)
            return;
        audit.Record(db, entry);
        await db.SaveChangesAsync(ct);
        await cache.CommitAsync(db, transaction, ct);
    }

    // Holds one row until the commit: of two set-ups, or of two admins who take each other's role, the second one sees
    // what the first one did, on every node.
    private Task LockAsync(CancellationToken ct) => ChangeStamp.BumpAsync(db, ChangeStamp.Access, ct);

    private async Task RequireAnotherAdminAsync(RegistryUser user, CancellationToken ct)
    {
        var others = await db.Users.AnyAsync(u => u.Id != user.Id && !u.IsDisabled && u.PasswordHash != null
            && db.UserRoles.Any(r => r.UserId == u.Id && r.RoleId == (long)RegistryRole.Admin), ct);
        var isAdmin = await db.UserRoles.AnyAsync(r => r.UserId == user.Id && r.RoleId == (long)RegistryRole.Admin, ct);
        if (isAdmin && !others)
            throw new ConflictException("User", user.Email!, "This is the only admin who can sign in; make another one first.");
    }

    private static void EndSessions(RegistryUser user) => user.SecurityStamp = RandomNumberGenerator.GetHexString(32);

    // Hashing is slow on purpose: it is done before the transaction, which others wait for.
    private async Task<RegistryUser> PrepareAsync(NewUser input)
    {
        var email = AccountRules.Email(input.Email);
        var user = new RegistryUser
        {
            UserName = email,
            Email = email,
            EmailConfirmed = true,
            LockoutEnabled = true,
            DisplayName = AccountRules.DisplayName(input.DisplayName),
        };
        EndSessions(user);
        if (input.Password is not null)
            user.PasswordHash = await users.HashValidPasswordAsync(user, input.Password);
        return user;
    }

    private async Task AddAsync(RegistryUser user, NewUser input, CancellationToken ct)
    {
        user.CreatedMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        try
        {
            AccountRules.ThrowIfRefused(await users.CreateAsync(user), user.Email!);
        }
        catch (DbUpdateException e) when (db.IsUniqueViolation(e))
        {
            throw new AlreadyExistsException("User", user.Email!);
        }

        db.UserRoles.AddRange(RoleRows(user.Id, input.Roles));
        if (input.IsTemporary)
            await AccountMarks.SetAsync(db, user.Id, AccountMarks.PasswordIsTemporary, true, ct);
        audit.Record(db, Entry("user.created", user) with { After = new { input.Roles } });
        await db.SaveChangesAsync(ct);
    }

    private static IEnumerable<IdentityUserRole<long>> RoleRows(long userId, RegistryRole roles) =>
        Enum.GetValues<RegistryRole>().Where(r => r != RegistryRole.None && roles.HasFlag(r))
            .Select(r => new IdentityUserRole<long> { UserId = userId, RoleId = (long)r });

    private static AuditEntry Entry(string action, RegistryUser user) =>
        new(action, "user", user.Id.ToString(CultureInfo.InvariantCulture));
}
