namespace ModelRegistry.Core.Artifacts;

/// <summary>
/// Ranges of paths, as the index of (root, path) has them. All that is below a directory lies between `{directory}/` and
/// `{directory}0`, because `0` follows `/`: no pattern, so nothing in a name has to be escaped.
/// </summary>
internal static class ArtifactFileQueries
{
    public static (string Low, string High) Below(string directory) => (directory + "/", directory + "0");

    // Translated to comparisons in the database, whose columns are ordered by code point: no culture has a say.
#pragma warning disable CA1309

    /// <summary>The files below the directory; all where it is empty.</summary>
    public static IQueryable<ArtifactFile> WhereBelow(this IQueryable<ArtifactFile> files, string directory)
    {
        if (directory.Length == 0)
            return files;
        var (low, high) = Below(directory);
        return files.Where(f => string.Compare(f.Path, low) > 0 && string.Compare(f.Path, high) < 0);
    }

    /// <summary>The file at the path, or the files below it where it is a directory; all where it is empty.</summary>
    public static IQueryable<ArtifactFile> WhereAt(this IQueryable<ArtifactFile> files, string path)
    {
        if (path.Length == 0)
            return files;
        var (low, high) = Below(path);
        return files.Where(f => f.Path == path || (string.Compare(f.Path, low) > 0 && string.Compare(f.Path, high) < 0));
    }

    public static IQueryable<ArtifactFile> WhereAfter(this IQueryable<ArtifactFile> files, string path) =>
        files.Where(f => string.Compare(f.Path, path) > 0);

    public static IQueryable<ArtifactFile> WhereFrom(this IQueryable<ArtifactFile> files, string path) =>
        files.Where(f => string.Compare(f.Path, path) >= 0);

#pragma warning restore CA1309
}
