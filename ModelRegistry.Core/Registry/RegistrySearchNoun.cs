using ModelRegistry.Core.Data;
using ModelRegistry.Core.Filtering;
using static ModelRegistry.Core.Filtering.FilterOperator;

namespace ModelRegistry.Core.Registry;

/// <summary>Where a search of models or of versions finds its fields, and how it orders.</summary>
internal abstract record RegistrySearchNoun(FilterSchema Schema, string Table, string Id, string Living)
{
    public static readonly RegistrySearchNoun Models = new ModelSearch();
    public static readonly RegistrySearchNoun Versions = new VersionSearch();

    protected static readonly KeysetColumn Name = new("m.name", Descending: false, KeysetType.Text);
    protected static readonly KeysetColumn Number = new("v.number", Descending: true, KeysetType.Whole);

    public abstract SqlField Field(FilterField field);

    /// <summary>Tests that say nothing new, in words that lead the database to a better index.</summary>
    public virtual IEnumerable<string> Shortcuts(Condition condition, FilterSql sql) => [];

    public KeysetOrder Order(IReadOnlyList<OrderTerm> terms)
    {
        var columns = terms.Select(t => Column(t.Field.Key) with { Descending = t.Descending }).ToList();
        columns.AddRange((columns.Count == 0 ? DefaultOrder : TieBreakers).Where(c => !columns.Exists(x => x.Expression == c.Expression)));
        return new KeysetOrder(columns);
    }

    protected abstract IReadOnlyList<KeysetColumn> DefaultOrder { get; }

    /// <summary>Added to what was asked for, so that no two rows are equal.</summary>
    protected abstract IReadOnlyList<KeysetColumn> TieBreakers { get; }

    protected abstract KeysetColumn Column(string key);

    protected static SqlField UserName(string userId) => new("u.user_name")
    {
        Exists = $"EXISTS (SELECT 1 FROM users u WHERE u.id = {userId} AND {{test}})",
    };

    private sealed record ModelSearch() : RegistrySearchNoun(
        FilterSchemas.RegisteredModels, "registered_models m", "m.id", "m.deleted_ms IS NULL")
    {
        protected override IReadOnlyList<KeysetColumn> DefaultOrder => [Name];
        protected override IReadOnlyList<KeysetColumn> TieBreakers => [Name];

        public override SqlField Field(FilterField field) => (field.Entity, field.Key) switch
        {
            (FilterEntity.Tag, _) => new SqlField("t.value")
            {
                Exists = "EXISTS (SELECT 1 FROM registered_model_tags t WHERE t.model_id = m.id AND t.\"key\" = {key} AND {test})",
            },
            (_, "name") => new SqlField("m.name"),
            (_, "creation_timestamp") => new SqlField("m.created_ms"),
            (_, "last_updated_timestamp") => new SqlField("m.updated_ms"),
            (_, "description") => new SqlField("m.description"),
            (_, "alias") => new SqlField("a.alias")
            {
                Exists = "EXISTS (SELECT 1 FROM registered_model_aliases a WHERE a.model_id = m.id AND {test})",
            },
            (_, "stage") => new SqlField("v.stage")
            {
                Exists = "EXISTS (SELECT 1 FROM model_versions v WHERE v.model_id = m.id AND v.deleted_ms IS NULL AND v.archived_ms IS NULL AND {test})",
                Codes = FilterWords.Codes,
                Words = "v.stage_name",
            },
            (_, "created_by") => UserName("m.owner_id"),
            _ => throw new ArgumentOutOfRangeException(nameof(field), field, "not a field of models"),
        };

        protected override KeysetColumn Column(string key) => key switch
        {
            "name" => Name,
            "creation_timestamp" => new KeysetColumn("m.created_ms", false, KeysetType.Whole),
            "last_updated_timestamp" => new KeysetColumn("m.updated_ms", false, KeysetType.Whole),
            _ => throw new ArgumentOutOfRangeException(nameof(key), key, "not an order of models"),
        };
    }

