using System.Globalization;
using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;
using ModelRegistry.Core.Identity;

namespace ModelRegistry.Web.Hosting;

/// <summary>
/// Opens and ends sessions. The cookie says who, under which security stamp, and since when; what they may do is never
/// in it.
/// </summary>
public sealed class SessionSignIn(AccountService accounts, TimeProvider time, ILogger<SessionSignIn> log)
{
    /// <summary>However busy: then one signs in anew.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromDays(3);

    private const string IdClaim = "session";
    private const string StartedClaim = "started";

    public async Task OpenAsync(HttpContext http, RegistryUser user)
    {
        Log.SignedIn(log, user.Id, http.Connection.RemoteIpAddress);
        var started = time.GetUtcNow().ToUnixTimeMilliseconds();
        await http.SignInAsync(IdentityConstants.ApplicationScheme, Principal(user, RandomNumberGenerator.GetHexString(32), started));
    }

    /// <summary>Goes on under the account's new security stamp; all other sessions have ended with the old one.</summary>
    public static Task ContinueAsync(HttpContext http, RegistryUser user) => http.SignInAsync(
        IdentityConstants.ApplicationScheme, Principal(user, http.User.FindFirstValue(IdClaim) ?? "", StartedMs(http.User)));

    public async Task CloseAsync(HttpContext http)
    {
        if (http.User.FindFirstValue(IdClaim) is { Length: > 0 } id)
            await accounts.EndSessionAsync(id, StartedMs(http.User) + (long)MaxAge.TotalMilliseconds, http.RequestAborted);
        await http.SignOutAsync(IdentityConstants.ApplicationScheme);
    }

    /// <summary>The session was neither signed out nor grown too old, and nothing ended all sessions of its user.</summary>
    internal static bool IsOpen(ClaimsPrincipal session, Access access, DateTimeOffset now) =>
        session.FindFirstValue(Sessions.StampClaim) == access.SecurityStamp
        && now.ToUnixTimeMilliseconds() - StartedMs(session) < MaxAge.TotalMilliseconds
        && session.FindFirstValue(IdClaim) is { Length: > 0 } id && !access.EndedSessions.Contains(id);

    private static long StartedMs(ClaimsPrincipal session) =>
        long.TryParse(session.FindFirstValue(StartedClaim), CultureInfo.InvariantCulture, out var ms) ? ms : 0;

    private static ClaimsPrincipal Principal(RegistryUser user, string sessionId, long startedMs) => new(new ClaimsIdentity(
        [
            new Claim(ClaimTypes.NameIdentifier, user.Id.ToString(CultureInfo.InvariantCulture)),
            // Forms are bound to the name: one made for another user is refused.
            new Claim(ClaimTypes.Name, user.UserName ?? ""),
            new Claim(Sessions.StampClaim, user.SecurityStamp ?? ""),
            new Claim(IdClaim, sessionId),
            new Claim(StartedClaim, startedMs.ToString(CultureInfo.InvariantCulture)),
        ],
        IdentityConstants.ApplicationScheme));
}
