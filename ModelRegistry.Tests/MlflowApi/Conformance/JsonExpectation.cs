using System.Globalization;
using System.Text.Json;

namespace ModelRegistry.Tests.MlflowApi.Conformance;

/// <summary>
/// Compares a body with what a case expects: the same members, no more and no fewer. `"*"` is anything, `"*ms"` a time
/// of this hour, `"$name"` a variable. Numbers are compared as numbers; lists of {key, …} in any order of their keys,
/// for the format gives them none.
/// </summary>
internal static class JsonExpectation
{
    /// <summary>Null where they agree; otherwise the first difference.</summary>
    public static string? Difference(JsonElement expected, JsonElement actual, Variables variables, string path = "$")
    {
        if (expected.ValueKind == JsonValueKind.String)
            return TextDifference(expected.GetString()!, actual, variables, path);
        if (expected.ValueKind != actual.ValueKind)
            return $"{path}: {actual.GetRawText()} instead of {expected.GetRawText()}";
        return expected.ValueKind switch
        {
            JsonValueKind.Object => ObjectDifference(expected, actual, variables, path),
            JsonValueKind.Array => ArrayDifference(expected, actual, variables, path),
            JsonValueKind.Number when !SameNumber(expected, actual) => $"{path}: {actual} instead of {expected}",
            _ => null,
        };
    }

    private static string? TextDifference(string expected, JsonElement actual, Variables variables, string path)
    {
        if (expected == "*")
            return null;
        if (expected == "*ms")
        {
            var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
            return actual.ValueKind == JsonValueKind.Number && actual.TryGetInt64(out var ms) && Math.Abs(now - ms) < 3_600_000
                ? null
                : $"{path}: {actual} instead of a time of now, in milliseconds";
        }

        if (expected.StartsWith('$') && variables.TryBind(expected[1..], actual.ToString()))
            return null;
        var text = variables.Replace(expected);
        return actual.ToString() == text && (actual.ValueKind == JsonValueKind.String || expected.StartsWith('$'))
            ? null
            : $"{path}: {actual.GetRawText()} instead of \"{text}\"";
    }

    private static string? ObjectDifference(JsonElement expected, JsonElement actual, Variables variables, string path)
    {
        foreach (var member in expected.EnumerateObject())
        {
            if (!actual.TryGetProperty(member.Name, out var value))
                return $"{path}.{member.Name} is missing in {Shorten(actual)}";
            if (Difference(member.Value, value, variables, $"{path}.{member.Name}") is { } difference)
                return difference;
        }

        var surplus = actual.EnumerateObject().Select(m => m.Name).FirstOrDefault(name => !expected.TryGetProperty(name, out _));
        return surplus is null ? null : $"{path}.{surplus} was not expected: {Shorten(actual.GetProperty(surplus))}";
    }

    private static string? ArrayDifference(JsonElement expected, JsonElement actual, Variables variables, string path)
    {
        if (expected.GetArrayLength() != actual.GetArrayLength())
            return $"{path}: {actual.GetArrayLength()} items instead of {expected.GetArrayLength()}: {Shorten(actual)}";
        return InOrder(expected).Zip(InOrder(actual)).Select((pair, i) => Difference(pair.First, pair.Second, variables, $"{path}[{i}]"))
            .FirstOrDefault(d => d is not null);
    }

    private static IEnumerable<JsonElement> InOrder(JsonElement array)
    {
        var keyed = array.EnumerateArray().All(e => e.ValueKind == JsonValueKind.Object && e.TryGetProperty("key", out _));
        return keyed ? array.EnumerateArray().OrderBy(e => e.GetProperty("key").GetString(), StringComparer.Ordinal) : array.EnumerateArray();
    }

    private static bool SameNumber(JsonElement a, JsonElement b) =>
        a.TryGetInt64(out var x) && b.TryGetInt64(out var y) ? x == y : a.GetDouble().Equals(b.GetDouble());

    private static string Shorten(JsonElement value) =>
        value.GetRawText() is { Length: > 400 } text ? text[..400] + "…" : value.GetRawText();

    /// <summary>The values at a path such as `runs[].info.run_name`; a member that is missing has none.</summary>
    public static IEnumerable<string> Project(JsonElement root, string projection)
    {
        IEnumerable<JsonElement> at = [root];
        foreach (var step in projection.Split('.'))
        {
            var name = step.EndsWith("[]", StringComparison.Ordinal) ? step[..^2] : step;
            at = at.SelectMany(e => e.TryGetProperty(name, out var value) ? [value] : Array.Empty<JsonElement>());
            if (name != step)
                at = at.SelectMany(e => e.EnumerateArray().ToArray());
        }

        return at.Select(e => e.ValueKind == JsonValueKind.Number ? e.GetDouble().ToString(CultureInfo.InvariantCulture) : e.ToString());
    }
}
