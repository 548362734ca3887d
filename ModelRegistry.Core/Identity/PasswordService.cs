using System.Linq.Expressions;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Query;
using Microsoft.Extensions.Logging;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Core.Identity;

/// <summary>
/// Checks passwords, for the sign-in page and for clients that send one with each request. An attempt is counted before
/// the password is looked at, in one statement, so that guesses sent at the same time are counted too; the right one
/// sets the count back. Unknown, locked and wrong take the same time and have the same answer.
/// </summary>
public sealed class PasswordService(
    RegistryDbContext db, UserManager<RegistryUser> users, VerifiedPasswords verified, AccessCache cache, TimeProvider time,
    ILogger<PasswordService> log)
{
    private const int MaxLength = 256;

    // Of a password that nobody knows.
    private static readonly Lazy<string> DummyHash = new(() =>
        new PasswordHasher<RegistryUser>().HashPassword(new RegistryUser(), Guid.NewGuid().ToString()));

    /// <summary>The user, or null for an unknown name, a wrong password, a locked or a disabled account.</summary>
    public async Task<RegistryUser?> CheckAsync(string email, string password, CancellationToken ct)
    {
        if (email.Length > MaxLength || password.Length > MaxLength)
            return null;
        var user = await users.FindByNameAsync(email.Trim());
        if (user?.PasswordHash is null || user.IsDisabled || !await CountAttemptAsync(user.Id, ct))
        {
            users.PasswordHasher.VerifyHashedPassword(new RegistryUser(), DummyHash.Value, password);
            return null;
        }

        var result = users.PasswordHasher.VerifyHashedPassword(user, user.PasswordHash, password);
        if (result == PasswordVerificationResult.Failed)
        {
            await LockIfSpentAsync(user.Id, ct);
            return null;
        }

        await ClearAttemptsAsync(user, result, password, ct);
        return user;
    }

    /// <summary>As <see cref="CheckAsync"/>, but a password that was right is not hashed again until it changes.</summary>
    internal async Task<(long? UserId, AccessRefusal Refusal)> CheckForHeaderAsync(
        string email, string password, CredentialDigest digest, Func<ValueTask<bool>> mayTry, CancellationToken ct)
    {
        if (verified.Find(digest) is { } known)
        {
            var now = time.GetUtcNow();
            var stands = await db.Users.AnyAsync(u => u.Id == known.UserId && u.SecurityStamp == known.SecurityStamp
                && !u.IsDisabled && (u.LockoutEnd == null || u.LockoutEnd <= now), ct);
            if (stands)
                return (known.UserId, AccessRefusal.None);
            verified.Remove(digest);
        }

        if (!await mayTry())
            return (null, AccessRefusal.TooManyAttempts);
        var user = await CheckAsync(email, password, ct);
        if (user is null)
            return (null, AccessRefusal.Unknown);
        if (user.TwoFactorEnabled)
            return (null, AccessRefusal.SecondFactorNeeded);
        verified.Keep(digest, user.Id, user.SecurityStamp ?? "");
        return (user.Id, AccessRefusal.None);
    }

    private async Task<bool> CountAttemptAsync(long userId, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var max = users.Options.Lockout.MaxFailedAccessAttempts;
        var counted = await UpdateAsync(
            u => u.Id == userId && u.AccessFailedCount < max && (u.LockoutEnd == null || u.LockoutEnd <= now),
            set => set.SetProperty(u => u.AccessFailedCount, u => u.AccessFailedCount + 1), ct);
        if (counted == 1)
            return true;
        // The attempts are spent; where the process ended before it locked the account, it is locked now.
        await LockIfSpentAsync(userId, ct);
        return false;
    }

    private async Task LockIfSpentAsync(long userId, CancellationToken ct)
    {
        DateTimeOffset? until = time.GetUtcNow() + users.Options.Lockout.DefaultLockoutTimeSpan;
        var max = users.Options.Lockout.MaxFailedAccessAttempts;
        var locked = await UpdateAsync(
            u => u.Id == userId && u.AccessFailedCount >= max,
            set => set.SetProperty(u => u.AccessFailedCount, 0).SetProperty(u => u.LockoutEnd, until), ct);
        if (locked == 0)
            return;
        Log.AccountLocked(log, userId, until.Value);
        // A client whose password was taken before must not go on with it either.
        cache.Forget();
    }

    private async Task ClearAttemptsAsync(
        RegistryUser user, PasswordVerificationResult result, string password, CancellationToken ct)
    {
        var hash = result == PasswordVerificationResult.SuccessRehashNeeded
            ? users.PasswordHasher.HashPassword(user, password)
            : user.PasswordHash;
        await UpdateAsync(
            u => u.Id == user.Id && u.PasswordHash == user.PasswordHash,
            set => set
                .SetProperty(u => u.AccessFailedCount, 0)
                .SetProperty(u => u.LockoutEnd, (DateTimeOffset?)null)
                .SetProperty(u => u.PasswordHash, hash), ct);
        // The row was changed behind the tracked object.
        await db.Entry(user).ReloadAsync(ct);
    }

    private async Task<int> UpdateAsync(
        Expression<Func<RegistryUser, bool>> which, Action<UpdateSettersBuilder<RegistryUser>> set, CancellationToken ct)
    {
        await using var transaction = await db.BeginWriteAsync(ct);
        var count = await db.Users.Where(which).ExecuteUpdateAsync(set, ct);
        await transaction.CommitAsync(ct);
        return count;
    }
}
