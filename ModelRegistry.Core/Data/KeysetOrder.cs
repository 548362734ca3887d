using System.Globalization;
using System.Text;

namespace ModelRegistry.Core.Data;

/// <summary>One column of an order. The expression is never NULL: what may be absent has a rank column before it.</summary>
public sealed record KeysetColumn(string Expression, bool Descending, KeysetType Type);

public enum KeysetType
{
    Text,
    Whole,
    Real,
}

/// <summary>
/// ORDER BY with a page token over its columns: the next page starts after the last row's values, however many rows lie
/// before it.
/// </summary>
public sealed class KeysetOrder(IReadOnlyList<KeysetColumn> columns)
{
    public string OrderBy => string.Join(", ", columns.Select(c => c.Expression + (c.Descending ? " DESC" : "")));

    /// <summary>To be selected, so that the token can be made: `, expr AS k0, …`.</summary>
    public string Select => string.Concat(columns.Select((c, i) => $", {c.Expression} AS k{i}"));

    public int Count => columns.Count;

    /// <summary>The values of a row's key columns as a token holds them.</summary>
    public string[] ReadKey(System.Data.Common.DbDataReader row, int first)
    {
        var key = new string[columns.Count];
        for (var i = 0; i < key.Length; i++)
        {
            key[i] = columns[i].Type switch
            {
                KeysetType.Text => row.GetString(first + i),
                KeysetType.Whole => Convert.ToInt64(row.GetValue(first + i), CultureInfo.InvariantCulture)
                    .ToString(CultureInfo.InvariantCulture),
                _ => row.GetDouble(first + i).ToString("R", CultureInfo.InvariantCulture),
            };
        }

        return key;
    }

    /// <summary>The test for the rows after a key; null where the key does not fit this order.</summary>
    /// <param name="parameter">Adds a parameter and gives its name.</param>
    public string? After(string[] key, Func<object, string> parameter)
    {
        if (key.Length != columns.Count)
            return null;
        var names = new string[key.Length];
        for (var i = 0; i < key.Length; i++)
        {
            switch (columns[i].Type)
            {
                case KeysetType.Text:
                    names[i] = parameter(key[i]);
                    break;
                case KeysetType.Whole when long.TryParse(key[i], CultureInfo.InvariantCulture, out var whole):
                    names[i] = parameter(whole);
                    break;
                case KeysetType.Real when double.TryParse(key[i], CultureInfo.InvariantCulture, out var real):
                    names[i] = parameter(real);
                    break;
                default:
                    return null;
            }
        }

        var test = new StringBuilder();
        for (var i = 0; i < columns.Count; i++)
        {
            test.Append(i == 0 ? "(" : " OR (");
            for (var j = 0; j < i; j++)
                test.Append(CultureInfo.InvariantCulture, $"{columns[j].Expression} = {names[j]} AND ");
            test.Append(CultureInfo.InvariantCulture, $"{columns[i].Expression} {(columns[i].Descending ? '<' : '>')} {names[i]})");
        }

        // Said once more of the first column alone: an index can start there, which it cannot at an OR.
        return $"({columns[0].Expression} {(columns[0].Descending ? "<=" : ">=")} {names[0]} AND ({test}))";
    }
}
