using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Core.Identity;

/// <summary>Remembers which tokens were used in this hour, to be written down now and then.</summary>
public sealed class TokenUse(TimeProvider time)
{
    private const long HourMs = 3_600_000;

    private readonly ConcurrentDictionary<long, long> _unwritten = new();

    public void Note(Access access)
    {
        var hour = time.GetUtcNow().ToUnixTimeMilliseconds() / HourMs;
        if (access.User.TokenId is { } token && access.IsFirstUseIn(hour))
            _unwritten[token] = hour * HourMs;
    }

    internal async Task WriteAsync(RegistryDbContext db, CancellationToken ct)
    {
        if (_unwritten.IsEmpty)
            return;
        await using var transaction = await db.BeginWriteAsync(ct);
        var written = _unwritten.ToArray();
        foreach (var (token, usedMs) in written)
        {
            await db.ApiTokens.Where(t => t.Id == token && (t.LastUsedMs == null || t.LastUsedMs < usedMs))
                .ExecuteUpdateAsync(set => set.SetProperty(t => t.LastUsedMs, usedMs), ct);
        }

        await transaction.CommitAsync(ct);
        foreach (var entry in written)
            _unwritten.TryRemove(entry);
    }
}
