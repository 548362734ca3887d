using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Identity;
using ModelRegistry.Web.Hosting;
using ModelRegistry.Web.Pages.Components;

namespace ModelRegistry.Web.Pages.Admin;

[Authorize(Policy = Policies.AdminPage)]
public sealed class UsersPage(
    UserService users, CurrentUserHolder caller, IConfiguration configuration, TimeProvider time) : RegistryPage, IShowAgain
{
    [BindProperty(SupportsGet = true, Name = "q")]
    public string? Search { get; set; }

    [BindProperty]
    public UserInput Input { get; set; } = new();

    public Page<UserRow> Users { get; private set; } = Page<UserRow>.Empty;

    /// <summary>Set once: in the answer that made it.</summary>
    public (string Email, string Password)? Handover { get; private set; }

    public long OwnId => caller.User.Id;

    public string Address => PublicUrl.Of(HttpContext, configuration);

    public bool IsLocked(UserRow user) => user.LockedUntil > time.GetUtcNow();

    public Task OnGetAsync(CancellationToken ct) => ShowAgainAsync(ct);

    public async Task<IActionResult> OnPostCreateAsync(CancellationToken ct)
    {
        var password = Input.IsRobot ? null : UserService.TemporaryPassword();
        var user = await users.CreateAsync(
            new NewUser(Input.Email ?? "", Input.Name ?? "", Sum(Input.Roles), password) { IsTemporary = password is not null }, ct);
        if (password is null)
            return Done($"{user.Email} is made. It has no password: give it a token on the command line with token create.");
        return await ShowPasswordAsync(user.Email!, password, ct);
    }

    public async Task<IActionResult> OnPostRolesAsync(long id, RegistryRole[] roles, CancellationToken ct)
    {
        await users.SetRolesAsync(id, Sum(roles), ct);
        return Done("The roles are changed; they hold from the next request on.");
    }

    public async Task<IActionResult> OnPostDisableAsync(long id, CancellationToken ct)
    {
        await users.SetDisabledAsync(id, disabled: true, ct);
        return Done("The account is disabled: its sessions have ended and its tokens are refused.");
    }

    public async Task<IActionResult> OnPostEnableAsync(long id, CancellationToken ct)
    {
        await users.SetDisabledAsync(id, disabled: false, ct);
        return Done("The account is enabled again.");
    }

    public async Task<IActionResult> OnPostEraseAsync(long id, string email, string? confirmName, CancellationToken ct)
    {
        if (confirmName != email)
            throw new InvalidArgumentException("confirmName", "Type the e-mail address exactly as it is written to erase the person.");
        await users.EraseAsync(id, ct);
        return Done($"The person is erased. What they did stays, under the name Erased user {id}; the audit trail still verifies.");
    }

    public async Task<IActionResult> OnPostSignOutAsync(long id, CancellationToken ct)
    {
        await users.SignOutEverywhereAsync(id, ct);
        return Done("All sessions of the account have ended.");
    }

    public async Task<IActionResult> OnPostResetAsync(long id, string email, CancellationToken ct) =>
        await ShowPasswordAsync(email, await users.ResetPasswordAsync(id, ct), ct);

    public async Task ShowAgainAsync(CancellationToken ct) => Users = await users.ListAsync(Search, Table.PageToken, ct);

    private async Task<IActionResult> ShowPasswordAsync(string email, string password, CancellationToken ct)
    {
        Handover = (email, password);
        Input = new UserInput();
        ModelState.Clear();
        // Shown in the answer itself, not after a redirect: it would have to be kept somewhere in between.
        Response.Headers.CacheControl = "no-store";
        await ShowAgainAsync(ct);
        return Page();
    }

    private static RegistryRole Sum(IEnumerable<RegistryRole> roles) =>
        roles.Where(Enum.IsDefined).Aggregate(RegistryRole.None, (sum, role) => sum | role);

    public sealed class UserInput
    {
        [Required(ErrorMessage = "Give an e-mail address.")]
        public string? Email { get; set; }
        public string? Name { get; set; }
        public List<RegistryRole> Roles { get; set; } = [RegistryRole.Member];
        public bool IsRobot { get; set; }
    }
}
