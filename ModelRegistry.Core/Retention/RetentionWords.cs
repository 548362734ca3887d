using System.Globalization;
using ModelRegistry.Core.Registry;

namespace ModelRegistry.Core.Retention;

/// <summary>A policy as a sentence, so that whoever wrote it sees what they wrote.</summary>
public static class RetentionWords
{
    public static string Of(RetentionDefinition d)
    {
        var sentences = new List<string>();
        var things = Things(d);
        if (d.KeepLast is { } last)
            sentences.Add($"Keep {Newest(d, last)}.");
        if (d.RetainDays is { } retain)
            sentences.Add($"Keep {things} for {Days(retain)} after {Start(d)}.");
        if (d.RetainUntil is { } until)
            sentences.Add(string.Create(CultureInfo.InvariantCulture, $"Keep {things} until the end of {until:yyyy-MM-dd}."));
        if (d.ProtectUsedDays is { } used)
            sentences.Add($"Keep {things} that were used in the last {Days(used)}.");
        if (d.ArchiveAfterDays is { } archive)
            sentences.Add($"Archive {things} {Days(archive)} after {Start(d)}.");
        if (d.DeleteAfterDays is { } delete)
            sentences.Add($"Delete {things} {Days(delete)} after {Start(d)}, unless something keeps them.");
        if (d.IsDestructive)
        {
            sentences.Add(d.WaitDays == 0
                ? "Nothing goes before somebody else has approved the report."
                : $"Nothing goes before somebody else has approved the report and owners have had {Days(d.WaitDays)} to object.");
        }

        return string.Join(" ", sentences);
    }

    private static string Things(RetentionDefinition d) =>
        d.MatchesEverything ? $"all {Plural(d.Subject)}" : Conditions(d, Plural(d.Subject));

    private static string Newest(RetentionDefinition d, int last)
    {
        var things = last == 1 ? $"the newest {Singular(d.Subject)}" : $"the newest {Number(last)} {Plural(d.Subject)}";
        var isOfOne = d.Experiment is not null || (d.Name is { } name && !name.Contains('*'));
        return Conditions(d, isOfOne ? things : $"{things} of each {Container(d.Subject)}", isOfOne ? "of" : null);
    }

    // Of which models, where that is not said before; then the rest.
    private static string Conditions(RetentionDefinition d, string things, string? of = "of")
    {
        var text = things;
        if (d.Name is { } name and not "*")
        {
            text += !name.Contains('*') ? $" {of} the {Container(d.Subject)} {name}"
                : of is null ? $" named like {name}" : $" {of} {Container(d.Subject)}s named like {name}";
        }

        if (d.Experiment is { } experiment)
            text += $" of experiment {experiment}";
        if (d.Stage is { } stage)
            text += $" in the stage {stage}";
        if (d.Tag is { } tag)
            text += d.TagValue is { } value ? $" with the tag {tag} = {value}" : $" with the tag {tag}";
        return text;
    }

    private static string Start(RetentionDefinition d) => d.Trigger switch
    {
        RetentionTrigger.Created => d.Subject == RetentionSubject.ModelVersions ? "they were registered" : "the run started",
        RetentionTrigger.Finalised => d.Subject == RetentionSubject.ModelVersions ? "they were registered" : "the run ended",
        RetentionTrigger.LastUsed => "they were last used",
        RetentionTrigger.Retired => $"they went to the stage {ModelStage.Archived}",
        _ => $"the day that their tag {d.EventTag} gives",
    };

    private static string Singular(RetentionSubject subject) => subject switch
    {
        RetentionSubject.ModelVersions => "version",
        RetentionSubject.Runs => "run",
        _ => "run's files",
    };

    private static string Plural(RetentionSubject subject) => subject switch
    {
        RetentionSubject.ModelVersions => "versions",
        RetentionSubject.Runs => "runs",
        _ => "files of runs",
    };

    private static string Container(RetentionSubject subject) => subject == RetentionSubject.ModelVersions ? "model" : "experiment";

    private static string Days(int days) => days == 1 ? "1 day" : $"{Number(days)} days";

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
