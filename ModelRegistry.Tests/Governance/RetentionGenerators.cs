using CsCheck;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Registry;
using ModelRegistry.Core.Retention;

namespace ModelRegistry.Tests.Governance;

/// <summary>Small worlds in which rules meet each other often: few names, few tags, days close together.</summary>
internal static class RetentionGenerators
{
    public const int Today = 20_000;

    private static readonly Gen<bool?> MaybeKnown = Gen.Frequency((12, Only<bool?>(false)), (3, Only<bool?>(true)), (1, Only<bool?>(null)));
    private static readonly Gen<int?> Day = Gen.Frequency((9, Gen.Int[Today - 60, Today].Select(d => (int?)d)), (1, Only<int?>(null)));
    private static readonly Gen<int?> LockDay = Gen.Frequency((12, Only<int?>(null)), (1, Gen.Int[Today - 5, Today + 5].Select(d => (int?)d)));

    private static readonly Gen<IReadOnlyDictionary<string, string>?> Tags = Gen.Frequency(
        (15, Gen.Select(
            OneOf<string?>(null, null, "a", "b"),
            Gen.Frequency((5, Only<string?>(null)), (1, Gen.Int[Today - 10, Today + 10].Select(d => (string?)Shown(d)))),
            Gen.Frequency((12, Only<string?>(null)), (1, Gen.Int[Today - 10, Today + 10].Select(d => (string?)Shown(d))), (1, Only<string?>("soon"))),
            Gen.Frequency((12, Only<string?>(null)), (1, Gen.Int[Today - 10, Today + 10].Select(d => (string?)Shown(d)))))
            .Select((team, withdrawn, keep, delete) =>
            {
                var tags = new Dictionary<string, string>();
                Add("team", team);
                Add("withdrawn", withdrawn);
                Add(RuleEngine.KeepUntilTag, keep);
                Add(RuleEngine.DeleteOnTag, delete);
                return (IReadOnlyDictionary<string, string>?)tags;

                void Add(string key, string? value)
                {
                    if (value is not null)
                        tags[key] = value;
                }
            })),
        (1, Only<IReadOnlyDictionary<string, string>?>(null)));

    private static readonly Gen<RetentionDefinition> Definition = Gen.Select(
        Gen.Select(OneOf<string?>(null, "churn", "churn-*", "fraud"), OneOf<string?>(null, null, "a", "*any"),
            OneOf<string?>(null, null, "Experiment", "Archived", "shadow", "Can*")),
        Gen.Select(OneOf(Enum.GetValues<RetentionTrigger>()), Maybe(1, 70), Gen.Frequency((8, Only<int?>(null)), (1, Gen.Int[Today - 3, Today + 3].Select(d => (int?)d)))),
        Gen.Select(Maybe(1, 4), Maybe(1, 30), Maybe(1, 70), Gen.Frequency((5, Only<int?>(null)), (1, Gen.Int[1, 40].Select(n => (int?)n)))))
        .Select((scope, retain, ends) => new RetentionDefinition
        {
            Subject = RetentionSubject.ModelVersions,
            Name = scope.Item1,
            Tag = scope.Item2 is null ? null : "team",
            TagValue = scope.Item2 == "a" ? "a" : null,
            Stage = scope.Item3,
            Trigger = retain.Item1,
            EventTag = retain.Item1 == RetentionTrigger.Event ? "withdrawn" : null,
            RetainDays = retain.Item2,
            RetainUntil = retain.Item3 is { } until ? UtcDay.ToDate(until) : null,
            KeepLast = ends.Item1,
            ProtectUsedDays = ends.Item4,
            ArchiveAfterDays = ends.Item2 < ends.Item3 ? ends.Item2 : null,
            DeleteAfterDays = ends.Item3 ?? (retain.Item2 is null && ends.Item1 is null ? 10 : null),
        });

    public static Gen<RetentionRule[]> Rules { get; } = Definition.Array[0, 5].Select(ds => ds.Select((d, i) => new RetentionRule(i + 1, d)).ToArray());

    /// <summary>Of a few models, newest first, as they are read.</summary>
    public static Gen<ItemFacts[]> Items { get; } = Gen.Select(
        Gen.Select(OneOf((1L, "churn"), (2L, "churn-b"), (3L, "fraud")), OneOf([null, new VersionStage("Draft", ModelStage.Experiment),
            new VersionStage("Shadow", ModelStage.Staging), new VersionStage("Canary", ModelStage.Production), .. VersionStage.BuiltIn]), Tags, Gen.Bool),
        Gen.Select(Day, Day, Day, MaybeKnown.Select(b => !b), Day),
        Gen.Select(MaybeKnown, MaybeKnown, MaybeKnown, MaybeKnown),
        Gen.Select(LockDay, LockDay, MaybeKnown))
        .Select((what, dates, uses, locks) => new ItemFacts
        {
            Subject = RetentionSubject.ModelVersions,
            Name = "",
            ContainerId = what.Item1.Item1,
            ContainerName = what.Item1.Item2,
            Stage = what.Item2,
            Tags = what.Item3,
            IsArchived = what.Item4,
            CreatedDay = dates.Item1,
            FinalisedDay = dates.Item2,
            RetiredDay = dates.Item3,
            IsFinished = dates.Item4,
            LastUsedDay = dates.Item5,
            IsHeld = uses.Item1,
            HasAlias = uses.Item2,
            IsReferenced = uses.Item3,
            IsDamaged = uses.Item4,
            ComplianceUntilDay = locks.Item1,
            GovernanceUntilDay = locks.Item2,
            IsPendingApproval = locks.Item3,
        }).Array[1, 14].Select(items => items.Select((item, i) => item with { Id = 100 - i, Name = $"{item.ContainerName}/{100 - i}" }).ToArray());

    /// <summary>The ids that would go.</summary>
    public static HashSet<long> Deleted(this IEnumerable<RetentionRule> rules, IEnumerable<ItemFacts> items, int today = Today)
    {
        var engine = new RuleEngine([.. rules], today);
        return [.. items.Where(i => engine.Decide(i).Action == RetentionAction.Delete).Select(i => i.Id)];
    }

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static Gen<T> Only<T>(T value) => Gen.Int[0, 0].Select(_ => value);

    private static Gen<int?> Maybe(int low, int high) => Gen.Frequency((2, Only<int?>(null)), (1, Gen.Int[low, high].Select(n => (int?)n)));

    private static string Shown(int day) => UtcDay.ToDate(day).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
}
