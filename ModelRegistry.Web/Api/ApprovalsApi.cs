using ModelRegistry.Core.Common;
using ModelRegistry.Core.Identity;
using ModelRegistry.Core.Promotion;
using ModelRegistry.Core.Registry;

namespace ModelRegistry.Web.Api;

/// <summary>`approvals`: requests that a version gets a stage or an alias, and what was said to them.</summary>
internal static class ApprovalsApi
{
    /// <param name="Stage">Or an alias instead.</param>
    /// <param name="ArchiveExisting">The versions that are in the stage go to Archived.</param>
    internal sealed record NewApprovalBody(string Model, int Version, string? Stage = null, string? Alias = null,
        bool ArchiveExisting = false, string Reason = "", int ExpiresInDays = ApprovalService.DefaultDays);

    /// <param name="Digest">What the approver has looked at; must be that of the request where it is given.</param>
    internal sealed record DecisionBody(string Comment = "", string? Digest = null);

    internal sealed record CommentBody(string Comment);

    internal sealed record EntryAnswer(ApprovalEntryKind Kind, string User, DateTimeOffset At, string Text);

    /// <param name="Digest">Of the version's files: the approvals hold for these.</param>
    /// <param name="MayDecide">The caller may approve or reject it.</param>
    internal sealed record ApprovalAnswer(long Id, string Model, int Version, string? Stage, string? Alias, bool ArchiveExisting, string Digest,
        string Reason, ApprovalState State, string RequestedBy, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, DateTimeOffset? ClosedAt,
        bool MayDecide, IReadOnlyList<EntryAnswer> Entries);

    public static void Map(RouteGroupBuilder api)
    {
        var approvals = api.MapGroup("/approvals").WithTags("Promotion");
        approvals.MapGet("", ListAsync).WithSummary("The requests, newest first; by state, model and version").Produces<ListAnswer<ApprovalAnswer>>();
        approvals.MapPost("", CreateAsync).WithSummary("Ask that a version gets a stage or an alias")
            .Accepts<NewApprovalBody>("application/json").Produces<ApprovalAnswer>(201);
        approvals.MapGet("/{id}", GetAsync).WithSummary("One request with all that was said").Produces<ApprovalAnswer>();
        approvals.MapPost("/{id}/approve", ApproveAsync).WithSummary("Approve, with {comment, digest} where wanted; the last approval that was missing makes the move")
            .MayHaveBody<DecisionBody>().Produces<ApprovalAnswer>();
        approvals.MapPost("/{id}/reject", RejectAsync).WithSummary("Reject, with a comment")
            .Accepts<CommentBody>("application/json").Produces<ApprovalAnswer>();
        approvals.MapPost("/{id}/withdraw", WithdrawAsync).WithSummary("Take one's own request back, with {comment} where wanted")
            .MayHaveBody<DecisionBody>().Produces<ApprovalAnswer>();
        approvals.MapGet("/{id}/comments", CommentsAsync).WithSummary("What was said").Produces<ListAnswer<EntryAnswer>>();
        approvals.MapPost("/{id}/comments", CommentAsync).WithSummary("Say something").Accepts<CommentBody>("application/json").Produces<ApprovalAnswer>(201);
    }

    private static async Task<IResult> ListAsync(string? state, string? model, string? version, string? maxResults, string? pageToken,
        ApprovalService approvals, PeopleDirectory names, CancellationToken ct)
    {
        ApprovalState? wanted = string.IsNullOrEmpty(state) ? null
            : Enum.GetValues<ApprovalState>().Cast<ApprovalState?>().FirstOrDefault(s => s.ToString()!.Equals(state, StringComparison.OrdinalIgnoreCase))
            ?? throw new InvalidArgumentException("state", "state must be one of: open, approved, done, rejected, withdrawn, expired.");
        int? number = string.IsNullOrEmpty(version) ? null : int.TryParse(version, out var n) && n > 0 ? n
            : throw new InvalidArgumentException("version", "version must be the number of a version.");
        var page = await approvals.ListAsync(new ApprovalQuery
        {
            State = wanted,
            ModelName = model,
            Number = number,
            MaxResults = Paging.Size(maxResults),
            PageToken = pageToken,
        }, ct);
        return Results.Ok(new ListAnswer<ApprovalAnswer>(await AnswerAsync(page.Items, names, ct), page.NextPageToken));
    }

