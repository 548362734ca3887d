using System.Collections.Concurrent;
using System.Text.Json;
using ModelRegistry.Core.Tracking;

namespace ModelRegistry.Web.MlflowApi;

/// <summary>
/// Runs as they went over the wire, each with the version it had: right until the run is written to, which every search
/// and every get asks the database. Singleton, thread-safe, bounded by its bytes.
/// </summary>
internal sealed class RunJsonCache
{
    private const long MaxBytes = 128L * 1024 * 1024;
    private const int MaxRunBytes = 256 * 1024;

    private readonly ConcurrentDictionary<long, (long Version, byte[] Json)> _runs = new();
    private long _bytes;

    /// <summary>The JSON of each head, in order. Runs that were purged meanwhile are left out.</summary>
    public async Task<IReadOnlyList<byte[]>> GetAsync(RunService runs, IReadOnlyList<RunHead> heads, CancellationToken ct)
    {
        var result = new byte[heads.Count][];
        List<RunHead>? missing = null;
        for (var i = 0; i < heads.Count; i++)
        {
            if (_runs.TryGetValue(heads[i].Id, out var known) && known.Version == heads[i].Version)
                result[i] = known.Json;
            else
                (missing ??= []).Add(heads[i]);
        }

        if (missing is null)
            return result;
        var loaded = new Dictionary<long, byte[]>(missing.Count);
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(4096);
        foreach (var record in await runs.LoadAsync(missing, ct))
        {
            buffer.ResetWrittenCount();
            using (var writer = new Utf8JsonWriter(buffer, MlflowCall.WriterOptions))
                RunJson.Write(writer, record);
            var json = buffer.WrittenSpan.ToArray();
            loaded[record.Run.Id] = json;
            Keep(record.Run.Id, record.Run.Version, json);
        }

        for (var i = 0; i < heads.Count; i++)
            result[i] ??= loaded.GetValueOrDefault(heads[i].Id)!;
        return loaded.Count == missing.Count ? result : [.. result.Where(json => json is not null)];
    }

    private void Keep(long runId, long version, byte[] json)
    {
        if (json.Length > MaxRunBytes)
            return;
        if (Interlocked.Read(ref _bytes) > MaxBytes)
        {
            // Everything goes: what is asked for comes back at the price of one read.
            _runs.Clear();
            Interlocked.Exchange(ref _bytes, 0);
        }

        var before = _runs.TryGetValue(runId, out var old) ? old.Json.Length : 0;
        _runs[runId] = (version, json);
        Interlocked.Add(ref _bytes, json.Length - before);
    }
}
