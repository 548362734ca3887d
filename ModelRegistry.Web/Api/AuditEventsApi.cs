using System.Text.Json;
using ModelRegistry.Core.Audit;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Governance;
using ModelRegistry.Core.Identity;

namespace ModelRegistry.Web.Api;

/// <summary>`audit-events`: what happened, for auditors all of it, for others what happened to what they may read.</summary>
internal static class AuditEventsApi
{
    /// <param name="Sequence">Place in the chain; null for the seconds until it is sealed.</param>
    /// <param name="Kind">The noun, e.g. model-version.</param>
    /// <param name="Object">Its public id, e.g. churn/3.</param>
    /// <param name="Address">Null where it was erased, and for those who may not see it.</param>
    internal sealed record EventAnswer(long Id, long? Sequence, DateTimeOffset At, long ActorId, string Actor, long? TokenId, string Action,
        string Kind, string Object, JsonElement? Before, JsonElement? After, string? Reason, string? Address, string? Hash);

    internal sealed record FaultAnswer(AuditFaultKind Kind, long Sequence, long? EventId, string Message);

    /// <param name="OpenEvents">Committed and not sealed yet.</param>
    internal sealed record VerificationAnswer(
        bool Intact, long HeadSequence, string HeadHash, FaultAnswer? Fault, long OpenEvents, DateTimeOffset? OldestOpenAt);

    /// <summary>The filter as it stands in the address.</summary>
    internal sealed record Filter(string? Actor, string? Kind, string? Object, string? Action, string? Change, string? Text,
        string? Model, string? Experiment, string? From, string? To);

    public static void Map(RouteGroupBuilder api)
    {
        var events = api.MapGroup("/audit-events").WithTags("Audit");
        events.MapGet("", ListAsync).Produces<ListAnswer<EventAnswer>>().WithSummary("What happened, newest first: by actor (an e-mail "
            + "address), kind (of object), object (its id), action, change (its verb), text, model, experiment, from and to");
        events.MapGet("/export", ExportAsync).Produces<string>(200, "application/x-ndjson", "text/csv")
            .WithSummary("Everything that the same filter finds, as a file: format=jsonl (by default) or csv");
        events.MapGet("/verify", VerifyAsync).Produces<VerificationAnswer>().WithSummary("Read the whole chain and find its first fault");
        events.MapPost("/verify", VerifyAsync).Produces<VerificationAnswer>()
            .WithSummary("The same, against a checkpoint file in the body where one is sent");
    }

    private static async Task<IResult> ListAsync([AsParameters] Filter filter, string? maxResults, string? pageToken,
        AuditSearch audit, SecurableDirectory objects, UserDirectory users, CancellationToken ct)
    {
        var query = await QueryAsync(filter, objects, users, ct);
        return Results.Ok(ListAnswer<EventAnswer>.Of(
            await audit.FindAsync(query with { MaxResults = Paging.Size(maxResults), PageToken = pageToken }, ct), Answer));
    }

    private static async Task ExportAsync([AsParameters] Filter filter, string? format, HttpContext http, AuditSearch audit,
        SecurableDirectory objects, UserDirectory users, CancellationToken ct)
    {
        if (format is not (null or "" or "jsonl" or "csv"))
            throw new InvalidArgumentException("format", "format must be one of: jsonl, csv.");
        var rows = audit.StreamAsync(await QueryAsync(filter, objects, users, ct), ct);
        var csv = format == "csv";
        http.Response.ContentType = csv ? "text/csv; charset=utf-8" : "application/x-ndjson";
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"audit.{(csv ? "csv" : "jsonl")}\"";
        await (csv
            ? AuditExport.WriteCsvAsync(http.Response.Body, rows, ct)
            : AuditExport.WriteJsonLinesAsync(http.Response.Body, rows, ct));
    }

    private static async Task<IResult> VerifyAsync(HttpContext http, AuditVerifier verifier, CurrentUserHolder caller, CancellationToken ct)
    {
        caller.User.Require(InstanceRight.ViewAudit);
        using var reader = new StreamReader(http.Request.Body);
        var text = await reader.ReadToEndAsync(ct);
        var found = await verifier.VerifyAsync(string.IsNullOrWhiteSpace(text) ? null : AuditCheckpoint.Parse(text), ct);
        return Results.Ok(new VerificationAnswer(found.IsIntact, found.HeadSequence, Convert.ToHexStringLower(found.HeadHash),
            found.Fault is { } f ? new FaultAnswer(f.Kind, f.Sequence, f.EventId, f.Message) : null,
            found.OpenEvents, found.OldestOpenMs?.ToTime()));
    }

    private static async Task<AuditQuery> QueryAsync(Filter filter, SecurableDirectory objects, UserDirectory users, CancellationToken ct)
    {
        if (filter is { Model: not null, Experiment: not null })
            throw new InvalidArgumentException("model", "Give either a model or an experiment.");
        var scope = filter switch
        {
            { Model: { } name } => (await objects.GetAsync(SecurableKind.RegisteredModel, name, ct)).Securable,
            { Experiment: { } id } => (await objects.GetAsync(SecurableKind.Experiment, id, ct)).Securable,
            _ => (Securable?)null,
        };
        return new AuditQuery
        {
            Scope = scope is { } on ? new AuditScope(on.Kind, on.Id) : null,
            // Nobody did anything under an unknown name: whether there is such a user is not told here.
            ActorId = filter.Actor is null ? null : await users.FindIdAsync(filter.Actor, ct) ?? -1,
            ObjectKind = filter.Kind,
            ObjectId = filter.Object,
            Action = filter.Action,
            Change = filter.Change,
            Text = filter.Text,
            FromMs = ApiWords.TimeMs("from", filter.From),
            ToMs = ApiWords.TimeMs("to", filter.To),
        };
    }

    private static EventAnswer Answer(AuditRow row)
    {
        var e = row.Event;
        return new EventAnswer(e.Id, e.Sequence, e.AtMs.ToTime(), e.ActorId, row.ActorName, e.TokenId, e.Action, e.ObjectKind, e.ObjectId,
            Json(e.Before), Json(e.After), e.Reason, row.Address, e.Hash is null ? null : Convert.ToHexStringLower(e.Hash));
    }

    private static JsonElement? Json(string? text) => text is null ? null : JsonElement.Parse(text);
}
