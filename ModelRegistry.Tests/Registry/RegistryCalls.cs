using System.Data.Common;
using System.Globalization;
using System.Net.Http.Headers;
using Microsoft.Data.SqlClient;
using Microsoft.Data.Sqlite;
using ModelRegistry.Core.Data;
using ModelRegistry.Tests.Support;
using Npgsql;

namespace ModelRegistry.Tests.Registry;

/// <summary>What tests of the registry say often.</summary>
internal static class RegistryCalls
{
    /// <summary>A new model of a name of its own.</summary>
    public static async Task<string> ModelAsync(this HttpClient client, string prefix = "model")
    {
        var name = Any.Name(prefix);
        (await client.MlflowPostAsync("registered-models/create", new { name })).Ok();
        return name;
    }

    public static Task<ApiAnswer> CreateVersionAsync(this HttpClient client, string name, string source = "s3://bucket/model",
        string? run_id = null, string? model_id = null, string? description = null) =>
        client.MlflowPostAsync("model-versions/create", new { name, source, run_id, model_id, description });

    /// <summary>The number of a new version.</summary>
    public static async Task<string> VersionAsync(this HttpClient client, string name, string source = "s3://bucket/model") =>
        (await client.CreateVersionAsync(name, source)).Ok()["model_version"].GetProperty("version").GetString()!;

    public static Task<ApiAnswer> GetModelAsync(this HttpClient client, string name) =>
        client.MlflowGetAsync($"registered-models/get?name={Uri.EscapeDataString(name)}");

    public static Task<ApiAnswer> GetVersionAsync(this HttpClient client, string name, string version) =>
        client.MlflowGetAsync($"model-versions/get?name={Uri.EscapeDataString(name)}&version={Uri.EscapeDataString(version)}");

    public static Task<ApiAnswer> SetAliasAsync(this HttpClient client, string name, string alias, string version) =>
        client.MlflowPostAsync("registered-models/alias", new { name, alias, version });

    public static Task<ApiAnswer> GetByAliasAsync(this HttpClient client, string name, string alias) =>
        client.MlflowGetAsync($"registered-models/alias?name={Uri.EscapeDataString(name)}&alias={Uri.EscapeDataString(alias)}");

    public static Task<ApiAnswer> TransitionAsync(this HttpClient client, string name, string version, string stage, bool archive = false) =>
        client.MlflowPostAsync("model-versions/transition-stage", new { name, version, stage, archive_existing_versions = archive });

    /// <summary>A new experiment and a run in it.</summary>
    public static async Task<(string ExperimentId, string RunId)> RunAsync(this HttpClient client)
    {
        var experiment = (await client.MlflowPostAsync("experiments/create", new { name = Any.Name("experiment") })).Ok()["experiment_id"].GetString()!;
        var run = (await client.MlflowPostAsync("runs/create", new { experiment_id = experiment })).Ok()["run"];
        return (experiment, run.GetProperty("info").GetProperty("run_id").GetString()!);
    }

    public static async Task UploadAsync(this HttpClient client, string location, string text)
    {
        using var content = new StringContent(text);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        using var response = await client.PutAsync($"/api/2.0/mlflow-artifacts/artifacts/{location}", content);
        response.IsSuccessStatusCode.ShouldBeTrue(await response.Content.ReadAsStringAsync());
    }

    public static async Task<string?> DownloadAsync(this HttpClient client, string uri, string path)
    {
        uri.ShouldStartWith("mlflow-artifacts:/");
        using var response = await client.GetAsync($"/api/2.0/mlflow-artifacts/artifacts/{uri["mlflow-artifacts:/".Length..]}/{path}");
        return response.IsSuccessStatusCode ? await response.Content.ReadAsStringAsync() : null;
    }

    /// <summary>What no call of the API does yet, straight in the database.</summary>
    public static async Task ExecuteAsync(this RegistryApp app, string sql)
    {
        await using var connection = app.Connection();
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }

    public static async Task<long> CountAsync(this RegistryApp app, string sql)
    {
        await using var connection = app.Connection();
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }

    public static async Task<List<object[]>> RowsAsync(this RegistryApp app, string sql)
    {
        await using var connection = app.Connection();
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<object[]>();
        while (await reader.ReadAsync())
        {
            var row = new object[reader.FieldCount];
            reader.GetValues(row);
            rows.Add(row);
        }

        return rows;
    }

    public static Task MakePrivateAsync(this RegistryApp app, string model) => app.ExecuteAsync(
        $"UPDATE registered_models SET is_private = {(app.Provider == DatabaseProvider.PostgreSql ? "TRUE" : "1")} WHERE name = '{model}'");

    private static DbConnection Connection(this RegistryApp app) => app.Provider switch
    {
        DatabaseProvider.Sqlite => new SqliteConnection(app.ConnectionString),
        DatabaseProvider.PostgreSql => new NpgsqlConnection(app.ConnectionString),
        _ => new SqlConnection(app.ConnectionString),
    };
}
