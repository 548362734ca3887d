using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Audit;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Core.Identity;

/// <param name="Password">Null for a robot, which only ever uses tokens.</param>
public sealed record NewUser(string Email, string DisplayName, RegistryRole Roles, string? Password);

/// <summary>Makes users and changes what they are.</summary>
public sealed class AccountService(
    RegistryDbContext db, UserManager<RegistryUser> users, CurrentUserHolder caller, AuditTrail audit, AccessCache cache,
    TimeProvider time)
{
    public async Task<RegistryUser> CreateAsync(NewUser input, CancellationToken ct)
    {
        caller.User.Require(InstanceRight.Administer);
        var user = await PrepareAsync(input);
        await using var transaction = await db.BeginWriteAsync(ct);
        await AddAsync(user, input.Roles, ct);
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
        // Locks the row until the commit: of two set-ups, even on two nodes, the second sees the first one's user.
        await ChangeStamp.BumpAsync(db, ChangeStamp.Access, ct);
        if (await db.Users.AnyAsync(ct))
            throw new ConflictException("Registry", "set-up", "This registry is set up already: sign in instead.");
        await AddAsync(user, input.Roles | RegistryRole.Admin, ct);
        await cache.CommitAsync(db, transaction, ct);
        return user;
    }

    public async Task<RegistryUser> GetByEmailAsync(string email, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        caller.User.Require(InstanceRight.Administer);
        return await users.FindByEmailAsync(email.Trim()) ?? throw new NotFoundException("User", email.Trim());
    }

    public Task<bool> AnyAsync(CancellationToken ct) => db.Users.AnyAsync(ct);

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
            SecurityStamp = RandomNumberGenerator.GetHexString(32),
        };
        if (input.Password is not null)
            user.PasswordHash = await users.HashValidPasswordAsync(user, input.Password);
        return user;
    }

    private async Task AddAsync(RegistryUser user, RegistryRole roles, CancellationToken ct)
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

        db.UserRoles.AddRange(Each(roles).Select(r => new IdentityUserRole<long> { UserId = user.Id, RoleId = (long)r }));
        audit.Record(db, new AuditEntry("user.created", "user", user.Id.ToString(CultureInfo.InvariantCulture)) { After = new { Roles = roles } });
        await db.SaveChangesAsync(ct);
    }

    private static IEnumerable<RegistryRole> Each(RegistryRole roles) =>
        Enum.GetValues<RegistryRole>().Where(r => r != RegistryRole.None && roles.HasFlag(r));
}
