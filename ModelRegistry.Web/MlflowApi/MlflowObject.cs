using System.Globalization;
using System.Text.Json;
using ModelRegistry.Core.Common;

namespace ModelRegistry.Web.MlflowApi;

/// <summary>A key and its value, as tags and params come and go.</summary>
internal readonly record struct KeyValue(string Key, string Value);

/// <summary>
/// Typed, strict access to a message of MLflow's. `null` is absent; a required member must be there and not empty; the
/// errors have MLflow's wording and name the member with its path, e.g. `metrics[0].value`.
/// </summary>
internal readonly struct MlflowObject(JsonElement element, string path, bool fromQuery)
{
    public string RequiredString(string name) => String(name) is { Length: > 0 } value ? value : throw Missing(name);

    public string? String(string name) => Find(name) is { } value ? AsString(value, name) : null;

    public long RequiredInt64(string name) => Int64(name) ?? throw Missing(name);

    /// <summary>A number or a decimal string; 15.0 and R's 1.7e+12 are whole numbers too.</summary>
    public long? Int64(string name)
    {
        if (Find(name) is not { } value)
            return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number))
            return number;
        if (value.ValueKind is JsonValueKind.Number or JsonValueKind.String)
        {
            var text = value.ValueKind == JsonValueKind.Number ? value.GetRawText() : AsString(value, name);
            if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number))
                return number;
            if (decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var exact)
                && exact == decimal.Truncate(exact) && exact is >= long.MinValue and <= long.MaxValue)
            {
                return (long)exact;
            }
        }

        throw Invalid(name, value, "an integer of 64 bits");
    }

    public double RequiredDouble(string name) => Double(name) ?? throw Missing(name);

    /// <summary>A number, a numeric string, "NaN", "Infinity" or "-Infinity"; true is 1.</summary>
    public double? Double(string name)
    {
        if (Find(name) is not { } value)
            return null;
        switch (value.ValueKind)
        {
            case JsonValueKind.Number:
                // 1e999 would be infinite: whoever means that says so.
                return value.GetDouble() is var finite && double.IsFinite(finite) ? finite : throw Invalid(name, value, "a double");
            case JsonValueKind.True:
                return 1;
            case JsonValueKind.False:
                return 0;
            case JsonValueKind.String
                when double.TryParse(AsString(value, name), NumberStyles.Float, CultureInfo.InvariantCulture, out var number):
                return number;
            default:
                throw Invalid(name, value, "a number");
        }
    }

    /// <summary>true and false; in any case as strings too (R).</summary>
    public bool? Bool(string name)
    {
        if (Find(name) is not { } value)
            return null;
        return value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.String when bool.TryParse(AsString(value, name), out var flag) => flag,
            _ => throw Invalid(name, value, "true or false"),
        };
    }

    /// <summary>A repeated string.</summary>
    public IReadOnlyList<string> Strings(string name)
    {
        var self = this;
        return Find(name) switch
        {
            null => [],
            { ValueKind: JsonValueKind.Array } array => [.. array.EnumerateArray().Select(v => self.AsString(v, name))],
            { ValueKind: JsonValueKind.String } one when fromQuery => [AsString(one, name)],
            { } other => throw Invalid(name, other, "a list of strings"),
        };
    }

    /// <summary>A repeated message; empty where absent.</summary>
    public IEnumerable<MlflowObject> Objects(string name)
    {
        if (Find(name) is not { } value)
            yield break;
        if (value.ValueKind != JsonValueKind.Array)
            throw Invalid(name, value, "a list of objects");
        var i = 0;
        foreach (var item in value.EnumerateArray())
        {
            var at = $"{path}{name}[{i++}]";
            if (item.ValueKind != JsonValueKind.Object)
                throw new InvalidArgumentException(at, $"Invalid value for parameter '{at}' supplied: it must be an object.");
            yield return new MlflowObject(item, at + ".", fromQuery: false);
        }
    }

    public MlflowObject? Object(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Object } value => new MlflowObject(value, $"{path}{name}.", fromQuery: false),
        { } other => throw Invalid(name, other, "an object"),
    };

    public bool Has(string name) => Find(name) is not null;

    /// <summary>Repeated {key, value}, as tags and params are; an absent value is "".</summary>
    public List<KeyValue> KeyValues(string name) =>
        [.. Objects(name).Select(o => new KeyValue(o.RequiredString("key"), o.String("value") ?? ""))];

    /// <summary>The value by name or number; the names are the wire's, in the order of their numbers.</summary>
    public int? Enum(string name, params ReadOnlySpan<(string Name, int Number)> values)
    {
        if (Find(name) is not { } value)
            return null;
        var text = value.ValueKind == JsonValueKind.Number ? value.GetRawText() : AsString(value, name);
        foreach (var (valueName, number) in values)
        {
            if (text == valueName || text == number.ToString(CultureInfo.InvariantCulture))
                return number;
        }

        throw Invalid(name, value, "one of " + string.Join(", ", values.ToArray().Select(v => v.Name)));
    }

    public InvalidArgumentException Missing(string name) => new(path + name,
        $"Missing value for required parameter '{path}{name}'. See the API docs for more information about request parameters.");

    private JsonElement? Find(string name)
    {
        try
        {
            return element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
        }
        catch (InvalidOperationException)
        {
            // A member whose name has half of a surrogate pair.
            throw new InvalidArgumentException("body", "Malformed JSON: the name of a member is not valid Unicode.");
        }
    }

    private string AsString(JsonElement value, string name)
    {
        if (value.ValueKind != JsonValueKind.String)
            throw Invalid(name, value, "a string");
        string text;
        try
        {
            text = value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair, or bytes that are not UTF-8.
            throw new InvalidArgumentException(path + name, $"Invalid value for parameter '{path}{name}' supplied: it is not valid Unicode.");
        }

        return text.Contains('\0')
            ? throw new InvalidArgumentException(path + name, $"Invalid value for parameter '{path}{name}' supplied: it has a NUL character.")
            : text;
    }

    private InvalidArgumentException Invalid(string name, JsonElement value, string expected)
    {
        var raw = value.GetRawText();
        var type = value.ValueKind switch
        {
            JsonValueKind.Number => raw.AsSpan().ContainsAny('.', 'e', 'E') ? "float" : "int",
            JsonValueKind.True or JsonValueKind.False => "bool",
            JsonValueKind.Array => "list",
            JsonValueKind.Object => "dict",
            _ => "str",
        };
        return new InvalidArgumentException(path + name,
            $"Invalid value {raw} for parameter '{path}{name}' supplied: it must be {expected}. Hint: Value was of type '{type}'. "
            + "See the API docs for more information about request parameters.");
    }
}
