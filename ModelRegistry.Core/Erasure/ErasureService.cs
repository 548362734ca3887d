using System.Globalization;
using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Audit;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Governance;
using ModelRegistry.Core.Holds;
using ModelRegistry.Core.Identity;
using ModelRegistry.Core.Retention;

namespace ModelRegistry.Core.Erasure;

/// <param name="Person">The e-mail address of an account; null for things only.</param>
public sealed record NewErasure(string Reference, string Reason, string? Person, IReadOnlyList<(HoldTarget Target, string PublicId)> Items);

public sealed record ErasureRow(ErasureCase Case, string OpenedBy, string? ApprovedBy, string? ClosedBy, string? Person, int Items, int Erased, int Restricted);

/// <summary>
/// Opens erasure cases, has a second person agree, and records why what has to be kept is kept. The erasing itself is
/// <see cref="ErasureExecution"/>'s. The audit holds numbers only: what a case says about people is in its own row.
/// </summary>
public sealed class ErasureService(
    RegistryDbContext db, CurrentUserHolder caller, AuditTrail audit, TimeProvider time, HeldThingDirectory things, UserDirectory users,
    PeopleDirectory people, IRetentionWake wake)
{
    public const string Noun = "erasure-case";

    public async Task<ErasureRow> OpenAsync(NewErasure request, CancellationToken ct)
    {
        caller.User.Require(InstanceRight.Govern);
        RequireText("reference", request.Reference, ErasureCase.MaxReferenceLength);
        RequireText("reason", request.Reason, ErasureCase.MaxReasonLength);
        if (request.Person is null && request.Items.Count == 0)
            throw new InvalidArgumentException("items", "Say what is to be erased: a person, or things.");
        if (request.Items.Count > ErasureCase.MaxItems)
            throw new InvalidArgumentException("items", $"A case has {ErasureCase.MaxItems} things at most; an experiment or a model counts as one.");
        db.ChangeTracker.Clear();
        await using var write = await db.BeginWriteAsync(ct);
        long? person = null;
        if (request.Person is { } email)
            person = await users.FindIdAsync(email, ct) ?? throw new InvalidArgumentException("person", "There is no user with that e-mail address.");
        var opened = new ErasureCase
        {
            Reference = request.Reference.Trim(),
            Reason = request.Reason.Trim(),
            State = ErasureState.Open,
            PersonId = person,
            OpenedBy = caller.User.Id,
            OpenedMs = Now(),
        };
        db.Add(opened);
        await db.SaveChangesAsync(ct);
        foreach (var (target, publicId) in request.Items.Distinct())
        {
            var found = await things.GetAsync(target, publicId, ct);
            db.Add(new ErasureItem
            {
                CaseId = opened.Id,
                Line = db.ErasureItems.Local.Count + 1,
                Target = target,
                TargetId = found.Id,
                Name = publicId,
            });
        }

        Record("opened", opened, new { Items = db.ErasureItems.Local.Count, opened.PersonId });
        return await SaveAsync(opened, write, ct);
    }

    /// <summary>The second person agrees: it is carried out at once, without the time in the trash.</summary>
    public async Task<ErasureRow> ApproveAsync(long id, CancellationToken ct)
    {
        caller.User.Require(InstanceRight.Govern);
        await using var write = await db.BeginWriteAsync(ct);
        var found = await LockAsync(id, ct);
        if (found.State != ErasureState.Open)
            throw new ConflictException(Noun, Name(id), $"Case {id} does not wait for a second person: {Words(found.State)}.");
        if (found.OpenedBy == caller.User.Id)
            throw new ForbiddenException("Permission denied: whoever opened the case cannot agree to it. Ask somebody else.");
        if (found.PersonId == caller.User.Id)
            throw new ForbiddenException("Permission denied: nobody agrees to the erasure of their own account. Ask somebody else.");
        (found.State, found.ApprovedBy, found.ApprovedMs) = (ErasureState.Approved, caller.User.Id, Now());
        Record("approved", found, null);
        var row = await SaveAsync(found, write, ct);
        wake.Wake();
        return row;
    }

    /// <summary>Ends it. What is erased stays erased.</summary>
    public async Task<ErasureRow> WithdrawAsync(long id, string? reason, CancellationToken ct)
    {
        caller.User.Require(InstanceRight.Govern);
        RequireText("reason", reason ?? "", ErasureCase.MaxReasonLength);
        await using var write = await db.BeginWriteAsync(ct);
        var found = await LockAsync(id, ct);
        RequireGoingOn(found);
        (found.State, found.ClosedBy, found.ClosedMs, found.CloseReason) = (ErasureState.Withdrawn, caller.User.Id, Now(), reason!.Trim());
        Record("withdrawn", found, null);
        return await SaveAsync(found, write, ct);
    }

    /// <summary>It is kept nevertheless: on which legal basis, and when that is looked at again.</summary>
    public async Task<ErasureRow> RestrictAsync(long id, int line, string? legalBasis, DateOnly? reviewOn, CancellationToken ct)
    {
        caller.User.Require(InstanceRight.Govern);
        RequireText("legalBasis", legalBasis ?? "", ErasureItem.MaxBasisLength);
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        if (reviewOn is not { } day || day <= today || day > today.AddYears(10))
            throw new InvalidArgumentException("reviewOn", "Give the day on which it is looked at again: after today, and within ten years.");
        await using var write = await db.BeginWriteAsync(ct);
        var found = await LockAsync(id, ct);
        RequireGoingOn(found);
        var item = await ItemAsync(id, line, ct);
        (item.State, item.LegalBasis, item.DecidedBy) = (ErasureItemState.Restricted, legalBasis!.Trim(), caller.User.Id);
        item.ReviewDay = UtcDay.Of(day);
        Record("restricted", found, new { item.Line, ReviewOn = day });
        var row = await SaveAsync(found, write, ct);
        wake.Wake();
        return row;
    }

    /// <summary>The reason to keep it is gone: it is erased like the rest. Opens a case that was done again.</summary>
    public async Task<ErasureRow> ResumeAsync(long id, int line, CancellationToken ct)
    {
        caller.User.Require(InstanceRight.Govern);
        await using var write = await db.BeginWriteAsync(ct);
        var found = await LockAsync(id, ct);
        if (found.State == ErasureState.Withdrawn)
            throw new ConflictException(Noun, Name(id), $"Case {id} was withdrawn. Open a new one.");
        var item = await ItemAsync(id, line, ct);
        if (item.State != ErasureItemState.Restricted)
            throw new ConflictException(Noun, Name(id), $"Line {line} of case {id} is not restricted.");
        (item.State, item.LegalBasis, item.ReviewDay, item.DecidedBy) = (ErasureItemState.Pending, null, null, null);
        if (found.State == ErasureState.Done)
            (found.State, found.ClosedMs, found.ClosedBy) = (ErasureState.Approved, null, null);
        Record("resumed", found, new { item.Line });
        var row = await SaveAsync(found, write, ct);
        wake.Wake();
        return row;
    }

    public async Task<ErasureRow> GetAsync(long id, CancellationToken ct)
    {
        caller.User.Require(InstanceRight.ViewAudit);
        return (await RowsAsync([await db.ErasureCases.AsNoTracking().FirstOrDefaultAsync(c => c.Id == id, ct) ?? throw NotFound(id)], ct))[0];
    }

    public async Task<IReadOnlyList<ErasureItem>> ItemsAsync(long id, CancellationToken ct)
    {
        caller.User.Require(InstanceRight.ViewAudit);
        return await db.ErasureItems.AsNoTracking().Where(i => i.CaseId == id).OrderBy(i => i.Line).ToListAsync(ct);
    }

    /// <summary>Newest first.</summary>
    public async Task<Page<ErasureRow>> ListAsync(ErasureState? state, int maxResults, string? pageToken, CancellationToken ct)
    {
        caller.User.Require(InstanceRight.ViewAudit);
        var text = $"{state}";
        var cases = db.ErasureCases.AsNoTracking();
        if (state is { } wanted)
            cases = cases.Where(c => c.State == wanted);
        if (PageToken.TryDecode<long>(pageToken, text, out var last))
            cases = cases.Where(c => c.Id < last);
        var found = await cases.OrderByDescending(c => c.Id).Take(maxResults + 1).ToListAsync(ct);
        var rows = found.Take(maxResults).ToList();
        return new Page<ErasureRow>(await RowsAsync(rows, ct), found.Count > rows.Count ? PageToken.Encode(rows[^1].Id, text) : null);
    }

    public static string Words(ErasureState state) => state switch
    {
        ErasureState.Open => "it waits for a second person",
        ErasureState.Approved => "it is being carried out",
        ErasureState.Done => "it is done",
        _ => "it was withdrawn",
    };

    private static void RequireGoingOn(ErasureCase found)
    {
        if (found.State is ErasureState.Done or ErasureState.Withdrawn)
            throw new ConflictException(Noun, Name(found.Id), $"Case {found.Id} is over: {Words(found.State)}.");
    }

    private async Task<ErasureItem> ItemAsync(long id, int line, CancellationToken ct)
    {
        var item = await db.ErasureItems.FirstOrDefaultAsync(i => i.CaseId == id && i.Line == line, ct)
            ?? throw new NotFoundException("erasure-item", string.Create(CultureInfo.InvariantCulture, $"{id}/{line}"));
        return item.State == ErasureItemState.Erased
            ? throw new ConflictException(Noun, Name(id), $"Line {line} of case {id} is erased already.") : item;
    }

    // Held to the end: what carries the case out waits, and the other way round.
    private async Task<ErasureCase> LockAsync(long id, CancellationToken ct)
    {
        db.ChangeTracker.Clear();
        var held = await db.ErasureCases.Where(c => c.Id == id).ExecuteUpdateAsync(set => set.SetProperty(c => c.State, c => c.State), ct);
        return held == 0 ? throw NotFound(id) : await db.ErasureCases.FirstAsync(c => c.Id == id, ct);
    }

    private async Task<ErasureRow> SaveAsync(ErasureCase changed, WriteTransaction write, CancellationToken ct)
    {
        await db.SaveChangesAsync(ct);
        await write.CommitAsync(ct);
        return (await RowsAsync([changed], ct))[0];
    }

    private async Task<IReadOnlyList<ErasureRow>> RowsAsync(IReadOnlyList<ErasureCase> cases, CancellationToken ct)
    {
        var ids = cases.Select(c => c.Id).ToList();
        var counts = await db.ErasureItems.AsNoTracking().Where(i => ids.Contains(i.CaseId)).GroupBy(i => new { i.CaseId, i.State })
            .Select(g => new { g.Key.CaseId, g.Key.State, Count = g.Count() }).ToListAsync(ct);
        await people.LoadAsync(cases.SelectMany(c => new[] { c.OpenedBy, c.ApprovedBy ?? 0, c.ClosedBy ?? 0, c.PersonId ?? 0 }), ct);
        return [.. cases.Select(c => new ErasureRow(c, people.NameOf(c.OpenedBy), c.ApprovedBy is { } by ? people.NameOf(by) : null,
            c.ClosedBy is { } closer ? people.NameOf(closer) : null, c.PersonId is { } person ? people.NameOf(person) : null,
            counts.Where(n => n.CaseId == c.Id).Sum(n => n.Count), Count(c.Id, ErasureItemState.Erased), Count(c.Id, ErasureItemState.Restricted)))];

        int Count(long id, ErasureItemState state) => counts.Where(n => n.CaseId == id && n.State == state).Sum(n => n.Count);
    }

    private void Record(string change, ErasureCase on, object? after) =>
        audit.Record(db, new AuditEntry($"{Noun}.{change}", Noun, Name(on.Id)) { After = after });

    private static void RequireText(string field, string text, int max)
    {
        if (string.IsNullOrWhiteSpace(text))
            throw new InvalidArgumentException(field, $"Give a {(field == "legalBasis" ? "legal basis" : field)}: it is kept with the case.");
        NameRules.RequireMaxLength(field, text, max);
    }

    private static NotFoundException NotFound(long id) => new(Noun, Name(id));

    private static string Name(long id) => id.ToString(CultureInfo.InvariantCulture);

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
