using System.Text;
using System.Text.Json;

namespace ModelRegistry.Web.Pages.Components;

public enum PreviewKind
{
    None,
    Text,
    Markdown,
    Table,
    Image,
}

/// <summary>The beginning of a file, as far as it can be shown without running anything in it.</summary>
public sealed record FilePreview(PreviewKind Kind)
{
    public const int MaxBytes = 256 * 1024;
    public const long MaxImageBytes = 20_000_000;
    private const int MaxRows = 200;
    private const int MaxColumns = 60;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public string Text { get; init; } = "";
    public IReadOnlyList<IReadOnlyList<string>> Rows { get; init; } = [];
    /// <summary>Why nothing, or not all, is shown.</summary>
    public string? Note { get; init; }

    /// <summary>The types that a browser draws and cannot run; null for all others.</summary>
    public static string? ImageType(string name) => Path.GetExtension(name).ToLowerInvariant() switch
    {
        ".png" => "image/png",
        ".jpg" or ".jpeg" => "image/jpeg",
        ".gif" => "image/gif",
        ".webp" => "image/webp",
        _ => null,
    };

    public static FilePreview OfImage(long size) => size <= MaxImageBytes
        ? new FilePreview(PreviewKind.Image)
        : new FilePreview(PreviewKind.None) { Note = "This image is too big to be shown here." };

    /// <param name="bytes">The first <see cref="MaxBytes"/>.</param>
    public static FilePreview OfBytes(string name, byte[] bytes, long size)
    {
        var isCut = size > bytes.Length;
        if (bytes.AsSpan().Contains((byte)0) || TextOf(bytes, isCut) is not { } text)
            return new FilePreview(PreviewKind.None) { Note = "This file is not text, so there is no preview." };
        var note = isCut ? $"Only the first {MaxBytes / 1024} kB are shown." : null;
        return Path.GetExtension(name).ToLowerInvariant() switch
        {
            ".csv" => Table(text, ',', isCut),
            ".tsv" => Table(text, '\t', isCut),
            ".md" or ".markdown" => new FilePreview(PreviewKind.Markdown) { Text = text, Note = note },
            ".json" when !isCut => new FilePreview(PreviewKind.Text) { Text = Pretty(text) },
            _ => new FilePreview(PreviewKind.Text) { Text = text, Note = note },
        };
    }

    private static string? TextOf(byte[] bytes, bool isCut)
    {
        // The cut may have gone through a character.
        for (var drop = 0; drop < (isCut ? 4 : 1) && drop <= bytes.Length; drop++)
        {
            try
            {
                return new UTF8Encoding(false, true).GetString(bytes, 0, bytes.Length - drop).TrimStart('\uFEFF');
            }
            catch (DecoderFallbackException)
            {
                // One byte less.
            }
        }

        return null;
    }

    private static string Pretty(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return JsonSerializer.Serialize(document.RootElement, Indented);
        }
        catch (JsonException)
        {
            return text;
        }
    }

    private static FilePreview Table(string text, char separator, bool isCut)
    {
        var rows = new List<IReadOnlyList<string>>();
        var row = new List<string>();
        var cell = new StringBuilder();
        var quoted = false;
        for (var i = 0; i < text.Length && rows.Count <= MaxRows; i++)
        {
            var c = text[i];
            if (quoted)
            {
                if (c != '"')
                    cell.Append(c);
                else if (i + 1 < text.Length && text[i + 1] == '"')
                    cell.Append(text[++i]);
                else
                    quoted = false;
            }
            else if (c == '"' && cell.Length == 0)
            {
                quoted = true;
            }
            else if (c == separator)
            {
                Cell();
            }
            else if (c == '\n')
            {
                Row();
            }
            else if (c != '\r')
            {
                cell.Append(c);
            }
        }

        if (!isCut && rows.Count <= MaxRows && (cell.Length > 0 || row.Count > 0))
            Row();
        return new FilePreview(PreviewKind.Table)
        {
            Rows = rows,
            Note = isCut || rows.Count > MaxRows ? $"Only the first {Math.Max(0, rows.Count - 1)} rows are shown." : null,
        };

        void Cell()
        {
            if (row.Count < MaxColumns)
                row.Add(cell.ToString());
            cell.Clear();
        }

        void Row()
        {
            Cell();
            rows.Add([.. row]);
            row.Clear();
        }
    }
}
