using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using ModelRegistry.Core.Data;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.MlflowApi.Conformance;

/// <summary>
/// What MLflow's own server was seen to answer, call by call, asked of this one: each answer is the same, or names the
/// deviation that says why it is not. See <see cref="Scenario"/> for the cases and <see cref="Deviations"/> for the reasons.
/// </summary>
public sealed class ConformanceTests(ConformanceApps apps) : IClassFixture<ConformanceApps>
{
    public static TheoryData<DatabaseProvider, string> Scenarios
    {
        get
        {
            var data = new TheoryData<DatabaseProvider, string>();
            foreach (var provider in new[] { DatabaseProvider.Sqlite, DatabaseProvider.PostgreSql, DatabaseProvider.SqlServer })
            {
                foreach (var scenario in Scenario.All)
                    data.Add(provider, scenario.ToString());
            }

            return data;
        }
    }

    [SkippableTheory, MemberData(nameof(Scenarios))]
    public async Task Answers_as_MLflow_does_or_says_why_not(DatabaseProvider provider, string scenario)
    {
        var app = await apps.On(provider);
        var variables = new Variables();
        var failures = new List<string>();
        foreach (var @case in Scenario.All.Single(s => s.ToString() == scenario).Cases)
        {
            var answer = await SendAsync(app.AdminClient, @case, variables);
            if (Judge(@case, answer, variables) is { } failure)
                failures.Add($"{@case}\n    {failure}\n    {answer.Status} {(answer.Text.Length > 600 ? answer.Text[..600] + "…" : answer.Text)}");
        }

        if (failures.Count > 0 && app.LogText is { Length: > 0 } log)
            failures.Add("The log ends with: " + log[Math.Max(0, log.Length - 3000)..]);
        failures.ShouldBeEmpty(string.Join("\n", failures));
    }

    private static string? Judge(Case @case, Answer answer, Variables variables)
    {
        foreach (var (name, value) in @case.Headers)
        {
            var actual = answer.Header(name);
            if (actual is null || !Matches(actual, variables.Replace(value)))
                return $"header {name}: {actual ?? "none"} instead of {value}";
        }

        if (@case.Here is null)
            return Difference(@case.Mlflow, @case, answer, variables);
        return Difference(@case.Here, @case, answer, variables) is { } difference ? difference
            : Difference(@case.Mlflow, @case, answer, variables.Copy()) is null ? $"answers as MLflow does: {@case.DeviationId} is no deviation here"
            : null;
    }

    private static string? Difference(Expectation expected, Case @case, Answer answer, Variables variables)
    {
        if (answer.Status != expected.Status)
            return $"status {answer.Status} instead of {expected.Status}";
        if (expected.Text is { } text)
        {
            return text == "html"
                ? answer.MediaType == "text/html" ? null : $"{answer.MediaType} instead of a page"
                : answer.Text == variables.Replace(text) ? null : $"another text than {text}";
        }

        if (expected is { Code: null, Json: null, List: null })
            return null;
        if (answer.MediaType != "application/json")
            return $"{answer.MediaType} instead of JSON";
        using var json = JsonDocument.Parse(answer.Text);
        if (expected.Code is { } code)
        {
            if (json.RootElement.GetProperty("error_code").GetString() != code)
                return $"another error_code than {code}";
            var message = json.RootElement.GetProperty("message").GetString()!;
            return expected.Message is not { } wanted || Matches(message, variables.Replace(wanted)) ? null : $"another message than {wanted}";
        }

        if (expected.List is { } list)
        {
            var found = string.Join(' ', JsonExpectation.Project(json.RootElement, @case.Projection!));
            return found == variables.Replace(list) ? null : $"found [{found}] instead of [{variables.Replace(list)}]";
        }

        using var wantedJson = JsonDocument.Parse(expected.Json!);
        return JsonExpectation.Difference(wantedJson.RootElement, json.RootElement, variables);
    }

    private static bool Matches(string actual, string pattern) =>
        Regex.IsMatch(actual, "^" + Regex.Escape(pattern).Replace("…", ".*", StringComparison.Ordinal) + @"\z", RegexOptions.Singleline);

    private static async Task<Answer> SendAsync(HttpClient client, Case @case, Variables variables)
    {
        // The address as it is written: dots and percent signs are part of the question.
        var address = new Uri(client.BaseAddress!.GetLeftPart(UriPartial.Authority) + Escape(variables.Replace(@case.Path)),
            new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var request = new HttpRequestMessage(new HttpMethod(@case.Method), address);
        if (@case.Body is { } body)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(variables.Replace(body)));
            if (@case.ContentType is { } type)
                request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        }

        using var response = await client.SendAsync(request);
        return new Answer((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType ?? "",
            await response.Content.ReadAsStringAsync(), response.Headers.Concat(response.Content.Headers)
                .ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase));
    }

    // Values of the query are written plainly in the cases; the path is sent as it is.
    private static string Escape(string path)
    {
        var mark = path.IndexOf('?');
        if (mark < 0)
            return path;
        return path[..(mark + 1)] + string.Join('&', path[(mark + 1)..].Split('&').Select(pair =>
            pair.Split('=', 2) is [var name, var value] ? $"{name}={Uri.EscapeDataString(value)}" : pair));
    }

    private sealed record Answer(int Status, string MediaType, string Text, Dictionary<string, string> Headers)
    {
        public string? Header(string name) => Headers.GetValueOrDefault(name);
    }
}

/// <summary>Real servers that may call out to this machine, as MLflow's may.</summary>
public sealed class ConformanceApps : RegistryApps
{
    protected override RegistryAppOptions Options => new()
    {
        UseKestrel = true,
        Settings = { ["Webhooks:AllowedSchemes"] = "http,https", ["Webhooks:AllowPrivateAddresses"] = "true" },
    };
}
