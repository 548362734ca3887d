using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Core.Artifacts;

/// <summary>
/// Writes down that something is used: once a day for each thing and node, before the first byte is sent. Rules count in
/// days, so nothing is lost between; and what was written before it was served cannot be lost in a crash, which would
/// delete too early.
/// </summary>
public sealed class UseLog(IServiceScopeFactory scopes, TimeProvider time, ILogger<UseLog> log)
{
    private const int MostKept = 100_000;

    private readonly ConcurrentDictionary<string, int> _written = new(StringComparer.Ordinal);

    public async Task RecordAsync(string key, CancellationToken ct)
    {
        var day = UtcDay.Of(time.GetUtcNow().ToUnixTimeMilliseconds());
        if (_written.TryGetValue(key, out var last) && last >= day)
            return;
        try
        {
            await WriteAsync(key, day, ct);
        }
        catch (Exception e) when (e is DbException or DbUpdateException or UnavailableException && !ct.IsCancellationRequested)
        {
            // A database that takes no writes deletes nothing either: what is asked for is served.
            log.UseNotWritten(key, e);
            return;
        }

        if (_written.Count >= MostKept)
            _written.Clear();
        _written[key] = day;
    }

    private async Task WriteAsync(string key, int day, CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<RegistryDbContext>();
        // The second time after another node made the row just then.
        for (var attempt = 0; attempt < 2; attempt++)
        {
            await using var write = await db.BeginWriteAsync(ct);
            var there = await db.LastUses.Where(u => u.Key == key)
                .ExecuteUpdateAsync(set => set.SetProperty(u => u.Day, u => u.Day > day ? u.Day : day), ct);
            try
            {
                if (there == 0)
                {
                    db.Add(new LastUse { Key = key, Day = day });
                    await db.SaveChangesAsync(ct);
                }

                await write.CommitAsync(ct);
                return;
            }
            catch (DbUpdateException e) when (attempt == 0 && db.IsUniqueViolation(e))
            {
                db.ChangeTracker.Clear();
            }
        }
    }
}
