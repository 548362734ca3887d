using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Audit;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Core.Identity;

/// <summary>What people change of their own account. Only in a session: a leaked token must not take an account over.</summary>
public sealed class AccountService(
    RegistryDbContext db, UserManager<RegistryUser> users, PasswordService passwords, CurrentUserHolder caller,
    AuditTrail audit, AccessCache cache, TimeProvider time)
{
    public async Task<RegistryUser> GetAsync(CancellationToken ct)
    {
        RequireSession();
        return await db.Users.AsNoTracking().SingleAsync(u => u.Id == caller.User.Id, ct);
    }

    public async Task RenameAsync(string displayName, CancellationToken ct)
    {
        RequireSession();
        var name = AccountRules.DisplayName(displayName);
        // Names are personal: the trail says that there was a change, the user table what it is now.
        await ChangeAsync("user.renamed", user =>
        {
            user.DisplayName = name;
            return Task.CompletedTask;
        }, ct);
    }

    /// <summary>Whether mails come of all notices, or only of those that ask for something.</summary>
    public async Task<bool> WantsFewerMailsAsync(CancellationToken ct)
    {
        RequireSession();
        return await AccountMarks.WithMark(db, AccountMarks.FewerMails).ContainsAsync(caller.User.Id, ct);
    }

    /// <summary>Who of them chose that.</summary>
    internal static async Task<IReadOnlySet<long>> WantFewerMailsAsync(RegistryDbContext db, IReadOnlyCollection<long> userIds, CancellationToken ct) =>
        (await AccountMarks.WithMark(db, AccountMarks.FewerMails).Where(id => userIds.Contains(id)).ToListAsync(ct)).ToHashSet();

    public async Task SetFewerMailsAsync(bool fewer, CancellationToken ct)
    {
        RequireSession();
        await ChangeAsync("user.mails-chosen", user => AccountMarks.SetAsync(db, user.Id, AccountMarks.FewerMails, fewer, ct), ct);
    }

    /// <summary>Ends all other sessions; the caller's own goes on under the stamp that is returned.</summary>
    public async Task<RegistryUser> ChangePasswordAsync(string current, string replacement, CancellationToken ct)
    {
        RequireSession();
        var user = await passwords.CheckAsync(caller.User.Name, current, ct)
            ?? throw new InvalidArgumentException("current",
                "The current password is wrong. After five wrong ones the account waits for 15 minutes.");
        if (current == replacement)
            throw new InvalidArgumentException("password", "The new password is the same as the current one.");
        var hash = await users.HashValidPasswordAsync(user, replacement);
        return await ChangeAsync("user.password-changed", changed =>
        {
            changed.PasswordHash = hash;
            changed.SecurityStamp = RandomNumberGenerator.GetHexString(32);
            return AccountMarks.SetAsync(db, changed.Id, AccountMarks.PasswordIsTemporary, false, ct);
        }, ct);
    }

    /// <summary>The session's cookie is worthless from now on, wherever it was copied to.</summary>
    public async Task EndSessionAsync(string sessionId, long endsMs, CancellationToken ct)
    {
        RequireSession();
        var userId = caller.User.Id;
        await using var transaction = await db.BeginWriteAsync(ct);
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        var ended = await db.UserTokens
            .Where(t => t.UserId == userId && t.LoginProvider == AccountMarks.EndedSessions).ToListAsync(ct);
        db.UserTokens.RemoveRange(ended.Where(t => long.Parse(t.Value!, CultureInfo.InvariantCulture) < nowMs));
        if (ended.All(t => t.Name != sessionId))
        {
            db.UserTokens.Add(AccountMarks.New(userId, AccountMarks.EndedSessions, sessionId,
                endsMs.ToString(CultureInfo.InvariantCulture)));
        }

        await db.SaveChangesAsync(ct);
        await cache.CommitAsync(db, transaction, ct);
    }

    private async Task<RegistryUser> ChangeAsync(string action, Func<RegistryUser, Task> change, CancellationToken ct)
    {
        await using var transaction = await db.BeginWriteAsync(ct);
        var user = await db.Users.SingleAsync(u => u.Id == caller.User.Id, ct);
        await change(user);
        audit.Record(db, new AuditEntry(action, "user", user.Id.ToString(CultureInfo.InvariantCulture)));
        await db.SaveChangesAsync(ct);
        await cache.CommitAsync(db, transaction, ct);
        return user;
    }

    private void RequireSession()
    {
        if (caller.User.TokenId is not null || caller.User.Id == 0)
            throw new ForbiddenException("Permission denied: an account is changed in the browser, not with a token.");
    }
}
