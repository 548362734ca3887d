using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.StaticAssets;
using ModelRegistry.Core.Identity;

namespace ModelRegistry.Web.Hosting;

/// <summary>
/// Finds out who asks, by the door the path belongs to (<see cref="ApiPaths"/>), and tells the services. It lets
/// everybody pass: the policies decide. A plain middleware instead of the framework's handlers, because on the API it
/// runs 50 000 times a second: a known token costs one hash and one look into memory.
/// </summary>
internal sealed class RequestAuthentication(
    RequestDelegate next, AccessCache cache, VerifiedPasswords passwords, TokenUse uses, PasswordAttempts attempts,
    TimeProvider time, ILogger<RequestAuthentication> log)
{
    public Task InvokeAsync(HttpContext http)
    {
        if (!ApiPaths.Cover(http.Request.Path))
            return IsStatic(http) ? next(http) : BySessionAsync(http);

        http.Response.Headers.XContentTypeOptions = "nosniff";
        var headers = http.Request.Headers.Authorization;
        if (headers.Count == 0)
            return next(http);
        Span<char> buffer = stackalloc char[HeaderCredential.MaxDecodedLength];
        if (headers.Count > 1 || !HeaderCredential.TryRead(headers[0], buffer, passwords, out var credential))
            return Refuse(http, AccessRefusal.Unknown);
        if (cache.Find(credential.Digest) is { } access)
        {
            Enter(http, access, access.Principal);
            return next(http);
        }

        return credential.IsToken
            ? ByTokenAsync(http, credential.Token.ToString(), credential.Digest)
            : ByPasswordAsync(http, credential.UserName.ToString(), credential.Password.ToString(), credential.Digest);
    }

    private async Task ByTokenAsync(HttpContext http, string token, CredentialDigest digest)
    {
        var reader = http.RequestServices.GetRequiredService<AccessReader>();
        var (access, refusal) = await reader.FindByTokenAsync(token, digest, http.RequestAborted);
        await ContinueAsync(http, access, refusal);
    }

    private async Task ByPasswordAsync(HttpContext http, string name, string password, CredentialDigest digest)
    {
        var reader = http.RequestServices.GetRequiredService<AccessReader>();
        var (access, refusal) = await reader.FindByPasswordAsync(
            name, password, digest, () => ValueTask.FromResult(attempts.TryCount(http)), http.RequestAborted);
        await ContinueAsync(http, access, refusal);
    }

    private async Task BySessionAsync(HttpContext http)
    {
        var result = await http.AuthenticateAsync(IdentityConstants.ApplicationScheme);
        if (result.Principal is { } principal)
        {
            var access = await SessionAccessAsync(http, principal);
            if (access is null)
            {
                await http.SignOutAsync(IdentityConstants.ApplicationScheme);
            }
            else
            {
                Enter(http, access, principal);
                if (access.PasswordIsTemporary && !IsOpenWithTemporaryPassword(http.Request.Path))
                {
                    http.Response.Redirect(http.Request.PathBase + Sessions.NewPasswordPath);
                    return;
                }
            }
        }

        await next(http);
    }

    /// <summary>Null when the session is over: the user is gone or disabled, or the security stamp has changed.</summary>
    private async ValueTask<Access?> SessionAccessAsync(HttpContext http, ClaimsPrincipal principal)
    {
        if (!long.TryParse(principal.FindFirstValue(ClaimTypes.NameIdentifier), CultureInfo.InvariantCulture, out var userId))
            return null;
        var reader = http.RequestServices.GetRequiredService<AccessReader>();
        var access = await reader.FindByUserAsync(userId, http.RequestAborted);
        return access is not null && SessionSignIn.IsOpen(principal, access, time.GetUtcNow()) ? access : null;
    }

    private Task ContinueAsync(HttpContext http, Access? access, AccessRefusal refusal)
    {
        if (access is null)
            return Refuse(http, refusal);
        Enter(http, access, access.Principal);
        return next(http);
    }

    private Task Refuse(HttpContext http, AccessRefusal reason)
    {
        Log.CredentialRefused(log, http.Connection.RemoteIpAddress, reason.ToString());
        http.Features.Set(new RefusedCredential(reason));
        return next(http);
    }

    private void Enter(HttpContext http, Access access, ClaimsPrincipal principal)
    {
        http.User = principal;
        var holder = http.RequestServices.GetRequiredService<CurrentUserHolder>();
        holder.User = access.User;
        holder.Address = http.Connection.RemoteIpAddress?.ToString();
        uses.Note(access);
    }

    private static bool IsOpenWithTemporaryPassword(PathString path) =>
        path.StartsWithSegments(Sessions.NewPasswordPath) || path.StartsWithSegments(Sessions.SignOutPath);

    private static bool IsStatic(HttpContext http) => http.GetEndpoint()?.Metadata.GetMetadata<StaticAssetDescriptor>() is not null;
}
