using System.Globalization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using ModelRegistry.Core.Common;
using ModelRegistry.Core.Governance;
using ModelRegistry.Core.Holds;
using ModelRegistry.Core.Identity;
using ModelRegistry.Web.Hosting;
using ModelRegistry.Web.Pages.Components;

namespace ModelRegistry.Web.Pages.Governance;

/// <summary>Retention locks: what is kept to which day, by whom and why. Officers place and extend them here; what makes a
/// governance lock weaker is asked for by one and agreed to by another.</summary>
[Authorize(Policy = Policies.AuditPage)]
public sealed class LocksPage(RetentionLockService locks, CurrentUserHolder caller) : RegistryPage, IShowAgain
{
    [BindProperty]
    public LockInput Input { get; set; } = new();

    /// <summary>A day, of the dialogs.</summary>
    [BindProperty]
    public string? Day { get; set; }

    /// <summary>Of the dialogs.</summary>
    [BindProperty]
    public string? Why { get; set; }

    public Page<LockRow> Locks { get; private set; } = Page<LockRow>.Empty;

    /// <summary>The lock whose dialog was refused, and the handler: it is shown again.</summary>
    public (string? Id, string? Handler) Refused { get; private set; }

    public KeptThing? On => KeptThing.Read(Table);
    public bool ShowsEnded => Table.Get("view") == "ended";
    public bool MayManage => caller.User.May(InstanceRight.ManageHolds);
    public bool MayBypass => caller.User.May(InstanceRight.BypassRetention);
    public bool MayDecide => caller.User.May(InstanceRight.Govern);

    public Task OnGetAsync(CancellationToken ct)
    {
        // From the page of the thing itself.
        if (Enum.TryParse<HoldTarget>(Table.Get("kind"), out var kind))
            Input = new LockInput { Kind = kind, PublicId = Table.Get("object") };
        return ShowAgainAsync(ct);
    }

    public async Task<IActionResult> OnPostPlaceAsync(CancellationToken ct)
    {
        if (Input.Mode == RetentionLockMode.Compliance && !Input.IsMeant)
            throw new InvalidArgumentException("isMeant", "A compliance lock cannot be taken off by anybody before its day. Say that this is meant.");
        var placed = await locks.PlaceAsync(new NewLock(Input.Kind, (Input.PublicId ?? "").Trim(), Input.Mode,
            RequireDay(Input.Until, "until") ?? throw new InvalidArgumentException("until", "Give the last day on which it is kept."), Input.Reason ?? ""), ct);
        return Done($"{placed.Lock.TargetName} is locked to the end of {Shown(placed.Lock.Until)}.", "/governance/locks", undoUrl: null);
    }

    public async Task<IActionResult> OnPostExtendAsync(string id, bool compliance, CancellationToken ct)
    {
        Refused = (id, "extend");
        var extended = await locks.ExtendAsync(id, RequireDay(Day, "day"), compliance ? RetentionLockMode.Compliance : null, Why ?? "", ct);
        return Done($"{extended.Lock.TargetName} is locked to the end of {Shown(extended.Lock.Until)}"
            + (extended.Lock.Mode == RetentionLockMode.Compliance ? ", for compliance." : "."));
    }

    public async Task<IActionResult> OnPostBypassAsync(string id, bool bypass, CancellationToken ct)
    {
        Refused = (id, "bypass");
        var asked = await locks.RequestBypassAsync(id, bypass, RequireDay(Day, "day"), Why, ct);
        return Done($"Asked for. The lock on {asked.Lock.TargetName} stays as it is until another officer agrees here.");
    }

    public async Task<IActionResult> OnPostApproveAsync(string id, string request, CancellationToken ct)
    {
        var done = await locks.ApproveBypassAsync(id, request, ct);
        return Done(done.Lock.EndedMs is null
            ? $"The lock on {done.Lock.TargetName} is shorter: to the end of {Shown(done.Lock.Until)}."
            : $"The lock on {done.Lock.TargetName} is off. Holds and other locks on it stay.");
    }

    public async Task<IActionResult> OnPostRejectAsync(string id, string request, CancellationToken ct)
    {
        Refused = (id, "reject");
        var kept = await locks.RejectBypassAsync(id, request, Why, ct);
        return Done($"The lock on {kept.Lock.TargetName} stays as it is.");
    }

    public async Task ShowAgainAsync(CancellationToken ct) => Locks = await locks.ListAsync(
        new LockQuery { IsEnded = ShowsEnded, Target = On?.Target, PublicId = On?.PublicId, MaxResults = 50, PageToken = Table.PageToken }, ct);

    public bool IsRefused(LockRow row, string handler) =>
        !ModelState.IsValid && Refused.Handler == handler && Refused.Id == row.Lock.LockUuid.ToString("D");

    public static string Shown(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static DateOnly? RequireDay(string? text, string field)
    {
        if (string.IsNullOrWhiteSpace(text))
            return null;
        return DateOnly.TryParseExact(text.Trim(), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day
            : throw new InvalidArgumentException(field, "Give a day such as 2030-12-31.");
    }

    public sealed class LockInput
    {
        public HoldTarget Kind { get; set; } = HoldTarget.ModelVersion;
        public string? PublicId { get; set; }
        public RetentionLockMode Mode { get; set; } = RetentionLockMode.Governance;
        public string? Until { get; set; }
        public string? Reason { get; set; }
        public bool IsMeant { get; set; }
    }
}
