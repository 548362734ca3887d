using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using ModelRegistry.Core.Common;
using ModelRegistry.Web.Hosting;

namespace ModelRegistry.Web.Api;

/// <summary>What is said when a request is refused (RFC 9457).</summary>
/// <param name="Type">Tells the kinds apart for programs; see docs/api.md.</param>
/// <param name="Field">The member, parameter or header that is wrong, where it is one.</param>
/// <param name="HoldId">The legal hold that closes the way.</param>
/// <param name="LockId">The retention lock that closes the way.</param>
/// <param name="Checks">What promotion policies ask for and did not find.</param>
internal sealed record Problem(
    string Type, string Title, int Status, string Detail,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Field = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Guid? HoldId = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Guid? LockId = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<FailedCheck>? Checks = null);

/// <summary>The registry's refusals as problem details.</summary>
internal static partial class ApiProblems
{
    public const string ContentType = "application/problem+json";
    private const string Root = "/docs/api#problem-";

    public static Problem Of(Exception exception) => exception switch
    {
        NotFoundException e => new(Root + "not-found", "Not found", 404, e.Message),
        AlreadyExistsException e => new(Root + "already-exists", "Already exists", 409, e.Message, "name"),
        InvalidArgumentException e => new(Root + "invalid-argument", "Invalid argument", 400, e.Message, FieldName(e.Field)),
        ConflictException e => new(Root + "conflict", "Conflict", 409, e.Message),
        HeldException { LockId: { } id } e => new(Root + "retention-lock", "Under a retention lock", 409, e.Message, LockId: id),
        HeldException e => new(Root + "legal-hold", "Under legal hold", 409, e.Message, HoldId: e.HoldId),
        PolicyNotMetException e => new(Root + "policy-not-met", "A policy is not met", 409, e.Message, Checks: e.Checks),
        ForbiddenException e => new(Root + "forbidden", "Permission denied", 403, e.Message),
        UnavailableException e => new(Root + "unavailable", "Not possible now", 503, e.Message),
        BadHttpRequestException e => OfStatus(e.StatusCode),
        _ => OfStatus(500),
    };

    public static bool Knows(Exception exception) => exception is RegistryException or BadHttpRequestException;

    /// <summary>For answers that the framework gives without a word.</summary>
    public static Problem OfStatus(int status) => status switch
    {
        400 => new(Root + "bad-request", "Bad request", 400, "The request is not well-formed."),
        401 => new(Root + "unauthenticated", "Not authenticated", 401, "Send an access token: Authorization: Bearer …"),
        403 => new(Root + "forbidden", "Permission denied", 403, "This is not open to you."),
        404 => new(Root + "not-found", "Not found", 404, "There is nothing at this address."),
        405 => new(Root + "method-not-allowed", "Method not allowed", 405, "This address does not take this method; see the Allow header."),
        413 => new(Root + "too-large", "Too large", 413, $"A body may have {ApiBody.MaxBytes / 1024 / 1024} MiB at most."),
        415 => new(Root + "unsupported-media-type", "Unsupported media type", 415,
            "Send JSON, with Content-Type: application/json.", "Content-Type"),
        429 => new(Root + "too-many-requests", "Too many requests", 429, "Wait as the Retry-After header says."),
        503 => new(Root + "unavailable", "Not possible now", 503, "Try again in a moment."),
        _ => new(Root + "internal", "Internal error", status, "Something went wrong here; the log of the server has the reason."),
    };

    public static Task WriteAsync(HttpContext http, Problem problem)
    {
        http.Response.StatusCode = problem.Status;
        if (problem.Status == 503)
            http.Response.Headers.RetryAfter = "2";
        return http.Response.WriteAsJsonAsync(problem, ApiJson.Options, ContentType, http.RequestAborted);
    }

    /// <summary>Says what is wrong with a body without the names of our types.</summary>
    public static InvalidArgumentException OfJson(JsonException e)
    {
        if (UnknownMember().Match(e.Message) is { Success: true } unknown)
        {
            var member = unknown.Groups[1].Value;
            return new InvalidArgumentException(Join(e.Path, member), $"There is no member '{Join(e.Path, member)}'.");
        }

        if (MissingMembers().Match(e.Message) is { Success: true } missing)
        {
            var member = missing.Groups[1].Value;
            return new InvalidArgumentException(Join(e.Path, member), $"The member '{Join(e.Path, member)}' is missing.");
        }

        if (Duplicate().Match(e.Message) is { Success: true } twice)
            return new InvalidArgumentException(twice.Groups[1].Value, $"The member '{twice.Groups[1].Value}' is there twice.");
        var path = e.Path is { Length: > 2 } found ? found[2..] : null;
        return path is not null
            ? new InvalidArgumentException(path, $"The value of '{path}' has the wrong type, or is not one of those that are allowed.")
            : new InvalidArgumentException("body",
                $"The body is not the JSON object that is expected here, at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}.");
    }

    // The services speak the words of more than one edge: page_token is pageToken here.
    private static string FieldName(string field) => WordBreak().Replace(field, m => m.Groups[1].Value.ToUpperInvariant());

    private static string Join(string? path, string member)
    {
        var parent = path is { Length: > 2 } ? path[2..] : "";
        if (parent == member || parent.EndsWith("." + member, StringComparison.Ordinal))
            return parent;
        return parent.Length == 0 ? member : $"{parent}.{member}";
    }

    [GeneratedRegex("_([a-z])")]
    private static partial Regex WordBreak();

    [GeneratedRegex("JSON property '([^']{1,200})' could not be mapped")]
    private static partial Regex UnknownMember();

    [GeneratedRegex("missing required properties.*?: '?([^',.]{1,200})")]
    private static partial Regex MissingMembers();

    [GeneratedRegex("[Dd]uplicate property '([^']{1,200})'")]
    private static partial Regex Duplicate();
}

/// <summary>Everything under /api/v1 that is refused is refused in one form.</summary>
internal sealed class ApiErrors(RequestDelegate next)
{
    public async Task InvokeAsync(HttpContext http)
    {
        try
        {
            NulCharacters.Refuse(http.Request.Query);
            await next(http);
        }
        catch (Exception e) when (ApiProblems.Knows(e) && !http.Response.HasStarted)
        {
            await ApiProblems.WriteAsync(http, ApiProblems.Of(e));
            return;
        }

        if (http.Response is { StatusCode: >= 400, HasStarted: false, ContentLength: null or 0, ContentType: null })
            await ApiProblems.WriteAsync(http, ApiProblems.OfStatus(http.Response.StatusCode));
    }
}
