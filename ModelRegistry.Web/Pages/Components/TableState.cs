using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace ModelRegistry.Web.Pages.Components;

/// <summary>
/// The state of a table is its address: filter, order, columns, page. Links are made from it by changing a part; a
/// change of anything but the page starts from the first page.
/// </summary>
public sealed class TableState
{
    private const string After = "after";
    private const string Trail = "trail";
    private const int MaxTrail = 20;

    private readonly string _path;
    private readonly Dictionary<string, StringValues> _values;

    private TableState(string path, Dictionary<string, StringValues> values)
    {
        _path = path;
        _values = values;
    }

    public static TableState Read(HttpRequest request) => new(
        request.PathBase + request.Path,
        request.Query.Where(p => p.Key is not "handler" and not "format" && !StringValues.IsNullOrEmpty(p.Value))
            .ToDictionary(p => p.Key, p => p.Value, StringComparer.Ordinal));

    public string Path => _path;
    public string? Filter => Get("filter");
    /// <summary>The column that orders the table, without its direction.</summary>
    public string? Sort => Get("sort")?.TrimStart('-');
    public bool Descending => Get("sort")?.StartsWith('-') == true;
    public string? PageToken => Get(After);
    public bool IsFirstPage => PageToken is null;

    public string? Get(string key) => _values.TryGetValue(key, out var value) ? value[^1] : null;

    public IReadOnlyList<string> All(string key) =>
        _values.TryGetValue(key, out var value) ? [.. value.OfType<string>().Where(v => v.Length > 0)] : [];

    /// <summary>Everything but the named, for the hidden fields of a form that sets the named.</summary>
    public IEnumerable<KeyValuePair<string, string>> Except(params string[] keys) =>
        _values.Where(v => v.Key is not After and not Trail && !keys.Contains(v.Key))
            .SelectMany(v => v.Value.OfType<string>(), (v, value) => KeyValuePair.Create(v.Key, value));

    public string With(string key, string? value) => Url(Except(key), value is null ? [] : [new(key, value)]);

    public string Without(string key) => With(key, null);

    public string SortedBy(string key, bool descending) => With("sort", (descending ? "-" : "") + key);

    public string FirstPage => Url(Except());

    public string Page(string token)
    {
        var trail = TrailTokens();
        trail.Add(PageToken ?? "");
        return Url(Except(), [new(After, token), new(Trail, string.Join('~', trail.TakeLast(MaxTrail)))]);
    }

    public string? PreviousPage
    {
        get
        {
            if (IsFirstPage)
                return null;
            var trail = TrailTokens();
            if (trail.Count == 0 || trail[^1].Length == 0)
                return FirstPage;
            var rest = string.Join('~', trail[..^1]);
            return Url(Except(), [new(After, trail[^1]), new(Trail, rest)]);
        }
    }

    public string Export(string format) => Url(Except(), [new("format", format)]);

    private List<string> TrailTokens() => Get(Trail) is { } trail ? [.. trail.Split('~')] : [];

    private string Url(params IEnumerable<KeyValuePair<string, string>>[] parts) => QueryHelpers.AddQueryString(
        _path, parts.SelectMany(p => p).Select(p => KeyValuePair.Create(p.Key, (string?)p.Value)));
}
