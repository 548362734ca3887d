using System.Net;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;
using ModelRegistry.Tests.Support;

namespace ModelRegistry.Tests.Cli;

public sealed class CommandLineTests
{
    private const string Password = "pale blue harbour light";

    [SkippableTheory, OnEachDatabase]
    public async Task An_admin_and_a_token_are_made_while_the_server_runs(DatabaseProvider provider)
    {
        await using var app = await RegistryApp.StartAsync(provider, new RegistryAppOptions { IsEmpty = true });

        var admin = await CommandLine.RunProcessAsync(app, Password, "admin", "create", "--email", "ada@example.org", "--password-stdin");
        var token = await CommandLine.RunProcessAsync(app, null, "token", "create", "--email", "ada@example.org", "--name", "laptop");

        admin.ShouldBe(new CliResult(0, "", "ada@example.org is an administrator.\n"));
        token.ExitCode.ShouldBe(0, token.Error);
        ApiTokenSecret.IsWellFormed(token.Out.TrimEnd('\n')).ShouldBeTrue(token.Out);
        using var client = app.ClientWithToken(token.Out.Trim());
        (await client.MlflowGetAsync("no-such-call")).Status.ShouldBe(HttpStatusCode.NotFound);
        using var browser = app.BrowserClient();
        await browser.SignInAsync("ada@example.org", Password);
        app.LogText.ShouldNotContain(Password);
    }

    [Fact]
    public async Task Migrate_check_tells_by_its_exit_code_whether_there_is_something_to_do()
    {
        var folder = Directory.CreateTempSubdirectory("mreg-cli-").FullName;

        var before = await CommandLine.RunAsync(folder, [], null, "migrate", "--check");
        var migrate = await CommandLine.RunAsync(folder, [], null, "migrate");
        var after = await CommandLine.RunAsync(folder, [], null, "migrate", "--check");

        before.ExitCode.ShouldBe(1);
        before.Out.ShouldContain("Initial");
        migrate.ExitCode.ShouldBe(0, migrate.Error);
        after.ShouldBe(new CliResult(0, "", ""));
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("no-such-verb", "'no-such-verb'")]
    [InlineData("token create --name x", "--email")]
    [InlineData("token create --email nobody@example.org --name x", "User 'nobody@example.org' not found")]
    [InlineData("token create --email a@example.org --name x --scopes reed", "Unknown scope 'reed'")]
    [InlineData("admin create --email a@example.org --password-stdin", "12 characters")]
    [InlineData("admin create --email nonsense --password-stdin", "name@example.org")]
    [InlineData("--Database:Provider=Oracle", "Allowed values: Sqlite, SqlServer, PostgreSql")]
    [InlineData("--PublicUrl=nonsense", "PublicUrl is 'nonsense'")]
    [InlineData("--Limits:SignInsPerMinute=0", "from 1 to")]
    public async Task Wrong_input_exits_with_2_and_says_what_is_wrong(string command, string message)
    {
        var folder = Directory.CreateTempSubdirectory("mreg-cli-").FullName;

        var args = command.Split(' ');
        // Settings are not a verb: the server refuses to start.
        var result = args[0].StartsWith("--", StringComparison.Ordinal)
            ? await CommandLine.RunProcessAsync(folder, [], "short", args)
            : await CommandLine.RunAsync(folder, [], "short", args);

        result.ExitCode.ShouldBe(2, result.Error);
        result.Error.ShouldContain(message);
        result.Error.ShouldNotContain("   at ");
        result.Out.ShouldBe("");
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("admin create --help")]
    [InlineData("token create --help")]
    [InlineData("migrate --help")]
    public async Task Each_verb_explains_itself(string command)
    {
        var result = await CommandLine.RunAsync(Path.GetTempPath(), [], null, command.Split(' '));

        result.ExitCode.ShouldBe(0, result.Error);
        result.Out.ShouldContain("Usage:");
    }
}
