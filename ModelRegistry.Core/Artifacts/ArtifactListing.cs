using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;

namespace ModelRegistry.Core.Artifacts;

/// <summary>A file or directory in a listing; the path is from the top of the tree.</summary>
public sealed record ArtifactEntry(string Path, bool IsDirectory, long SizeBytes, long CreatedMs)
{
    public string Name => Path[(Path.LastIndexOf('/') + 1)..];
}

/// <summary>Reads one level of a tree: a walk over the index of (root, path) that jumps over each directory it finds.</summary>
internal static class ArtifactListing
{
    private const int Block = 200;
    private const int BlockAfterDirectory = 20;

    // Where the walk goes on: behind a file, or with the first path that is not below a directory.
    private sealed record Cursor(string Path, bool Inclusive);

    public static async Task<Page<ArtifactEntry>> ReadAsync(
        RegistryDbContext db, long root, ArtifactPlace place, int limit, string? pageToken, CancellationToken ct)
    {
        var query = place.RootKey + "|" + place.Path;
        PageToken.TryDecode<Cursor?>(pageToken, query, out var cursor);
        var top = place.Path.Length == 0 ? 0 : place.Path.Length + 1;
        var files = db.ArtifactFiles.AsNoTracking().Where(f => f.RootId == root).WhereBelow(place.Path);
        var entries = new List<ArtifactEntry>();
        var take = Block;
        while (true)
        {
            var block = await From(files, cursor).OrderBy(f => f.Path).Take(take)
                .Select(f => new { f.Path, f.SizeBytes, f.CreatedMs }).ToListAsync(ct);
            string? directory = null;
            foreach (var file in block)
            {
                if (directory is not null && file.Path.StartsWith(directory, StringComparison.Ordinal))
                    continue;
                if (entries.Count >= limit)
                    return Finish(entries, PageToken.Encode(cursor, query));
                var slash = file.Path.IndexOf('/', top);
                directory = slash < 0 ? null : file.Path[..(slash + 1)];
                entries.Add(directory is null
                    ? new ArtifactEntry(file.Path, IsDirectory: false, file.SizeBytes, file.CreatedMs)
                    : new ArtifactEntry(file.Path[..slash], IsDirectory: true, 0, file.CreatedMs));
                cursor = directory is null
                    ? new Cursor(file.Path, Inclusive: false)
                    : new Cursor(ArtifactFileQueries.Below(file.Path[..slash]).High, Inclusive: true);
            }

            if (block.Count < take)
                return Finish(entries, null);
            // A block that ended inside of a directory was wasted for the most part, and more such are likely.
            take = directory is null ? Block : BlockAfterDirectory;
        }
    }

    private static IQueryable<ArtifactFile> From(IQueryable<ArtifactFile> files, Cursor? cursor) => cursor switch
    {
        null => files,
        { Inclusive: true } => files.WhereFrom(cursor.Path),
        _ => files.WhereAfter(cursor.Path),
    };

    // The index sorts `model.txt` before `model/…`; people and clients expect `model` first.
    private static Page<ArtifactEntry> Finish(List<ArtifactEntry> entries, string? next)
    {
        entries.Sort((a, b) => string.CompareOrdinal(a.Path, b.Path));
        return new Page<ArtifactEntry>(entries, next);
    }
}
