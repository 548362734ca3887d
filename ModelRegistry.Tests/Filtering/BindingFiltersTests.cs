using ModelRegistry.Core.Filtering;

namespace ModelRegistry.Tests.Filtering;

public class BindingFiltersTests
{
    [Theory]
    [InlineData("acc > 1", "Invalid attribute key 'acc' specified. Valid keys are '{'run_id', 'run_name'")]
    [InlineData("lifecycle_stage = 'active'", "Invalid attribute key 'lifecycle_stage' specified. Valid keys are '{")]
    [InlineData("experiment_id = '1'", "Invalid attribute key 'experiment_id' specified. Valid keys are '{")]
    [InlineData("metrics.acc = '1'", "Expected numeric value type for metric. Found '1'")]
    [InlineData("metrics.acc = NaN", "Expected numeric value type for metric. Found NaN")]
    [InlineData("metrics.acc = 1e999", "The number 1e999 is out of range")]
    [InlineData("metrics.acc LIKE 1", "Invalid comparator 'LIKE' not one of '{'=', '!=', '<', '<=', '>', '>='")]
    [InlineData("params.lr > '1'", "Invalid comparator '>' not one of '{'=', '!=', 'LIKE', 'ILIKE'")]
    [InlineData("params.lr = 2", "Expected a quoted string value for parameter (e.g. 'my-value'). Got value 2")]
    [InlineData("tags.lr = x", "Expected a quoted string value for tag (e.g. 'my-value'). Got value x")]
    [InlineData("start_time = '1700000000001'",
        "Expected numeric value type for numeric attribute: start_time. Found '1700000000001'")]
    [InlineData("dataset.source = 'x'", "Invalid dataset key 'source' specified. Valid keys are '{'name', 'digest', ")]
    [InlineData("model.x = 'y'",
        "Invalid entity type 'model'. Valid values are ['metric', 'parameter', 'tag', 'attribute', 'dataset']")]
    [InlineData("METRICS.acc > 0", "Invalid entity type 'METRICS'. Valid values are ['metric', 'parameter', ")]
    [InlineData("Tags.team = 'Red'", "Invalid entity type 'Tags'. Valid values are [")]
    public void What_MLflow_refuses_for_runs_is_refused_in_its_words(string filter, string message) =>
        Should.Throw<FilterException>(() => FilterSchemas.Runs.Bind(filter)).Message.ShouldStartWith(message);

    [Theory]
    [InlineData("metric.a > 1", FilterEntity.Metric, "a")]
    [InlineData("metrics.a IS NULL", FilterEntity.Metric, "a")]
    [InlineData("parameters.a = '1'", FilterEntity.Param, "a")]
    [InlineData("tag.a IN ('x')", FilterEntity.Tag, "a")]
    [InlineData("datasets.context NOT IN ('x')", FilterEntity.Dataset, "context")]
    [InlineData("run.run_name = 'x'", FilterEntity.Attribute, "run_name")]
    [InlineData("attributes.`Run Name` = 'x'", FilterEntity.Attribute, "run_name")]
    [InlineData("Created > 1", FilterEntity.Attribute, "start_time")]
    [InlineData("status IN ('FINISHED', 'FAILED')", FilterEntity.Attribute, "status")]
    [InlineData("created_by = 'ann'", FilterEntity.Attribute, "created_by")]
    public void Every_spelling_leads_to_one_field(string filter, FilterEntity entity, string key)
    {
        var field = FilterSchemas.Runs.Bind(filter).ShouldBeOfType<Clause>().Field;
        (field.Entity, field.Key).ShouldBe((entity, key));
    }

    [Theory]
    [InlineData("version_number >= 2", "version_number", 2)]
    [InlineData("version_number = '2'", "version_number", 2)]
    [InlineData("creation_timestamp > '2026-01-31'", "creation_timestamp", 1769817600000)]
    [InlineData("last_updated_timestamp > '2026-01-31T10:00:00Z'", "last_updated_timestamp", 1769853600000)]
    [InlineData("last_updated_timestamp > '2026-01-31 12:00:00.250+02:00'", "last_updated_timestamp", 1769853600250)]
    [InlineData("creation_timestamp > 1.7e+12", "creation_timestamp", 1700000000000)]
    public void Numbers_and_dates_of_versions_are_read(string filter, string key, long value)
    {
        var clause = FilterSchemas.ModelVersions.Bind(filter).ShouldBeOfType<Clause>();
        (clause.Field.Key, clause.Value).ShouldBe((key, new FilterValue(null, value, value)));
    }

