using ModelRegistry.Core.Registry;
using ModelRegistry.Core.Tracking;
using ModelRegistry.Web.Pages.Components;

namespace ModelRegistry.Web.Pages.Versions;

/// <summary>A version as keys and values, subject by subject: one side of a comparison.</summary>
internal static class VersionSides
{
    private static readonly string[] Pins = ["==", ">=", "<=", "~=", "!=", ">", "<", "@"];

    public static Dictionary<string, string> Origin((ModelVersion Version, VersionFacts Facts) side)
    {
        var run = side.Facts.Run;
        var facts = new Dictionary<string, string?>
        {
            ["Stage"] = side.Version.StageName,
            ["Run"] = run?.Run.Name ?? side.Version.RunUuid,
            ["User"] = run?.Run.UserName,
            ["Git commit"] = side.Facts.Commit,
            ["Git branch"] = run?.Tag(WellKnownTags.GitBranch),
            ["Uncommitted changes"] = side.Facts.IsDirty ? "Yes" : null,
            ["Source file"] = run?.Tag(WellKnownTags.SourceName),
            ["Data sets"] = run is null ? null : string.Join(", ", run.Datasets.Select(d => $"{d.Name} ({d.Digest})").Order()),
            ["Python"] = side.Facts.Model?.PythonVersion,
            ["MLflow"] = side.Facts.Model?.MlflowVersion,
            ["Flavours"] = side.Facts.Model is { } model ? string.Join(", ", model.Flavors.Select(f => f.Name).Order()) : null,
            ["Digest of the files"] = side.Version.Digest,
        };
        return facts.Where(f => !string.IsNullOrEmpty(f.Value)).ToDictionary(f => f.Key, f => f.Value!);
    }

    public static Dictionary<string, string> Metrics((ModelVersion Version, VersionFacts Facts) side) =>
        side.Facts.Run?.Metrics.ToDictionary(m => m.Key, m => Figures.Metric(m.Value)) ?? [];

    public static Dictionary<string, string> Params((ModelVersion Version, VersionFacts Facts) side) =>
        side.Facts.Run?.Params.ToDictionary(p => p.Key, p => p.Value) ?? [];

    public static Dictionary<string, string> Tags((ModelVersion Version, VersionFacts Facts) side) =>
        side.Version.Tags.ToDictionary(t => t.Key, t => t.Value);

    public static Dictionary<string, string> Packages((ModelVersion Version, VersionFacts Facts) side)
    {
        var packages = new Dictionary<string, string>();
        foreach (var line in side.Facts.Model?.Requirements ?? [])
        {
            var at = Pins.Select(p => line.IndexOf(p, StringComparison.Ordinal)).Where(i => i > 0).DefaultIfEmpty(line.Length).Min();
            packages[line[..at].Trim()] = at == line.Length ? "any" : line[at..].TrimStart('=').Trim();
        }

        return packages;
    }

    public static Dictionary<string, string> Signature((ModelVersion Version, VersionFacts Facts) side)
    {
        var fields = new Dictionary<string, string>();
        if (side.Facts.Model is not { } model)
            return fields;
        foreach (var (part, all) in new[] { ("input", model.Inputs), ("output", model.Outputs), ("parameter", model.Params) })
        {
            for (var i = 0; i < all.Count; i++)
                fields[$"{part} {(all[i].Name.Length > 0 ? all[i].Name : $"#{i + 1}")}"] = all[i].Type + (all[i].IsRequired ? "" : ", optional");
        }

        return fields;
    }

    public static Dictionary<string, string> Files((ModelVersion Version, VersionFacts Facts) side) =>
        side.Facts.Files.ToDictionary(f => f.Path, f => $"{f.Key.Hex[..16]}… {Figures.Bytes(f.SizeBytes)}");
}
