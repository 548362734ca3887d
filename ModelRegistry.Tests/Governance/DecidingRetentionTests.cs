using CsCheck;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Registry;
using ModelRegistry.Core.Retention;

namespace ModelRegistry.Tests.Governance;

/// <summary>What the engine promises whatever the rules and the items are, each on thousands of random worlds.</summary>
public sealed class DecidingRetentionTests
{
    private const int Cases = 20_000;

    private static readonly Gen<(RetentionRule[] Rules, ItemFacts[] Items, int Pick)> World =
        Gen.Select(RetentionGenerators.Rules, RetentionGenerators.Items, Gen.Int[0, 1000]);

    [Fact]
    public void A_hold_a_lock_an_alias_a_reference_or_an_open_approval_never_makes_more_go() => World.Sample((rules, items, pick) =>
    {
        var i = pick % items.Length;
        foreach (var more in new Func<ItemFacts, ItemFacts>[]
        {
            f => f with { IsHeld = true }, f => f with { HasAlias = true }, f => f with { IsReferenced = true },
            f => f with { IsPendingApproval = true }, f => f with { Stage = VersionStage.Of(ModelStage.Production) }, f => f with { ComplianceUntilDay = RetentionGenerators.Today },
            f => f with { GovernanceUntilDay = RetentionGenerators.Today },
        })
        {
            // A stage changes which rules are about the item: only those without one are compared then.
            var compared = more(items[i]).Stage == items[i].Stage ? rules : [.. rules.Where(r => r.Definition!.Stage is null)];
            var after = items.ToArray();
            after[i] = more(items[i]);
            if (!compared.Deleted(after).IsSubsetOf(compared.Deleted(items)))
                return false;
        }

        return true;
    }, iter: Cases);

    [Fact]
    public void A_rule_that_retains_never_makes_more_go() => Gen.Select(World, RetentionGenerators.Rules).Sample((world, more) =>
    {
        var retaining = more.Select(r => new RetentionRule(r.PolicyId + 100, r.Definition! with
        {
            DeleteAfterDays = null,
            ArchiveAfterDays = null,
            KeepLast = r.Definition.KeepLast ?? 2,
        }));
        return world.Rules.Concat(retaining).Deleted(world.Items).IsSubsetOf(world.Rules.Deleted(world.Items));
    }, iter: Cases);

    [Fact]
    public void Without_a_rule_that_deletes_no_more_goes_unless_a_wider_one_was_behind_it() => World.Sample((rules, items, pick) =>
    {
        if (rules.Length == 0)
            return true;
        // What it retains stays in force: only its deletion is taken away.
        var i = pick % rules.Length;
        var less = rules.ToArray();
        less[i] = new RetentionRule(rules[i].PolicyId, rules[i].Definition! with { DeleteAfterDays = null });
        var added = less.Deleted(items).Except(rules.Deleted(items)).ToList();
        // The one exception is the precedence itself: a narrow rule with a later date had stood before a wide one.
        return added.All(id =>
        {
            var item = items.Single(f => f.Id == id);
            return rules[i].Covers(item) == true && rules.Any(r => r != rules[i] && r.Covers(item) == true
                && r.Definition!.DeleteAfterDays is not null && r.Level > rules[i].Level);
        });
    }, iter: Cases);

    [Fact]
    public void The_order_of_the_rules_says_nothing() => World.Sample((rules, items, _) =>
        Decisions(rules, items).SequenceEqual(Decisions([.. rules.Reverse()], items)), iter: Cases);

    [Fact]
    public void Only_a_day_that_has_come_makes_a_difference_to_the_next_day() => World.Sample((rules, items, _) =>
    {
        var today = Decisions(rules, items);
        var tomorrow = Decisions(rules, items, RetentionGenerators.Today + 1);
        // What is different has a date that passed in between.
        return today.Zip(tomorrow).All(pair => pair.First.Action == pair.Second.Action
            || pair.Second.Day == RetentionGenerators.Today + 1 || pair.First.Day <= RetentionGenerators.Today
            || pair.First.Rule is PrecedenceRule.KeepLast || pair.Second.Rule is PrecedenceRule.KeepLast);
    }, iter: Cases);

