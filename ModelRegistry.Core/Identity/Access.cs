using System.Globalization;
using System.Security.Claims;

namespace ModelRegistry.Core.Identity;

/// <summary>
/// A user as the database had it: what the requests of a token or a session share until something about access changes.
/// </summary>
public sealed class Access(CurrentUser user, string securityStamp, long expiresMs)
{
    /// <summary>The authentication type of a principal made from a token or a password in a header.</summary>
    public const string HeaderAuthentication = "Authorization";

    private long _lastUsedHour;

    public CurrentUser User { get; } = user;
    /// <summary>A session that was opened under another stamp is over.</summary>
    public string SecurityStamp { get; } = securityStamp;
    public long ExpiresMs { get; } = expiresMs;
    /// <summary>Until another is chosen, nothing else is open.</summary>
    public bool PasswordIsTemporary { get; init; }
    /// <summary>Sessions that were signed out; their cookies may still exist somewhere.</summary>
    public IReadOnlySet<string> EndedSessions { get; init; } = new HashSet<string>();

    /// <summary>Says no more than who it is: what they may do is asked of <see cref="User"/>.</summary>
    public ClaimsPrincipal Principal { get; } = new(new ClaimsIdentity(
        [
            new Claim(ClaimTypes.NameIdentifier, user.Id.ToString(CultureInfo.InvariantCulture)),
            new Claim(ClaimTypes.Name, user.Name),
        ],
        HeaderAuthentication));

    /// <summary>True for the first use in an hour.</summary>
    public bool IsFirstUseIn(long hour) =>
        Volatile.Read(ref _lastUsedHour) != hour && Interlocked.Exchange(ref _lastUsedHour, hour) != hour;
}
