using ModelRegistry.Core.Registry;

namespace ModelRegistry.Web.Pages.Components;

/// <summary>Moves of stages and aliases in words.</summary>
public static class Histories
{
    public static IReadOnlyList<TimelineEntry> Of(string modelName, IEnumerable<HistoryEntry> history) =>
        [.. history.Select(e => e.Stage is { } stage ? Stage(modelName, stage, e.UserName) : Alias(modelName, e.Alias!, e.UserName))];

    private static TimelineEntry Stage(string modelName, StageTransition move, string who) => new(move.AtMs, who, move.FromName is { } from
        ? $"moved version {move.Number} from {from} to {move.ToName}"
        : $"registered version {move.Number}")
    {
        Icon = move.From is null ? "plus" : StageLooks.Of(move.To).Icon,
        Tone = move.From is null ? "blue" : StageLooks.Of(move.To).Tone,
        Reason = move.Reason,
        Href = Urls.Version(modelName, move.Number),
    };

    private static TimelineEntry Alias(string modelName, AliasChange change, string who) => new(change.AtMs, who,
        (change.FromNumber, change.ToNumber) switch
        {
            (null, { } to) => $"set @{change.Alias} to version {to}",
            ({ } from, null) => $"removed @{change.Alias} from version {from}",
            var (from, to) => $"moved @{change.Alias} from version {from} to version {to}",
        })
    {
        Icon = "at",
        Tone = change.ToNumber is null ? "slate" : "grey",
        Reason = change.Reason,
        Href = change.ToNumber is { } number ? Urls.Version(modelName, number) : null,
    };
}
