namespace ModelRegistry.Core.Filtering;

/// <summary>One column of an ordering; what has no value comes last in both directions.</summary>
public sealed record OrderTerm(FilterField Field, bool Descending);

public static class OrderBy
{
    /// <summary>Each term may cost a join.</summary>
    public const int MaxTerms = 20;

    /// <summary>Longest item, in characters; MLflow's keys have at most 250.</summary>
    public const int MaxLength = 1000;

    /// <summary>Reads MLflow's items: column [ASC|DESC].</summary>
    public static IReadOnlyList<OrderTerm> Parse(IEnumerable<string>? items, FilterSchema schema) =>
        Distinct((items ?? []).Select(item => ReadItem(item, schema)));

    /// <summary>Reads a column that comes with its direction apart, and is not quoted.</summary>
    public static OrderTerm Column(string name, bool descending, FilterSchema schema)
    {
        Check(name);
        Lexer.RefuseWhatNoDatabaseStores(name);
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        var identifier = dot < 0 ? new Identifier(null, name) : new Identifier(name[..dot], name[(dot + 1)..]);
        return new OrderTerm(Find(identifier, schema), descending);
    }

    /// <summary>Refuses a column that comes twice.</summary>
    public static IReadOnlyList<OrderTerm> Distinct(IEnumerable<OrderTerm> terms)
    {
        var found = new List<OrderTerm>();
        foreach (var term in terms)
        {
            if (found.Exists(earlier => earlier.Field == term.Field))
                throw new FilterException($"`order_by` contains duplicate fields: ['{Print(term)}']", 0, "each column once");
            if (found.Count == MaxTerms)
                throw new FilterException("`order_by` has too many fields", 0, $"at most {MaxTerms}");
            found.Add(term);
        }
        return found;
    }

    private static OrderTerm ReadItem(string item, FilterSchema schema)
    {
        Check(item);
        var lexer = new Lexer(item, "order_by clause");
        var identifier = lexer.ReadIdentifier();
        var direction = lexer.Current;
        var descending = direction.Is("DESC");
        if (direction.Kind != TokenKind.End)
        {
            lexer.Advance();
            if (lexer.Current.Kind != TokenKind.End)
            {
                throw new FilterException($"Invalid order_by clause '{item}'. Could not be parsed.",
                    lexer.Current.Start, "nothing after ASC or DESC");
            }
            if (!descending && !direction.Is("ASC"))
            {
                throw new FilterException($"Invalid ordering key in order_by clause '{item}'.",
                    direction.Start, "ASC or DESC");
            }
        }
        return new OrderTerm(Find(identifier, schema), descending);
    }

    private static void Check(string item)
    {
        if (item.Length > MaxLength)
            throw new FilterException("The order_by clause is too long", 0, $"at most {MaxLength} characters");
    }

    private static FilterField Find(Identifier identifier, FilterSchema schema)
    {
        var field = schema.Find(identifier, FilterUse.Order);
        if (schema.Ordered.Contains(field.Entity)) return field;
        var name = FilterSchema.NameOf(field.Entity);
        var reason = field.Entity == FilterEntity.Dataset
            ? $"Invalid identifier type '{name}'"
            : $"Invalid order_by entity: {name}";
        throw new FilterException(reason, identifier.Position.Start, "an attribute");
    }

    private static string Print(OrderTerm term) => term.Field.Entity == FilterEntity.Attribute
        ? term.Field.Key
        : $"{FilterSchema.NameOf(term.Field.Entity)}s.{term.Field.Key}";
}
