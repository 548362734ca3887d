using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;

namespace ModelRegistry.Core.Retention;

/// <summary>Reads the certificates of what was purged.</summary>
public sealed class CertificateService(RegistryDbContext db, CurrentUserHolder caller)
{
    public const string Noun = "certificate";

    public async Task<PurgeCertificate> GetAsync(string id, CancellationToken ct)
    {
        caller.User.Require(InstanceRight.ViewAudit);
        return (Guid.TryParseExact(id, "D", out var uuid)
            ? await db.PurgeCertificates.AsNoTracking().FirstOrDefaultAsync(c => c.CertificateUuid == uuid, ct)
            : null) ?? throw new NotFoundException(Noun, id.Length <= 40 ? id : id[..40] + "…");
    }

    /// <summary>Newest first; of one thing where its public id is given.</summary>
    public async Task<Page<PurgeCertificate>> ListAsync(string? name, int maxResults, string? pageToken, CancellationToken ct)
    {
        caller.User.Require(InstanceRight.ViewAudit);
        var certificates = db.PurgeCertificates.AsNoTracking();
        if (!string.IsNullOrEmpty(name))
            certificates = certificates.Where(c => c.Name == name);
        if (PageToken.TryDecode<long>(pageToken, name ?? "", out var last))
            certificates = certificates.Where(c => c.Id < last);
        var found = await certificates.OrderByDescending(c => c.Id).Take(maxResults + 1).ToListAsync(ct);
        var rows = found.Take(maxResults).ToList();
        return new Page<PurgeCertificate>(rows, found.Count > rows.Count ? PageToken.Encode(rows[^1].Id, name ?? "") : null);
    }
}
