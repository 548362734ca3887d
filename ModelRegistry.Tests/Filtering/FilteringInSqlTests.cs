using CsCheck;
using Microsoft.SqlServer.TransactSql.ScriptDom;
using ModelRegistry.Core.Filtering;

namespace ModelRegistry.Tests.Filtering;

public class FilteringInSqlTests
{
    private static readonly FilterSchema Schema =
        FilterSchemas.Runs with { TagsWhereAbsentDiffers = new HashSet<string> { "t2" } };

    public static TheoryData<SqlDialect> Databases => new(Enum.GetValues<SqlDialect>());

    [SkippableTheory]
    [MemberData(nameof(Databases))]
    public void A_database_finds_what_the_predicate_accepts(SqlDialect dialect)
    {
        using var database = RunDatabase.Open(dialect);
        var runs = RunRow.Random.List[1, 12].Select(rows => rows.Select((row, i) => row with { Id = $"run{i}" }).ToList());
        Gen.Select(runs, FilterGenerators.RunTree.List[100]).Sample((rows, trees) =>
        {
            database.Store(rows);
            foreach (var tree in trees) Check(database, rows, tree.ToString());
        }, iter: 40, threads: 1);
    }

    [SkippableTheory]
    [MemberData(nameof(Databases))]
    public void What_patterns_and_escapes_are_made_of_stands_for_itself(SqlDialect dialect)
    {
        using var database = RunDatabase.Open(dialect);
        string[] values =
        [
            "", "a", "A", "ab", "a b", "a ", "100%", "100x", "a_b", "axb", "[a]", "a]", "[", "\\", "a\\", "\\%", "%",
            "'", "''", "*", "?", "x*y", "x?y", "^", "[^a]", "-", "é", "😀", "a\nb", "(?i)a", "{key}", "{test}", "@f0"
        ];
        var rows = values.Select((value, i) => new RunRow($"run{i}") { Name = value }).ToList();
        database.Store(rows);
        foreach (var pattern in values.SelectMany(v => new[] { v, $"%{v}", $"{v}%", $"%{v}%", $"_{v}", $"{v}_%" }))
        {
            var quoted = pattern.Replace("'", "''", StringComparison.Ordinal);
            foreach (var op in new[] { "=", "!=", "LIKE", "ILIKE" }) Check(database, rows, $"run_name {op} '{quoted}'");
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Databases))]
    public void The_meaning_of_absence_case_and_NaN(SqlDialect dialect)
    {
        using var database = RunDatabase.Open(dialect);
        var with = new RunRow("with")
        {
            Name = "A",
            User = "u",
            Status = 3,
            Start = 5,
            Tags = new Dictionary<string, string> { ["t1"] = "Red", ["t2"] = "true" },
            Metrics = new Dictionary<string, double> { ["m1"] = double.NaN }
        };
        var without = new RunRow("without")
        {
            Start = 5,
            Metrics = new Dictionary<string, double> { ["m1"] = 0, ["m2"] = double.PositiveInfinity },
            Datasets = [("d1", "training"), ("d2", null)]
        };
        database.Store([with, without]);

        Found("tags.t1 != 'x'").ShouldBe(["with"]);
        Found("NOT tags.t1 = 'Red'").ShouldBe(["without"]);
        Found("NOT tags.nope = 'x'").ShouldBe(["with", "without"]);
        Found("NOT run_name = 'x'").ShouldBe(["with", "without"]);
        Found("NOT (run_name != 'x' OR user_id LIKE 'zz')").ShouldBe(["without"]);
        Found("tags.t1 = 'red'").ShouldBeEmpty();
        Found("tags.t1 LIKE 'r%'").ShouldBeEmpty();
        Found("tags.t1 ILIKE 'r%'").ShouldBe(["with"]);
        Found("tags.t2 != 'true'").ShouldBe(["without"]);
        Found("tags.t2 IS NULL AND end_time IS NULL").ShouldBe(["without"]);
        Found("metrics.m1 <= 0").ShouldBe(["without"]);
        Found("metrics.m1 != 0").ShouldBe(["with"]);
        Found("metrics.m2 > 1e300").ShouldBe(["without"]);
        Found("metrics.unknown != 1").ShouldBeEmpty();
        Found("metrics.unknown IS NULL").ShouldBe(["with", "without"]);
        Found("status IN ('FINISHED') OR status LIKE 'RUN%'").ShouldBe(["with", "without"]);
        Found("status = 'finished'").ShouldBeEmpty();
        Found("dataset.name != 'd1'").ShouldBe(["without"]);
        Found("start_time >= '1970-01-01T00:00:00.005Z' AND start_time < 5.5").ShouldBe(["with", "without"]);
        Found("").ShouldBe(["with", "without"]);

        List<string> Found(string filter)
        {
            Check(database, [with, without], filter);
            return database.Search(Schema.Bind(filter));
        }
    }

    [Fact]
    public void A_clause_can_drive_the_query_over_an_index()
    {
        using var database = RunDatabase.Open(SqlDialect.Sqlite);
        var rows = Enumerable.Range(0, 5).Select(i =>
            new RunRow($"run{i}") { Name = "r", Metrics = new Dictionary<string, double> { ["m1"] = i } }).ToList();
        database.Store(rows);
        var parts = FilterSchemas.Runs.Bind("run_name = 'r' AND metrics.m1 > 2").Conjuncts;
        var driver = parts.OfType<Clause>().First(clause => clause.Field.Entity == FilterEntity.Metric);
        var sql = new FilterSql(SqlDialect.Sqlite, RunDatabase.Fields);
        var query = "SELECT r.run_uuid FROM latest_metrics m JOIN runs r ON r.id = m.run_id WHERE m.experiment_id = 7 "
            + $"AND m.key_id = {sql.Parameter(1)} AND {sql.Test(driver)} "
            + $"AND {sql.Where(new AllOf([.. parts.Where(part => part != driver)]))} ORDER BY m.value";
        database.Query(query, sql.Parameters).ShouldBe(["run3", "run4"]);
        database.Query("EXPLAIN QUERY PLAN " + query, sql.Parameters, column: 3)
            .ShouldContain(step => step.Contains("metric_walk (experiment_id=? AND key_id=? AND value>?)"));
    }

    [SkippableTheory]
    [MemberData(nameof(Databases))]
    public void The_largest_filter_fits_every_database(SqlDialect dialect)
    {
        using var database = RunDatabase.Open(dialect);
        var clauses = Enumerable.Range(0, FilterParser.MaxClauses).Select(i => $"tags.t{i} != 'x'").ToList();
        database.Search(Schema.Bind(string.Join(" AND ", clauses))).ShouldBeEmpty();
        database.Search(Schema.Bind(string.Join(" OR ", clauses))).ShouldBeEmpty();
        var list = string.Join(", ", Enumerable.Repeat("'x'", FilterParser.MaxValues - 1));
        database.Search(Schema.Bind($"tags.t IN ({list})")).ShouldBeEmpty();
        database.Search(Schema.Bind(string.Concat(Enumerable.Repeat("NOT (", 32)) + "run_name LIKE 'x'"
            + new string(')', 32))).ShouldBeEmpty();
        database.Search(Schema.Bind($"run_name LIKE '{new string('*', 8000)}'")).ShouldBeEmpty();
    }

    [Fact]
    public void No_text_of_a_filter_gets_into_the_statement() => FilterGenerators.RunTree.Sample(tree =>
    {
        var sql = new FilterSql(SqlDialect.SqlServer, RunDatabase.Fields);
        var text = $"SELECT r.id FROM runs r WHERE {sql.Where(Schema.Bind(tree))}";
        new TSql160Parser(initialQuotedIdentifiers: true).Parse(new StringReader(text), out var errors);
        errors.Select(error => $"{error.Message} in {text}").ShouldBeEmpty();
        text.Where(c => c > 127 || c is '[' or '?' or '%').ShouldBeEmpty();
    }, iter: 500);

    private static void Check(RunDatabase database, IEnumerable<RunRow> rows, string filter)
    {
        var condition = Schema.Bind(filter);
        var accepted = rows.Where(row => FilterPredicate.Matches(condition, row)).Select(row => row.Id);
        database.Search(condition).ShouldBe(accepted, $"{filter} on {database.Dialect}");
    }
}
