using System.Text;
using System.Text.Json;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Retention;

namespace ModelRegistry.Web.Api;

/// <summary>`retention-runs`: evaluations of policies, their reports, their approval and what became of them.</summary>
internal static class RetentionRunsApi
{
    private const int Examples = 20;
    private const int ReportPage = 1000;

    internal sealed record NewRun(long PolicyId);

    /// <param name="Digest">That of the report: what is approved is what was read.</param>
    /// <param name="Acknowledge">Must be said where the run has brakes.</param>
    internal sealed record ApprovalBody(string Digest, bool Acknowledge = false, string? Comment = null);

    internal sealed record ReasonBody(string? Reason = null);

    internal sealed record ObjectionBody(int Line, string Reason);

    internal sealed record CountAnswer(RetentionAction Action, string Rule, long? PolicyId, int Count, long Bytes);

    internal sealed record RunAnswer(long Id, long PolicyId, string Policy, int PolicyVersion, bool Preview, RetentionRunState State, string? Message,
        int Evaluated, int Expected, string? Digest, IReadOnlyList<CountAnswer> Counts, IReadOnlyList<string> Brakes, string RequestedBy,
        DateTimeOffset CreatedAt, DateTimeOffset? EvaluatedAt, string? ApprovedBy, DateTimeOffset? ApprovedAt, DateTimeOffset? DueAt,
        DateTimeOffset? StartedAt, DateTimeOffset? EndedAt);

    internal sealed record ItemAnswer(int Line, string Subject, string Item, RetentionAction Action, string Rule, string? Date, long? PolicyId,
        long Bytes, string Reason, string State, string? Outcome);

    /// <param name="Examples">The first lines of what would be done.</param>
    internal sealed record RunDetails(RunAnswer Run, RunProgress Progress, IReadOnlyList<ItemAnswer> Examples);

    public static void Map(RouteGroupBuilder api)
    {
        var runs = api.MapGroup("/retention-runs").WithTags("Retention");
        runs.MapGet("", ListAsync).WithSummary("The runs, newest first; of one policy (policyId), with previews (previews=true)")
            .Produces<ListAnswer<RunAnswer>>();
        runs.MapPost("", CreateAsync).WithSummary("Ask for a run: it is evaluated, and waits for somebody else's approval")
            .Accepts<NewRun>("application/json").Produces<RunAnswer>(201);
        runs.MapGet("/{id}", GetAsync).WithSummary("One run, its progress and examples").Produces<RunDetails>();
        runs.MapGet("/{id}/items", ItemsAsync).WithSummary("Lines of the report, by action (keep, archive, delete)")
            .Produces<ListAnswer<ItemAnswer>>();
        runs.MapGet("/{id}/report", ReportAsync).WithSummary("The whole report; the digest is the SHA-256 of the CSV file (format: csv, json)")
            .Produces<string>(200, "text/csv", "application/json");
        runs.MapPost("/{id}/approve", ApproveAsync).WithSummary("Approve the report of that digest; not by who asked or wrote the policy")
            .Accepts<ApprovalBody>("application/json").Produces<RunAnswer>();
        runs.MapPost("/{id}/stop", StopAsync).WithSummary("Stop it before its next item; {\"reason\": …} may say why")
            .MayHaveBody<ReasonBody>().Produces<RunAnswer>();
        runs.MapPost("/{id}/object", ObjectAsync).WithSummary("An owner says that a line shall stay")
            .Accepts<ObjectionBody>("application/json").Produces(204);
        runs.MapPost("/resume", ResumeAsync).WithSummary("Let destructive jobs go on after the clock was looked at")
            .Accepts<ReasonBody>("application/json").Produces(204);
    }

    internal static async Task<RunDetails> DetailsAsync(long id, RetentionRunService runs, CancellationToken ct)
    {
        var run = await runs.GetAsync(id, ct);
        var due = await runs.ItemsAsync(id, RetentionAction.Delete, Examples, null, ct);
        if (due.Items.Count < Examples)
        {
            var archived = await runs.ItemsAsync(id, RetentionAction.Archive, Examples - due.Items.Count, null, ct);
            due = new Page<RetentionItem>([.. due.Items, .. archived.Items], null);
        }

        return new RunDetails(Answer(run), await runs.ProgressAsync(id, ct), [.. due.Items.Select(Answer)]);
    }

    internal static RunAnswer Answer(RunRow row)
    {
        var run = row.Run;
        return new RunAnswer(run.Id, run.PolicyId, row.PolicyName, run.PolicyVersion, run.IsPreview, run.State, run.Message, run.Evaluated, run.Expected,
            run.Digest, [.. (row.Summary?.Rules ?? []).Select(c => new CountAnswer(c.Action, $"R{(int)c.Rule}", c.PolicyId, c.Count, c.Bytes))],
            row.Brakes, row.RequestedBy, run.CreatedMs.ToTime(), run.EvaluatedMs?.ToTime(), row.ApprovedBy, run.ApprovedMs?.ToTime(),
            run.DueMs?.ToTime(), run.StartedMs?.ToTime(), run.EndedMs?.ToTime());
    }

    private static async Task<IResult> ListAsync(long? policyId, bool? previews, string? maxResults, string? pageToken,
        RetentionRunService runs, CancellationToken ct) =>
        Results.Ok(ListAnswer<RunAnswer>.Of(await runs.ListAsync(policyId, previews ?? false, Paging.Size(maxResults), pageToken, ct), Answer));

