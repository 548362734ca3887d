using ModelRegistry.Core.Common;
using ModelRegistry.Core.Governance;
using ModelRegistry.Core.Identity;

namespace ModelRegistry.Web.Api;

/// <summary>`history`: how it stood at a moment.</summary>
internal static class HistoryApi
{
    /// <param name="Stage">As it was called then.</param>
    internal sealed record VersionAnswer(int Version, string Stage, ModelStagesApi.MlflowStage MapsTo, DateTimeOffset Since, string By, IReadOnlyList<string> ApprovedBy);

    internal sealed record AliasAnswer(string Alias, int Version, DateTimeOffset Since, string By, IReadOnlyList<string> ApprovedBy);

    /// <param name="Model">Its name then.</param>
    /// <param name="Deleted">It is deleted by now.</param>
    internal sealed record ModelAnswer(string Model, bool Deleted, IReadOnlyList<VersionAnswer> Versions, IReadOnlyList<AliasAnswer> Aliases);

    public static void Map(RouteGroupBuilder api) => api.MapGet("/history", GetAsync).WithTags("Promotion").Produces<ListAnswer<ModelAnswer>>()
        .WithSummary("What was in Staging and Production, where aliases pointed, and who had approved it, at a time (at; now by "
            + "default); of one model (model); everything=true tells of all versions");

    private static async Task<IResult> GetAsync(string? at, string? model, bool? everything, string? maxResults, string? pageToken,
        HistoryService history, PeopleDirectory names, TimeProvider time, CancellationToken ct)
    {
        // Without a time each page is of its own moment; whoever pages on sends the time.
        var atMs = ApiWords.TimeMs("at", at) ?? (string.IsNullOrEmpty(pageToken)
            ? time.GetUtcNow().ToUnixTimeMilliseconds()
            : throw new InvalidArgumentException("at", "Send the time that you ask about with the page token."));
        var page = await history.AtAsync(atMs, model, everything ?? false, Paging.Size(maxResults), pageToken, ct);
        var people = await names.AddressesAsync(page.Items.SelectMany(m => m.Versions.SelectMany(v => v.ApprovedBy.Append(v.ByUserId))
            .Concat(m.Aliases.SelectMany(a => a.ApprovedBy.Append(a.ByUserId)))), ct);
        return Results.Ok(ListAnswer<ModelAnswer>.Of(page, m => new ModelAnswer(m.Name, m.IsGone,
            [.. m.Versions.Select(v => new VersionAnswer(v.Number, v.Stage.Name, (ModelStagesApi.MlflowStage)v.Stage.Kind, v.SinceMs.ToTime(), Name(v.ByUserId), [.. v.ApprovedBy.Select(Name)]))],
            [.. m.Aliases.Select(a => new AliasAnswer(a.Alias, a.Number, a.SinceMs.ToTime(), Name(a.ByUserId), [.. a.ApprovedBy.Select(Name)]))])));

        string Name(long id) => id == 0 ? CurrentUser.System.Name : people.GetValueOrDefault(id, $"user {id}");
    }
}
