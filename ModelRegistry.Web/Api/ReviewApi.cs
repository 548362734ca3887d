using ModelRegistry.Core.Review;

namespace ModelRegistry.Web.Api;

/// <summary>`governance-review`: what may have been forgotten.</summary>
internal static class ReviewApi
{
    /// <param name="More">Kinds of which there are more than are listed.</param>
    internal sealed record ReviewAnswer(IReadOnlyList<ReviewItem> Items, IReadOnlyList<ReviewKind> More);

    public static void Map(RouteGroupBuilder api) => api.MapGroup("/governance-review").WithTags("Retention")
        .MapGet("", ReadAsync).WithSummary("Models without a rule, holds older than a year, locks that end in 90 days, damage, blocked purges, restrictions to review")
        .Produces<ReviewAnswer>();

    private static async Task<IResult> ReadAsync(ReviewService review, CancellationToken ct)
    {
        var list = await review.ReadAsync(ct);
        return Results.Ok(new ReviewAnswer(list.Items, [.. list.HasMore.Order()]));
    }
}
