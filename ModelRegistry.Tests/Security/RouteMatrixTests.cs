using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;
using ModelRegistry.Tests.Api;
using ModelRegistry.Tests.Architecture;
using ModelRegistry.Tests.Registry;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Security;

/// <summary>
/// Every route and every kind of caller, from one table: `routes.matrix` beside this file. A line is a route, what it
/// answers with a token, what with a session, and what is sent (a query, a body, or both), in which `$run` and the like are
/// things that an admin made: `-` refused (401, 403, or sent to sign in), `0` not there, word for word as for a thing that is
/// nowhere, `?` refused for what was sent, before or instead of the right, a letter let in. A route that is missing fails; run
/// with MODELREGISTRY_WRITE_MATRIX=1 to write the table anew, and read the difference.
/// </summary>
public sealed partial class RouteMatrixTests(RegistryApps apps) : IClassFixture<RegistryApps>
{
    private const string WriteVariable = "MODELREGISTRY_WRITE_MATRIX";

    private const string EndsTheSession = "POST /account/signout";
    private const char LetIn = '+';
    private const char Refused = '-';
    private const char NotThere = '0';
    private const char Misunderstood = '?';

    // The letters of the table, in its order.
    private static readonly (char Letter, RegistryRole? Roles)[] Callers =
    [
        ('s', null), ('n', RegistryRole.None), ('v', RegistryRole.Viewer), ('m', RegistryRole.Member),
        ('u', RegistryRole.Auditor), ('g', RegistryRole.GovernanceOfficer), ('a', RegistryRole.Admin),
    ];

    private static readonly string TablePath = Path.Combine(Repository.Root, "ModelRegistry.Tests", "Security", "routes.matrix");

    private sealed record Line(string Route, string Token, string Session, string Sent)
    {
        public override string ToString() => $"{Route} | {Token} | {Session} | {Sent}".TrimEnd();
    }

    [Fact]
    [Trait("Case", "F01")]
    public async Task Everybody_is_let_in_where_the_table_says_and_nowhere_else()
    {
        var app = await apps.On(DatabaseProvider.Sqlite);
        var table = Read();
        var routes = app.Routes.Where(r => !IsAsset(r.Pattern)).Select(r => $"{r.Method} {Plain(r.Pattern)}")
            // HEAD is answered by what answers GET; HidingOthersTests asks both.
            .Where(r => r != EndsTheSession && !r.StartsWith("HEAD", StringComparison.Ordinal)).Distinct().Order(StringComparer.Ordinal).ToList();
        var found = new List<Line>();
        var (tokens, sessions) = (new List<HttpClient>(), new List<HttpClient>());
        foreach (var (_, roles) in Callers)
        {
            tokens.Add(roles is { } r ? await app.ClientAsync(r) : app.AnonymousClient());
            sessions.Add(roles is { } s ? await app.SignedInAsync(s) : app.AnonymousClient());
            // As a page of ours does: what is refused is refused for the right.
            if (roles is not null)
                sessions[^1].DefaultRequestHeaders.Add("RequestVerificationToken", Browsing.FormToken(await sessions[^1].GetPageAsync("/account/profile")));
        }

        var samples = new Samples(app);
        foreach (var route in routes)
        {
            var sent = table.GetValueOrDefault(route)?.Sent ?? "";
            found.Add(new Line(route, await AnswersAsync(samples, tokens, route, sent), await AnswersAsync(samples, sessions, route, sent), sent));
        }

        if (Environment.GetEnvironmentVariable(WriteVariable) == "1")
            await File.WriteAllLinesAsync(TablePath, [.. Heading(), .. found.Select(l => l.ToString())]);
        samples.Leaks.ShouldBeEmpty("what may not be read is answered otherwise than what is not there, or breaks something");
        found.Select(l => l.ToString()).Except(table.Values.Select(l => l.ToString()))
            .ShouldBeEmpty("these routes are missing in the table, or answer others than it says");
        table.Keys.Except(routes).ShouldBeEmpty("these lines are of no route");
    }

