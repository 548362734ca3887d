namespace ModelRegistry.Web.Pages.Components;

/// <summary>A file or folder of the `_FileTree` partial. A folder that is open has its children.</summary>
public sealed record FileNode(string Path, bool IsFolder, long SizeBytes)
{
    public IReadOnlyList<FileNode>? Children { get; init; }
    /// <summary>There are more than are listed.</summary>
    public bool IsCut { get; init; }

    public string Name => Path[(Path.LastIndexOf('/') + 1)..];
}

/// <summary>A tree of files; each is a link to <see cref="Url"/> with `path=` added. One level of a folder is read when
/// it is opened, so a tree may have any size.</summary>
public sealed record FileTree(string Url, IReadOnlyList<FileNode> Nodes, string? Selected)
{
    public bool IsCut { get; init; }

    public string Link(string? path) =>
        path is null ? Url : $"{Url}{(Url.Contains('?') ? '&' : '?')}path={Uri.EscapeDataString(path)}";

    /// <summary>The address of a folder's row: opens it, or closes it where it is open.</summary>
    public string Toggle(FileNode node)
    {
        if (node.Children is null)
            return Link(node.Path);
        var slash = node.Path.LastIndexOf('/');
        return Link(slash < 0 ? null : node.Path[..slash]);
    }
}
