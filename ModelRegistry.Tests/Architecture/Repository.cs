namespace ModelRegistry.Tests.Architecture;

/// <summary>The files of the repository, for tests that keep documents true.</summary>
internal static class Repository
{
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    private static string Find(string folder) =>
        File.Exists(Path.Combine(folder, "ModelRegistry.sln")) ? folder : Find(Path.GetDirectoryName(folder)!);
}
