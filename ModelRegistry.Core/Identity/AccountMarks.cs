using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Core.Identity;

/// <summary>Small facts about an account, kept in Identity's table of named values.</summary>
internal static class AccountMarks
{
    public const string PasswordIsTemporary = "password-is-temporary";

    /// <summary>No mail of notices that ask for nothing.</summary>
    public const string FewerMails = "fewer-mails";

    /// <summary>The name is a session's id, the value the time from which its cookie is worthless anyway.</summary>
    public const string EndedSessions = "ended-session";
    private const string Account = "account";

    /// <summary>Saved with the next SaveChanges.</summary>
    public static async Task SetAsync(RegistryDbContext db, long userId, string mark, bool value, CancellationToken ct)
    {
        var row = await db.UserTokens.SingleOrDefaultAsync(
            t => t.UserId == userId && t.LoginProvider == Account && t.Name == mark, ct);
        if (value && row is null)
            db.UserTokens.Add(New(userId, Account, mark, "1"));
        else if (!value && row is not null)
            db.UserTokens.Remove(row);
    }

    public static IQueryable<long> WithMark(RegistryDbContext db, string mark) =>
        db.UserTokens.Where(t => t.LoginProvider == Account && t.Name == mark).Select(t => t.UserId);

    public static bool IsTemporary(IEnumerable<IdentityUserToken<long>> rows) =>
        rows.Any(r => r.LoginProvider == Account && r.Name == PasswordIsTemporary);

    public static IdentityUserToken<long> New(long userId, string provider, string name, string value) =>
        new() { UserId = userId, LoginProvider = provider, Name = name, Value = value };
}
