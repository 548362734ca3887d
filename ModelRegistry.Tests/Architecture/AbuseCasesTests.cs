namespace ModelRegistry.Tests.Architecture;

/// <summary>The cases that governance and access are judged by: each has at least one test that names it with
/// <c>[Trait("Case", "L08")]</c>, so that none is lost unnoticed.</summary>
public sealed class AbuseCasesTests
{
    [Theory]
    [InlineData('F', 20)]
    [InlineData('L', 22)]
    public void Each_case_has_a_test(char kind, int count)
    {
        var proved = typeof(AbuseCasesTests).Assembly.GetTypes().SelectMany(t => t.GetMethods())
            .SelectMany(m => m.GetCustomAttributesData()).Where(a => a.AttributeType == typeof(TraitAttribute))
            .Where(a => a.ConstructorArguments[0].Value is "Case").Select(a => (string)a.ConstructorArguments[1].Value!).ToHashSet();
        Enumerable.Range(1, count).Select(n => $"{kind}{n:00}").Where(id => !proved.Contains(id)).ShouldBeEmpty();
    }
}