    private sealed record VersionSearch() : RegistrySearchNoun(FilterSchemas.ModelVersions,
        "model_versions v JOIN registered_models m ON m.id = v.model_id", "v.id", "v.deleted_ms IS NULL AND v.archived_ms IS NULL")
    {
        protected override IReadOnlyList<KeysetColumn> DefaultOrder =>
            [new KeysetColumn("v.updated_ms", true, KeysetType.Whole), Name, Number];

        protected override IReadOnlyList<KeysetColumn> TieBreakers => [Name, Number];

        public override SqlField Field(FilterField field) => (field.Entity, field.Key) switch
        {
            (FilterEntity.Tag, _) => new SqlField("t.value")
            {
                Exists = "EXISTS (SELECT 1 FROM model_version_tags t WHERE t.version_id = v.id AND t.\"key\" = {key} AND {test})",
            },
            (_, "name") => new SqlField("m.name"),
            (_, "version_number") => new SqlField("v.number"),
            (_, "source_path") => new SqlField("v.source"),
            (_, "run_id") => new SqlField("v.run_uuid"),
            (_, "creation_timestamp") => new SqlField("v.created_ms"),
            (_, "last_updated_timestamp") => new SqlField("v.updated_ms"),
            (_, "description") => new SqlField("v.description"),
            (_, "alias") => new SqlField("a.alias")
            {
                Exists = "EXISTS (SELECT 1 FROM registered_model_aliases a WHERE a.version_id = v.id AND {test})",
            },
            (_, "stage") => new SqlField("v.stage") { Codes = FilterWords.Codes, Words = "v.stage_name" },
            (_, "created_by") => UserName("v.created_by"),
            _ => throw new ArgumentOutOfRangeException(nameof(field), field, "not a field of versions"),
        };

        // The versions of one model, which most searches are for: without this they are picked out of those of all models
        // in the order of the answer.
        public override IEnumerable<string> Shortcuts(Condition condition, FilterSql sql) => condition.Conjuncts.OfType<Clause>()
            .Where(c => c is { Field: { Entity: FilterEntity.Attribute, Key: "name" }, Operator: Equal })
            .Select(c => "v.model_id = (SELECT x.id FROM registered_models x WHERE x.deleted_ms IS NULL "
                + $"AND x.name = {sql.Parameter(c.Value.Text!)})");

        protected override KeysetColumn Column(string key) => key switch
        {
            "name" => Name,
            "version_number" => Number,
            "creation_timestamp" => new KeysetColumn("v.created_ms", false, KeysetType.Whole),
            "last_updated_timestamp" => new KeysetColumn("v.updated_ms", false, KeysetType.Whole),
            _ => throw new ArgumentOutOfRangeException(nameof(key), key, "not an order of versions"),
        };
    }
}

/// <summary>What filters say in other words than the columns.</summary>
internal static class FilterWords
{
    public static readonly IReadOnlyDictionary<string, int> Codes =
        Enum.GetValues<ModelStage>().ToDictionary(s => s.ToString(), s => (int)s);

    /// <summary>The first stage's other name is understood too; and texts that are empty where there is none are absent.</summary>
    public static Condition Translate(Condition condition) => condition switch
    {
        AllOf all => new AllOf([.. all.Conditions.Select(Translate)]),
        AnyOf any => new AnyOf([.. any.Conditions.Select(Translate)]),
        Negation not => new Negation(Translate(not.Condition)),
        Clause { Field: { Entity: FilterEntity.Attribute, Key: "stage" } } clause =>
            clause with { Values = [.. clause.Values.Select(v => v.Text == "None" ? new FilterValue(nameof(ModelStage.Experiment)) : v)] },
        Clause { Field: { Entity: FilterEntity.Attribute, Key: "run_id" or "description" }, Operator: IsNull or IsNotNull } clause =>
            clause with { Operator = clause.Operator == IsNull ? Equal : NotEqual, Values = [new FilterValue("")] },
        // Models do not carry the tag that prompts have: "is false" means "is not true", and the other way round.
        Clause { Field: { Entity: FilterEntity.Tag, Key: RegisteredModelService.PromptTag }, Operator: Equal or NotEqual } clause
            when string.Equals(clause.Value.Text, "false", StringComparison.OrdinalIgnoreCase) => clause with
            {
                Operator = clause.Operator == Equal ? NotEqual : Equal,
                Values = [new FilterValue("true")],
                OrAbsent = clause.Operator == Equal,
            },
        _ => condition,
    };
}
