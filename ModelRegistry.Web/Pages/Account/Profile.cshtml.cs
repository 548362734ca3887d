using Microsoft.AspNetCore.Mvc;
using ModelRegistry.Core.Identity;
using ModelRegistry.Core.Notices;
using ModelRegistry.Web.Pages.Components;

namespace ModelRegistry.Web.Pages.Account;

public sealed class ProfilePage(AccountService accounts, MailOptions mail) : RegistryPage, IShowAgain
{
    [BindProperty]
    public string? Name { get; set; }

    [BindProperty]
    public bool FewerMails { get; set; }

    public bool MailIsOn => mail.IsOn;
    public RegistryUser Account { get; private set; } = null!;

    public async Task OnGetAsync(CancellationToken ct)
    {
        await ShowAgainAsync(ct);
        Name = Account.DisplayName;
        FewerMails = await accounts.WantsFewerMailsAsync(ct);
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        await accounts.RenameAsync(Name ?? "", ct);
        return Done("Your name is saved.");
    }

    public async Task<IActionResult> OnPostMailsAsync(CancellationToken ct)
    {
        await accounts.SetFewerMailsAsync(FewerMails, ct);
        return Done(FewerMails ? "You get mail only where something is asked of you." : "You get mail of every notice.");
    }

    public async Task ShowAgainAsync(CancellationToken ct) => Account = await accounts.GetAsync(ct);
}
