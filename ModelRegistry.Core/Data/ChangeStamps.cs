using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace ModelRegistry.Core.Data;

/// <summary>
/// Reads change stamps for caches. A read that starts after a commit sees that commit; readers that arrive while one
/// query is under way share the next one, so a thousand requests cost a handful of queries. Singleton, thread-safe.
/// </summary>
public sealed class ChangeStamps(IServiceScopeFactory scopes)
{
    private readonly Lock _lock = new();
    private Task<Dictionary<string, long>>? _running;
    private Task<Dictionary<string, long>>? _next;

    public async ValueTask<long> ReadAsync(string name)
    {
        var stamps = await Join();
        return stamps[name];
    }

    // Whoever joins the query that is already running might get a value from before its own last write, so it waits for
    // the one after.
    private Task<Dictionary<string, long>> Join()
    {
        lock (_lock)
        {
            if (_running is null || _running.IsCompleted)
                return _running = QueryAsync();
            return _next ??= AfterAsync(_running);
        }
    }

    private async Task<Dictionary<string, long>> AfterAsync(Task<Dictionary<string, long>> running)
    {
        await running.ContinueWith(static _ => { }, TaskScheduler.Default);
        Task<Dictionary<string, long>> mine;
        lock (_lock)
        {
            _next = null;
            mine = _running = QueryAsync();
        }

        return await mine;
    }

    private async Task<Dictionary<string, long>> QueryAsync()
    {
        await Task.Yield();
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<RegistryDbContext>();
        return await db.ChangeStamps.AsNoTracking().ToDictionaryAsync(s => s.Name, s => s.Value);
    }
}
