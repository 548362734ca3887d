using System.Globalization;
using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Audit;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Core.Identity;

public sealed record NewToken(string Name, TokenScope Scopes, int ExpiresDays = NewToken.DefaultDays)
{
    public const int DefaultDays = 90;
    public const int MaxDays = 365;
}

/// <summary>The only time that <paramref name="Secret"/> is known.</summary>
public sealed record CreatedToken(ApiToken Token, string Secret);

/// <summary>Makes, lists and revokes tokens: one's own, or anybody's for admins.</summary>
public sealed class TokenService(
    RegistryDbContext db, CurrentUserHolder caller, AuditTrail audit, AccessCache cache, TimeProvider time)
{
    // More than anybody reads; a script that makes one per run should be noticed.
    private const int MaxActivePerUser = 200;
    private const long DayMs = 86_400_000;

    public async Task<CreatedToken> CreateAsync(long userId, NewToken input, CancellationToken ct)
    {
        RequireOwnerOrAdmin(userId);
        var name = AccountRules.Line("name", input.Name, ApiToken.MaxNameLength);
        if (name.Length == 0)
            throw new InvalidArgumentException("name", "Give the token a name that says where it is used.");
        if (input.ExpiresDays is < 1 or > NewToken.MaxDays)
        {
            throw new InvalidArgumentException("expires-days",
                $"A token lives 1 to {NewToken.MaxDays} days; {input.ExpiresDays} is not allowed.");
        }

        if (input.Scopes == TokenScope.None)
            throw new InvalidArgumentException("scopes", "Give the token at least one scope.");
        if (caller.User.TokenId is not null && !caller.User.Scopes.HasFlag(input.Scopes))
            throw new ForbiddenException("Permission denied: a token cannot make one with more scopes than its own.");

        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        var secret = ApiTokenSecret.Create();
        var token = new ApiToken
        {
            UserId = userId,
            Name = name,
            Prefix = ApiTokenSecret.Prefix(secret),
            SecretHash = ApiTokenSecret.Digest(secret).ToArray(),
            Scopes = input.Scopes,
            CreatedMs = nowMs,
            ExpiresMs = nowMs + input.ExpiresDays * DayMs,
        };
        await using var transaction = await db.BeginWriteAsync(ct);
        if (!await db.Users.AnyAsync(u => u.Id == userId && !u.IsDisabled, ct))
            throw new NotFoundException("User", userId.ToString(CultureInfo.InvariantCulture));
        if (await Active(userId, nowMs).CountAsync(ct) >= MaxActivePerUser)
        {
            throw new ConflictException("Token", name,
                $"There are {MaxActivePerUser} active tokens already; revoke some that are no longer used.");
        }

        if (await Active(userId, nowMs).AnyAsync(t => t.Name == name, ct))
            throw new AlreadyExistsException("Token", name, $"There is an active token '{name}' already; take another name.");
        db.Add(token);
        await db.SaveChangesAsync(ct);
        audit.Record(db, new AuditEntry("token.created", "token", token.Prefix)
        {
            After = new { token.UserId, Scopes = TokenScopes.Format(token.Scopes), token.ExpiresMs },
        });
        await db.SaveChangesAsync(ct);
        // Nothing that is in memory changes by a new token, so nobody has to forget anything.
        await transaction.CommitAsync(ct);
        return new CreatedToken(token, secret);
    }

    /// <summary>Those that are neither revoked nor expired for a month, newest first.</summary>
    public async Task<IReadOnlyList<ApiToken>> ListAsync(long userId, CancellationToken ct)
    {
        RequireOwnerOrAdmin(userId);
        var sinceMs = time.GetUtcNow().ToUnixTimeMilliseconds() - 30 * DayMs;
        return await Active(userId, sinceMs).AsNoTracking().OrderByDescending(t => t.Id).ToListAsync(ct);
    }

    /// <summary>Refused from the next request on; on other nodes within seconds.</summary>
    public async Task RevokeAsync(long userId, long tokenId, CancellationToken ct)
    {
        RequireOwnerOrAdmin(userId);
        await using var transaction = await db.BeginWriteAsync(ct);
        var token = await db.ApiTokens.SingleOrDefaultAsync(t => t.Id == tokenId && t.UserId == userId, ct)
            ?? throw new NotFoundException("Token", tokenId.ToString(CultureInfo.InvariantCulture));
        if (token.RevokedMs is not null)
            return;
        token.RevokedMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        audit.Record(db, new AuditEntry("token.revoked", "token", token.Prefix) { After = new { token.UserId } });
        await db.SaveChangesAsync(ct);
        await cache.CommitAsync(db, transaction, ct);
    }

    private IQueryable<ApiToken> Active(long userId, long nowMs) =>
        db.ApiTokens.Where(t => t.UserId == userId && t.RevokedMs == null && t.ExpiresMs > nowMs);

    private void RequireOwnerOrAdmin(long userId)
    {
        if (caller.User.Id != userId || caller.User.Id == 0)
            caller.User.Require(InstanceRight.Administer);
    }
}
