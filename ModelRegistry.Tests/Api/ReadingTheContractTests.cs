using System.Text.Json;
using ModelRegistry.Core.Data;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Api;

public sealed class ReadingTheContractTests(RegistryApps apps) : IClassFixture<RegistryApps>
{
    // What is said in the address already.
    private static readonly string[] WithoutBody =
    [
        "post /api/v1/audit-events/verify", "post /api/v1/erasure-cases/{id}/approve", "post /api/v1/erasure-cases/{id}/items/{line}/resume",
        "post /api/v1/notices/read-all", "post /api/v1/notices/{id}/read",
        "post /api/v1/retention-policies/{id}/preview", "post /api/v1/retention-policies/{id}/enable",
        "post /api/v1/trash/{id}/restore", "post /api/v1/webhooks/{id}/deliveries/{deliveryId}/replay", "put /api/v1/teams/{id}/members/{user}",
    ];

    [Fact]
    public async Task Every_call_says_what_it_takes_and_what_it_answers()
    {
        var app = await apps.On(DatabaseProvider.Sqlite);
        using var client = app.AnonymousClient();
        using var contract = JsonDocument.Parse(await client.GetStringAsync("/openapi/v1.json"));
        var calls = contract.RootElement.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject()
            .Where(m => m.Name is "get" or "post" or "put" or "patch" or "delete").Select(m => (Name: $"{m.Name} {path.Name.TrimEnd('/')}", Call: m.Value))).ToList();
        calls.Count.ShouldBeGreaterThan(60);
        WithoutBody.Except(calls.Select(c => c.Name)).ShouldBeEmpty("these are no calls");

        calls.Where(c => c.Name.Split(' ')[0] is "post" or "put" or "patch" && !WithoutBody.Contains(c.Name))
            .Where(c => !c.Call.TryGetProperty("requestBody", out var body) || !HasSchema(contract, body)).Select(c => c.Name)
            .ShouldBeEmpty("these do not say what they take");
        calls.Where(c => c.Name.StartsWith("get ", StringComparison.Ordinal) || WithoutBody.Contains(c.Name))
            .Where(c => c.Call.TryGetProperty("requestBody", out _)).Select(c => c.Name).ShouldBeEmpty("these take nothing");
        calls.Where(c => !c.Call.GetProperty("responses").EnumerateObject().Any(r => r.Name == "204" || (r.Name[0] == '2' && (IsFile(r.Value) || HasSchema(contract, r.Value)))))
            .Select(c => c.Name).ShouldBeEmpty("these do not say what they answer");
        calls.Where(c => c.Call.GetProperty("summary").GetString() is not { Length: > 0 }).ShouldBeEmpty();
    }

    private static bool IsFile(JsonElement described) => described.TryGetProperty("content", out var content)
        && content.EnumerateObject().Any(c => !c.Name.EndsWith("/json", StringComparison.Ordinal));

    private static bool HasSchema(JsonDocument contract, JsonElement described) => described.TryGetProperty("content", out var content)
        && content.EnumerateObject().All(c => c.Value.TryGetProperty("schema", out var schema)
            && (!c.Name.EndsWith("json", StringComparison.Ordinal) || IsOfSomething(contract, schema)));

    private static bool IsOfSomething(JsonDocument contract, JsonElement schema)
    {
        if (schema.TryGetProperty("$ref", out var reference))
            schema = contract.RootElement.GetProperty("components").GetProperty("schemas").GetProperty(reference.GetString()!.Split('/')[^1]);
        return schema.TryGetProperty("properties", out var properties) && properties.EnumerateObject().Any();
    }
}
