using CsCheck;
using ModelRegistry.Core.Filtering;

namespace ModelRegistry.Tests.Filtering;

public class ParsingFiltersTests
{
    [Fact]
    public void Printing_and_parsing_give_the_same_tree() =>
        FilterGenerators.AnyTree.Sample(tree => FilterParser.Parse(tree.ToString()) == tree, iter: 20_000);

    [Theory]
    [InlineData("metrics.acc>0.05", "metrics.acc > 0.05")]
    [InlineData("metrics.`m/x y` > 2", "metrics.`m/x y` > 2")]
    [InlineData("metrics.\"m/x y\" > 2", "metrics.`m/x y` > 2")]
    [InlineData("tags.x.y = \"dot\"", "tags.x.y = 'dot'")]
    [InlineData("tags.`x.y` like 'd%'", "tags.x.y LIKE 'd%'")]
    [InlineData("`Run Name` = 'Run-1'", "`Run Name` = 'Run-1'")]
    [InlineData("\"run name\" = 'Run-1'", "`run name` = 'Run-1'")]
    [InlineData("run_id not in('a' , 'b')", "run_id NOT IN ('a', 'b')")]
    [InlineData("tags.team is not null", "tags.team IS NOT NULL")]
    [InlineData("tags.team='O''Brien'", "tags.team = 'O''Brien'")]
    [InlineData("tags.team = 'it\\'s'", "tags.team = 'it\\''s'")]
    [InlineData("tags.path = 'C:\\' AND tags.x = 'y'", "tags.path = 'C:\\' AND tags.x = 'y'")]
    [InlineData("a = 1 OR b = 2 AND NOT c = 3", "a = 1 OR b = 2 AND NOT c = 3")]
    [InlineData("(a = 1 OR b = 2) AND NOT (c = 3 AND d = 4)", "(a = 1 OR b = 2) AND NOT (c = 3 AND d = 4)")]
    [InlineData("((a = 1))", "a = 1")]
    [InlineData("tags.order = 'x' AND tags.and = 'y'", "tags.order = 'x' AND tags.and = 'y'")]
    [InlineData("tags.v1.2 = 'x'", "tags.`v1.2` = 'x'")]
    [InlineData("m = 'a''b' and n = \"a\"\"b\"", "m = 'a''b' AND n = 'a\"b'")]
    [InlineData("tags.'x y' = 'z'", "tags.`x y` = 'z'")]
    [InlineData("a = 1 AND", "a = 1")]
    [InlineData("and a = 1 and b = 2 and", "a = 1 AND b = 2")]
    [InlineData("metrics.ключ > -1.5e+3", "metrics.ключ > -1.5e+3")]
    public void A_filter_is_understood(string filter, string printed)
    {
        var tree = FilterParser.Parse(filter).ShouldNotBeNull();
        tree.ToString().ShouldBe(printed);
        FilterParser.Parse(printed).ShouldBe(tree);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" \t\n")]
    public void An_empty_filter_has_no_tree(string? filter) => FilterParser.Parse(filter).ShouldBeNull();

    [Theory]
    [InlineData("garbage", 7, "Invalid clause(s) in filter string: 'garbage'")]
    [InlineData("metrics.acc >", 13, "Invalid clause(s) in filter string: 'metrics.acc >'")]
    [InlineData("metrics.acc BETWEEN 0 AND 1", 12, "Invalid clause(s) in filter string: 'metrics.acc BETWEEN'")]
    [InlineData("a = 1 b = 2", 6, "Invalid clause(s) in filter string: 'b'")]
    [InlineData("(a = 1 AND) OR b = 2", 10, "Invalid clause(s) in filter string: ')'")]
    [InlineData("a = 1 OR", 8, "Invalid clause(s) in filter string: ''")]
    [InlineData("AND", 3, "Invalid clause(s) in filter string: ''")]
    [InlineData("a = 1 AND AND", 10, "Invalid clause(s) in filter string: 'AND'")]
    [InlineData("a = 1 OR OR b = 2", 9, "Invalid clause(s) in filter string: 'OR'")]
    [InlineData("(a = 1", 6, "Invalid clause(s) in filter string: '(a = 1'")]
    [InlineData("a = 1)", 5, "Invalid clause(s) in filter string: ')'")]
    [InlineData("a = 'x", 4, "Invalid clause(s) in filter string: ''x'")]
    [InlineData("a = 1e", 4, "Invalid clause(s) in filter string: '1e'")]
    [InlineData("a IS 'x'", 5, "Invalid clause(s) in filter string: 'a IS 'x''")]
    [InlineData("params.a-b = 'Q'", 8, "Invalid comparison clause. Expected 'Identifier' found 'params.a-b'")]
    [InlineData("'a' = 'b'", 0, "Invalid comparison clause. Expected 'Identifier' found ''a''")]
    [InlineData("metrics.acc == 0.1", 12, "Invalid comparator '==' not one of '{'=', ")]
    [InlineData("metrics.acc <> 0.1", 12, "Invalid comparator '<>' not one of '{'=', ")]
    [InlineData("run_id IN ()", 11, "expected a non-empty list of string values, but got empty list")]
    [InlineData("run_id IN (1,2)", 11, "but got different type in list: 1")]
    [InlineData("params.lr = `2`", 12, "unidentified quote types used for string value `2`. Use either single")]
    [InlineData("metrics.acc > 0.05;metrics.acc > 1", 18, "Search filter contained multiple expression")]
    [InlineData("tags.`` = 'x'", 5, "Invalid clause(s) in filter string: '``'")]
    [InlineData("tags.a = 'x\0y'", 11, "Invalid character")]
    public void An_error_says_what_where_and_what_was_expected(string filter, int position, string message)
    {
        var error = Should.Throw<FilterException>(() => FilterParser.Parse(filter));
        error.Message.ShouldContain(message);
        error.Position.ShouldBe(position);
        error.Expected.ShouldNotBeEmpty();
        error.Message.ShouldEndWith($"(at position {position + 1}, expected {error.Expected})");
    }

    [Fact]
    public void Half_a_character_is_refused() =>
        Should.Throw<FilterException>(() => FilterParser.Parse("tags.a = 'x\ud83d'")).Position.ShouldBe(11);

    [Fact]
    public void Any_text_ends_in_a_tree_or_an_error()
    {
        var pieces = Gen.OneOf("metrics.a", "tags.`x y`", "(", ")", "AND", "or", "NOT", "IN", "IS", "NULL", "LIKE",
            "=", "!", "<", ">=", "'", "\"", "`", "'a'", "1e5", "-", ".", ",", ";", " ", "\\", "\0", "é", "\ud83d", "😀");
        Gen.OneOf(pieces.Array[0, 40].Select(string.Concat), Gen.String).Sample(Survives, iter: 50_000);
    }

    public static TheoryData<string> HostileFilters => new()
    {
        new string('(', 8000),
        string.Concat(Enumerable.Repeat("NOT ", 2000)) + "a = 1",
        string.Concat(Enumerable.Repeat("(a = 1 OR ", 800)),
        new string('\'', 8001),
        string.Concat(Enumerable.Repeat("\\'", 4000)),
        string.Concat(Enumerable.Repeat("a = 1 AND ", 800)) + "a = 1",
        "a IN (" + string.Concat(Enumerable.Repeat("'',", 2660)) + "'')",
        "a LIKE '" + new string('%', 8000) + "'",
        "a = " + new string('9', 8000),
        "a = 1" + new string('0', 8000) + "e" + new string('0', 100),
        new string('a', 8000) + "-",
        string.Concat(Enumerable.Repeat("a.", 4000)),
        new string(' ', 8000) + "a",
        new string('-', 8000)
    };

    /// <summary>Every character is read once and memory is bounded, so work grows no faster than the text.</summary>
    [Theory]
    [MemberData(nameof(HostileFilters))]
    public void Work_is_bounded_by_the_length_of_the_text(string filter)
    {
        Survives(filter);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Survives(filter);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(64L * filter.Length + 16_384);
    }

    [Fact]
    public void Length_depth_and_number_of_clauses_are_limited()
    {
        Reason(new string(' ', FilterParser.MaxLength) + "a=1").ShouldContain("too long");
        Reason(new string('(', 65) + "a = 1" + new string(')', 65)).ShouldContain("nested too deeply");
        Reason(string.Join(" AND ", Enumerable.Repeat("a=1", 201))).ShouldContain("too many clauses");
        Reason($"a IN ({string.Join(',', Enumerable.Repeat("'x'", 2000))})").ShouldContain("too many values");
        FilterParser.Parse(new string('(', 64) + "a = 1" + new string(')', 64)).ShouldNotBeNull();
        FilterParser.Parse(string.Join(" AND ", Enumerable.Repeat("a=1", 200))).ShouldNotBeNull();

        static string Reason(string filter) => Should.Throw<FilterException>(() => FilterParser.Parse(filter)).Reason;
    }

    private static void Survives(string filter)
    {
        try
        {
            FilterSchemas.Runs.Bind(filter);
            FilterParser.Parse(filter)?.ToString();
        }
        catch (FilterException error)
        {
            error.Position.ShouldBeInRange(0, filter.Length);
            error.Message.Length.ShouldBeLessThan(1200);
        }
    }
}