    private static async Task<IResult> CreateAsync(HttpContext http, RetentionRunService runs, CancellationToken ct)
    {
        var run = await runs.RequestAsync((await ApiBody.ReadAsync<NewRun>(http)).PolicyId, ct);
        return Results.Created($"{ApiHosting.Prefix}/retention-runs/{run.Run.Id}", Answer(run));
    }

    private static async Task<IResult> GetAsync(string id, RetentionRunService runs, CancellationToken ct) =>
        Results.Ok(await DetailsAsync(Id(id), runs, ct));

    private static async Task<IResult> ItemsAsync(string id, string? action, string? maxResults, string? pageToken,
        RetentionRunService runs, CancellationToken ct) =>
        Results.Ok(ListAnswer<ItemAnswer>.Of(await runs.ItemsAsync(Id(id), action switch
        {
            null or "" => null,
            "keep" => RetentionAction.Keep,
            "archive" => RetentionAction.Archive,
            "delete" => RetentionAction.Delete,
            _ => throw new InvalidArgumentException("action", "action must be one of: keep, archive, delete."),
        }, Paging.Size(maxResults), pageToken, ct), Answer));

    private static async Task<IResult> ReportAsync(string id, string? format, RetentionRunService runs, CancellationToken ct)
    {
        var run = await runs.GetAsync(Id(id), ct);
        if (run.Run.Digest is null)
            throw new ConflictException(RetentionRunService.Noun, id, "The run has no report yet.");
        return format switch
        {
            null or "" or "csv" => Results.Stream(body => WriteCsvAsync(body, run.Run, runs, ct), "text/csv; charset=utf-8",
                FormattableString.Invariant($"retention-run-{run.Run.Id}.csv")),
            "json" => Results.Stream(body => WriteJsonAsync(body, run, runs, ct), "application/json"),
            _ => throw new InvalidArgumentException("format", "format must be one of: csv, json."),
        };
    }

    // Byte for byte what the digest was taken of.
    private static async Task WriteCsvAsync(Stream body, RetentionRun run, RetentionRunService runs, CancellationToken ct)
    {
        await body.WriteAsync(Encoding.UTF8.GetBytes(RetentionReport.HeadOf(run)), ct);
        await foreach (var page in PagesAsync(run.Id, runs, ct))
            await body.WriteAsync(Encoding.UTF8.GetBytes(string.Concat(page.Select(RetentionReport.Line))), ct);
    }

    private static async Task WriteJsonAsync(Stream body, RunRow run, RetentionRunService runs, CancellationToken ct)
    {
        await body.WriteAsync("{\"run\":"u8.ToArray(), ct);
        await JsonSerializer.SerializeAsync(body, Answer(run), ApiJson.Options, ct);
        await body.WriteAsync(",\"items\":["u8.ToArray(), ct);
        var first = true;
        await foreach (var page in PagesAsync(run.Run.Id, runs, ct))
        {
            foreach (var item in page)
            {
                if (!first)
                    await body.WriteAsync(","u8.ToArray(), ct);
                first = false;
                await JsonSerializer.SerializeAsync(body, Answer(item), ApiJson.Options, ct);
            }
        }

        await body.WriteAsync("]}"u8.ToArray(), ct);
    }

    private static async IAsyncEnumerable<IReadOnlyList<RetentionItem>> PagesAsync(
        long id, RetentionRunService runs, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        string? token = null;
        do
        {
            var page = await runs.ItemsAsync(id, null, ReportPage, token, ct);
            yield return page.Items;
            token = page.NextPageToken;
        }
        while (token is not null);
    }

    private static async Task<IResult> ApproveAsync(string id, HttpContext http, RetentionRunService runs, CancellationToken ct)
    {
        var body = await ApiBody.ReadAsync<ApprovalBody>(http);
        return Results.Ok(Answer(await runs.ApproveAsync(Id(id), body.Digest, body.Acknowledge, body.Comment, ct)));
    }

    private static async Task<IResult> StopAsync(string id, HttpContext http, RetentionRunService runs, CancellationToken ct)
    {
        var reason = http.Request.HasJsonContentType() ? (await ApiBody.ReadAsync<ReasonBody>(http)).Reason : null;
        return Results.Ok(Answer(await runs.StopAsync(Id(id), reason, ct)));
    }

    private static async Task<IResult> ObjectAsync(string id, HttpContext http, RetentionRunService runs, CancellationToken ct)
    {
        var body = await ApiBody.ReadAsync<ObjectionBody>(http);
        await runs.ObjectAsync(Id(id), body.Line, body.Reason, ct);
        return Results.NoContent();
    }

    private static async Task<IResult> ResumeAsync(HttpContext http, RetentionRunService runs, CancellationToken ct)
    {
        await runs.ResumeAsync((await ApiBody.ReadAsync<ReasonBody>(http)).Reason ?? "", ct);
        return Results.NoContent();
    }

    private static long Id(string id) => ApiBody.Id(RetentionRunService.Noun, id);

    private static ItemAnswer Answer(RetentionItem item) => new(item.Line, RetentionReport.WordOf(item.Subject), item.Name, item.Action,
        $"R{(int)item.Rule}", item.Day is { } day and > -700_000 and < 2_900_000
            ? UtcDay.ToDate(day).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture) : null,
        item.PolicyId, item.Bytes, item.Reason,
        item.Action == RetentionAction.Keep ? "kept" : item.State.ToString().ToLowerInvariant(), item.Outcome);
}