    [Fact]
    public void What_is_protected_never_goes() => World.Sample((rules, items, _) => items.Zip(Decisions(rules, items)).All(pair =>
        pair.Second.Action != RetentionAction.Delete || pair.First is
        {
            IsHeld: false, HasAlias: false, IsReferenced: false, IsDamaged: false, IsPendingApproval: false, IsFinished: true,
            Stage.Kind: not ModelStage.Production, ComplianceUntilDay: null or < RetentionGenerators.Today, GovernanceUntilDay: null or < RetentionGenerators.Today,
        }), iter: Cases);

    [Fact]
    public void A_lock_that_is_made_longer_never_makes_more_go() => World.Sample((rules, items, pick) =>
    {
        var i = pick % items.Length;
        return new Func<ItemFacts, ItemFacts>[]
        {
            f => f with { ComplianceUntilDay = (f.ComplianceUntilDay ?? RetentionGenerators.Today - 3) + pick % 7 },
            f => f with { GovernanceUntilDay = (f.GovernanceUntilDay ?? RetentionGenerators.Today - 3) + pick % 7 },
        }.All(longer =>
        {
            var after = items.ToArray();
            after[i] = longer(items[i]);
            return rules.Deleted(after).IsSubsetOf(rules.Deleted(items));
        });
    }, iter: Cases);

    [Fact]
    public void Using_something_never_makes_more_go() => World.Sample((rules, items, pick) =>
    {
        var i = pick % items.Length;
        var after = items.ToArray();
        after[i] = items[i] with { LastUsedDay = Math.Max(items[i].LastUsedDay ?? 0, RetentionGenerators.Today - pick % 50) };
        return rules.Deleted(after).IsSubsetOf(rules.Deleted(items));
    }, iter: Cases);

    [Fact]
    [Trait("Case", "L12")]
    public void What_is_unknown_stays() => World.Sample((rules, items, pick) =>
    {
        var i = pick % items.Length;
        return new Func<ItemFacts, ItemFacts>[]
        {
            f => f with { IsHeld = null }, f => f with { HasAlias = null }, f => f with { IsReferenced = null }, f => f with { IsDamaged = null },
            f => f with { IsFinished = null }, f => f with { Tags = null }, f => f with { Stage = null }, f => f with { IsPendingApproval = null },
        }.All(forget =>
        {
            var after = items.ToArray();
            after[i] = forget(items[i]);
            return !rules.Deleted(after).Contains(items[i].Id);
        });
    }, iter: Cases);

    [Fact]
    [Trait("Case", "L12")]
    public void A_policy_that_cannot_be_read_keeps_everything() => World.Sample((rules, items, _) =>
        rules.Append(new RetentionRule(99, null)).Deleted(items).Count == 0, iter: 2000);

    [Fact]
    public void Evaluating_twice_says_the_same_and_no_rules_take_nothing() => World.Sample((rules, items, _) =>
        Decisions(rules, items).SequenceEqual(Decisions(rules, items)) && Array.Empty<RetentionRule>().Deleted(items).Count == 0, iter: Cases);

    [Fact]
    public void A_larger_number_to_keep_keeps_what_the_smaller_one_kept() => World.Sample((rules, items, pick) =>
    {
        var larger = rules.Select(r => r.Definition!.KeepLast is { } n ? new RetentionRule(r.PolicyId, r.Definition with { KeepLast = n + 1 + pick % 3 }) : r);
        return larger.Deleted(items).IsSubsetOf(rules.Deleted(items));
    }, iter: Cases);

    [Fact]
    [Trait("Case", "L18")]
    public void Periods_are_whole_days_and_the_last_day_still_counts()
    {
        var item = Item(1) with { CreatedDay = 100 };
        RetentionRule[] rules = [new(1, new RetentionDefinition { Subject = RetentionSubject.ModelVersions, DeleteAfterDays = 30 })];
        rules.Deleted([item], today: 130).ShouldBeEmpty();
        rules.Deleted([item], today: 131).ShouldBe([1]);
        RetentionRule[] retained = [.. rules, new(2, new RetentionDefinition { Subject = RetentionSubject.ModelVersions, RetainDays = 40 })];
        retained.Deleted([item], today: 140).ShouldBeEmpty();
        retained.Deleted([item], today: 141).ShouldBe([1]);
    }

