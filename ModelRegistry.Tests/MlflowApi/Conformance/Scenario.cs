using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ModelRegistry.Tests.MlflowApi.Conformance;

/// <summary>What one answer must be: a status, and the essential part of the body in one of four forms.</summary>
/// <param name="Code">With <paramref name="Message"/>: a refusal in MLflow's shape; `…` in the message stands for any text.</param>
/// <param name="Json">The whole body; see <see cref="JsonExpectation"/>.</param>
/// <param name="List">The values that the case's projection finds, in order.</param>
/// <param name="Text">A body that is not JSON; `html` stands for any page.</param>
internal sealed record Expectation(
    int Status, string? Code = null, string? Message = null, string? Json = null, string? List = null, string? Text = null);

/// <summary>One call, MLflow's answer to it, and ours where it is another one.</summary>
internal sealed record Case(int Line, string Method, string? ContentType, string Path, string? Body, string? Projection)
{
    public Expectation Mlflow { get; set; } = null!;
    public Expectation? Here { get; set; }
    public string? DeviationId { get; set; }
    public List<(string Name, string Value)> Headers { get; } = [];

    public override string ToString() => $"line {Line}: {Method} {Path} {(Body is { Length: > 200 } b ? b[..200] + "…" : Body)}";
}

/// <summary>
/// Calls that build on each other, read from the *.cases files beside this class. Their grammar, line by line:
/// <code>
/// == name                           a scenario; its variables are its own, $n is a suffix no other has
/// let WORD = GET path?x=$1 -> a[].b a call with one argument ($1 as JSON, $0 as it is), and what to look at in its answer
/// POST path {"body"}                a call; paths without a leading slash are below /api/2.0/mlflow/
/// POST[text/plain] path body        with another content type; [-] for none
/// GET path {"body"}                 a GET without query may have a body; ` &lt;&lt;&lt;` sets a body off anywhere
/// WORD argument                     the call that was defined by let
/// 404 CODE message                  MLflow's answer: a refusal (… stands for anything)
/// 200 {"json"}                      … or a body, or nothing but the status, or `text …`
/// = a b c                           … or 200 and what the projection finds
/// here ID 200 …                     our answer where it differs, and the deviation that says why
/// > Name: value                     a header that our answer must have
/// </code>
/// $name takes a value from an answer where it has none yet, and stands for it everywhere else.
/// </summary>
internal sealed partial record Scenario(string File, string Name, IReadOnlyList<Case> Cases)
{
    public override string ToString() => $"{File}: {Name}";

    public static IReadOnlyList<Scenario> All { get; } = [.. ReadAll()];

