using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Identity;
using ModelRegistry.Web.Hosting;
using ModelRegistry.Web.Pages.Components;

namespace ModelRegistry.Web.Pages;

/// <summary>Makes the first admin. Without the code of the console, or once there is a user, there is no such page.</summary>
[AllowAnonymous]
public sealed class SetupPage(FirstRun firstRun, UserService users, SessionSignIn session, CurrentUserHolder caller)
    : RegistryPage, IShowAgain
{
    [BindProperty(SupportsGet = true)]
    public string? Code { get; set; }

    [BindProperty]
    public SetupInput Input { get; set; } = new();

    public async Task<IActionResult> OnGetAsync(CancellationToken ct) =>
        await firstRun.TakesAsync(Code, ct) ? Page() : NotFound();

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        if (!await firstRun.TakesAsync(Code, ct))
            return NotFound();
        if (!ModelState.IsValid)
            return Page();
        if (Input.Password != Input.Repeat)
            throw new InvalidArgumentException("repeat", "The two passwords are not the same.");
        // Whoever holds the code speaks for the registry itself.
        caller.User = CurrentUser.System;
        caller.Address = HttpContext.Connection.RemoteIpAddress?.ToString();
        RegistryUser user;
        try
        {
            user = await users.CreateFirstAdminAsync(new NewUser(Input.Email, Input.Name ?? "",
                RegistryRole.Member | RegistryRole.Admin, Input.Password), ct);
        }
        catch (ConflictException)
        {
            firstRun.Close();
            return NotFound();
        }

        firstRun.Close();
        await session.OpenAsync(HttpContext, user);
        return Done("Welcome. Make an access token next: the training scripts need one.", "~/account/tokens", undoUrl: null);
    }

    public Task ShowAgainAsync(CancellationToken ct) => Task.CompletedTask;

    public sealed class SetupInput
    {
        [Required(ErrorMessage = "Give your e-mail address: it is the name you sign in with.")]
        public string Email { get; set; } = "";
        public string? Name { get; set; }
        [Required(ErrorMessage = "Choose a password of 12 characters or more.")]
        public string Password { get; set; } = "";
        [Required(ErrorMessage = "Repeat the password.")]
        public string Repeat { get; set; } = "";
    }
}
