using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;
using ModelRegistry.Tests.Architecture;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Security;

/// <summary>
/// Every route and every kind of caller, from one table: `routes.matrix` beside this file. A line is a route, who is let in
/// with a token, who with a session, and the body that is sent, where the right is asked for after the body is read:
/// `-` refused (401, 403, or sent to sign in), a letter let in. A route that is missing fails; run with
/// MODELREGISTRY_WRITE_MATRIX=1 to write the table anew, and read the difference.
/// </summary>
public sealed partial class RouteMatrixTests(RegistryApps apps) : IClassFixture<RegistryApps>
{
    private const string WriteVariable = "MODELREGISTRY_WRITE_MATRIX";

    // The letters of the table, in its order.
    private static readonly (char Letter, RegistryRole? Roles)[] Callers =
    [
        ('s', null), ('n', RegistryRole.None), ('v', RegistryRole.Viewer), ('m', RegistryRole.Member),
        ('u', RegistryRole.Auditor), ('g', RegistryRole.GovernanceOfficer), ('a', RegistryRole.Admin),
    ];

    private static readonly string TablePath = Path.Combine(Repository.Root, "ModelRegistry.Tests", "Security", "routes.matrix");

    private sealed record Line(string Route, string Token, string Session, string Body)
    {
        public override string ToString() => $"{Route} | {Token} | {Session} | {Body}".TrimEnd();
    }

    [Fact]
    public async Task Everybody_is_let_in_where_the_table_says_and_nowhere_else()
    {
        var app = await apps.On(DatabaseProvider.Sqlite);
        var table = Read();
        var routes = app.Routes.Where(r => !IsAsset(r.Pattern)).Select(r => $"{r.Method} {Plain(r.Pattern)}").Distinct().Order(StringComparer.Ordinal).ToList();
        var found = new List<Line>();
        var (tokens, sessions) = (new List<HttpClient>(), new List<HttpClient>());
        foreach (var (_, roles) in Callers)
        {
            tokens.Add(roles is { } r ? await app.ClientAsync(r) : app.AnonymousClient());
            sessions.Add(roles is { } s ? await app.SignedInAsync(s) : app.AnonymousClient());
        }

        foreach (var route in routes)
        {
            var body = table.GetValueOrDefault(route)?.Body ?? "";
            found.Add(new Line(route, await LetInAsync(tokens, route, body), await LetInAsync(sessions, route, body), body));
        }

        if (Environment.GetEnvironmentVariable(WriteVariable) == "1")
            await File.WriteAllLinesAsync(TablePath, [.. Heading(), .. found.Select(l => l.ToString())]);
        found.Select(l => l.ToString()).Except(table.Values.Select(l => l.ToString()))
            .ShouldBeEmpty("these routes are missing in the table, or answer others than it says");
        table.Keys.Except(routes).ShouldBeEmpty("these lines are of no route");
    }

    private static async Task<string> LetInAsync(List<HttpClient> clients, string route, string body)
    {
        var letters = new StringBuilder();
        for (var i = 0; i < clients.Count; i++)
            letters.Append(await IsLetInAsync(clients[i], route, body) ? Callers[i].Letter : '-');
        return letters.ToString();
    }

    private static async Task<bool> IsLetInAsync(HttpClient client, string route, string body)
    {
        var (method, pattern) = (route[..route.IndexOf(' ')], route[(route.IndexOf(' ') + 1)..]);
        using var request = new HttpRequestMessage(new HttpMethod(method), Parameter().Replace(pattern, "1"));
        if (method is "POST" or "PUT" or "PATCH" or "DELETE" && pattern.StartsWith("/api", StringComparison.Ordinal))
            request.Content = new StringContent(body.Length > 0 ? body : "{}", Encoding.UTF8, "application/json");
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        ((int)answer.StatusCode is < 500 or 501).ShouldBeTrue($"{route} is answered {(int)answer.StatusCode}");
        return !(answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden
            || (answer.StatusCode == HttpStatusCode.Redirect
                && answer.Headers.Location!.ToString().Contains("/account/signin", StringComparison.Ordinal)));
    }

    // Styles, scripts and fonts: each file of the packages is a route, open to everybody.
    private static bool IsAsset(string pattern) => Path.HasExtension(pattern) && !pattern.Contains('{', StringComparison.Ordinal);

    // MLflow's calls are there under several prefixes and versions; they share their handlers.
    private static string Plain(string pattern) => Prefixes().Replace(pattern, "/api/2.0/$1");

    private static Dictionary<string, Line> Read() => !File.Exists(TablePath) ? [] : File.ReadAllLines(TablePath)
        .Where(l => l.Length > 0 && l[0] != '#').Select(l => l.Split('|', 4, StringSplitOptions.TrimEntries))
        .Select(c => new Line(c[0], c[1], c[2], c.Length > 3 ? c[3] : "")).ToDictionary(l => l.Route);

    private static string[] Heading() =>
    [
        "# Route | let in with a token | let in with a session | body",
        "# " + string.Join(", ", Callers.Select(c => $"{c.Letter} {(c.Roles is { } r ? r == RegistryRole.None ? "no role" : r.ToString() : "stranger")}"))
            + "; - is refused. See RouteMatrixTests.cs.",
    ];

    [GeneratedRegex("\\{[^}]*\\}")]
    private static partial Regex Parameter();

    [GeneratedRegex("^/(?:ajax-)?api/[23]\\.0(?:-preview)?/(?:preview/)?(mlflow.*)")]
    private static partial Regex Prefixes();
}
