using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace ModelRegistry.Tests.Support;

/// <param name="Rows">That came back to the mapper; those of the hand-written hot paths are not told by their drivers.</param>
public sealed record CountedAnswer(HttpStatusCode Status, string Text, IReadOnlyList<string> Statements, int Rows);

/// <summary>
/// What one request asks of the database. What drivers tell they tell of the whole process: each request carries a trace
/// id of its own, so other tests and the jobs behind the pages are not counted.
/// </summary>
public static class CountedQueries
{
    private static readonly ConcurrentDictionary<ActivityTraceId, Counter> Counters = new();

    static CountedQueries()
    {
        DiagnosticListener.AllListeners.Subscribe(new MapperWatch());
        ActivitySource.AddActivityListener(new ActivityListener
        {
            ShouldListenTo = source => source.Name is "Npgsql" or "Microsoft.AspNetCore",
            Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
                Counters.ContainsKey(options.TraceId) ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            ActivityStopped = activity =>
            {
                if (activity.GetTagItem("db.query.text") is string text && Counters.TryGetValue(activity.TraceId, out var counter))
                    counter.OfTheDriver.Enqueue(text);
            },
        });
    }

    /// <summary>Before the registry starts: the mapper remembers for a second that nobody listened.</summary>
    public static void Watch() => ArgumentNullException.ThrowIfNull(Counters);

    /// <summary>Sends a request, and counts until its answer has been read.</summary>
    public static async Task<CountedAnswer> CountAsync(this HttpClient client, HttpRequestMessage request)
    {
        var trace = ActivityTraceId.CreateRandom();
        var counter = Counters[trace] = new Counter();
        try
        {
            request.Headers.Add("traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom()}-01");
            using var response = await client.SendAsync(request);
            var text = await response.Content.ReadAsStringAsync();
            // PostgreSQL's driver tells of the hot paths too; SQLite's tells nothing, and the mapper only of its own.
            return new CountedAnswer(response.StatusCode, text, [.. counter.OfTheDriver.IsEmpty ? counter.OfTheMapper : counter.OfTheDriver], counter.Rows);
        }
        finally
        {
            Counters.TryRemove(trace, out _);
        }
    }

    private static Counter? Current => Activity.Current is { } activity ? Counters.GetValueOrDefault(activity.TraceId) : null;

    private sealed class Counter
    {
        private int _rows;

        public ConcurrentQueue<string> OfTheMapper { get; } = new();
        public ConcurrentQueue<string> OfTheDriver { get; } = new();
        public int Rows => _rows;

        public void Add(int rows) => Interlocked.Add(ref _rows, rows);
    }

    private sealed class MapperWatch : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>
    {
        public void OnNext(DiagnosticListener value)
        {
            if (value.Name == "Microsoft.EntityFrameworkCore")
                value.Subscribe(this, name => name == RelationalEventId.CommandExecuted.Name || name == RelationalEventId.DataReaderDisposing.Name);
        }

        public void OnNext(KeyValuePair<string, object?> value)
        {
            if (Current is not { } counter)
                return;
            if (value.Value is CommandExecutedEventData executed)
                counter.OfTheMapper.Enqueue(executed.Command.CommandText);
            else if (value.Value is DataReaderDisposingEventData read)
                counter.Add(read.ReadCount);
        }

        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }
    }
}
