using System.Net;
using System.Net.Http.Json;
using System.Reflection;
using System.Text.RegularExpressions;
using ModelRegistry.Core.Data;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.MlflowApi.Conformance;

/// <summary>Every route that MLflow has (routes.txt) is one here, or is answered so that its clients go on.</summary>
public sealed partial class MlflowRoutesTests(RegistryApps apps) : IClassFixture<RegistryApps>
{
    [Fact]
    public async Task Each_route_of_MLflow_is_served_or_is_absent_for_a_reason_that_is_written_down()
    {
        var client = (await apps.On(DatabaseProvider.Sqlite)).AdminClient;
        var failures = new List<string>();
        foreach (var line in Lines())
        {
            var (method, path, absent) = line.Split(' ') is [var m, var p, .. var rest] ? (m, p, rest.FirstOrDefault()) : default;
            using var request = new HttpRequestMessage(new HttpMethod(method), Parameter().Replace(path, "1"));
            if (method is "POST" or "PATCH" or "PUT")
                request.Content = JsonContent.Create(new { });
            using var response = await client.SendAsync(request);
            var answer = await response.ReadAnswerAsync();
            var isAbsent = answer.ErrorCode == "ENDPOINT_NOT_FOUND" && answer.Status == HttpStatusCode.NotFound;
            var fine = absent switch
            {
                null => !isAbsent && (int)answer.Status < 500 && answer.Status != HttpStatusCode.MethodNotAllowed,
                "501" => answer is { Status: HttpStatusCode.NotImplemented, ErrorCode: "NOT_IMPLEMENTED" },
                _ => isAbsent && Deviations.All.Any(d => d.Id == absent),
            };
            if (!fine)
                failures.Add($"{line}: {answer.Status} {answer.Text}");
        }

        failures.ShouldBeEmpty(string.Join('\n', failures));
    }

    private static IEnumerable<string> Lines()
    {
        var assembly = Assembly.GetExecutingAssembly();
        var name = assembly.GetManifestResourceNames().Single(n => n.EndsWith("Conformance.routes.txt", StringComparison.Ordinal));
        using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Where(l => l[0] != '#')];
    }

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex Parameter();
}
