using System.Globalization;
using static ModelRegistry.Core.Filtering.FilterOperator;

namespace ModelRegistry.Core.Filtering;

/// <summary>
/// Writes conditions as SQL that means the same on each database, and collects its parameters. One instance serves
/// one statement.
/// </summary>
/// <param name="dialect">The database.</param>
/// <param name="fields">Where the caller's query has a field; null if nothing can have it (an unknown metric key).</param>
/// <param name="prefix">How the names of the parameters begin.</param>
public sealed class FilterSql(SqlDialect dialect, Func<FilterField, SqlField?> fields, string prefix = "f")
{
    private const string CaseSensitive = "COLLATE Latin1_General_100_BIN2";
    private const string CaseInsensitive = "COLLATE Latin1_General_100_CI_AS_SC";
    private const string Always = "1 = 1";
    private const string Never = "1 = 0";

    private readonly List<(string Name, object Value)> _parameters = [];

    public IReadOnlyList<(string Name, object Value)> Parameters => _parameters;

    /// <summary>A test for a WHERE; in parentheses where it needs them.</summary>
    public string Where(Condition condition) => condition switch
    {
        AllOf all => Join(all.Conditions, " AND ", Always),
        AnyOf any => Join(any.Conditions, " OR ", Never),
        Negation { Condition: Clause clause } when fields(clause.Field) is { Exists: not null } =>
            $"NOT {Where(clause)}",
        // SQL's NOT of unknown is unknown; a CASE makes unknown false first.
        Negation not => $"(CASE WHEN {Where(not.Condition)} THEN 1 ELSE 0 END = 0)",
        Clause clause => Where(clause),
        _ => throw new ArgumentOutOfRangeException(nameof(condition))
    };

    /// <summary>The clause's test of the column alone, for a caller that joins the clause's table itself.</summary>
    public string Test(Clause clause)
    {
        var field = fields(clause.Field);
        return field is null ? Never : Test(clause.Operator, clause, field);
    }

    public string Parameter(object value)
    {
        var name = $"@{prefix}{_parameters.Count}";
        _parameters.Add((name, value));
        return name;
    }

    private string Join(IReadOnlyList<Condition> conditions, string between, string none) => conditions.Count switch
    {
        0 => none,
        1 => Where(conditions[0]),
        _ => $"({string.Join(between, conditions.Select(Where))})"
    };

    private string Where(Clause clause)
    {
        var field = fields(clause.Field);
        if (field is null) return clause.OrAbsent || clause.Operator == IsNull ? Always : Never;
        if (field.Exists is null)
        {
            var test = Test(clause.Operator, clause, field);
            return clause.OrAbsent ? $"({field.Column} IS NULL OR {test})" : test;
        }
        return clause switch
        {
            { Operator: IsNull } => $"(NOT {Exists(IsNotNull, clause, field)})",
            { OrAbsent: true } => $"(NOT {Exists(Equal, clause, field)})",
            _ => Exists(clause.Operator, clause, field)
        };
    }

    private string Exists(FilterOperator op, Clause clause, SqlField field)
    {
        var template = field.Exists!;
        if (template.Contains("{key}", StringComparison.Ordinal))
        {
            template = template.Replace(
                "{key}", Parameter(field.Key ?? clause.Field.Key), StringComparison.Ordinal);
        }
        return template.Replace("{test}", Test(op, clause, field), StringComparison.Ordinal);
    }

    private string Test(FilterOperator op, Clause clause, SqlField field)
    {
        if (op == IsNull) return $"{field.Column} IS NULL";
        if (op == IsNotNull) return $"{field.Column} IS NOT NULL";
        if (field.Codes is not null) return field.Words is { } words ? TestCodeOrWord(op, clause, field, words) : TestCode(clause, field);
        return clause.Field.Type == FilterType.Text ? TestText(op, clause, field.Column) : TestNumber(op, clause, field);
    }

    private static string TestCode(Clause clause, SqlField field)
    {
        var codes = field.Codes!
            .Where(code => FilterPredicate.Matches(clause, new FilterValue(code.Key)))
            .Select(code => code.Value.ToString(CultureInfo.InvariantCulture))
            .ToList();
        return codes.Count == 0 ? Never : $"{field.Column} IN ({string.Join(", ", codes)})";
    }

    private string TestCodeOrWord(FilterOperator op, Clause clause, SqlField field, string words)
    {
        var code = TestCode(clause, field);
        // Neither the one nor the other; what is asked for by a code alone needs no look at the words.
        if (op is NotEqual or NotIn) return $"({code} AND {TestText(op, clause, words)})";
        if (op is Equal or In && clause.Values.All(v => field.Codes!.ContainsKey(v.Text!))) return code;
        return code == Never ? TestText(op, clause, words) : $"({code} OR {TestText(op, clause, words)})";
    }

    private string TestNumber(FilterOperator op, Clause clause, SqlField field)
    {
        if (op is In or NotIn) return List(op, clause, field.Column);
        var test = $"{field.Column} {Sign(op)} {Parameter(Value(clause.Value, clause.Field.Type))}";
        if (field.Kind is null) return test;
        return op == NotEqual ? $"({test} OR {field.Kind} = 1)" : $"({test} AND {field.Kind} <> 1)";
    }

    private string TestText(FilterOperator op, Clause clause, string column) => op switch
    {
        Like => WriteLike(column, clause.Value.Text!),
        ILike => WriteILike(column, clause.Value.Text!),
        _ when dialect == SqlDialect.SqlServer => Exact(op, clause, column),
        In or NotIn => List(op, clause, column),
        _ => $"{column} {Sign(op)} {Parameter(clause.Value.Text!)}"
    };

    /// <summary>SQL Server's = overlooks blanks at the end, whatever the collation.</summary>
    private string Exact(FilterOperator op, Clause clause, string column)
    {
        var equal = clause.Values.Select(value => Parameter(value.Text!)).Select(name =>
            $"({column} {CaseSensitive} = {name} AND DATALENGTH({column}) = DATALENGTH({name}))");
        var any = string.Join(" OR ", equal);
        return op is NotEqual or NotIn ? $"({column} IS NOT NULL AND NOT ({any}))" : $"({any})";
    }

    private string WriteLike(string column, string pattern) => dialect switch
    {
        SqlDialect.Sqlite => $"{column} GLOB {Parameter(LikePattern.ToGlob(pattern))}",
        SqlDialect.PostgreSql => $"{column} LIKE {Parameter(pattern)} ESCAPE ''",
        _ => $@"{column} {CaseSensitive} LIKE {Parameter(LikePattern.Escape(pattern, @"\["))} ESCAPE '\'"
    };

    private string WriteILike(string column, string pattern) => dialect switch
    {
        SqlDialect.Sqlite => $@"{column} LIKE {Parameter(LikePattern.Escape(pattern, @"\"))} ESCAPE '\'",
        SqlDialect.PostgreSql => $"{column} ILIKE {Parameter(pattern)} ESCAPE ''",
        _ => $@"{column} {CaseInsensitive} LIKE {Parameter(LikePattern.Escape(pattern, @"\["))} ESCAPE '\'"
    };

    private string List(FilterOperator op, Clause clause, string column)
    {
        var names = clause.Values.Select(value => Parameter(Value(value, clause.Field.Type)));
        return $"{column} {FilterPrinter.Print(op)} ({string.Join(", ", names)})";
    }

    private static object Value(FilterValue value, FilterType type) =>
        value.Text ?? (type != FilterType.Real && value.Whole is { } whole ? whole : (object)value.Number);

    private static string Sign(FilterOperator op) => op == NotEqual ? "<>" : FilterPrinter.Print(op);
}
