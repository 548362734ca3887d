using ModelRegistry.Core.Artifacts;
using ModelRegistry.Core.Common;

namespace ModelRegistry.Web.Pages.Components;

/// <summary>The `_Files` partial: the tree, and what is selected in it.</summary>
public sealed record FilesView(FileTree Tree)
{
    public ArtifactContent? File { get; init; }
    public FilePreview? Preview { get; init; }
    /// <summary>The address without `handler` and `path`, to which `Download` and `Image` are added.</summary>
    public required string PageUrl { get; init; }

    public string Handler(string name) =>
        $"{PageUrl}?handler={name}&path={Uri.EscapeDataString(File!.Path)}";
}

/// <summary>Reads trees of files for pages: one level of each open folder, and the beginning of the selected file.</summary>
public sealed class FileBrowser(ArtifactService artifacts)
{
    private const int LevelSize = 500;

    /// <param name="root">The top of the tree, which the reader may read.</param>
    /// <param name="url">The page's own address, with its tab.</param>
    public async Task<FilesView> BrowseAsync(
        ArtifactPlace root, string pageUrl, string url, string? path, CancellationToken ct)
    {
        var selected = ArtifactPath.ParseDirectory(path);
        var file = selected is null ? null : await artifacts.FindAsync(root.At(selected), ct);
        var open = selected is { } s ? s.Ancestors().Append(file is null ? s.Value : "").Where(p => p.Length > 0).ToHashSet() : [];
        var (nodes, isCut) = await LevelAsync(root, null, open, ct);
        // A single file or a well-known one says most about the rest.
        if (selected is null && nodes.FirstOrDefault(n => n.Name is "MLmodel" or "README.md") is { } first)
            file = await artifacts.FindAsync(root.At(ArtifactPath.Parse(first.Path)), ct);
        return new FilesView(new FileTree(url, nodes, file?.Path ?? selected?.Value) { IsCut = isCut })
        {
            PageUrl = pageUrl,
            File = file,
            Preview = file is null ? null : await PreviewAsync(file, ct),
        };
    }

    public async Task<ArtifactContent> GetAsync(ArtifactPlace root, string? path, CancellationToken ct)
    {
        var file = ArtifactPath.ParseDirectory(path) is { } parsed ? await artifacts.FindAsync(root.At(parsed), ct) : null;
        return file ?? throw new NotFoundException("file", path ?? "");
    }

    private async Task<(IReadOnlyList<FileNode> Nodes, bool IsCut)> LevelAsync(
        ArtifactPlace root, string? folder, HashSet<string> open, CancellationToken ct)
    {
        var place = root.At(ArtifactPath.ParseDirectory(folder));
        var page = await artifacts.ListAsync(place, LevelSize, null, ct);
        var nodes = new List<FileNode>();
        foreach (var entry in page.Items.OrderBy(e => !e.IsDirectory))
        {
            var node = new FileNode(entry.Path, entry.IsDirectory, entry.SizeBytes);
            if (entry.IsDirectory && open.Contains(entry.Path))
            {
                var (children, isCut) = await LevelAsync(root, entry.Path, open, ct);
                node = node with { Children = children, IsCut = isCut };
            }

            nodes.Add(node);
        }

        return (nodes, page.NextPageToken is not null);
    }

    private async Task<FilePreview> PreviewAsync(ArtifactContent file, CancellationToken ct)
    {
        if (FilePreview.ImageType(file.Name) is not null)
            return FilePreview.OfImage(file.SizeBytes);
        var buffer = new byte[(int)Math.Min(file.SizeBytes, FilePreview.MaxBytes)];
        if (buffer.Length > 0)
        {
            await using var stream = await artifacts.OpenReadAsync(file, 0, buffer.Length, ct);
            await stream.ReadExactlyAsync(buffer, ct);
        }

        return FilePreview.OfBytes(file.Name, buffer, file.SizeBytes);
    }
}
