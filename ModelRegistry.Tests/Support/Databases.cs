using System.Reflection;
using ModelRegistry.Core.Data;
using Xunit.Sdk;

namespace ModelRegistry.Tests.Support;

/// <summary>The databases that the suite runs on: SQLite always, the others where a server is named.</summary>
public static class Databases
{
    public const string PostgreSqlVariable = "MODELREGISTRY_TEST_POSTGRES";
    public const string SqlServerVariable = "MODELREGISTRY_TEST_SQLSERVER";

    /// <summary>All of them: a theory skips visibly where one is not configured.</summary>
    public static TheoryData<DatabaseProvider> Configured =>
        [DatabaseProvider.Sqlite, DatabaseProvider.PostgreSql, DatabaseProvider.SqlServer];

    /// <summary>The connection string of the server, or a skip that says what to set.</summary>
    internal static string ServerOrSkip(DatabaseProvider provider)
    {
        var variable = provider == DatabaseProvider.PostgreSql ? PostgreSqlVariable : SqlServerVariable;
        var server = Environment.GetEnvironmentVariable(variable);
        Skip.If(string.IsNullOrWhiteSpace(server), $"{provider} is not configured: set {variable} to a connection string.");
        return server!;
    }
}

/// <summary>The rows of a [SkippableTheory] whose one argument is the database: <c>[SkippableTheory, OnEachDatabase]</c>.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OnEachDatabaseAttribute : DataAttribute
{
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => Databases.Configured;
}
