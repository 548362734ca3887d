using ModelRegistry.Core.Common;
using ModelRegistry.Core.Retention;

namespace ModelRegistry.Web.Api;

/// <summary>`trash` and what came after it: `certificates`.</summary>
internal static class TrashApi
{
    /// <param name="Object">The public id.</param>
    /// <param name="PurgeAt">Not before; later where something keeps it. Null for what is archived.</param>
    internal sealed record TrashAnswer(string Id, string Kind, string Object, DateTimeOffset At, DateTimeOffset? PurgeAt, bool Archived);

    /// <param name="PolicyId">The policy that it went by; null where a person deleted it.</param>
    /// <param name="ErasureCaseId">The erasure case that it went for; its name is a pseudonym then.</param>
    internal sealed record CertificateAnswer(string Id, string Kind, string Object, string ObjectId, string? Digest, int Files, long Bytes,
        DateTimeOffset CreatedAt, DateTimeOffset DeletedAt, DateTimeOffset PurgedAt, long? PolicyId, int? PolicyVersion, long? RunId,
        string? ReportDigest, long? RequestedBy, long? ApprovedBy, long? ErasureCaseId);

    public static void Map(RouteGroupBuilder api)
    {
        var trash = api.MapGroup("/trash").WithTags("Trash");
        trash.MapGet("", ListAsync).WithSummary("What was deleted, newest first, or archived (state=archived)").Produces<ListAnswer<TrashAnswer>>();
        trash.MapPost("/{id}/restore", RestoreAsync).WithSummary("Bring it back, with files, tags and free aliases").Produces<TrashAnswer>();
        var certificates = api.MapGroup("/certificates").WithTags("Trash");
        certificates.MapGet("", CertificatesAsync).WithSummary("What was purged, newest first; of one thing by its public id (object)")
            .Produces<ListAnswer<CertificateAnswer>>();
        certificates.MapGet("/{id}", CertificateAsync).WithSummary("One certificate").Produces<CertificateAnswer>();
    }

    private static async Task<IResult> ListAsync(string? state, string? maxResults, string? pageToken, TrashService trash, CancellationToken ct)
    {
        var archived = state switch
        {
            null or "" or "deleted" => false,
            "archived" => true,
            _ => throw new InvalidArgumentException("state", "state must be one of: deleted, archived."),
        };
        return Results.Ok(ListAnswer<TrashAnswer>.Of(await trash.ListAsync(archived, Paging.Size(maxResults), pageToken, ct), r => Answer(r, trash)));
    }

    private static async Task<IResult> RestoreAsync(string id, TrashService trash, CancellationToken ct) =>
        Results.Ok(Answer(await trash.RestoreAsync(id, ct), trash));

    private static async Task<IResult> CertificatesAsync(string? @object, string? maxResults, string? pageToken,
        CertificateService certificates, CancellationToken ct) =>
        Results.Ok(ListAnswer<CertificateAnswer>.Of(await certificates.ListAsync(@object, Paging.Size(maxResults), pageToken, ct), Answer));

    private static async Task<IResult> CertificateAsync(string id, CertificateService certificates, CancellationToken ct) =>
        Results.Ok(Answer(await certificates.GetAsync(id, ct)));

    private static TrashAnswer Answer(TrashRow row, TrashService trash) => new(row.Id, TrashService.WordOf(row.Kind), row.Name, row.AtMs.ToTime(),
        row.IsArchived ? null : trash.PurgeMs(row).ToTime(), row.IsArchived);

    private static CertificateAnswer Answer(PurgeCertificate c) => new(c.CertificateUuid.ToString("D"), c.Kind, c.Name, c.ObjectUuid, c.Digest, c.Files,
        c.Bytes, c.CreatedMs.ToTime(), c.DeletedMs.ToTime(), c.PurgedMs.ToTime(), c.PolicyId, c.PolicyVersion, c.RunId, c.ReportDigest,
        c.RequestedBy, c.ApprovedBy, c.ErasureCaseId);
}
