using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Identity;
using ModelRegistry.Core.Common;

namespace ModelRegistry.Core.Identity;

/// <summary>What an account's fields may be; the same for every way in (pages, verbs, administration).</summary>
internal static class AccountRules
{
    private const int MaxEmailLength = 254;

    public static string Email(string? value)
    {
        var email = (value ?? "").Trim();
        if (email.Length is < 3 or > MaxEmailLength || email.IndexOf('@') is var at && (at < 1 || at != email.LastIndexOf('@')
            || at == email.Length - 1) || email.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || char.IsSurrogate(c)))
        {
            throw new InvalidArgumentException("email",
                $"An e-mail address looks like name@example.org, without spaces, and has {MaxEmailLength} characters at most.");
        }

        return email;
    }

    public static string DisplayName(string? value) => Line("name", value ?? "", RegistryUser.MaxDisplayNameLength);

    /// <summary>One line of text, trimmed.</summary>
    public static string Line(string field, string value, int maxLength)
    {
        var line = value.Trim();
        if (line.Length > maxLength)
            throw new InvalidArgumentException(field, $"The {field} may have {maxLength} characters at most.");
        return line.EnumerateRunes().Any(r => r.Value == 0xFFFD || Rune.GetUnicodeCategory(r)
                is UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
            ? throw new InvalidArgumentException(field, $"The {field} must be one line of plain text.")
            : line;
    }

    public static async Task<string> HashValidPasswordAsync(
        this UserManager<RegistryUser> users, RegistryUser user, string password)
    {
        foreach (var validator in users.PasswordValidators)
        {
            var result = await validator.ValidateAsync(users, user, password);
            if (!result.Succeeded)
                throw new InvalidArgumentException("password", result.Errors.First().Description);
        }

        return users.PasswordHasher.HashPassword(user, password);
    }

    public static void ThrowIfRefused(IdentityResult result, string email)
    {
        if (result.Succeeded)
            return;
        var error = result.Errors.First();
        throw error.Code switch
        {
            nameof(IdentityErrorDescriber.DuplicateUserName) or nameof(IdentityErrorDescriber.DuplicateEmail) =>
                new AlreadyExistsException("User", email),
            nameof(IdentityErrorDescriber.ConcurrencyFailure) => new ConflictException("User", email,
                "The account was changed by somebody else at the same time; look at it again."),
            _ => new InvalidArgumentException("email", error.Description),
        };
    }
}
