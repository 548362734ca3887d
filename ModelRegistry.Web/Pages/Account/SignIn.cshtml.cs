using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using ModelRegistry.Core.Identity;
using ModelRegistry.Web.Hosting;
using ModelRegistry.Web.Pages.Components;

namespace ModelRegistry.Web.Pages.Account;

[AllowAnonymous]
public sealed class SignInPage(
    PasswordService passwords, PasswordAttempts attempts, SessionSignIn session, FirstRun firstRun, ILogger<SignInPage> log)
    : RegistryPage
{
    // One text for all reasons: it must not tell whether the account exists.
    private const string Refused =
        "E-mail address or password is wrong. After five wrong passwords an account waits for 15 minutes.";

    [BindProperty(SupportsGet = true)]
    public string? ReturnUrl { get; set; }

    [BindProperty]
    public SignInInput Input { get; set; } = new();

    /// <summary>Nobody can sign in: the console has a link.</summary>
    public bool IsFirstRun { get; private set; }

    public async Task<IActionResult> OnGetAsync(CancellationToken ct)
    {
        if (User.Identity?.IsAuthenticated == true)
            return LocalRedirect(Target);
        IsFirstRun = await firstRun.IsOpenAsync(ct);
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        if (!ModelState.IsValid)
            return Page();
        if (!attempts.TryCount(HttpContext))
            return Refuse("Too many passwords were tried from your address. Wait a minute and try again.", 429);
        var user = await passwords.CheckAsync(Input.Email, Input.Password, ct);
        if (user is null)
        {
            Log.SignInRefused(log, HttpContext.Connection.RemoteIpAddress);
            return Refuse(Refused, 400);
        }

        await session.OpenAsync(HttpContext, user);
        return LocalRedirect(Target);
    }

    private string Target => Url.IsLocalUrl(ReturnUrl) ? ReturnUrl! : "~/";

    private PageResult Refuse(string message, int status)
    {
        ModelState.AddModelError("", message);
        Response.StatusCode = status;
        return Page();
    }

    public sealed class SignInInput
    {
        [Required(ErrorMessage = "Give your e-mail address.")]
        public string Email { get; set; } = "";
        [Required(ErrorMessage = "Give your password.")]
        public string Password { get; set; } = "";
    }
}
