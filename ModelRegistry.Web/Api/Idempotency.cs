using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using ModelRegistry.Core.Data;
using ModelRegistry.Core.Identity;

namespace ModelRegistry.Web.Api;

/// <summary>
/// A POST with an Idempotency-Key is done once: sent again within a day, it gets the answer that it got, marked with
/// `Idempotency-Replayed: true`. Keys are those of one user. Only what was done is remembered; what was refused may be
/// sent again with the same key.
/// </summary>
/// <remarks>
/// The key is taken before the work begins and its answer is kept after it. Where the process ended in between, nobody
/// knows whether it was done: then the key stays taken and the caller is told to look, because doing it twice is worse.
/// </remarks>
internal sealed class Idempotency(RequestDelegate next, IServiceScopeFactory scopes, TimeProvider time)
{
    public const string Header = "Idempotency-Key";
    private const string ReplayedHeader = "Idempotency-Replayed";
    private const int CleanUpBatch = 200;
    private const long DayMs = 86_400_000;
    private const long SlowMs = 60_000;

    public async Task InvokeAsync(HttpContext http)
    {
        var keys = http.Request.Headers[Header];
        if (keys.Count == 0 || !HttpMethods.IsPost(http.Request.Method) || http.GetEndpoint() is null)
        {
            await next(http);
            return;
        }

        if (keys.Count > 1 || keys[0] is not { Length: > 0 and <= IdempotentRequest.MaxKeyLength } key || key.Any(c => c is < ' ' or > '~'))
        {
            await RefuseAsync(http, 400, "invalid-argument",
                $"{Header} must be one value of 1 to {IdempotentRequest.MaxKeyLength} printable ASCII characters.");
            return;
        }

        var row = new IdempotentRequest
        {
            UserId = http.RequestServices.GetRequiredService<CurrentUserHolder>().User.Id,
            Key = key,
            RequestHash = await HashAsync(http),
            CreatedMs = NowMs,
        };
        if (await TakeAsync(row, http.RequestAborted) is { } before)
            await AnswerAgainAsync(http, row, before);
        else
            await AnswerAsync(http, row);
    }

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    private async Task AnswerAsync(HttpContext http, IdempotentRequest row)
    {
        var body = http.Response.Body;
        using var buffer = new MemoryStream();
        http.Response.Body = buffer;
        var done = false;
        try
        {
            await next(http);
            done = http.Response.StatusCode is >= 200 and < 300;
        }
        finally
        {
            http.Response.Body = body;
            // Not with the request's token: whoever hangs up sends it again.
            if (done)
                await KeepAsync(row, http.Response, buffer);
            else
                await ReleaseAsync(row);
        }

        buffer.Position = 0;
        await buffer.CopyToAsync(body, http.RequestAborted);
    }

    private async Task AnswerAgainAsync(HttpContext http, IdempotentRequest row, IdempotentRequest before)
    {
        if (!CryptographicOperations.FixedTimeEquals(before.RequestHash, row.RequestHash))
        {
            await RefuseAsync(http, 422, "idempotency-key-used",
                $"This {Header} was used for another request; take a new one for each request.");
            return;
        }

        if (before.Status is not { } status)
        {
            var isFresh = NowMs - before.CreatedMs < SlowMs;
            if (isFresh)
                http.Response.Headers.RetryAfter = "1";
            await RefuseAsync(http, 409, "idempotency-in-progress", isFresh
                ? $"The request with this {Header} is still being worked on."
                : $"The request with this {Header} was interrupted, and it is not known whether it was done: look, and send it "
                    + "with a new key if it was not.");
            return;
        }

        http.Response.StatusCode = status;
        http.Response.Headers[ReplayedHeader] = "true";
        if (before.Location is not null)
            http.Response.Headers.Location = before.Location;
        if (before.Body is null)
            return;
        http.Response.ContentType = before.ContentType;
        await http.Response.WriteAsync(before.Body, http.RequestAborted);
    }

    /// <summary>Null when the key was free and is taken now; else who took it.</summary>
    private async Task<IdempotentRequest?> TakeAsync(IdempotentRequest row, CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<RegistryDbContext>();
        await using (var write = await db.BeginWriteAsync(ct))
        {
            var expired = NowMs - DayMs;
            var old = await db.IdempotentRequests.Where(r => r.CreatedMs < expired).OrderBy(r => r.CreatedMs).Take(CleanUpBatch).ToListAsync(ct);
            db.RemoveRange(old);
            await db.SaveChangesAsync(ct);
            await write.CommitAsync(ct);
        }

        if (await FindAsync(db, row, ct) is { } known)
            return known;
        try
        {
            db.Add(row);
            await db.SaveChangesAsync(ct);
            return null;
        }
        catch (DbUpdateException e) when (db.IsUniqueViolation(e))
        {
            db.ChangeTracker.Clear();
            return await FindAsync(db, row, ct) ?? throw new BadHttpRequestException("Try again.", 503);
        }
    }

    private async Task KeepAsync(IdempotentRequest row, HttpResponse response, MemoryStream body)
    {
        var (status, location, type) = (response.StatusCode, response.Headers.Location.ToString(), response.ContentType);
        var text = body.Length == 0 ? null : Encoding.UTF8.GetString(body.GetBuffer(), 0, (int)body.Length);
        await ChangeAsync(row, mine => mine.ExecuteUpdateAsync(set => set
            .SetProperty(r => r.Status, status)
            .SetProperty(r => r.Location, location.Length == 0 ? null : location)
            .SetProperty(r => r.ContentType, type)
            .SetProperty(r => r.Body, text)));
    }

    private Task ReleaseAsync(IdempotentRequest row) => ChangeAsync(row, mine => mine.ExecuteDeleteAsync());

    private async Task ChangeAsync(IdempotentRequest row, Func<IQueryable<IdempotentRequest>, Task<int>> change)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<RegistryDbContext>();
        await using var write = await db.BeginWriteAsync(CancellationToken.None);
        await change(db.IdempotentRequests.Where(r => r.UserId == row.UserId && r.Key == row.Key));
        await write.CommitAsync(CancellationToken.None);
    }

    private static Task<IdempotentRequest?> FindAsync(RegistryDbContext db, IdempotentRequest row, CancellationToken ct) =>
        db.IdempotentRequests.AsNoTracking().FirstOrDefaultAsync(r => r.UserId == row.UserId && r.Key == row.Key, ct);

    private static async Task<byte[]> HashAsync(HttpContext http)
    {
        var request = http.Request;
        request.EnableBuffering(bufferThreshold: ApiBody.MaxBytes, bufferLimit: ApiBody.MaxBytes + 1);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{request.Method}\n{request.Path}\n{request.QueryString}\n{request.ContentType}\n"));
        var buffer = new byte[16 * 1024];
        while (await request.Body.ReadAsync(buffer, http.RequestAborted) is > 0 and var read)
            hash.AppendData(buffer, 0, read);
        request.Body.Position = 0;
        return hash.GetHashAndReset();
    }

    private static Task RefuseAsync(HttpContext http, int status, string type, string detail) => ApiProblems.WriteAsync(http,
        new Problem("/docs/api#problem-" + type, status == 409 ? "Conflict" : "Invalid idempotency key", status, detail, Header));
}
