using System.Collections.Concurrent;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Core.Tracking;

/// <summary>
/// Knows whether params are stored already with these values: trainers log the same ones again and again, and that need
/// not wait for the writer. A param is written once, so what is in memory stays right; whether the run is still active is
/// asked of the database each time. Singleton, thread-safe.
/// </summary>
public sealed class StoredParams(ReadConnections connections)
{
    private const int MaxRuns = 10_000;
    /// <summary>A run with more is asked of the database.</summary>
    private const int MaxParamsOfRun = 1000;

    private readonly ConcurrentDictionary<long, Dictionary<string, string>> _params = new();

    /// <summary>False where one is missing or has another value, or the run is not active: the writer decides then.</summary>
    public async ValueTask<bool> HasAllAsync(long runId, IReadOnlyList<(string Key, string Value)> wanted, CancellationToken ct)
    {
        if (!(_params.TryGetValue(runId, out var known) && Match(known, wanted)))
        {
            known = await ReadAsync(runId, ct);
            if (!Match(known, wanted))
                return false;
            Keep(runId, known);
        }

        return await IsActiveAsync(runId, ct);
    }

    private static bool Match(Dictionary<string, string> known, IReadOnlyList<(string Key, string Value)> wanted)
    {
        foreach (var (key, value) in wanted)
        {
            if (!known.TryGetValue(key, out var stored) || stored != value)
                return false;
        }

        return true;
    }

    private void Keep(long runId, Dictionary<string, string> known)
    {
        if (known.Count > MaxParamsOfRun)
            return;
        if (_params.Count >= MaxRuns)
            _params.Clear();
        _params[runId] = known;
    }

    private async Task<Dictionary<string, string>> ReadAsync(long runId, CancellationToken ct)
    {
        var known = new Dictionary<string, string>(StringComparer.Ordinal);
        using var connection = await connections.RentAsync(ct);
        await using var row = await connection.Command(
            "SELECT \"key\", value FROM params WHERE run_id = @run", keep: true, ("@run", runId)).ExecuteReaderAsync(ct);
        while (await row.ReadAsync(ct))
            known[row.GetString(0)] = row.GetString(1);
        return known;
    }

    private async Task<bool> IsActiveAsync(long runId, CancellationToken ct)
    {
        using var connection = await connections.RentAsync(ct);
        return await connection.Command("SELECT lifecycle FROM runs WHERE id = @run", keep: true, ("@run", runId))
            .ExecuteScalarAsync(ct) is { } lifecycle && Convert.ToInt32(lifecycle, System.Globalization.CultureInfo.InvariantCulture) == 0;
    }
}
