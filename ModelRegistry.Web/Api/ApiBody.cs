using System.Text.Json;
using ModelRegistry.Core.Common;

namespace ModelRegistry.Web.Api;

/// <summary>Reads what comes in, so that every mistake has a name.</summary>
internal static class ApiBody
{
    public const int MaxBytes = 1024 * 1024;

    /// <exception cref="InvalidArgumentException">Names the member that is wrong.</exception>
    public static async Task<T> ReadAsync<T>(HttpContext http) where T : class
    {
        if (!http.Request.HasJsonContentType())
            throw new BadHttpRequestException("Not JSON.", StatusCodes.Status415UnsupportedMediaType);
        try
        {
            return await JsonSerializer.DeserializeAsync<T>(http.Request.Body, ApiJson.Options, http.RequestAborted)
                ?? throw new InvalidArgumentException("body", "The body must be a JSON object.");
        }
        catch (JsonException e)
        {
            throw ApiProblems.OfJson(e);
        }
    }

    /// <summary>A number of the path; whatever is no number does not exist.</summary>
    public static long Id(string noun, string text) =>
        long.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var id)
            ? id
            : throw new NotFoundException(noun, text);
}

/// <summary>A page of a list. Without a token it is the last one.</summary>
internal sealed record ListAnswer<T>(IReadOnlyList<T> Items, string? NextPageToken)
{
    public static ListAnswer<T> Of<TRow>(Page<TRow> page, Func<TRow, T> map) => new([.. page.Items.Select(map)], page.NextPageToken);
}

/// <summary>How much of a list is wanted.</summary>
internal static class Paging
{
    public const int DefaultSize = 100;
    public const int MaxSize = 1000;

    public static int Size(string? maxResults)
    {
        if (string.IsNullOrEmpty(maxResults))
            return DefaultSize;
        return int.TryParse(maxResults, System.Globalization.NumberStyles.None,
            System.Globalization.CultureInfo.InvariantCulture, out var size) && size is >= 1 and <= MaxSize
            ? size
            : throw new InvalidArgumentException("maxResults", $"maxResults must be a whole number from 1 to {MaxSize}.");
    }
}