    private static IEnumerable<Scenario> ReadAll()
    {
        var assembly = Assembly.GetExecutingAssembly();
        foreach (var resource in assembly.GetManifestResourceNames().Where(n => n.EndsWith(".cases", StringComparison.Ordinal)).Order())
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            var file = resource.Split('.')[^2];
            foreach (var scenario in Parse(file, reader.ReadToEnd()))
                yield return scenario;
        }
    }

    private static List<Scenario> Parse(string file, string text)
    {
        var scenarios = new List<Scenario>();
        var words = new Dictionary<string, (string Call, string Projection)>();
        List<Case>? cases = null;
        var number = 0;
        foreach (var line in text.Split('\n').Select(l => l.TrimEnd('\r')))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line) || line.StartsWith('#'))
                continue;
            if (line.StartsWith("== ", StringComparison.Ordinal))
            {
                cases = [];
                words.Clear();
                scenarios.Add(new Scenario(file, line[3..].Trim(), cases));
                continue;
            }

            if (cases is null)
                throw Wrong(file, number, "a line before the first scenario");
            var last = cases.LastOrDefault();
            if (Let().Match(line) is { Success: true } let)
                words[let.Groups[1].Value] = (let.Groups[2].Value, let.Groups[3].Value);
            else if (line.StartsWith("> ", StringComparison.Ordinal))
                last!.Headers.Add((line[2..line.IndexOf(':')], line[(line.IndexOf(':') + 1)..].Trim()));
            else if (Here().Match(line) is { Success: true } here)
                (last!.DeviationId, last.Here) = (here.Groups[1].Value, ExpectationOf(here.Groups[2].Value));
            else if (line[0] == '=' || char.IsAsciiDigit(line[0]))
                last!.Mlflow = last.Mlflow is null ? ExpectationOf(line) : throw Wrong(file, number, "a second answer");
            else if (Request().Match(line) is { Success: true } request)
                cases.Add(CaseOf(number, request, words) ?? throw Wrong(file, number, line));
            else
                throw Wrong(file, number, line);
        }

        var unanswered = scenarios.SelectMany(s => s.Cases).FirstOrDefault(c => c.Mlflow is null);
        return unanswered is null ? scenarios : throw Wrong(file, unanswered.Line, "a call without an answer");
    }

    private static Case? CaseOf(int number, Match request, Dictionary<string, (string Call, string Projection)> words)
    {
        var (word, contentType, rest) = (request.Groups[1].Value, request.Groups[2].Value, request.Groups[3].Value);
        if (words.TryGetValue(word, out var defined))
        {
            var inner = Request().Match(defined.Call);
            var call = inner.Groups[3].Value;
            var argument = call.Contains('?') || IsJson(rest) ? rest : JsonSerializer.Serialize(rest);
            return Build(number, inner.Groups[1].Value, "", call.Replace("$0", rest, StringComparison.Ordinal).Replace("$1", argument, StringComparison.Ordinal), defined.Projection);
        }

        return word is "GET" or "HEAD" or "POST" or "PUT" or "PATCH" or "DELETE" or "OPTIONS"
            ? Build(number, word, contentType, rest, null)
            : null;
    }

    private static bool IsJson(string text)
    {
        try
        {
            JsonSerializer.Deserialize<JsonElement>(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static Case Build(int number, string method, string contentType, string rest, string? projection)
    {
        string path;
        string? body = null;
        var mark = rest.IndexOf(" <<<", StringComparison.Ordinal);
        var space = rest.IndexOf(' ');
        if (mark >= 0)
            (path, body) = (rest[..mark], rest[(mark + 4)..].TrimStart(' '));
        else if (space < 0 || rest[..space].Contains('?'))
            path = rest;
        else
            (path, body) = (rest[..space], rest[(space + 1)..]);
        return new Case(number, method, contentType.Length == 0 ? "application/json" : contentType == "-" ? null : contentType,
            path.StartsWith('/') ? path : "/api/2.0/mlflow/" + path, body, projection);
    }

    private static Expectation ExpectationOf(string text)
    {
        if (text[0] == '=')
            return new Expectation(200, List: text[1..].Trim());
        var status = int.Parse(text.AsSpan(0, 3), CultureInfo.InvariantCulture);
        var rest = text[3..].Trim();
        if (rest.Length == 0)
            return new Expectation(status);
        if (rest[0] is '{' or '[' or '"')
            return new Expectation(status, Json: rest);
        if (rest == "html" || rest.StartsWith("text ", StringComparison.Ordinal))
            return new Expectation(status, Text: rest == "html" ? rest : rest[5..]);
        var space = rest.IndexOf(' ');
        return space < 0
            ? new Expectation(status, Code: rest)
            : new Expectation(status, Code: rest[..space], Message: rest[(space + 1)..].Trim());
    }

    private static FormatException Wrong(string file, int line, string what) => new($"{file}.cases, line {line}: {what}");

    [GeneratedRegex(@"^let ([A-Z]+) = (.+?)(?: -> (\S+))?$")]
    private static partial Regex Let();

    [GeneratedRegex(@"^here ([a-z0-9-]+) (.+)$")]
    private static partial Regex Here();

    [GeneratedRegex(@"^([A-Z]+)(?:\[([^\]]+)\])?(?: (.*))?$")]
    private static partial Regex Request();
}
