using System.Globalization;
using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Audit;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;

namespace ModelRegistry.Core.Notices;

/// <summary>
/// Tells people that a token of theirs ends within a week, and writes down that one has ended. Tokens are refused from that
/// moment on whether this has run or not: it only says so.
/// </summary>
public sealed class TokenExpiry(RegistryDbContext db, AuditTrail audit, NoticeBoard notices, TimeProvider time)
{
    public const int NoticeDays = 7;
    private const int BatchSize = 200;
    private const long DayMs = 86_400_000;

    public async Task<(int Told, int Expired)> RunAsync(CancellationToken ct) => (await EachAsync(EndingSoonAsync, ct), await EachAsync(EndedAsync, ct));

    private async Task<int> EachAsync(Func<long, CancellationToken, Task<int>> batch, CancellationToken ct)
    {
        var done = 0;
        while (true)
        {
            ct.ThrowIfCancellationRequested();
            db.ChangeTracker.Clear();
            await using var write = await db.BeginWriteAsync(ct);
            var count = await batch(time.GetUtcNow().ToUnixTimeMilliseconds(), ct);
            await db.SaveChangesAsync(ct);
            await write.CommitAsync(ct);
            done += count;
            if (count < BatchSize)
                return done;
        }
    }

    private async Task<int> EndingSoonAsync(long now, CancellationToken ct)
    {
        var soon = now + NoticeDays * DayMs;
        var tokens = await db.ApiTokens.Where(t => t.RevokedMs == null && t.ExpiryToldMs == null && t.ExpiresMs > now && t.ExpiresMs <= soon)
            .OrderBy(t => t.Id).Take(BatchSize).ToListAsync(ct);
        foreach (var token in tokens)
        {
            token.ExpiryToldMs = now;
            // Who makes one for a few days knows.
            if (token.ExpiresMs - token.CreatedMs > NoticeDays * DayMs)
            {
                await notices.AddAsync(db, new NewNotice(NoticeKind.TokenExpires, Key(token, "expires"),
                    $"Your access token “{token.Name}” ({token.Prefix}…) expires on {Day(token.ExpiresMs)}. What uses it is refused from then on: make a new one before.",
                    "/account/tokens"), [token.UserId], ct);
            }
        }

        return tokens.Count;
    }

    private async Task<int> EndedAsync(long now, CancellationToken ct)
    {
        var tokens = await db.ApiTokens.Where(t => t.RevokedMs == null && t.ExpiredMs == null && t.ExpiresMs <= now)
            .OrderBy(t => t.Id).Take(BatchSize).ToListAsync(ct);
        foreach (var token in tokens)
        {
            token.ExpiredMs = now;
            audit.Record(db, new AuditEntry("token.expired", "token", token.Prefix) { After = new { token.UserId, token.ExpiresMs } });
            await notices.SettleAsync(db, Key(token, "expires"), ct);
            await notices.AddAsync(db, new NewNotice(NoticeKind.TokenExpired, Key(token, "expired"),
                $"Your access token “{token.Name}” ({token.Prefix}…) has expired. What uses it is refused.", "/account/tokens"), [token.UserId], ct);
        }

        return tokens.Count;
    }

    private static string Key(ApiToken token, string what) => string.Create(CultureInfo.InvariantCulture, $"token/{token.Id}/{what}");

    private static string Day(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms).ToString("d MMMM yyyy 'at' HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
