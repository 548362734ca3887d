using Microsoft.AspNetCore.Mvc;
using ModelRegistry.Core.Identity;
using ModelRegistry.Web.Pages.Components;

namespace ModelRegistry.Web.Pages.Account;

public sealed class ProfilePage(AccountService accounts) : RegistryPage, IShowAgain
{
    [BindProperty]
    public string? Name { get; set; }

    public RegistryUser Account { get; private set; } = null!;

    public async Task OnGetAsync(CancellationToken ct)
    {
        await ShowAgainAsync(ct);
        Name = Account.DisplayName;
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        await accounts.RenameAsync(Name ?? "", ct);
        return Done("Your name is saved.");
    }

    public async Task ShowAgainAsync(CancellationToken ct) => Account = await accounts.GetAsync(ct);
}
