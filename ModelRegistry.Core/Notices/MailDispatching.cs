using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Core.Notices;

/// <summary>
/// Takes mails that are due and writes down what came of them. A mail is taken by moving its due time on, where it still is
/// what was read: of two nodes one changes the row. A node that dies lets go when that time comes, and the mail is sent
/// again with the same id.
/// </summary>
internal sealed class MailQueue(RegistryDbContext db, MailSender sender, TimeProvider time, ILogger<MailQueue> log)
{
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan[] Delays =
    [
        TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(6), TimeSpan.FromHours(12),
    ];

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Sends one that is due; false where none is.</summary>
    public async Task<bool> SendNextAsync(CancellationToken ct)
    {
        db.ChangeTracker.Clear();
        var now = NowMs;
        var due = await db.NoticeMails.Where(m => m.State == MailState.Pending && m.NextAttemptMs <= now)
            .OrderBy(m => m.NextAttemptMs).ThenBy(m => m.NoticeId).Select(m => (long?)m.NoticeId).FirstOrDefaultAsync(ct);
        if (due is not { } id)
            return false;
        var until = now + (long)Lease.TotalMilliseconds;
        var taken = await db.NoticeMails.Where(m => m.NoticeId == id && m.State == MailState.Pending && m.NextAttemptMs <= now)
            .ExecuteUpdateAsync(set => set.SetProperty(m => m.NextAttemptMs, until).SetProperty(m => m.Attempts, m => m.Attempts + 1), ct);
        if (taken == 1)
            await SendAsync(id, ct);
        return true;
    }

    private async Task SendAsync(long id, CancellationToken ct)
    {
        var row = await (
            from mail in db.NoticeMails.AsNoTracking()
            where mail.NoticeId == id
            join user in db.Users on mail.Notice.UserId equals user.Id
            select new { mail.Attempts, mail.Notice, user.Email, user.IsDisabled, user.ErasedMs }).SingleAsync(ct);
        if (row.IsDisabled || row.ErasedMs is not null || row.Email is null || row.Notice.ReadMs is not null)
        {
            await EndAsync(id, MailState.Cancelled, null, ct);
            return;
        }

        if (row.Attempts > Delays.Length + 1)
        {
            await EndAsync(id, MailState.Failed, "Each attempt ended with the server.", ct);
            return;
        }

        var result = await sender.SendAsync(row.Notice, row.Email, ct);
        // What was sent is written down even while the server stops.
        if (result.IsSent)
        {
            await EndAsync(id, MailState.Sent, null, CancellationToken.None);
        }
        else if (result.IsPassing && row.Attempts <= Delays.Length)
        {
            var next = NowMs + (long)(Delays[row.Attempts - 1].TotalMilliseconds * (1 + 0.2 * Random.Shared.NextDouble()));
            await db.NoticeMails.Where(m => m.NoticeId == id).ExecuteUpdateAsync(
                set => set.SetProperty(m => m.NextAttemptMs, next).SetProperty(m => m.Error, result.Error), CancellationToken.None);
        }
        else
        {
            log.MailFailed(row.Notice.NoticeUuid, row.Attempts, result.Error ?? "");
            await EndAsync(id, MailState.Failed, result.Error, CancellationToken.None);
        }
    }

    private Task<int> EndAsync(long id, MailState state, string? error, CancellationToken ct)
    {
        var now = NowMs;
        var text = error is null ? null : NameRules.Truncate(error, NoticeMail.MaxErrorLength);
        return db.NoticeMails.Where(m => m.NoticeId == id && m.State == MailState.Pending).ExecuteUpdateAsync(
            set => set.SetProperty(m => m.State, state).SetProperty(m => m.CompletedMs, now).SetProperty(m => m.Error, text), ct);
    }
}

/// <summary>Sends mails one after another, on every node; the queue gives each to one of them.</summary>
internal sealed class MailDispatching(IServiceScopeFactory scopes, ILogger<MailDispatching> log) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                bool sent;
                await using (var scope = scopes.CreateAsyncScope())
                    sent = await scope.ServiceProvider.GetRequiredService<MailQueue>().SendNextAsync(stoppingToken);
                if (!sent)
                    await Task.Delay(Pause, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e)
            {
                // The database is away, say. What is due stays due.
                log.MailingFailed(e);
                await Task.Delay(Pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
