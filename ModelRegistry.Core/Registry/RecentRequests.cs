using System.Collections.Concurrent;

namespace ModelRegistry.Core.Registry;

/// <summary>
/// Tells a request that was sent again because its answer was lost from one that only looks the same. A client sends
/// again after it has given the first request up, on another connection; one that has read its answer goes on using its
/// connection, and one that works in parallel has both requests open at the same time. Known to this process only: what
/// it knows nothing of may have been sent again. See docs/decisions for the whole rule. Singleton, thread-safe.
/// </summary>
public sealed class RecentRequests(TimeProvider time)
{
    /// <summary>MLflow's clients wait two minutes for an answer before they send again.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(125);
    private const int MaxEntries = 10_000;

    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <param name="fingerprint">Equal for requests that ask for the same thing of the same caller.</param>
    /// <param name="connection">What the request came over; null where that cannot be told (behind a proxy).</param>
    /// <param name="aborted">Signalled when the client has gone.</param>
    public Visit Enter(string fingerprint, string? connection, CancellationToken aborted)
    {
        var now = time.GetUtcNow();
        if (_entries.Count >= MaxEntries)
            Prune(now);
        var entry = _entries.GetOrAdd(fingerprint, static _ => new Entry());
        lock (entry)
        {
            var known = entry.LastUsed + Window >= now;
            if (!known)
                entry.Reset();
            if (entry.Open.Exists(v => !v.IsAborted))
                entry.IsConcurrent = true;
            var isElsewhere = connection is null || entry.Connection != connection;
            var visit = new Visit(entry, connection, isElsewhere, time, aborted);
            entry.LastUsed = now;
            entry.Open.Add(visit);
            return visit;
        }
    }

    private void Prune(DateTimeOffset now)
    {
        foreach (var (fingerprint, entry) in _entries)
        {
            if (entry.LastUsed + Window < now)
                _entries.TryRemove(fingerprint, out _);
        }

        if (_entries.Count >= MaxEntries)
            _entries.Clear();
    }

    internal sealed class Entry
    {
        public List<Visit> Open { get; } = [];
        public DateTimeOffset LastUsed { get; set; }
        public string? Connection { get; set; }
        public bool IsConcurrent { get; set; }

        public void Reset()
        {
            Connection = null;
            IsConcurrent = Open.Exists(v => !v.IsAborted);
        }
    }

    /// <summary>One request under way.</summary>
    public sealed class Visit : IDisposable
    {
        private readonly Entry _entry;
        private readonly string? _connection;
        private readonly CancellationToken _aborted;
        private readonly TimeProvider _time;

        private readonly bool _isElsewhere;

        internal Visit(Entry entry, string? connection, bool isElsewhere, TimeProvider time, CancellationToken aborted) =>
            (_entry, _connection, _isElsewhere, _time, _aborted) = (entry, connection, isElsewhere, time, aborted);

        /// <summary>It may be the same request, sent again. Ask when what the others made can be seen: a request that came
        /// first and was overtaken is one of many that run in parallel.</summary>
        public bool MayBeRepeat
        {
            get
            {
                lock (_entry)
                    return _isElsewhere && !_entry.IsConcurrent;
            }
        }

        internal bool IsAborted => _aborted.IsCancellationRequested;

        public void Dispose()
        {
            lock (_entry)
            {
                _entry.Open.Remove(this);
                _entry.LastUsed = _time.GetUtcNow();
                _entry.Connection = _connection;
            }
        }
    }
}
