using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace ModelRegistry.Tests.MlflowApi.Conformance;

/// <summary>The ids, tokens and times of one scenario, by the names that its cases give them.</summary>
internal sealed partial class Variables
{
    private readonly Dictionary<string, string> _values;

    public Variables() => _values = new Dictionary<string, string> { ["n"] = Guid.NewGuid().ToString("N")[..8] };

    private Variables(Dictionary<string, string> values) => _values = values;

    public Variables Copy() => new(new Dictionary<string, string>(_values));

    /// <summary>False where the name has a value already, or is none.</summary>
    public bool TryBind(string name, string value) => Name().Match("$" + name).Length == name.Length + 1 && _values.TryAdd(name, value);

    /// <summary>The text with its variables, `⟨x*250⟩` as 250 times x, and `⟨{…#…}*3⟩` as three items numbered from 0.</summary>
    public string Replace(string text)
    {
        text = Name().Replace(text, m => _values.GetValueOrDefault(m.Groups[1].Value, m.Value));
        return Repeated().Replace(text, m =>
        {
            var (item, count) = (m.Groups[1].Value, int.Parse(m.Groups[2].Value, CultureInfo.InvariantCulture));
            if (!item.Contains('#'))
                return new StringBuilder().Insert(0, item, count).ToString();
            return string.Join(',', Enumerable.Range(0, count).Select(
                i => item.Replace("#", i.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)));
        });
    }

    [GeneratedRegex(@"\$([a-z][a-z0-9]*)")]
    private static partial Regex Name();

    [GeneratedRegex(@"⟨([^⟩]*)\*(\d+)⟩")]
    private static partial Regex Repeated();
}
