using System.Text.RegularExpressions;

namespace ModelRegistry.Tests.Architecture;

/// <summary>docs/configuration.md lists all keys that the code reads, and no others.</summary>
public sealed partial class ConfigurationPageTests
{
    /// <summary>The framework's own.</summary>
    private static readonly string[] Foreign = ["Urls", "Kestrel:Certificates:Default:Path", "Logging:LogLevel:Default"];

    [Fact]
    public void The_page_lists_the_keys_that_are_read()
    {
        var documented = Documented().ToHashSet();

        Read().Where(key => !documented.Contains(key)).ShouldBeEmpty("docs/configuration.md does not have these keys");
        documented.Except(Read()).Except(Foreign).ShouldBeEmpty("no code reads these keys");
    }

    [Fact]
    public void The_settings_file_has_only_keys_of_the_page()
    {
        var settings = System.Text.Json.JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Root, "appsettings.json")));
        var keys = settings.RootElement.EnumerateObject().SelectMany(section =>
            section.Value.ValueKind == System.Text.Json.JsonValueKind.Object
                ? section.Value.EnumerateObject().Select(p => $"{section.Name}:{p.Name}")
                : [section.Name]);

        keys.Where(k => !k.StartsWith("Logging:", StringComparison.Ordinal)).Except(Documented()).ShouldBeEmpty();
    }

    private static IEnumerable<string> Documented() => File
        .ReadLines(Path.Combine(Repository.Root, "docs", "configuration.md"))
        .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
        .Select(line => line.Split('`')[1])
        .Where(key => char.IsUpper(key[0]) && !key.Contains('_', StringComparison.Ordinal) && !Providers.Contains(key));

    private static readonly string[] Providers = ["Sqlite", "PostgreSql", "SqlServer"];

    private static HashSet<string> Read()
    {
        var keys = new HashSet<string> { "PublicUrl" };
        foreach (var file in new[] { "ModelRegistry.Core", "ModelRegistry.Web" }.SelectMany(project =>
            Directory.EnumerateFiles(Path.Combine(Repository.Root, project), "*.cs", SearchOption.AllDirectories)))
        {
            if (file.Contains("/obj/", StringComparison.Ordinal) || file.Contains("/Migrations/", StringComparison.Ordinal))
                continue;
            var text = File.ReadAllText(file);
            keys.UnionWith(Key().Matches(text).Select(m => m.Groups[1].Value));
            if (text.Contains("GetConnectionString(\"Registry\")", StringComparison.Ordinal))
                keys.Add("ConnectionStrings:Registry");
        }

        return keys;
    }

    [GeneratedRegex("\"([A-Z][A-Za-z]+(?::[A-Z][A-Za-z]+)+)\"")]
    private static partial Regex Key();
}
