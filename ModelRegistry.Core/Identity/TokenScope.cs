using ModelRegistry.Core.Common;

namespace ModelRegistry.Core.Identity;

/// <summary>
/// What a token is for; it never gives more than its owner has. Each scope other than <see cref="Read"/> includes
/// reading. The lower-case names are the contract (`read`, `write`, `register`, `govern`, `admin`, `all`).
/// </summary>
[Flags]
public enum TokenScope
{
    None = 0,
    Read = 1,
    /// <summary>Experiments, runs, logged models and their artifacts.</summary>
    Write = 2,
    /// <summary>Registered models, versions, aliases, stages.</summary>
    Register = 4,
    /// <summary>Policies, holds, approvals, retention.</summary>
    Govern = 8,
    /// <summary>Users, teams, grants, settings.</summary>
    Admin = 16,
    All = Read | Write | Register | Govern | Admin,
}

public static class TokenScopes
{
    private static readonly string[] Names = ["read", "write", "register", "govern", "admin", "all"];

    /// <exception cref="InvalidArgumentException">A name that is none of the six, or no name at all.</exception>
    public static TokenScope Parse(IEnumerable<string> names)
    {
        var scopes = TokenScope.None;
        foreach (var name in names.Select(n => n.Trim()).Where(n => n.Length > 0))
        {
            if (!Names.Contains(name) || !Enum.TryParse<TokenScope>(name, ignoreCase: true, out var scope))
            {
                throw new InvalidArgumentException("scopes",
                    $"Unknown scope '{name}'. Scopes are: {string.Join(", ", Names)}.");
            }

            scopes |= scope | TokenScope.Read;
        }

        return scopes != TokenScope.None
            ? scopes
            : throw new InvalidArgumentException("scopes", $"Give at least one scope of: {string.Join(", ", Names)}.");
    }

    public static string Format(TokenScope scopes) => scopes == TokenScope.All
        ? "all"
        : string.Join(",", Names.Where(n => n != "all" && scopes.HasFlag(Enum.Parse<TokenScope>(n, ignoreCase: true))));
}
