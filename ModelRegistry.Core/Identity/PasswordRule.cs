using Microsoft.AspNetCore.Identity;

namespace ModelRegistry.Core.Identity;

/// <summary>
/// Long, and not one that everybody would try: no rules about kinds of characters, which make passwords worse.
/// </summary>
internal sealed class PasswordRule : IPasswordValidator<RegistryUser>
{
    public const int MinLength = 12;

    // Hashing takes the whole text: without a bound a long one is a cheap way to keep the server busy.
    private const int MaxLength = 256;
    private const int MinDistinct = 5;

    // What is left of a popular password without its digits and signs.
    private static readonly HashSet<string> Popular = new(StringComparer.OrdinalIgnoreCase)
    {
        "", "password", "passwort", "passw", "passwordpassword", "letmein", "welcome", "qwerty", "qwertyuiop", "qwertz",
        "qwertzuiop", "azerty", "azertyuiop", "asdfghjkl", "qwertyuiopasdfghjkl", "admin", "administrator", "adminadmin",
        "root", "rootroot", "iloveyou", "changeme", "changeit", "secret", "default", "test", "testtest", "testing", "user",
        "guest", "login", "master", "monkey", "dragon", "sunshine", "princess", "football", "baseball", "superman",
        "abc", "abcabc", "abcdef", "abcdefgh", "abcdefghij", "abcdefghijkl", "abcdefghijklm", "qwe", "qweasd", "qweasdzxc",
        "mlflow", "modelregistry", "registry", "trustno", "whatever", "correcthorsebatterystaple", "thisisapassword",
    };

    public Task<IdentityResult> ValidateAsync(UserManager<RegistryUser> manager, RegistryUser user, string? password) =>
        Task.FromResult(Reason(user, password ?? "") is { } reason
            ? IdentityResult.Failed(new IdentityError { Code = "Password", Description = reason })
            : IdentityResult.Success);

    private static string? Reason(RegistryUser user, string password)
    {
        if (password.Length < MinLength)
            return $"The password needs {MinLength} characters or more.";
        if (password.Length > MaxLength)
            return $"The password may have {MaxLength} characters at most.";
        var email = user.Email ?? "";
        if (password.Contains(email, StringComparison.OrdinalIgnoreCase) && email.Length > 0)
            return "The password must not contain the e-mail address.";
        if (password.Distinct().Count() < MinDistinct)
            return $"The password needs {MinDistinct} different characters or more.";
        // Digits and signs alone too: "20241231-235959" is a date.
        var letters = string.Concat(password.Where(char.IsLetter));
        return Popular.Contains(letters) || letters.Equals(email.Split('@')[0], StringComparison.OrdinalIgnoreCase)
            ? "This password is one of those that are tried first; take another."
            : null;
    }
}
