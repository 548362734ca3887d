using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Core.Identity;

/// <summary>Why a credential was not taken. Told only to those who know the secret, except <see cref="Unknown"/>.</summary>
public enum AccessRefusal
{
    None,
    Unknown,
    Expired,
    Revoked,
    Disabled,
    /// <summary>The password is right, but alone it is not enough for this account.</summary>
    SecondFactorNeeded,
    /// <summary>The password is right, but was made by an admin and has to be replaced first.</summary>
    PasswordIsTemporary,
    /// <summary>Too many passwords were tried from this address.</summary>
    TooManyAttempts,
}

/// <summary>Finds who is behind a token or a session, from memory where it can.</summary>
public sealed class AccessReader(
    RegistryDbContext db, AccessCache cache, PasswordService passwords, TimeProvider time)
{
    /// <param name="token">A well-formed token whose <paramref name="digest"/> is not in the cache.</param>
    public async Task<(Access? Access, AccessRefusal Refusal)> FindByTokenAsync(
        string token, CredentialDigest digest, CancellationToken ct)
    {
        var snapshot = cache.Begin();
        var prefix = ApiTokenSecret.Prefix(token);
        var row = await db.ApiTokens.AsNoTracking().SingleOrDefaultAsync(t => t.Prefix == prefix, ct);
        if (row is null || !CryptographicOperations.FixedTimeEquals(row.SecretHash, digest.ToArray()))
            return (null, AccessRefusal.Unknown);
        if (row.RevokedMs is not null)
            return (null, AccessRefusal.Revoked);
        if (row.ExpiresMs <= time.GetUtcNow().ToUnixTimeMilliseconds())
            return (null, AccessRefusal.Expired);

        var access = await ReadAsync(row.UserId, row, ct);
        if (access is null)
            return (null, AccessRefusal.Disabled);
        snapshot.Keep(digest, access);
        return (access, AccessRefusal.None);
    }

    /// <summary>An e-mail address and the account's password, as clients of MLflow send them.</summary>
    /// <param name="digest">That of <see cref="VerifiedPasswords.Digest"/>, not in the cache.</param>
    public async Task<(Access? Access, AccessRefusal Refusal)> FindByPasswordAsync(
        string email, string password, CredentialDigest digest, Func<ValueTask<bool>> mayTry, CancellationToken ct)
    {
        var snapshot = cache.Begin();
        var (userId, refusal) = await passwords.CheckForHeaderAsync(email, password, digest, mayTry, ct);
        if (userId is not { } id)
            return (null, refusal);
        var access = await ReadAsync(id, token: null, ct);
        if (access is null)
            return (null, AccessRefusal.Unknown);
        if (access.PasswordIsTemporary)
            return (null, AccessRefusal.PasswordIsTemporary);
        snapshot.Keep(digest, access);
        return (access, AccessRefusal.None);
    }

    /// <summary>Null for a user who does not exist or is disabled.</summary>
    public async ValueTask<Access?> FindByUserAsync(long userId, CancellationToken ct)
    {
        if (cache.Find(userId) is { } known)
            return known;
        var snapshot = cache.Begin();
        var access = await ReadAsync(userId, token: null, ct);
        if (access is not null)
            snapshot.Keep(userId, access);
        return access;
    }

    private async Task<Access?> ReadAsync(long userId, ApiToken? token, CancellationToken ct)
    {
        var user = await db.Users.AsNoTracking().Where(u => u.Id == userId && !u.IsDisabled)
            .Select(u => new
            {
                u.UserName,
                u.DisplayName,
                u.SecurityStamp,
                Roles = db.UserRoles.Where(r => r.UserId == u.Id).Sum(r => r.RoleId),
            })
            .SingleOrDefaultAsync(ct);
        if (user is null)
            return null;

        var grants = await db.Grants.AsNoTracking()
            .Where(g => g.UserId == userId
                || db.TeamMembers.Any(m => m.UserId == userId && m.TeamId == g.TeamId))
            .Select(g => new GrantRule(g.Kind, g.ObjectId, g.Pattern, g.Permissions))
            .ToListAsync(ct);

        var current = new CurrentUser
        {
            Id = userId,
            Name = user.UserName ?? "",
            DisplayName = user.DisplayName,
            Roles = (RegistryRole)user.Roles,
            Scopes = token?.Scopes ?? TokenScope.All,
            TokenId = token?.Id,
            Grants = grants,
        };
        var marks = token is null
            ? await db.UserTokens.AsNoTracking().Where(t => t.UserId == userId).ToListAsync(ct)
            : [];
        return new Access(current, user.SecurityStamp ?? "", token?.ExpiresMs ?? long.MaxValue)
        {
            PasswordIsTemporary = AccountMarks.IsTemporary(marks),
            EndedSessions = marks.Where(m => m.LoginProvider == AccountMarks.EndedSessions).Select(m => m.Name).ToHashSet(),
        };
    }
}
