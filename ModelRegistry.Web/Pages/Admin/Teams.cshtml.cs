using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Identity;
using ModelRegistry.Web.Pages.Components;

namespace ModelRegistry.Web.Pages.Admin;

/// <summary>Teams and who is in them.</summary>
public sealed class TeamsPage(TeamService teams, UserDirectory users) : RegistryPage, IShowAgain
{
    [BindProperty]
    public string? Name { get; set; }

    [BindProperty]
    public string? Description { get; set; }

    [BindProperty]
    public string? Email { get; set; }

    public Page<TeamRow> Teams { get; private set; } = Page<TeamRow>.Empty;
    public TeamRow? Selected { get; private set; }
    public IReadOnlyList<TeamMemberRow> Members { get; private set; } = [];

    private long? TeamId => long.TryParse(Table.Get("team"), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;

    public Task OnGetAsync(CancellationToken ct) => ShowAgainAsync(ct);

    public async Task<IActionResult> OnPostCreateAsync(CancellationToken ct)
    {
        var team = await teams.CreateAsync(Name ?? "", Description ?? "", ct);
        return Done($"The team {team.Name} is made; put people into it.",
            string.Create(CultureInfo.InvariantCulture, $"{Table.Path}?team={team.Id}"), undoUrl: null);
    }

    public async Task<IActionResult> OnPostUpdateAsync(CancellationToken ct)
    {
        await teams.UpdateAsync(Required(), Name ?? "", Description ?? "", ct);
        return Done("The team is saved.");
    }

    public async Task<IActionResult> OnPostAddAsync(CancellationToken ct)
    {
        var user = await users.FindIdAsync(Email ?? "", ct)
            ?? throw new InvalidArgumentException("email", "There is no user with that e-mail address.");
        await teams.AddMemberAsync(Required(), user, ct);
        return Done($"{Email} is in the team from the next request on.");
    }

    public async Task<IActionResult> OnPostRemoveAsync(long userId, CancellationToken ct)
    {
        await teams.RemoveMemberAsync(Required(), userId, ct);
        return Done("Taken out; it holds from the next request on.");
    }

    public async Task<IActionResult> OnPostDeleteAsync(CancellationToken ct)
    {
        await teams.DeleteAsync(Required(), ct);
        return Done("The team is deleted.", Table.Path, undoUrl: null);
    }

    public async Task ShowAgainAsync(CancellationToken ct)
    {
        Teams = await teams.ListAsync(100, Table.PageToken, ct);
        if (TeamId is not { } id)
            return;
        Selected = await teams.GetAsync(id, ct);
        Members = await teams.MembersAsync(id, ct);
    }

    private long Required() => TeamId ?? throw new InvalidArgumentException("team", "Choose a team.");
}