    private static async Task<string> AnswersAsync(Samples samples, List<HttpClient> clients, string route, string sent)
    {
        // Rights only add up: whom an admin's session does not open, no other session does.
        if (await AnswerAsync(samples, clients[^1], route, sent, mayRead: true) == Refused)
            return new string(Refused, clients.Count);
        var letters = new StringBuilder();
        for (var i = 0; i < clients.Count; i++)
        {
            var answer = await AnswerAsync(samples, clients[i], route, sent, mayRead: Callers[i].Roles is not RegistryRole.None);
            letters.Append(answer == LetIn ? Callers[i].Letter : answer);
        }

        return letters.ToString();
    }

    private static async Task<char> AnswerAsync(Samples samples, HttpClient client, string route, string sent, bool mayRead)
    {
        var things = await samples.GetAsync();
        var (status, text) = await SendAsync(client, route, sent, things);
        switch (status)
        {
            case HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden:
                return Refused;
            case HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity:
                return Misunderstood;
            case HttpStatusCode.NotFound:
                if (mayRead)
                    return NotThere;
                var nowhere = await SendAsync(client, route, sent, Samples.Nowhere);
                // A page has a new token in it each time.
                if (nowhere.Status != status || (IsApi(route) && Samples.Without(nowhere.Text, Samples.Nowhere) != Samples.Without(text, things)))
                    samples.Leaks.Add($"{route}: {text} and {(int)nowhere.Status} {nowhere.Text}");
                return NotThere;
            default:
                if ((int)status is >= 500 and not 501)
                    samples.Leaks.Add($"{route} is answered {(int)status}");
                if ((int)status < 300 && Ending().IsMatch(route))
                    samples.Use();
                return LetIn;
        }
    }

