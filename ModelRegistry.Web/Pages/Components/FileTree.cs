namespace ModelRegistry.Web.Pages.Components;

public sealed record FileEntry(string Path, long SizeBytes)
{
    public string Name => Path[(Path.LastIndexOf('/') + 1)..];
}

/// <summary>The `_FileTree` partial: files by folder, each a link to <see cref="Url"/> with `path=` added.</summary>
public sealed record FileTree(string Url, IReadOnlyList<FileEntry> Files)
{
    public string? Selected { get; init; }

    public FolderNode Root => FolderNode.Build(Files);

    public string Link(FileEntry file) =>
        Url.StartsWith('#') ? Url : $"{Url}{(Url.Contains('?') ? '&' : '?')}path={Uri.EscapeDataString(file.Path)}";
}

public sealed class FolderNode(string name, string path)
{
    public string Name { get; } = name;
    public string Path { get; } = path;
    public SortedDictionary<string, FolderNode> Folders { get; } = new(StringComparer.Ordinal);
    public List<FileEntry> Files { get; } = [];

    public static FolderNode Build(IEnumerable<FileEntry> files)
    {
        var root = new FolderNode("", "");
        foreach (var file in files.OrderBy(f => f.Path, StringComparer.Ordinal))
        {
            var parts = file.Path.Split('/');
            var folder = root;
            foreach (var part in parts[..^1])
            {
                if (!folder.Folders.TryGetValue(part, out var next))
                    folder.Folders[part] = next = new FolderNode(part, folder.Path.Length == 0 ? part : folder.Path + "/" + part);
                folder = next;
            }

            folder.Files.Add(file);
        }

        return root;
    }
}