    private static async Task<IResult> CreateAsync(HttpContext http, ApprovalService approvals, PeopleDirectory names, CancellationToken ct)
    {
        var body = await ApiBody.ReadAsync<NewApprovalBody>(http);
        var row = await approvals.RequestAsync(new NewApproval(body.Model, body.Version, new TargetName(body.Stage, body.Alias))
        {
            ArchiveExisting = body.ArchiveExisting,
            Reason = body.Reason,
            ExpiresInDays = body.ExpiresInDays,
        }, ct);
        return Results.Created($"{ApiHosting.Prefix}/approvals/{row.Request.Id}", await AnswerAsync(row, names, ct));
    }

    private static async Task<IResult> GetAsync(string id, ApprovalService approvals, PeopleDirectory names, CancellationToken ct) =>
        Results.Ok(await AnswerAsync(await approvals.GetAsync(Id(id), ct), names, ct));

    private static async Task<IResult> ApproveAsync(string id, HttpContext http, ApprovalService approvals, PeopleDirectory names, CancellationToken ct)
    {
        var body = await DecisionAsync(http);
        return Results.Ok(await AnswerAsync(await approvals.ApproveAsync(Id(id), body.Digest, body.Comment, ct), names, ct));
    }

    private static async Task<IResult> RejectAsync(string id, HttpContext http, ApprovalService approvals, PeopleDirectory names, CancellationToken ct) =>
        Results.Ok(await AnswerAsync(await approvals.RejectAsync(Id(id), (await ApiBody.ReadAsync<CommentBody>(http)).Comment, ct), names, ct));

    private static async Task<IResult> WithdrawAsync(string id, HttpContext http, ApprovalService approvals, PeopleDirectory names, CancellationToken ct) =>
        Results.Ok(await AnswerAsync(await approvals.WithdrawAsync(Id(id), (await DecisionAsync(http)).Comment, ct), names, ct));

    private static async Task<IResult> CommentAsync(string id, HttpContext http, ApprovalService approvals, PeopleDirectory names, CancellationToken ct)
    {
        var row = await approvals.CommentAsync(Id(id), (await ApiBody.ReadAsync<CommentBody>(http)).Comment, ct);
        return Results.Created($"{ApiHosting.Prefix}/approvals/{row.Request.Id}/comments", await AnswerAsync(row, names, ct));
    }

    private static async Task<IResult> CommentsAsync(string id, ApprovalService approvals, PeopleDirectory names, CancellationToken ct) =>
        Results.Ok(new ListAnswer<EntryAnswer>((await AnswerAsync(await approvals.GetAsync(Id(id), ct), names, ct)).Entries, null));

    // The body may be left out: there is nothing in it that must be said.
    private static async Task<DecisionBody> DecisionAsync(HttpContext http) =>
        http.Request.ContentLength is > 0 || http.Request.HasJsonContentType() ? await ApiBody.ReadAsync<DecisionBody>(http) : new DecisionBody();

    private static long Id(string id) => ApiBody.Id(ApprovalService.Noun, id);

    private static async Task<ApprovalAnswer> AnswerAsync(ApprovalRow row, PeopleDirectory names, CancellationToken ct) =>
        (await AnswerAsync([row], names, ct))[0];

    private static async Task<IReadOnlyList<ApprovalAnswer>> AnswerAsync(IReadOnlyList<ApprovalRow> rows, PeopleDirectory names, CancellationToken ct)
    {
        var users = await names.AddressesAsync(rows.SelectMany(r => r.Request.Entries.Select(e => e.UserId).Append(r.Request.RequestedBy)), ct);
        return [.. rows.Select(row =>
        {
            var r = row.Request;
            return new ApprovalAnswer(r.Id, row.ModelName, r.Number, r.StageName, r.Alias, r.ArchiveExisting, r.VersionDigest, r.Reason, r.State,
                users.GetValueOrDefault(r.RequestedBy, $"user {r.RequestedBy}"), r.CreatedMs.ToTime(), r.ExpiresMs.ToTime(), r.ClosedMs?.ToTime(), row.MayDecide,
                [.. r.Entries.OrderBy(e => e.Id).Select(e =>
                    new EntryAnswer(e.Kind, users.GetValueOrDefault(e.UserId, $"user {e.UserId}"), e.AtMs.ToTime(), e.Text))]);
        })];
    }
}
