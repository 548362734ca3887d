using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Tests.Architecture;

/// <summary>Keeps the table "Who may know whom" of CONTRIBUTING.md true: it is read from there.</summary>
public sealed class FolderRulesTests
{
    private const string Core = "ModelRegistry.Core.";
    private const string Web = "ModelRegistry.Web.";

    private static readonly ArchUnitNET.Domain.Architecture Code =
        new ArchLoader().LoadAssemblies(typeof(RegistryDbContext).Assembly, typeof(Program).Assembly).Build();
    private static readonly Dictionary<string, string[]> Table = ReadTable();

    [Fact]
    public void Every_folder_has_a_line_in_the_table() =>
        Code.Types.Select(FolderOf).OfType<string>().Distinct().Where(f => !Table.ContainsKey(f)).ShouldBeEmpty();

    [Fact]
    public void Folders_know_only_whom_the_table_lets_them()
    {
        var violations =
            from type in Code.Types
            let folder = FolderOf(type)
            where folder is not null && Table.ContainsKey(folder)
            from dependency in type.Dependencies
            let target = FolderOf(dependency.Target)
            where target is not null && target != folder && !Allows(Table[folder], target)
            select $"{folder} must not know {target}: {type.FullName} uses {dependency.Target.FullName}";

        violations.Distinct().ShouldBeEmpty();
    }

    [Fact]
    public void The_core_names_neither_requests_nor_pages_nor_the_job_server()
    {
        string[] foreign = ["Microsoft.AspNetCore.Http.", "Microsoft.AspNetCore.Mvc.", "Hangfire."];
        var violations =
            from type in Code.Types
            where type.FullName.StartsWith(Core, StringComparison.Ordinal)
            from dependency in type.Dependencies
            where foreign.Any(f => dependency.Target.FullName.StartsWith(f, StringComparison.Ordinal))
            select $"{type.FullName} uses {dependency.Target.FullName}";

        violations.Distinct().ShouldBeEmpty();
    }

    [Fact]
    public void The_rules_see_into_method_bodies() =>
        Code.Types.Single(t => t.FullName == Core + "Data.DataServices").Dependencies
            .Select(d => d.Target.FullName).ShouldContain(Core + "Data.Migrations.SqliteTablesWithoutRowId");

    /// <summary>`Data` for the core, `Web.Pages` for the web project; null for what lies in no folder of ours.</summary>
    private static string? FolderOf(IType type)
    {
        var name = type.FullName;
        if (name.StartsWith(Core, StringComparison.Ordinal) && name[Core.Length..].Contains('.', StringComparison.Ordinal))
            return name[Core.Length..name.IndexOf('.', Core.Length)];
        if (name.StartsWith(Web, StringComparison.Ordinal) && name[Web.Length..].Contains('.', StringComparison.Ordinal))
            return "Web." + name[Web.Length..name.IndexOf('.', Web.Length)];
        return null;
    }

    private static Dictionary<string, string[]> ReadTable()
    {
        var lines = File.ReadAllLines(Path.Combine(Repository.Root, "CONTRIBUTING.md"))
            .SkipWhile(l => l != "## Who may know whom").Skip(1).TakeWhile(l => !l.StartsWith("## ", StringComparison.Ordinal));
        var rows = lines.Where(l => l.StartsWith("| `", StringComparison.Ordinal)).Select(l => l.Split('|'));
        var table = rows.ToDictionary(r => r[1].Trim(' ', '`'), r => Names(r[2]));
        table.Count.ShouldBeGreaterThan(10, "CONTRIBUTING.md has lost its table");
        return table;
    }

    /// <summary>Names in backticks, and the words "the core" and "everybody".</summary>
    private static string[] Names(string cell) =>
        [.. cell.Split('`').Where((_, i) => i % 2 == 1), .. cell.Split('`')[0].Trim(' ', ',').Split(", ")];

    private static bool Allows(string[] known, string target) =>
        target == "Common" || known.Contains(target) || known.Contains("everybody")
        || (known.Contains("the core") && !target.StartsWith("Web.", StringComparison.Ordinal));
}
