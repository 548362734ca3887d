using System.Reflection;
using ModelRegistry.Tests.Architecture;

namespace ModelRegistry.Tests.MlflowApi.Conformance;

/// <summary>The deviations are shown by tests and written down in the document, all of them and no others.</summary>
public sealed class DeviationsTests
{
    private const string Begin = "<!-- deviations: kept equal to Deviations.cs by a test -->";
    private const string End = "<!-- /deviations -->";

    private static readonly string Document = Path.Combine(Repository.Root, "docs", "mlflow-compat.md");

    [Fact]
    public void The_document_has_the_list_as_its_table()
    {
        var table = string.Join('\n', Deviations.All.Select(d => $"| {d.Call} | {d.Mlflow} | {d.Here} | {d.Why} |")
            .Prepend("|---|---|---|---|").Prepend("| call | MLflow 3.11 | here | why |"));
        var text = File.ReadAllText(Document);
        var (from, to) = (text.IndexOf(Begin, StringComparison.Ordinal), text.IndexOf(End, StringComparison.Ordinal));
        from.ShouldBeGreaterThan(0);
        to.ShouldBeGreaterThan(from);
        if (Environment.GetEnvironmentVariable("MODELREGISTRY_UPDATE_DOCS") == "1")
        {
            File.WriteAllText(Document, text[..(from + Begin.Length)] + "\n" + table + "\n" + text[to..]);
            return;
        }

        text[(from + Begin.Length)..to].Trim().ShouldBe(table,
            "docs/mlflow-compat.md is not up to date: run this test with MODELREGISTRY_UPDATE_DOCS=1");
    }

    [Fact]
    public void Each_deviation_is_shown_by_a_case_or_a_test()
    {
        var shown = Scenario.All.SelectMany(s => s.Cases).Select(c => c.DeviationId).OfType<string>().ToHashSet();
        foreach (var deviation in Deviations.All.Where(d => !shown.Contains(d.Id)))
        {
            var test = deviation.Test.ShouldNotBeNull($"No case shows {deviation.Id}, and it names no test");
            var dot = test.LastIndexOf('.');
            Assembly.GetExecutingAssembly().GetType("ModelRegistry.Tests." + test[..dot])?.GetMethod(test[(dot + 1)..])
                .ShouldNotBeNull($"{deviation.Id} names {test}, which does not exist");
        }
    }

    [Fact]
    public void Each_case_names_a_deviation_of_the_list()
    {
        Deviations.All.Select(d => d.Id).ShouldBeUnique();
        Scenario.All.SelectMany(s => s.Cases).Select(c => c.DeviationId).OfType<string>().Distinct()
            .Except(Deviations.All.Select(d => d.Id)).ShouldBeEmpty();
    }
}
