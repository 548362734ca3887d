using System.Globalization;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Erasure;
using ModelRegistry.Core.Holds;

namespace ModelRegistry.Web.Api;

/// <summary>`erasure-cases`: people and things that are erased on request, or kept on a legal basis.</summary>
internal static class ErasureCasesApi
{
    /// <param name="Object">A model's name, name/version, a run's or logged model's id, an experiment's id.</param>
    internal sealed record ItemBody(HoldTarget Kind, string Object);

    /// <param name="Reference">Of the request; not the name of a person.</param>
    /// <param name="Person">The e-mail address of the account to be erased.</param>
    internal sealed record NewCaseBody(string Reference, string Reason, string? Person = null, IReadOnlyList<ItemBody>? Items = null);

    internal sealed record ReasonBody(string? Reason = null);

    /// <param name="LegalBasis">Why it is kept nevertheless.</param>
    /// <param name="ReviewOn">The day on which that is looked at again.</param>
    internal sealed record RestrictBody(string? LegalBasis = null, DateOnly? ReviewOn = null);

    /// <param name="Outcome">What keeps it, where something does.</param>
    internal sealed record ItemAnswer(int Line, HoldTarget Kind, string Object, ErasureItemState State, string? Outcome, DateTimeOffset? ErasedAt,
        string? LegalBasis, DateOnly? ReviewOn);

    /// <param name="Person">Their name; of who is erased the pseudonym.</param>
    internal sealed record CaseAnswer(long Id, string Reference, string Reason, ErasureState State, string? Person, DateTimeOffset? PersonErasedAt,
        string? PersonOutcome, string OpenedBy, DateTimeOffset OpenedAt, string? ApprovedBy, DateTimeOffset? ApprovedAt, string? ClosedBy,
        DateTimeOffset? ClosedAt, string? CloseReason, int Things, int Erased, int Restricted, IReadOnlyList<ItemAnswer>? Items);

    public static void Map(RouteGroupBuilder api)
    {
        var cases = api.MapGroup("/erasure-cases").WithTags("Erasure cases");
        cases.MapGet("", ListAsync).WithSummary("The cases, newest first; by state (open, approved, done, withdrawn)").Produces<ListAnswer<CaseAnswer>>();
        cases.MapPost("", OpenAsync).WithSummary("Open a case for a person, for things, or for both; a second person has to agree")
            .Accepts<NewCaseBody>("application/json").Produces<CaseAnswer>(201);
        cases.MapGet("/{id}", GetAsync).WithSummary("One case, with its things").Produces<CaseAnswer>();
        cases.MapPost("/{id}/approve", ApproveAsync).WithSummary("Agree, as the second person: it is carried out without the time in the trash")
            .Produces<CaseAnswer>();
        cases.MapPost("/{id}/withdraw", WithdrawAsync).WithSummary("End it; what is erased stays erased")
            .Accepts<ReasonBody>("application/json").Produces<CaseAnswer>();
        cases.MapPost("/{id}/items/{line}/restrict", RestrictAsync).WithSummary("Keep a thing on a legal basis, until that is looked at again")
            .Accepts<RestrictBody>("application/json").Produces<CaseAnswer>();
        cases.MapPost("/{id}/items/{line}/resume", ResumeAsync).WithSummary("The reason to keep it is gone: erase it like the rest")
            .Produces<CaseAnswer>();
    }

    private static async Task<IResult> ListAsync(string? state, string? maxResults, string? pageToken, ErasureService cases, CancellationToken ct) =>
        Results.Ok(ListAnswer<CaseAnswer>.Of(await cases.ListAsync(state switch
        {
            null or "" => null,
            "open" => ErasureState.Open,
            "approved" => ErasureState.Approved,
            "done" => ErasureState.Done,
            "withdrawn" => ErasureState.Withdrawn,
            _ => throw new InvalidArgumentException("state", "state must be one of: open, approved, done, withdrawn."),
        }, Paging.Size(maxResults), pageToken, ct), row => Answer(row, null)));

    private static async Task<IResult> OpenAsync(HttpContext http, ErasureService cases, CancellationToken ct)
    {
        var body = await ApiBody.ReadAsync<NewCaseBody>(http);
        var opened = await cases.OpenAsync(new NewErasure(body.Reference, body.Reason, body.Person,
            [.. (body.Items ?? []).Select(i => (i.Kind, i.Object))]), ct);
        return Results.Created(string.Create(CultureInfo.InvariantCulture, $"{ApiHosting.Prefix}/erasure-cases/{opened.Case.Id}"),
            await AnswerAsync(opened, cases, ct));
    }

    private static async Task<IResult> GetAsync(string id, ErasureService cases, CancellationToken ct) =>
        Results.Ok(await AnswerAsync(await cases.GetAsync(Id(id), ct), cases, ct));

    private static async Task<IResult> ApproveAsync(string id, ErasureService cases, CancellationToken ct) =>
        Results.Ok(await AnswerAsync(await cases.ApproveAsync(Id(id), ct), cases, ct));

    private static async Task<IResult> WithdrawAsync(string id, HttpContext http, ErasureService cases, CancellationToken ct)
    {
        var body = await ApiBody.ReadAsync<ReasonBody>(http);
        return Results.Ok(await AnswerAsync(await cases.WithdrawAsync(Id(id), body.Reason, ct), cases, ct));
    }

    private static async Task<IResult> RestrictAsync(string id, string line, HttpContext http, ErasureService cases, CancellationToken ct)
    {
        var body = await ApiBody.ReadAsync<RestrictBody>(http);
        return Results.Ok(await AnswerAsync(await cases.RestrictAsync(Id(id), Line(line), body.LegalBasis, body.ReviewOn, ct), cases, ct));
    }

    private static async Task<IResult> ResumeAsync(string id, string line, ErasureService cases, CancellationToken ct) =>
        Results.Ok(await AnswerAsync(await cases.ResumeAsync(Id(id), Line(line), ct), cases, ct));

    private static long Id(string id) => ApiBody.Id(ErasureService.Noun, id);

    private static int Line(string line) => (int)Math.Min(ApiBody.Id("erasure-item", line), int.MaxValue);

    private static async Task<CaseAnswer> AnswerAsync(ErasureRow row, ErasureService cases, CancellationToken ct) =>
        Answer(row, await cases.ItemsAsync(row.Case.Id, ct));

    private static CaseAnswer Answer(ErasureRow row, IReadOnlyList<ErasureItem>? items)
    {
        var c = row.Case;
        return new CaseAnswer(c.Id, c.Reference, c.Reason, c.State, row.Person, c.PersonErasedMs?.ToTime(), c.PersonOutcome, row.OpenedBy,
            c.OpenedMs.ToTime(), row.ApprovedBy, c.ApprovedMs?.ToTime(), row.ClosedBy, c.ClosedMs?.ToTime(), c.CloseReason, row.Items, row.Erased,
            row.Restricted, items is null ? null : [.. items.Select(i => new ItemAnswer(i.Line, i.Target, i.Name, i.State, i.Outcome, i.EndedMs?.ToTime(),
                i.LegalBasis, i.ReviewOn))]);
    }
}
