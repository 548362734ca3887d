using CsCheck;
using ModelRegistry.Core.Filtering;

namespace ModelRegistry.Tests.Filtering;

/// <summary>A run as the equality tests store it, and as the predicate sees it.</summary>
internal sealed record RunRow(string Id) : IFilterSubject
{
    public static readonly Dictionary<string, int> Statuses = new()
    {
        ["RUNNING"] = 1,
        ["SCHEDULED"] = 2,
        ["FINISHED"] = 3,
        ["FAILED"] = 4,
        ["KILLED"] = 5
    };

    private static readonly Gen<double> MetricValue = Gen.OneOf(
        -1, 0, 0.5, 1, 2, 1e300, double.NaN, double.PositiveInfinity, double.NegativeInfinity);

    public static Gen<RunRow> Random { get; } =
        from name in FilterGenerators.Values.Null()
        from user in FilterGenerators.Values.Null()
        from status in Gen.Int[1, 5]
        from start in Gen.Long[-2, 3].Select(value => (long?)value)
        from end in Gen.Bool
        from tags in Gen.Dictionary(Gen.OneOf("t1", "t2"), FilterGenerators.Values)[0, 2]
        from parameters in Gen.Dictionary(Gen.Const("p"), FilterGenerators.Values)[0, 1]
        from metrics in Gen.Dictionary(Gen.OneOf("m1", "m2"), MetricValue)[0, 2]
        from datasets in Gen.Select(FilterGenerators.Values, FilterGenerators.Values.Null()).List[0, 2]
        select new RunRow("")
        {
            Name = name,
            User = user,
            Status = status,
            Start = start,
            End = end ? start + 1 : null,
            Tags = tags,
            Params = parameters,
            Metrics = metrics,
            Datasets = datasets
        };

    public string? Name { get; init; }

    public string? User { get; init; }

    public int Status { get; init; } = 1;

    public long? Start { get; init; }

    public long? End { get; init; }

    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, string> Params { get; init; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, double> Metrics { get; init; } = new Dictionary<string, double>();

    public IReadOnlyList<(string Name, string? Context)> Datasets { get; init; } = [];

    public IEnumerable<FilterValue> ValuesOf(FilterField field) => field.Entity switch
    {
        FilterEntity.Tag => Found(Tags, field.Key).Select(text => new FilterValue(text)),
        FilterEntity.Param => Found(Params, field.Key).Select(text => new FilterValue(text)),
        FilterEntity.Metric => Found(Metrics, field.Key).Select(number => new FilterValue(null, number)),
        FilterEntity.Dataset => Datasets.Select(set => field.Key == "name" ? set.Name : set.Context)
            .OfType<string>().Select(text => new FilterValue(text)),
        _ => Attribute(field.Key) switch
        {
            null => [],
            string text => [new FilterValue(text)],
            var number => [new FilterValue(null, (long)number, (long)number)]
        }
    };

    private object? Attribute(string key) => key switch
    {
        "run_id" => Id,
        "run_name" => Name,
        "user_id" => User,
        "status" => Statuses.Single(status => status.Value == Status).Key,
        "start_time" => Start,
        "end_time" => End,
        _ => throw new ArgumentOutOfRangeException(nameof(key))
    };

    private static IEnumerable<T> Found<T>(IReadOnlyDictionary<string, T> values, string key) =>
        values.TryGetValue(key, out var value) ? [value] : [];
}