    /// <summary>Being sent to sign in is 401.</summary>
    private static async Task<(HttpStatusCode Status, string Text)> SendAsync(
        HttpClient client, string route, string sent, IReadOnlyDictionary<string, string> things)
    {
        var (method, pattern) = (route[..route.IndexOf(' ')], route[(route.IndexOf(' ') + 1)..]);
        var query = sent.StartsWith('?') ? sent.Split(' ')[0] : "";
        var body = Fill(sent[query.Length..].Trim(), things);
        var path = Parameter().Replace(pattern, p => things[Samples.OfParameter(pattern, p.Groups[1].Value)]);
        using var request = new HttpRequestMessage(new HttpMethod(method), path + Fill(query, things));
        if (method is "POST" or "PUT" or "PATCH" or "DELETE" && pattern.StartsWith("/api", StringComparison.Ordinal))
            request.Content = new StringContent(body.Length > 0 ? body : "{}", Encoding.UTF8, "application/json");
        using var answer = await client.SendAsync(request);
        var isSentToSignIn = answer.StatusCode == HttpStatusCode.Redirect
            && answer.Headers.Location!.ToString().Contains("/account/signin", StringComparison.Ordinal);
        return (isSentToSignIn ? HttpStatusCode.Unauthorized : answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    private static string Fill(string text, IReadOnlyDictionary<string, string> things) =>
        Thing().Replace(text, t => things[t.Groups[1].Value] is var value && t.Groups[1].Value == "new" ? value + Guid.NewGuid().ToString("N") : value);

    private static bool IsApi(string route) => route.Contains(" /api", StringComparison.Ordinal) || route.Contains("get-artifact", StringComparison.Ordinal);

    // Styles, scripts and fonts: each file of the packages is a route, open to everybody.
    private static bool IsAsset(string pattern) => Path.HasExtension(pattern) && !pattern.Contains('{', StringComparison.Ordinal);

    // MLflow's calls are there under several prefixes and versions; they share their handlers.
    private static string Plain(string pattern) => Prefixes().Replace(pattern, "/api/2.0/$1");

    private static Dictionary<string, Line> Read() => !File.Exists(TablePath) ? [] : File.ReadAllLines(TablePath)
        .Where(l => l.Length > 0 && l[0] != '#').Select(l => l.Split('|', 4, StringSplitOptions.TrimEntries))
        .Select(c => new Line(c[0], c[1], c[2], c.Length > 3 ? c[3] : "")).ToDictionary(l => l.Route);

    private static string[] Heading() =>
    [
        "# Route | with a token | with a session | what is sent",
        "# " + string.Join(", ", Callers.Select(c => $"{c.Letter} {(c.Roles is { } r ? r == RegistryRole.None ? "no role" : r.ToString() : "stranger")}"))
            + "; - refused, 0 not there, ? not understood. See RouteMatrixTests.cs.",
    ];

    [GeneratedRegex("\\{\\**([A-Za-z_]+)[^}]*\\}")]
    private static partial Regex Parameter();

    // After these the things are not what they were.
    [GeneratedRegex("^DELETE|delete|rename|restore|release|approve|reject|withdraw|experiments/update")]
    private static partial Regex Ending();

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Digits();

    [GeneratedRegex("\\$([a-zA-Z]+)")]
    private static partial Regex Thing();

    [GeneratedRegex("^/(?:ajax-)?api/[23]\\.0(?:-preview)?/(?:preview/)?(mlflow.*)")]
    private static partial Regex Prefixes();

    /// <summary>Things that an admin made, new ones where somebody has been let in to change them.</summary>
    private sealed class Samples(RegistryApp app)
    {
        public static readonly IReadOnlyDictionary<string, string> Nowhere = new Dictionary<string, string>
        {
            ["experiment"] = "999999999",
            ["experimentName"] = "no-such-experiment",
            ["run"] = new string('0', 32),
            ["logged"] = "m-" + new string('0', 32),
            ["model"] = "no-such-model",
            ["number"] = "1",
            ["other"] = "1",
            ["file"] = $"999999999/{new string('0', 32)}/artifacts/m/weights.bin",
            ["user"] = "nobody@example.org",
            ["grant"] = "999999999",
            ["team"] = "999999999",
            ["approval"] = "999999999",
            ["promotion"] = "999999999",
            ["retention"] = "999999999",
            ["hold"] = Guid.Empty.ToString(),
            ["trash"] = "run." + new string('0', 32),
            ["key"] = "t",
            ["v1"] = "v1",
            ["404"] = "404",
            ["new"] = "new-",
            ["1"] = "1",
        };

        private Dictionary<string, string>? _things;

        public List<string> Leaks { get; } = [];

        /// <summary>What is there may not be what it was.</summary>
        public void Use() => _things = null;

        public async Task<IReadOnlyDictionary<string, string>> GetAsync() => _things ??= await MakeAsync(app.AdminClient, await app.UserAsync(RegistryRole.Viewer));

        /// <summary>What stands in a route's place for a parameter.</summary>
        public static string OfParameter(string pattern, string parameter) => parameter switch
        {
            "path" => pattern.Contains("mlflow-artifacts", StringComparison.Ordinal) ? "file" : "1",
            "model_id" => "logged",
            "tag_key" => "key",
            "runId" => "run",
            "name" => "model",
            "number" or "other" => parameter,
            "user" => "user",
            "documentName" => "v1",
            "status" => "404",
            "id" when pattern.Contains("experiments", StringComparison.Ordinal) => "experiment",
            "id" when pattern.Contains("/grants", StringComparison.Ordinal) => "grant",
            "id" when pattern.Contains("/teams", StringComparison.Ordinal) => "team",
            "id" when pattern.Contains("approvals", StringComparison.Ordinal) => "approval",
            "id" when pattern.Contains("/promotion-policies", StringComparison.Ordinal) => "promotion",
            "id" when pattern.Contains("policies", StringComparison.Ordinal) => "retention",
            "id" when pattern.Contains("/legal-holds", StringComparison.Ordinal) => "hold",
            "id" when pattern.Contains("/trash", StringComparison.Ordinal) => "trash",
            _ => "1",
        };

        public static string Without(string text, IReadOnlyDictionary<string, string> things) =>
            Digits().Replace(things.Where(t => t.Value.Length > 3).OrderByDescending(t => t.Value.Length)
                .Aggregate(text, (left, t) => left.Replace(t.Value, "0")), "…");

        private static async Task<Dictionary<string, string>> MakeAsync(HttpClient admin, TestUser user)
        {
            var tags = new[] { new { key = "t", value = "v" } };
            var name = Any.Name("matrix");
            var experiment = (await admin.MlflowPostAsync("experiments/create", new { name, tags })).Ok()["experiment_id"].GetString()!;
            var run = (await admin.MlflowPostAsync("runs/create", new { experiment_id = experiment, tags })).Ok()["run"].GetProperty("info").GetProperty("run_id").GetString()!;
            var deleted = (await admin.MlflowPostAsync("runs/create", new { experiment_id = experiment })).Ok()["run"].GetProperty("info").GetProperty("run_id").GetString()!;
            (await admin.MlflowPostAsync("runs/delete", new { run_id = deleted })).Ok();
            var logged = (await admin.MlflowPostAsync("logged-models", new { experiment_id = experiment, tags })).Ok()["model"].GetProperty("info").GetProperty("model_id").GetString()!;
            var file = $"{experiment}/{run}/artifacts/m/weights.bin";
            await admin.UploadAsync(file, "weights");
            (await admin.MlflowPostAsync("registered-models/create", new { name, tags })).Ok();
            (await admin.MlflowPostAsync("model-versions/create", new { name, source = $"runs:/{run}/m", tags })).Ok();
            (await admin.SetAliasAsync(name, "champion", "1")).Ok();
            var grant = (await admin.V1PostAsync("grants", new { kind = "registered-model", @object = name, user = user.Email, permissions = new[] { "read" } })).Should(HttpStatusCode.Created)["id"];
            (await admin.MlflowPostAsync("experiments/permissions/create", new { experiment_id = experiment, username = user.Email, permission = "READ" })).Ok();
            var team = (await admin.V1PostAsync("teams", new { name })).Should(HttpStatusCode.Created)["id"];
            (await admin.V1PutAsync($"teams/{team}/members/{user.Email}")).Should(HttpStatusCode.NoContent);
            var promotion = (await admin.V1PostAsync("promotion-policies", new { name, models = name, stage = "production", approvals = new { count = 1 } })).Should(HttpStatusCode.Created)["id"];
            var approval = (await admin.V1PostAsync("approvals", new { model = name, version = 1, stage = "production" })).Should(HttpStatusCode.Created)["id"];
            var retention = (await admin.V1PostAsync("retention-policies", new { name, subject = "model-versions", model = name, retainDays = 1 })).Should(HttpStatusCode.Created)["id"];
            var hold = (await admin.V1PostAsync("legal-holds", new { kind = "run", @object = deleted, matter = "m", reason = "r" })).Should(HttpStatusCode.Created)["id"];
            return new Dictionary<string, string>(Nowhere)
            {
                ["experiment"] = experiment,
                ["experimentName"] = name,
                ["run"] = run,
                ["logged"] = logged,
                ["model"] = name,
                ["file"] = file,
                ["user"] = user.Email,
                ["grant"] = grant.ToString(),
                ["team"] = team.ToString(),
                ["approval"] = approval.ToString(),
                ["promotion"] = promotion.ToString(),
                ["retention"] = retention.ToString(),
                ["hold"] = hold.ToString(),
                ["trash"] = "run." + deleted,
            };
        }
    }
}
