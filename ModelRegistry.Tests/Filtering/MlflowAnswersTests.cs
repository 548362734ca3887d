using ModelRegistry.Core.Filtering;

namespace ModelRegistry.Tests.Filtering;

/// <summary>Searches that were sent to MLflow 3.11, and the runs that it found.</summary>
public sealed class MlflowAnswersTests : IDisposable
{
    private readonly RunDatabase _database = RunDatabase.Open(SqlDialect.Sqlite);

    public MlflowAnswersTests() => _database.Store([.. Enumerable.Range(0, 4).Select(i => new RunRow($"{i}")
    {
        Name = $"Run-{i}",
        User = $"u{i}",
        Status = i == 1 ? 3 : 1,
        Start = 1700000000000 + i,
        End = i == 1 ? 1700000005000 : null,
        Tags = new Dictionary<string, string> { ["team"] = i % 2 == 0 ? "blue" : "Red", ["x.y"] = "dot" },
        Params = new Dictionary<string, string> { ["lr"] = $"{i}", ["a-b"] = "Q" },
        Metrics = new Dictionary<string, double> { ["acc"] = i == 3 ? double.NaN : i / 10.0, ["m/x y"] = i + 1 },
        Datasets = i == 0 ? [("ds1", "training")] : []
    })]);

    [Theory]
    [InlineData("metrics.acc > 0.05", "21")]
    [InlineData("metric.acc >= 0.1 and params.lr = \"2\"", "2")]
    [InlineData("params.lr = '2' AND metrics.acc<1", "2")]
    [InlineData("metrics.acc > 1e-3", "21")]
    [InlineData("metrics.`m/x y` > 2", "32")]
    [InlineData("metrics.\"m/x y\" > 2", "32")]
    [InlineData("params.`a-b` = 'Q'", "3210")]
    [InlineData("tags.x.y = 'dot'", "3210")]
    [InlineData("tags.`x.y` = 'dot'", "3210")]
    [InlineData("tag.team = 'Red'", "31")]
    [InlineData("tags.team LIKE 'r%'", "")]
    [InlineData("tags.team ILIKE 'r%'", "31")]
    [InlineData("tags.team like 'R%'", "31")]
    [InlineData("tags.team != 'Red'", "20")]
    [InlineData("tags.nope != 'x'", "")]
    [InlineData("tags.team IS NULL", "")]
    [InlineData("tags.nope IS NULL", "3210")]
    [InlineData("params.lr IS NOT NULL", "3210")]
    [InlineData("attributes.status = 'FINISHED'", "1")]
    [InlineData("attribute.status = 'finished'", "")]
    [InlineData("status != 'FINISHED'", "320")]
    [InlineData("run_id IN ('1','0')", "10")]
    [InlineData("attributes.run_id NOT IN ('0')", "321")]
    [InlineData("run_id in ('a')", "")]
    [InlineData("attributes.run_name LIKE 'Run-%'", "3210")]
    [InlineData("attributes.`run name` = 'Run-1'", "1")]
    [InlineData("\"run name\" = 'Run-1'", "1")]
    [InlineData("run_name ILIKE 'run-2'", "2")]
    [InlineData("start_time > 1700000000001", "32")]
    [InlineData("attributes.start_time <= 1700000000001", "10")]
    [InlineData("created > 1700000000001", "32")]
    [InlineData("end_time > 0", "1")]
    [InlineData("user_id = 'u1'", "1")]
    [InlineData("datasets.name = 'ds1'", "0")]
    [InlineData("dataset.name LIKE 'ds%'", "0")]
    [InlineData("datasets.context = 'training'", "0")]
    [InlineData("dataset.name NOT IN ('zz')", "0")]
    [InlineData("params.lr = '2' and  tags.team = 'blue'", "2")]
    [InlineData("tags.team='O''Brien'", "")]
    [InlineData("tags.team = 'it\\'s'", "")]
    [InlineData("metrics.acc > 0.05 AND tags.team = 'Red' AND params.lr = '1' AND start_time > 1", "1")]
    public void The_same_runs_are_found(string filter, string runs) =>
        _database.Search(FilterSchemas.Runs.Bind(filter)).ShouldBe(runs.Reverse().Select(id => $"{id}"));

    [Theory]
    [InlineData("metrics.acc > -1", "210")]
    [InlineData("tags.team IN ('Red')", "31")]
    [InlineData("status IN ('FINISHED','RUNNING')", "3210")]
    [InlineData("metrics.acc > 0.05 OR metrics.acc < 0.05", "210")]
    [InlineData("(metrics.acc > 0.05)", "21")]
    [InlineData("NOT metrics.acc > 0.05", "30")]
    [InlineData("metrics.acc IS NULL", "")]
    public void More_is_understood_than_by_MLflow(string filter, string runs) => The_same_runs_are_found(filter, runs);

    public void Dispose() => _database.Dispose();
}
