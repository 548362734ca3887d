using System.Collections.Concurrent;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;
using ModelRegistry.Core.Tracking;

namespace ModelRegistry.Web.MlflowApi;

/// <summary>
/// Answers to searches for experiments, kept while no experiment changes: every client starts with one and the list
/// changes seldom. A user is the same object until something about access changes, so rights are part of the key.
/// Singleton, thread-safe.
/// </summary>
internal sealed class ExperimentAnswers(ChangeStamps stamps)
{
    private const int MaxEntries = 500;
    private const int MaxAnswerBytes = 256 * 1024;

    private readonly ConcurrentDictionary<(CurrentUser User, string Query), (long Stamp, byte[] Answer)> _answers = new();

    /// <summary>The stamp is read before the answer is made: an answer is as new as its stamp or newer.</summary>
    public async ValueTask<byte[]> GetAsync(
        CurrentUser user, ExperimentQuery query, Func<Task<byte[]>> make, CancellationToken ct)
    {
        var stamp = await stamps.ReadAsync(ChangeStamp.Experiments, ct);
        var key = (user, $"{query.Filter}\0{string.Join('\0', query.OrderBy)}\0{query.Lifecycle}\0{query.MaxResults}\0{query.PageToken}");
        if (_answers.TryGetValue(key, out var known) && known.Stamp == stamp)
            return known.Answer;
        var answer = await make();
        if (answer.Length > MaxAnswerBytes)
            return answer;
        if (_answers.Count >= MaxEntries)
            _answers.Clear();
        _answers[key] = (stamp, answer);
        return answer;
    }
}
