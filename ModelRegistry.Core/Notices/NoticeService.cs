using System.Globalization;
using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;

namespace ModelRegistry.Core.Notices;

/// <summary>The caller's own notices. Nobody reads anybody else's.</summary>
public sealed class NoticeService(RegistryDbContext db, CurrentUserHolder caller, TimeProvider time)
{
    public const string Noun = "notice";
    /// <summary>Older ones go, read or not.</summary>
    public const int KeepDays = 180;
    private const int CleanUpBatch = 500;

    /// <summary>Newest first.</summary>
    public async Task<Page<Notice>> ListAsync(bool unreadOnly, int maxResults, string? pageToken, CancellationToken ct)
    {
        caller.User.RequireScope(TokenScope.Read);
        var me = caller.User.Id;
        var query = string.Create(CultureInfo.InvariantCulture, $"{Noun}|{me}|{unreadOnly}");
        var notices = db.Notices.AsNoTracking().Where(n => n.UserId == me && (!unreadOnly || n.ReadMs == null));
        if (PageToken.TryDecode<long>(pageToken, query, out var last))
            notices = notices.Where(n => n.Id < last);
        var found = await notices.OrderByDescending(n => n.Id).Take(maxResults + 1).ToListAsync(ct);
        var rows = found.Take(maxResults).ToList();
        return new Page<Notice>(rows, found.Count > rows.Count ? PageToken.Encode(rows[^1].Id, query) : null);
    }

    public Task<int> CountUnreadAsync(CancellationToken ct)
    {
        var me = caller.User.Id;
        return db.Notices.CountAsync(n => n.UserId == me && n.ReadMs == null, ct);
    }

    /// <summary>It is no mistake if it was read before.</summary>
    public async Task<Notice> ReadAsync(string id, CancellationToken ct)
    {
        caller.User.RequireScope(TokenScope.Read);
        var me = caller.User.Id;
        var notice = (Guid.TryParseExact(id, "D", out var uuid)
            ? await db.Notices.FirstOrDefaultAsync(n => n.NoticeUuid == uuid && n.UserId == me, ct) : null)
            ?? throw new NotFoundException(Noun, NameRules.Shorten(id, 40));
        notice.ReadMs ??= Now();
        await db.SaveChangesAsync(ct);
        return notice;
    }

    public async Task<int> ReadAllAsync(CancellationToken ct)
    {
        caller.User.RequireScope(TokenScope.Read);
        var (me, now) = (caller.User.Id, Now());
        return await db.Notices.Where(n => n.UserId == me && n.ReadMs == null).ExecuteUpdateAsync(set => set.SetProperty(n => n.ReadMs, now), ct);
    }

    /// <summary>Removes what is older than notices are kept, and those of people who were erased. For the registry itself.</summary>
    public async Task<int> CleanUpAsync(CancellationToken ct)
    {
        var before = Now() - KeepDays * 86_400_000L;
        var removed = 0;
        while (true)
        {
            var old = await db.Notices.Where(n => n.CreatedMs < before || db.Users.Any(u => u.Id == n.UserId && u.ErasedMs != null))
                .OrderBy(n => n.CreatedMs).Take(CleanUpBatch).Select(n => n.Id).ToListAsync(ct);
            if (old.Count == 0)
                return removed;
            await using var write = await db.BeginWriteAsync(ct);
            await db.NoticeMails.Where(m => old.Contains(m.NoticeId)).ExecuteDeleteAsync(ct);
            removed += await db.Notices.Where(n => old.Contains(n.Id)).ExecuteDeleteAsync(ct);
            await write.CommitAsync(ct);
        }
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
