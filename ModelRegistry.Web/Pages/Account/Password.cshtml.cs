using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Mvc;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Identity;
using ModelRegistry.Web.Hosting;
using ModelRegistry.Web.Pages.Components;

namespace ModelRegistry.Web.Pages.Account;

public sealed class PasswordPage(AccountService accounts, PasswordAttempts attempts) : RegistryPage, IShowAgain
{
    [BindProperty]
    public PasswordInput Input { get; set; } = new();

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        if (!ModelState.IsValid)
            return Page();
        if (Input.Password != Input.Repeat)
            throw new InvalidArgumentException("repeat", "The two new passwords are not the same.");
        if (!attempts.TryCount(HttpContext))
            throw new InvalidArgumentException("current", "Too many passwords were tried from your address. Wait a minute.");
        var user = await accounts.ChangePasswordAsync(Input.Current, Input.Password, ct);
        await SessionSignIn.ContinueAsync(HttpContext, user);
        return Done("The password is changed. Sessions on other devices have ended.", "~/account/profile", undoUrl: null);
    }

    public Task ShowAgainAsync(CancellationToken ct) => Task.CompletedTask;

    public sealed class PasswordInput
    {
        [Required(ErrorMessage = "Give your current password.")]
        public string Current { get; set; } = "";
        [Required(ErrorMessage = "Choose a password of 12 characters or more.")]
        public string Password { get; set; } = "";
        [Required(ErrorMessage = "Repeat the new password.")]
        public string Repeat { get; set; } = "";
    }
}
