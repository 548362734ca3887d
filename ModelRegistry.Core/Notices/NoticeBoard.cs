using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;

namespace ModelRegistry.Core.Notices;

/// <param name="Key">What it is about; a person is told each once, however often the same is written.</param>
/// <param name="ActorId">Who caused it; null where nobody did.</param>
public sealed record NewNotice(NoticeKind Kind, string Key, string Text, string Path, long? ActorId = null);

/// <summary>
/// Adds notices to the unit of work of a change, so that both are committed or neither, and nothing is lost when the process
/// ends in between. Call it before the SaveChanges of the change, in the same transaction.
/// </summary>
public sealed class NoticeBoard(MailOptions mail, TimeProvider time)
{
    public async Task AddAsync(RegistryDbContext db, NewNotice input, IReadOnlyCollection<long> userIds, CancellationToken ct)
    {
        if (userIds.Count == 0)
            return;
        var ids = userIds.ToArray();
        var told = await db.Notices.Where(n => n.Key == input.Key && EF.Parameter(ids).Contains(n.UserId)).Select(n => n.UserId).ToListAsync(ct);
        told.AddRange(db.Notices.Local.Where(n => n.Key == input.Key).Select(n => n.UserId));
        var people = await db.Users.Where(u => EF.Parameter(ids).Contains(u.Id) && !u.IsDisabled).Select(u => u.Id).ToListAsync(ct);
        var fewer = mail.IsOn && !NoticeKinds.AreAlwaysMailed(input.Kind) ? await AccountService.WantFewerMailsAsync(db, people, ct) : new HashSet<long>();
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var userId in people.Except(told))
        {
            var notice = new Notice
            {
                NoticeUuid = Guid.NewGuid(),
                UserId = userId,
                Kind = input.Kind,
                Key = input.Key,
                Text = NameRules.Shorten(Plain(input.Text), Notice.MaxTextLength),
                Path = input.Path,
                ActorId = input.ActorId,
                CreatedMs = now,
            };
            db.Add(notice);
            if (mail.IsOn && !fewer.Contains(userId))
                db.Add(new NoticeMail { Notice = notice, State = MailState.Pending, NextAttemptMs = now });
        }
    }

    /// <summary>There is nothing to be done about it any more, so it waits for nobody.</summary>
    public async Task SettleAsync(RegistryDbContext db, string key, CancellationToken ct)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        await db.Notices.Where(n => n.Key == key && n.ReadMs == null).ExecuteUpdateAsync(set => set.SetProperty(n => n.ReadMs, now), ct);
    }

    // A notice is a line wherever it is read: names that make lines, or turn the text around, do not.
    private static string Plain(string text) => string.Concat(text.Select(c =>
        char.IsControl(c) || char.GetUnicodeCategory(c) is System.Globalization.UnicodeCategory.Format or System.Globalization.UnicodeCategory.LineSeparator
            or System.Globalization.UnicodeCategory.ParagraphSeparator ? ' ' : c));
}
