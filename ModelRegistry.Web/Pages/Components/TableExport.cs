using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using ModelRegistry.Core.Common;

namespace ModelRegistry.Web.Pages.Components;

/// <summary>A table as a file, `format=csv` or `format=json`, with the rows that its filter finds.</summary>
public static class TableExport
{
    public const int MaxRows = 20_000;

    public static bool IsAsked(HttpRequest request) => request.Query["format"].ToString() is "csv" or "json";

    /// <summary>All pages after each other, up to <see cref="MaxRows"/>.</summary>
    public static async Task<List<T>> AllAsync<T>(Func<string?, Task<Page<T>>> read)
    {
        var rows = new List<T>();
        string? token = null;
        do
        {
            var page = await read(token);
            rows.AddRange(page.Items.Take(MaxRows - rows.Count));
            token = page.NextPageToken;
        }
        while (token is not null && rows.Count < MaxRows);

        return rows;
    }

    public static FileContentResult Result(
        HttpRequest request, string name, IReadOnlyList<string> columns, IEnumerable<object?[]> rows)
    {
        var json = request.Query["format"].ToString() == "json";
        return new FileContentResult(json ? Json(columns, rows) : Csv(columns, rows), json ? "application/json" : "text/csv; charset=utf-8")
        {
            FileDownloadName = $"{name}.{(json ? "json" : "csv")}",
        };
    }

    public static byte[] Csv(IReadOnlyList<string> columns, IEnumerable<object?[]> rows)
    {
        var text = new StringBuilder();
        Line(text, columns);
        foreach (var row in rows)
            Line(text, row);
        return [.. Encoding.UTF8.GetPreamble(), .. Encoding.UTF8.GetBytes(text.ToString())];
    }

    private static byte[] Json(IReadOnlyList<string> columns, IEnumerable<object?[]> rows) => JsonSerializer.SerializeToUtf8Bytes(
        rows.Select(row => columns.Select((c, i) => KeyValuePair.Create(c, Plain(row[i]))).ToDictionary()),
        JsonSerializerOptions.Web);

    private static object? Plain(object? value) => value is double number && !double.IsFinite(number) ? number.ToString(CultureInfo.InvariantCulture) : value;

    private static void Line(StringBuilder text, IEnumerable<object?> cells) =>
        text.AppendJoin(',', cells.Select(Cell)).Append("\r\n");

    private static string Cell(object? value) => value switch
    {
        null => "",
        string s => Core.Common.Csv.Cell(s),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => Core.Common.Csv.Cell(value.ToString() ?? ""),
    };
}
