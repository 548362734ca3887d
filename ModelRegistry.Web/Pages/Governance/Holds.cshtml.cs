using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Governance;
using ModelRegistry.Core.Holds;
using ModelRegistry.Core.Identity;
using ModelRegistry.Web.Hosting;
using ModelRegistry.Web.Pages.Components;

namespace ModelRegistry.Web.Pages.Governance;

/// <summary>Legal holds: who keeps what, why, and since when. Officers place and release them here.</summary>
[Authorize(Policy = Policies.AuditPage)]
public sealed class HoldsPage(HoldService holds, UserDirectory users, CurrentUserHolder caller) : RegistryPage, IShowAgain
{
    [BindProperty]
    public HoldInput Input { get; set; } = new();

    [BindProperty]
    public string? ReleaseReason { get; set; }

    public Page<HoldRow> Holds { get; private set; } = Page<HoldRow>.Empty;

    /// <summary>The hold whose release was refused: its dialog is shown again.</summary>
    public string? Refused { get; private set; }

    public KeptThing? On => KeptThing.Read(Table);
    public bool ShowsReleased => Table.Get("view") == "released";
    public bool MayManage => caller.User.May(InstanceRight.ManageHolds);

    public Task OnGetAsync(CancellationToken ct)
    {
        // From the page of the thing itself.
        if (Enum.TryParse<HoldTarget>(Table.Get("kind"), out var kind))
            Input = new HoldInput { Kind = kind, PublicId = Table.Get("object") };
        return ShowAgainAsync(ct);
    }

    public async Task<IActionResult> OnPostPlaceAsync(CancellationToken ct)
    {
        long? owner = null;
        if (!string.IsNullOrWhiteSpace(Input.Owner))
        {
            owner = await users.FindIdAsync(Input.Owner, ct)
                ?? throw new InvalidArgumentException("owner", "There is no user with that e-mail address.");
        }

        var placed = await holds.PlaceAsync(
            new NewHold(Input.Kind, (Input.PublicId ?? "").Trim(), Input.Matter ?? "", Input.Reason ?? "", owner), ct);
        return Done($"{placed.Hold.TargetName} is held: nobody can delete, rename or overwrite it until the hold is released.",
            "/governance/holds", undoUrl: null);
    }

    public async Task<IActionResult> OnPostReleaseAsync(string id, CancellationToken ct)
    {
        Refused = id;
        var released = await holds.ReleaseAsync(id, ReleaseReason ?? "", ct);
        return Done($"The hold on {released.Hold.TargetName} is released. Other holds on it stay.");
    }

    public async Task ShowAgainAsync(CancellationToken ct) => Holds = await holds.ListAsync(
        new HoldQuery { IsReleased = ShowsReleased, Target = On?.Target, PublicId = On?.PublicId, MaxResults = 50, PageToken = Table.PageToken }, ct);

    public sealed class HoldInput
    {
        public HoldTarget Kind { get; set; } = HoldTarget.ModelVersion;
        public string? PublicId { get; set; }
        public string? Matter { get; set; }
        public string? Reason { get; set; }
        public string? Owner { get; set; }
    }
}