    [Theory]
    // The 29th of February is a day like any other; a year is 365 days.
    [InlineData("2028-02-28T23:59:59.999Z", 1, "2028-03-01")]
    [InlineData("2028-02-29T00:00:00Z", 365, "2029-03-01")]
    [InlineData("2027-02-28T12:00:00Z", 365, "2028-02-29")]
    // Where clocks are put forward and back, and far from Greenwich, days are those of UTC.
    [InlineData("2026-03-29T01:59:59+01:00", 1, "2026-03-31")]
    [InlineData("2026-10-25T02:30:00+02:00", 1, "2026-10-27")]
    [InlineData("2026-01-01T00:30:00+14:00", 1, "2026-01-02")]
    [InlineData("2025-12-31T23:30:00-12:00", 1, "2026-01-03")]
    [InlineData("1969-12-31T23:59:59Z", 1, "1970-01-02")]
    [Trait("Case", "L18")]
    public void Days_are_those_of_UTC_in_leap_years_and_where_clocks_are_put_forward(string made, int days, string firstGone)
    {
        var item = Item(1) with { CreatedDay = UtcDay.Of(DateTimeOffset.Parse(made, System.Globalization.CultureInfo.InvariantCulture).ToUnixTimeMilliseconds()) };
        RetentionRule[] rules = [new(1, new RetentionDefinition { Subject = RetentionSubject.ModelVersions, DeleteAfterDays = days })];
        var gone = DateOnly.Parse(firstGone, System.Globalization.CultureInfo.InvariantCulture).DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber;
        rules.Deleted([item], today: gone - 1).ShouldBeEmpty();
        rules.Deleted([item], today: gone).ShouldBe([1]);
    }

    [Fact]
    public void The_newest_are_counted_without_those_that_something_else_protects()
    {
        RetentionRule[] rules = [new(1, new RetentionDefinition { Subject = RetentionSubject.ModelVersions, KeepLast = 2, DeleteAfterDays = 1 })];
        ItemFacts[] items = [Item(5) with { HasAlias = true }, Item(4), Item(3), Item(2), Item(1) with { IsHeld = true }];
        rules.Deleted(items, today: 1000).ShouldBe([2]);
    }

    [Fact]
    public void A_narrow_rule_decides_on_the_date_before_a_wide_one_and_the_longest_retention_wins()
    {
        var wide = new RetentionRule(1, new RetentionDefinition { Subject = RetentionSubject.ModelVersions, DeleteAfterDays = 10 });
        var narrow = new RetentionRule(2, new RetentionDefinition { Subject = RetentionSubject.ModelVersions, Name = "churn", DeleteAfterDays = 100 });
        var other = new RetentionRule(3, new RetentionDefinition { Subject = RetentionSubject.ModelVersions, Name = "churn", DeleteAfterDays = 50 });
        new[] { wide, narrow }.Deleted([Item(1)], today: 150).ShouldBeEmpty();
        new[] { wide, narrow, other }.Deleted([Item(1)], today: 152).ShouldBe([1]);
        var keeps = new RetentionRule(4, new RetentionDefinition { Subject = RetentionSubject.ModelVersions, Tag = "team", RetainDays = 500 });
        new[] { wide, narrow, other, keeps }.Deleted([Item(1) with { Tags = new Dictionary<string, string> { ["team"] = "a" } }], today: 152).ShouldBeEmpty();
    }

    private static ItemFacts Item(long id) => new()
    {
        Subject = RetentionSubject.ModelVersions,
        Id = id,
        Name = $"churn/{id}",
        ContainerId = 1,
        ContainerName = "churn",
        CreatedDay = 100,
        FinalisedDay = 100,
        IsFinished = true,
        Tags = new Dictionary<string, string>(),
        Stage = VersionStage.Of(ModelStage.Experiment),
        IsHeld = false,
        HasAlias = false,
        IsReferenced = false,
        IsDamaged = false,
        IsPendingApproval = false,
    };

    private static List<RetentionDecision> Decisions(RetentionRule[] rules, ItemFacts[] items, int today = RetentionGenerators.Today)
    {
        var engine = new RuleEngine(rules, today);
        return [.. items.Select(engine.Decide)];
    }
}
