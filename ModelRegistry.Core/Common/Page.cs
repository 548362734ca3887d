using System.Buffers.Text;
using System.Text.Json;

namespace ModelRegistry.Core.Common;

/// <summary>One page of a list. <see cref="NextPageToken"/> is null on the last page.</summary>
public sealed record Page<T>(IReadOnlyList<T> Items, string? NextPageToken)
{
    public static readonly Page<T> Empty = new([], null);

    public Page<TOut> Select<TOut>(Func<T, TOut> map) => new([.. Items.Select(map)], NextPageToken);
}

/// <summary>
/// Opaque, URL-safe page tokens over the sort key of the last row. The digest of the query that made a token is part
/// of it, so that a token cannot be used with another filter or order.
/// </summary>
public static class PageToken
{
    public static string Encode<TKey>(TKey key, string query)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(new Content<TKey>(Digest(query), key));
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>The key in the token; false where there is no token.</summary>
    /// <exception cref="InvalidArgumentException">The token was not made by this registry for this query.</exception>
    public static bool TryDecode<TKey>(string? token, string query, out TKey key)
    {
        key = default!;
        if (string.IsNullOrEmpty(token))
            return false;
        try
        {
            var content = JsonSerializer.Deserialize<Content<TKey>>(Base64Url.DecodeFromChars(token));
            if (content is not null && content.Q == Digest(query) && content.K is not null)
            {
                key = content.K;
                return true;
            }
        }
        catch (Exception e) when (e is FormatException or JsonException or NotSupportedException)
        {
            // Falls through to the one refusal below: why a foreign token does not parse helps nobody.
        }

        throw new InvalidArgumentException("page_token",
            "Invalid page token: it must be the next_page_token of the page before, with the same filter and order.");
    }

    // Stable over processes and versions, unlike string.GetHashCode: pages may be asked from another node.
    private static uint Digest(string query)
    {
        var hash = 2166136261u;
        foreach (var c in query)
            hash = (hash ^ c) * 16777619u;
        return hash;
    }

    private sealed record Content<TKey>(uint Q, TKey K);
}
