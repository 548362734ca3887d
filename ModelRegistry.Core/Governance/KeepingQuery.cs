using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Holds;

namespace ModelRegistry.Core.Governance;

/// <summary>What lists of holds and of locks can be asked alike.</summary>
public abstract record KeepingQuery
{
    public HoldTarget? Target { get; init; }
    public string? PublicId { get; init; }
    public int MaxResults { get; init; } = 100;
    public string? PageToken { get; init; }
}

internal static class KeepingPages
{
    /// <summary>Newest first.</summary>
    /// <param name="also">What else was asked: a page token is good for the same question only.</param>
    public static async Task<Page<T>> PageAsync<T>(this IQueryable<T> keeping, KeepingQuery query, string also, CancellationToken ct)
        where T : Keeping
    {
        var text = $"{query.Target}|{query.PublicId}|{also}";
        if (query.Target is { } target)
            keeping = keeping.Where(k => k.Target == target);
        if (query.PublicId is { } on)
            keeping = keeping.Where(k => k.TargetName == on);
        if (PageToken.TryDecode<long>(query.PageToken, text, out var last))
            keeping = keeping.Where(k => k.Id < last);
        var found = await keeping.OrderByDescending(k => k.Id).Take(query.MaxResults + 1).ToListAsync(ct);
        var rows = found.Take(query.MaxResults).ToList();
        return new Page<T>(rows, found.Count > rows.Count ? PageToken.Encode(rows[^1].Id, text) : null);
    }
}