    [Theory]
    [InlineData("alias = 'champion'", "alias")]
    [InlineData("current_stage IN ('Production', 'Staging')", "stage")]
    [InlineData("user_id ILIKE 'ann'", "created_by")]
    [InlineData("creator != 'ann'", "created_by")]
    [InlineData("description LIKE '%x%'", "description")]
    [InlineData("attr.last_updated_timestamp < '2026-01-31'", "last_updated_timestamp")]
    public void Models_and_versions_know_more_than_in_MLflow(string filter, string key)
    {
        FilterSchemas.ModelVersions.Bind(filter).ShouldBeOfType<Clause>().Field.Key.ShouldBe(key);
        FilterSchemas.RegisteredModels.Bind(filter).ShouldBeOfType<Clause>().Field.Key.ShouldBe(key);
    }

    [Theory]
    [InlineData("status = 2")]
    [InlineData("experiment_id IN ('1', '2')")]
    [InlineData("attributes.creation_timestamp_ms > 5 AND metrics.acc > 0.5 AND params.p = '1' AND tags.t LIKE 'x%'")]
    public void Logged_models_are_filtered(string filter) => FilterSchemas.LoggedModels.Bind(filter);

    [Theory]
    [InlineData("metric.acc > 1")]
    [InlineData("attribute.name = 'x'")]
    [InlineData("bogus = 'x'")]
    [InlineData("status = 'two'")]
    public void Logged_models_know_plural_entities_only(string filter) =>
        Should.Throw<FilterException>(() => FilterSchemas.LoggedModels.Bind(filter));

    [Fact]
    public void Only_the_prompt_tag_differs_where_it_is_absent()
    {
        var parts = FilterSchemas.RegisteredModels
            .Bind("tag.`mlflow.prompt.is_prompt` != 'true' AND tags.other != 'x' AND name LIKE 'a%%%b'").Conjuncts;
        parts.Cast<Clause>().Select(clause => clause.OrAbsent).ShouldBe([true, false, false]);
        ((Clause)parts[2]).Value.Text.ShouldBe("a%b");
    }

    [Fact]
    public void Conjuncts_reach_through_parentheses_but_not_through_or()
    {
        var condition = FilterSchemas.Runs.Bind(
            "metrics.a > 1 AND (tags.x = '1' AND (tags.y = '2' OR NOT params.z = '3'))");
        condition.Conjuncts.Count.ShouldBe(3);
        condition.Clauses.Select(clause => clause.Field.Key).ShouldBe(["a", "x", "y", "z"]);
        FilterSchemas.Runs.Bind("").Conjuncts.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("metrics.acc", "acc", false)]
    [InlineData("metrics.`m/x y` desc", "m/x y", true)]
    [InlineData("`metrics`.acc ASC", "acc", false)]
    [InlineData("created DESC", "start_time", true)]
    [InlineData("attributes.start_time", "start_time", false)]
    public void Runs_are_ordered(string item, string key, bool descending)
    {
        var term = OrderBy.Parse([item], FilterSchemas.Runs).ShouldHaveSingleItem();
        (term.Field.Key, term.Descending).ShouldBe((key, descending));
    }

    [Theory]
    [InlineData("bogus", "Invalid attribute key 'bogus' specified. Valid keys are '{'run_id', ")]
    [InlineData("metrics.acc UP", "Invalid ordering key in order_by clause 'metrics.acc UP'.")]
    [InlineData("metrics.acc DESC NULLS LAST", "Invalid order_by clause 'metrics.acc DESC NULLS LAST'. Could not be")]
    [InlineData("dataset.name", "Invalid identifier type 'dataset'")]
    [InlineData("\"Run Name\"", "Invalid attribute key 'Run Name' specified.")]
    [InlineData("", "Invalid comparison clause.")]
    [InlineData("metrics.acc '", "Invalid order_by clause: '''")]
    public void An_unknown_ordering_is_refused_in_MLflows_words(string item, string message) =>
        Should.Throw<FilterException>(() => OrderBy.Parse([item], FilterSchemas.Runs)).Message.ShouldStartWith(message);

    [Fact]
    public void Each_noun_has_its_own_orderings()
    {
        Should.Throw<FilterException>(() => OrderBy.Parse(["tags.x"], FilterSchemas.Experiments))
            .Message.ShouldStartWith("Invalid order_by entity: tag");
        Should.Throw<FilterException>(() => OrderBy.Parse(["start_time", "created"], FilterSchemas.Runs))
            .Message.ShouldStartWith("`order_by` contains duplicate fields");
        Should.Throw<FilterException>(() => FilterSchemas.Experiments.Bind("experiment_id = '1'"));
        OrderBy.Parse(["experiment_id DESC"], FilterSchemas.Experiments)[0].Field.Type.ShouldBe(FilterType.Whole);
        OrderBy.Parse(["timestamp"], FilterSchemas.RegisteredModels)[0].Field.Key.ShouldBe("last_updated_timestamp");
        OrderBy.Column("metrics.a b", descending: true, FilterSchemas.LoggedModels).Field.Key.ShouldBe("a b");
        OrderBy.Parse(null, FilterSchemas.Runs).ShouldBeEmpty();
    }
}
